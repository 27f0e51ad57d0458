//! What was changed, by whom it was agreed to, and how it ended: one JSON line each, on disk before the write is sent.

use std::{
    fs::{DirBuilder, File, OpenOptions},
    io::Write,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    sync::Arc,
};

use tokio::task::spawn_blocking;

use crate::app::effect::Entry;

/// A file that only grows. Readable by its owner alone.
#[derive(Clone, Debug)]
pub struct Journal {
    path: Arc<Path>,
}

impl Journal {
    /// A journal at this path. Nothing is touched before the first entry.
    pub fn at(path: PathBuf) -> Self {
        Self { path: path.into() }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Adds a line and waits until it is on disk. The error is one line that names the file.
    pub async fn append(&self, entry: Entry) -> Result<(), String> {
        let path = Arc::clone(&self.path);
        let done = spawn_blocking(move || write(&path, &entry).map_err(|error| format!("{}: {error}", path.display())));
        done.await.unwrap_or_else(|error| Err(error.to_string()))
    }
}

fn write(path: &Path, entry: &Entry) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    let mut line = serde_json::to_vec(entry)?;
    line.push(b'\n');
    let mut file: File = OpenOptions::new().append(true).create(true).mode(0o600).open(path)?;
    file.write_all(&line)?;
    file.sync_all()?;
    // A new file is on disk only when its folder is.
    path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn entry(what: &'static str) -> Entry {
        Entry {
            at: "2026-11-21T10:00:00Z".into(),
            what,
            operation: 1,
            target: "hello/staging/aws".into(),
            change: "redeploy",
            from: None,
            to: None,
            confirmed: "enter",
            note: None,
        }
    }

    #[tokio::test]
    async fn lines_are_added_and_only_the_owner_reads_them() {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::at(folder.path().join("state/journal.jsonl"));
        journal.append(entry("starting")).await.unwrap();
        journal.append(entry("verified")).await.unwrap();
        let text = std::fs::read_to_string(journal.path()).unwrap();
        assert_eq!(text.lines().count(), 2);
        assert!(text.contains(r#""what":"verified""#));
        assert_eq!(std::fs::metadata(journal.path()).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[tokio::test]
    async fn a_folder_that_cannot_be_made_is_one_line_that_names_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let blocked = folder.path().join("file");
        std::fs::write(&blocked, "").unwrap();
        let error = Journal::at(blocked.join("journal.jsonl")).append(entry("starting")).await.unwrap_err();
        assert!(error.contains("journal.jsonl") && error.lines().count() == 1, "{error}");
    }
}
