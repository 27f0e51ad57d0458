//! What the core wants done in the world. The runtime does it, under a deadline, and answers with an event.

use std::sync::Arc;

use hello_cloud::{Change, DeploymentId, Order, Snapshot};
use serde::Serialize;

use super::operation::OperationId;

/// Work asked of the runtime.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Read a target; answered by `Event::Observed` with the same sequence.
    Observe { target: usize, sequence: u64, follow: Option<DeploymentId> },
    /// Ask a target's cloud as whom it is called; answered by `Event::Identified`.
    Identify { target: usize },
    /// Read the builds of a target; answered by `Event::Built`.
    ReadBuilds { target: usize, sequence: u64 },
    /// Ask the service how it is; answered by `Event::Probed`.
    Probe { target: usize, sequence: u64, url: String },
    /// Say what a change would send; answered by `Event::Previewed`.
    Preview { operation: OperationId, target: usize, change: Change, snapshot: Arc<Snapshot> },
    /// Write the entry to the journal, and when it is on disk, start the change, once; answered by `Event::Started`.
    Start { operation: OperationId, target: usize, order: Order, entry: Entry },
    /// Write to the journal how a change ended.
    Journal(Entry),
}

/// What the failure to write an entry is called, in place of a cloud's call: nothing is sent then.
pub const JOURNAL: &str = "journal";

/// One line of the journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// RFC 3339, UTC.
    pub at: String,
    /// `starting`, or the outcome's word.
    pub what: &'static str,
    /// Which operation of this run.
    pub operation: u64,
    /// `hello/staging/aws`.
    pub target: String,
    /// `redeploy`, `rollback`, `stop`, `release`.
    pub change: &'static str,
    /// From which revision, as the person saw it.
    pub from: Option<String>,
    /// To which revision.
    pub to: Option<String>,
    /// How it was agreed to: `countdown`, `enter`, `typed name`, `--yes`.
    pub confirmed: &'static str,
    /// How it ended, in one line.
    pub note: Option<String>,
}
