//! Where a face without a screen writes: data and talk apart.

use std::io::{self, Write};

use serde::Serialize;

/// Both streams, and what they are connected to.
pub struct Output<'a> {
    /// Data: stdout.
    pub data: &'a mut dyn Write,
    /// Talk: stderr.
    pub talk: &'a mut dyn Write,
    /// Whether data is for programs.
    pub json: bool,
    /// Whether a person can be asked: stdin and stderr are a terminal.
    pub person: bool,
    /// Whether whoever reads the data has gone.
    pub is_gone: fn() -> bool,
}

impl Output<'_> {
    /// One line of data.
    pub fn line(&mut self, line: &str) -> io::Result<()> {
        writeln!(self.data, "{line}")?;
        self.data.flush()
    }

    /// One JSON value on one line.
    pub fn json(&mut self, value: &impl Serialize) -> io::Result<()> {
        let mut line = serde_json::to_vec(value)?;
        line.push(b'\n');
        self.data.write_all(&line)?;
        self.data.flush()
    }

    /// One line of talk. When nobody listens to it, nothing is lost that matters.
    pub fn say(&mut self, line: &str) {
        let _ = writeln!(self.talk, "{line}");
        let _ = self.talk.flush();
    }

    /// What went wrong, and what to do about it.
    pub fn error(&mut self, line: &str, hint: Option<&str>) {
        self.say(&format!("error: {line}"));
        if let Some(hint) = hint {
            self.say(&format!("hint: {}", hello_cloud::text::sanitize(hint)));
        }
    }
}
