//! Which file is the configuration: `--config`, else `HELLO_DASH_CONFIG`, else the user's own, else one in the
//! repository. The first that exists is the only one read; nothing is merged.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use serde::Serialize;

use super::error::{ConfigError, Problem, show};
use crate::surroundings::Surroundings;

/// The file looked for in a repository.
const IN_REPOSITORY: &str = "hello-dash.toml";

/// Where a configuration came from, which decides what it may say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "from", content = "file", rename_all = "snake_case")]
pub enum Source {
    /// Named by `--config`.
    Flag(PathBuf),
    /// Named by `HELLO_DASH_CONFIG`.
    Variable(PathBuf),
    /// In the user's configuration folder.
    User(PathBuf),
    /// Found in a repository: it came with somebody's code, and is restricted.
    Repository(PathBuf),
    /// Made by a stand-in inside this process.
    StandIn,
}

impl Source {
    /// The file; for a stand-in the name its problems are told under.
    pub fn file(&self) -> &Path {
        match self {
            Self::Flag(file) | Self::Variable(file) | Self::User(file) | Self::Repository(file) => file,
            Self::StandIn => Path::new("(stand-in)"),
        }
    }

    /// Whether it may only say what to look at.
    pub fn is_restricted(&self) -> bool {
        match self {
            Self::Repository(_) => true,
            Self::Flag(_) | Self::Variable(_) | Self::User(_) | Self::StandIn => false,
        }
    }

    /// Why this one was used, with its path, safe to show.
    pub fn show(&self) -> String {
        let why = match self {
            Self::Flag(_) => "named by --config",
            Self::Variable(_) => "named by HELLO_DASH_CONFIG",
            Self::User(_) => "the user's own",
            Self::Repository(_) => "found in the repository, restricted",
            Self::StandIn => return "made by the stand-in".to_owned(),
        };
        format!("{} ({why})", show(self.file()))
    }
}

/// Finds the configuration. `flag` is `--config`; what it or the variable names is used even when it does not exist, so
/// that a typing error never falls through to another file.
pub fn locate(flag: Option<&Path>, surroundings: &Surroundings) -> Result<Source, ConfigError> {
    if let Some(file) = flag {
        return Ok(Source::Flag(file.to_owned()));
    }
    if let Some(file) = &surroundings.config {
        return Ok(Source::Variable(PathBuf::from(file)));
    }
    let user = user_file(surroundings);
    if let Some(user) = &user
        && exists(user)?
    {
        return Ok(Source::User(user.clone()));
    }
    if let Some(folder) = &surroundings.folder {
        for folder in folders(folder)? {
            let file = folder.join(IN_REPOSITORY);
            if exists(&file)? {
                return Ok(Source::Repository(file));
            }
        }
    }
    Err(ConfigError::Missing { user: user.unwrap_or_else(|| PathBuf::from("~/.config/hello-dash/config.toml")) })
}

/// The user's own file: `$XDG_CONFIG_HOME/hello-dash/config.toml`, else below `~/.config`. `None` without either.
pub fn user_file(surroundings: &Surroundings) -> Option<PathBuf> {
    let absolute = |path: &std::ffi::OsString| Some(PathBuf::from(path)).filter(|path| path.is_absolute());
    let folder = surroundings
        .xdg_config_home
        .as_ref()
        .and_then(absolute)
        .or_else(|| surroundings.home.as_ref().and_then(absolute).map(|home| home.join(".config")))?;
    Some(folder.join("hello-dash").join("config.toml"))
}

/// The current folder and its parents up to the one that holds `.git`. Outside of a repository only the current folder:
/// what lies in `/tmp` or `/` is nobody's project. Only looks whether `.git` is there, never runs git.
fn folders(start: &Path) -> Result<Vec<&Path>, ConfigError> {
    let mut folders = Vec::new();
    for folder in start.ancestors() {
        folders.push(folder);
        if exists(&folder.join(".git"))? {
            return Ok(folders);
        }
    }
    folders.truncate(1);
    Ok(folders)
}

/// Whether anything is at this path. What cannot be told is an error, not an absence.
fn exists(path: &Path) -> Result<bool, ConfigError> {
    match fs::symlink_metadata(path) {
        Ok(_) => Ok(true),
        Err(error) => match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Ok(false),
            _ => Err(Problem::of_file(path, format!("cannot be read: {error}")).into()),
        },
    }
}

#[cfg(test)]
mod tests;
