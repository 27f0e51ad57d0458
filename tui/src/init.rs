//! `init`: writes a configuration from what Terraform made. Each environment's `hello_dash` output is that part of the
//! configuration already; here the parts are put together, checked as every configuration is, and written.
//!
//! - `source`: one part, from a folder (asked of Terraform) or from a file with its saved outputs
//! - `part`: what such a part may hold. Never `writable`, `endpoint` or `profile`: what may be changed, and with whose
//!   credentials, is for the person to write, not for code from a repository
//! - `text`: the parts as TOML
//! - `save`: the file, never over another one unless told so

mod part;
mod save;
mod source;
mod text;

use std::path::{Path, PathBuf};

use serde::Serialize;
use thiserror::Error;

use crate::{
    cli::InitArgs,
    config::{self, Config, ConfigError, Source},
    exit::Exit,
    headless::{Failure, Output},
    surroundings::Surroundings,
};

/// Why nothing was written. `Display` is safe to show.
#[derive(Debug, Error)]
pub enum InitError {
    /// A folder or file did not give its outputs.
    #[error("{0}: {1}")]
    Asked(String, String),
    /// It gave outputs that are no part of a configuration.
    #[error("{0}: {1}")]
    Part(String, String),
    /// The parts do not make a configuration together.
    #[error("the outputs do not make a configuration:\n{0}")]
    Config(#[from] ConfigError),
    /// The file is there already.
    #[error("{0} exists, and is not written over without --force")]
    Exists(String),
    /// The file cannot be written.
    #[error("{0}: cannot be written: {1}")]
    Write(String, std::io::Error),
    /// There is no folder for the user's own configuration.
    #[error("neither HOME nor XDG_CONFIG_HOME is set; name the file with --output")]
    NoPlace,
}

impl InitError {
    fn exit(&self) -> Exit {
        match self {
            Self::Asked(..) | Self::Write(..) => Exit::NotAsked,
            Self::Part(..) | Self::Config(_) => Exit::Configuration,
            Self::Exists(_) => Exit::Refused,
            Self::NoPlace => Exit::Usage,
        }
    }
}

/// `hello-dash/init/1`: what was written.
#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    file: Option<&'a Path>,
    config: &'a Config,
}

/// Runs `init`.
pub async fn init(args: &InitArgs, surroundings: &Surroundings, out: &mut Output<'_>) -> Result<Exit, Failure> {
    match make(args, surroundings).await {
        Ok((file, text, config)) => {
            if let (None, false) = (&file, out.json) {
                out.line(text.trim_end())?;
                return Ok(Exit::Well);
            }
            if out.json {
                out.json(&Document { schema: "hello-dash/init/1", file: file.as_deref(), config: &config })?;
            }
            if let Some(file) = file {
                let (environments, targets) = (config.environments.len(), config.targets().count());
                out.say(&format!("wrote {}: environments {environments}, targets {targets}", source::shown(&file)));
                out.say("hint: every environment is read-only until you write `writable = true` there");
            }
            Ok(Exit::Well)
        }
        Err(error) => {
            for line in error.to_string().lines() {
                out.error(line, None);
            }
            Ok(error.exit())
        }
    }
}

/// Reads the parts, puts them together, and writes them, except to stdout: then there is no file.
async fn make(args: &InitArgs, surroundings: &Surroundings) -> Result<(Option<PathBuf>, String, Config), InitError> {
    let file = match args.output.as_deref() {
        Some(output) if output == Path::new("-") => None,
        Some(output) => Some(output.to_owned()),
        None => Some(config::user_file(surroundings).ok_or(InitError::NoPlace)?),
    };
    // Asking Terraform takes a while: what cannot end well ends first.
    if let Some(file) = &file
        && !args.force
    {
        save::refuse_existing(file)?;
    }
    let mut parts = Vec::new();
    for from in &args.from {
        let outputs = source::read(from, &args.terraform).await?;
        parts.push(part::read(&outputs).map_err(|why| InitError::Part(source::shown(from), why))?);
    }
    let text = text::of(&parts);
    let checked = Source::Flag(file.clone().unwrap_or_else(|| PathBuf::from("-")));
    let config = Config::read(&text, checked)?;
    if let Some(file) = &file {
        save::save(file, &text, args.force)?;
    }
    Ok((file, text, config))
}

#[cfg(test)]
mod tests;
