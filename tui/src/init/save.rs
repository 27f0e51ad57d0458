//! The file: whole or not at all, and never over another one unless told so.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::Path,
    process,
};

use super::{InitError, source::shown};

/// Fails when something is at this path.
pub(super) fn refuse_existing(file: &Path) -> Result<(), InitError> {
    match fs::symlink_metadata(file) {
        Ok(_) => Err(InitError::Exists(shown(file))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(InitError::Write(shown(file), error)),
    }
}

/// Writes the file; with `force` in another one's place.
pub(super) fn save(file: &Path, text: &str, force: bool) -> Result<(), InitError> {
    let failed = |error: io::Error| match error.kind() {
        io::ErrorKind::AlreadyExists => InitError::Exists(shown(file)),
        _ => InitError::Write(shown(file), error),
    };
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(failed)?;
    // Beside its place, so that it gets there in one step.
    let draft = folder.join(format!(".hello-dash-init-{}", process::id()));
    let end = write(&draft, text).and_then(|()| {
        if force {
            fs::rename(&draft, file)
        } else {
            // A link fails where something is, and a rename would not.
            fs::hard_link(&draft, file)
        }
    });
    let left = fs::remove_file(&draft);
    end.map_err(failed)?;
    match left {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(InitError::Write(shown(&draft), error)),
        Ok(()) | Err(_) => Ok(()),
    }
}

fn write(draft: &Path, text: &str) -> io::Result<()> {
    let mut file = File::create_new(draft)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}
