//! What the instances of a service wrote.

use serde::Serialize;

use crate::{text::Untrusted, timestamp::Timestamp};

/// The newest lines of a service, oldest first, as they are read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Logs {
    /// The lines, each of them once.
    pub lines: Vec<LogLine>,
    /// Whether everything asked for is there. False where more was written than one look reads: then lines are missing, and
    /// not necessarily the oldest.
    pub complete: bool,
}

/// One line of an instance's log. Secrets that show their form are dropped on entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LogLine {
    /// The cloud's id of it: the same line read twice has the same id.
    #[serde(serialize_with = "crate::text::shown")]
    pub id: String,
    /// When it was written.
    pub at: Option<Timestamp>,
    /// Who wrote it: a task, a revision.
    pub from: Option<Untrusted>,
    /// How much it matters, in the cloud's own word, where it says so.
    pub severity: Option<Untrusted>,
    /// What it says.
    pub text: Untrusted,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_safe_in_json_and_raw_for_comparing() {
        let id = "a\u{9b}31m\u{202e}b";
        let line = LogLine { id: id.into(), at: None, from: None, severity: None, text: Untrusted::default() };
        assert_eq!(serde_json::to_value(&line).unwrap()["id"], r"a\u{9b}31m\u{202e}b");
        assert_eq!(line.id, id);
    }
}
