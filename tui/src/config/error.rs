//! How configuration fails: one clear line for each problem, naming file, line and key.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use hello_cloud::text::{cut, sanitize};
use thiserror::Error;

/// The configuration cannot be used. `Display` is one line per problem, safe to show.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ConfigError {
    /// There is no configuration anywhere.
    #[error(
        "no configuration found\n\
         hint: to try it without an account: hello-dash demo\n\
         hint: to write your own: mkdir -p {} && hello-dash config example > {}",
        quoted(.user.parent().unwrap_or(.user)),
        quoted(.user)
    )]
    Missing {
        /// Where the user's own would be.
        user: PathBuf,
    },
    /// There is one, and it is wrong. Never empty; in the order of the lines.
    #[error("{}", lines(.0))]
    Wrong(Vec<Problem>),
}

/// One thing that is wrong with one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file.
    pub file: PathBuf,
    /// The line, from 1; `None` when it is about the whole file.
    pub line: Option<usize>,
    /// The key with its tables, `service.hello.target[1].region`; empty when there is none.
    pub key: String,
    /// What is wrong and what would be right.
    pub why: String,
}

impl Problem {
    /// A problem with the whole file.
    pub fn of_file(file: impl Into<PathBuf>, why: impl Into<String>) -> Self {
        Self { file: file.into(), line: None, key: String::new(), why: why.into() }
    }
}

impl From<Problem> for ConfigError {
    fn from(problem: Problem) -> Self {
        Self::Wrong(vec![problem])
    }
}

/// One line: `hello-dash.toml:3: environment.staging.writeable: unknown key; did you mean 'writable'?`. The file may have
/// come with somebody's code, so whatever it says is made safe to show and cut.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&show(&self.file))?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        if !self.key.is_empty() {
            write!(f, ": {}", cut(&sanitize(&self.key), 120))?;
        }
        write!(f, ": {}", cut(&sanitize(&self.why), 300))
    }
}

/// A path as one word of a POSIX shell, safe to show. A tilde at its start keeps its meaning.
fn quoted(path: &Path) -> String {
    let text = show(path);
    let plain = |c: char| c.is_alphanumeric() || "/._-~+".contains(c);
    if text.chars().all(plain) { text } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

fn lines(problems: &[Problem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// A path as text that is safe to show.
pub(super) fn show(path: &Path) -> String {
    sanitize(&path.to_string_lossy())
}
