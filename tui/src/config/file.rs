//! The text of a configuration file, whatever is at its path: capped, regular, UTF-8, or one clear line.

use std::{
    fs::{self, File},
    io::Read,
    path::Path,
};

use super::{
    Source,
    error::{ConfigError, Problem},
};

/// The longest configuration read, in bytes.
const LIMIT: usize = 1024 * 1024;

/// Reads the file of a source. A stand-in has none: its text is made in this process.
pub(super) fn read(source: &Source) -> Result<String, ConfigError> {
    let file = source.file();
    match load(file, source.is_restricted()) {
        Ok(text) => Ok(text),
        Err((line, why)) => Err(Problem { line, ..Problem::of_file(file, why) }.into()),
    }
}

/// In a repository a link is not followed: it could point at a file of the user's, parts of which would be shown.
fn load(path: &Path, restricted: bool) -> Result<String, (Option<usize>, String)> {
    let unreadable = |error: std::io::Error| (None, format!("cannot be read: {error}"));
    let about = if restricted { fs::symlink_metadata(path) } else { fs::metadata(path) }.map_err(unreadable)?;
    if about.is_symlink() {
        return Err((None, "is a link, which is not followed in a repository".to_owned()));
    }
    if about.is_dir() {
        return Err((None, "is a folder, not a file".to_owned()));
    }
    // Opening a pipe would wait for somebody to write to it, reading a device might never end.
    if !about.is_file() {
        return Err((None, "is not a regular file".to_owned()));
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(unreadable)?;
    file.take(LIMIT as u64 + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() > LIMIT {
        return Err((None, "is larger than 1 MiB".to_owned()));
    }
    String::from_utf8(bytes).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        let line = error.as_bytes().iter().take(good).filter(|byte| **byte == b'\n').count() + 1;
        (Some(line), "is not UTF-8".to_owned())
    })
}

#[cfg(test)]
mod tests;
