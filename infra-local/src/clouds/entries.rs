//! Cloud Logging: what instances of Cloud Run write, the requests they answer, and the audit logs of its services.
//!
//! - [`audit`]: who changed what, and what became of it
//! - `line`: from a line of an instance to an entry
//!
//! The last entries only are kept.

pub mod audit;
pub mod line;

use std::collections::{BTreeMap, VecDeque};

use audit::Seen;
use serde_json::Value;

use super::run::{LOCATION, PROJECT, Run};
use crate::moment::Moment;

/// Entries of instances kept.
const LINES: usize = 5000;
/// Audit logs kept: many requests do not push out what is known of the changes, nor the other way round.
const AUDITS: usize = 1000;

/// How bad it is; Cloud Logging's words, in its order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Not said.
    Default,
    /// For whoever looks for an error.
    Debug,
    /// As usual.
    Info,
    /// As usual, and notable.
    Notice,
    /// May become a problem.
    Warning,
    /// A problem.
    Error,
    /// A severe one.
    Critical,
    /// Somebody must act.
    Alert,
    /// Nothing works.
    Emergency,
}

impl Severity {
    /// Cloud Logging's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Default => "DEFAULT",
            Self::Debug => "DEBUG",
            Self::Info => "INFO",
            Self::Notice => "NOTICE",
            Self::Warning => "WARNING",
            Self::Error => "ERROR",
            Self::Critical => "CRITICAL",
            Self::Alert => "ALERT",
            Self::Emergency => "EMERGENCY",
        }
    }

    /// What the word means, in either case.
    pub fn of(word: &str) -> Option<Self> {
        let all = [
            Self::Default,
            Self::Debug,
            Self::Info,
            Self::Notice,
            Self::Warning,
            Self::Error,
            Self::Critical,
            Self::Alert,
            Self::Emergency,
        ];
        all.into_iter().find(|severity| severity.word().eq_ignore_ascii_case(word))
    }
}

/// What an entry says.
#[derive(Clone, Debug, PartialEq)]
pub enum Payload {
    /// Nothing but its request.
    None,
    /// A text.
    Text(String),
    /// An object.
    Json(Value),
    /// A message with `@type`.
    Proto(Value),
}

/// One entry.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Rises with every entry.
    pub number: u64,
    /// When it happened.
    pub at: Moment,
    /// When it arrived.
    pub arrived: Moment,
    /// `run.googleapis.com/stdout`.
    pub log: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// Labels of the `cloud_run_revision` it is about.
    pub resource: BTreeMap<&'static str, String>,
    /// Labels of its own.
    pub labels: BTreeMap<&'static str, String>,
    /// What it says.
    pub payload: Payload,
    /// The request it is about.
    pub request: Option<Value>,
    /// `projects/P/traces/T`.
    pub trace: Option<String>,
}

impl Entry {
    fn is_audit(&self) -> bool {
        self.log.starts_with("cloudaudit")
    }
}

/// The labels of a revision; of the service alone when there is no revision.
pub fn resource(service: &str, revision: &str) -> BTreeMap<&'static str, String> {
    let configuration = if revision.is_empty() { "" } else { service };
    BTreeMap::from([
        ("project_id", PROJECT.to_owned()),
        ("location", LOCATION.to_owned()),
        ("service_name", service.to_owned()),
        ("configuration_name", configuration.to_owned()),
        ("revision_name", revision.to_owned()),
    ])
}

/// All entries that are kept, and what is needed to write the next audit log.
#[derive(Clone, Debug, Default)]
pub struct Entries {
    /// By rising number, which is nearly by rising time.
    pub entries: VecDeque<Entry>,
    seen: BTreeMap<String, Seen>,
    number: u64,
    audits: usize,
}

impl Entries {
    /// Adds an entry; its number is given here. Beyond the most that are kept, the oldest of its kind goes.
    fn add(&mut self, entry: Entry) {
        self.number += 1;
        let is_audit = entry.is_audit();
        self.entries.push_back(Entry { number: self.number, ..entry });
        self.audits += usize::from(is_audit);
        let too_many = if is_audit { self.audits > AUDITS } else { self.entries.len() - self.audits > LINES };
        if too_many && let Some(oldest) = self.entries.iter().position(|entry| entry.is_audit() == is_audit) {
            self.entries.remove(oldest);
            self.audits -= usize::from(is_audit);
        }
    }

    /// Writes down what has changed in a service since it was last looked at. The first look tells its history.
    pub fn follow(&mut self, now: Moment, service: &str, run: &Run) {
        if self.seen.get(service).is_some_and(|seen| !seen.is_old(run)) {
            return;
        }
        let before = self.seen.remove(service);
        let (entries, seen) = audit::compare(now, service, run, before);
        self.seen.insert(service.to_owned(), seen);
        for entry in entries {
            self.add(entry);
        }
    }
}

#[cfg(test)]
mod tests;
