//! `config check` and `config example`.

use std::path::PathBuf;

use serde::Serialize;

use super::{Failure, Output};
use crate::{
    config::{Config, ConfigError, example::EXAMPLE, report},
    exit::Exit,
};

/// `hello-dash/config/1`: what was understood, or every problem.
#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    exit: u8,
    config: Option<&'a Config>,
    problems: Vec<Told>,
}

#[derive(Serialize)]
struct Told {
    /// `null` when there is no configuration at all.
    file: Option<PathBuf>,
    /// From 1; `null` when it is about the whole file.
    line: Option<usize>,
    key: Option<String>,
    why: String,
}

/// `config check`: says what the configuration means, or what is wrong with it.
pub fn check(config: Result<Config, ConfigError>, out: &mut Output<'_>) -> Result<Exit, Failure> {
    let exit = if config.is_ok() { Exit::Well } else { Exit::Configuration };
    if out.json {
        let problems = config.as_ref().err().map(lines).unwrap_or_default();
        let config = config.as_ref().ok();
        out.json(&Document { schema: "hello-dash/config/1", exit: exit.code(), config, problems })?;
        return Ok(exit);
    }
    match config {
        Ok(config) => out.line(report::report(&config).trim_end())?,
        Err(error) => complain(&error, out),
    }
    Ok(exit)
}

/// `config example`.
pub fn example(out: &mut Output<'_>) -> Result<Exit, Failure> {
    out.line(EXAMPLE.trim_end())?;
    Ok(Exit::Well)
}

/// Tells a person what is wrong, one line per problem, and how to go on.
pub fn complain(error: &ConfigError, out: &mut Output<'_>) {
    for line in error.to_string().lines() {
        if line.starts_with("hint: ") {
            out.say(line);
        } else {
            out.error(line, None);
        }
    }
}

fn lines(error: &ConfigError) -> Vec<Told> {
    match error {
        ConfigError::Missing { .. } => {
            let why = error.to_string().lines().next().unwrap_or_default().to_owned();
            vec![Told { file: None, line: None, key: None, why }]
        }
        ConfigError::Wrong(problems) => problems
            .iter()
            .map(|problem| Told {
                file: Some(problem.file.clone()),
                line: problem.line,
                key: Some(hello_cloud::text::sanitize(&problem.key)).filter(|key| !key.is_empty()),
                why: hello_cloud::text::sanitize(&problem.why),
            })
            .collect(),
    }
}
