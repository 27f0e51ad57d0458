//! What can be asked of a cloud, and the three ways asking ends: started, refused (nothing changed), unknown.

use serde::Serialize;
use thiserror::Error;

use crate::{
    error::ProviderError,
    model::{DeploymentId, Fingerprint, RevisionId},
};

/// One change of one target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A new deployment of the same definition. Tags are resolved anew.
    Redeploy,
    /// Back to an earlier revision.
    Rollback {
        /// The revision to return to, from the snapshot the person saw.
        to: RevisionId,
    },
    /// Stop the running deployment and go back to what served before it. Needs [`Capabilities::stop`](crate::Capabilities).
    Stop {
        /// The deployment that runs.
        deployment: DeploymentId,
    },
    /// Let traffic follow the newest revision again. Needs [`Capabilities::hold`](crate::Capabilities).
    Release,
}

/// A change bound to what the person saw when they agreed to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// What to do.
    pub change: Change,
    /// The state the plan was made on. When the world has moved on, the answer is `Conflict` and nothing is written.
    pub seen: Fingerprint,
}

/// What a change would send, in words a person can check. Made without a call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Preview {
    /// The one write, in the vendor's words: `ecs:UpdateService forceNewDeployment`.
    pub call: String,
    /// The same thing with the vendor's own command-line tool, ready to paste into a POSIX shell.
    pub command: String,
    /// What it will not do, or does differently from what one may expect.
    pub notes: Vec<String>,
}

/// The cloud accepted the change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Started {
    /// The deployment we started: what is followed, and appears in later snapshots under this id.
    pub deployment: DeploymentId,
}

/// The change did not start, or nobody knows whether it did. A write is never sent twice, so `Unknown` is an end.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum StartError {
    /// Nothing was changed.
    #[error("nothing was changed: {0}")]
    Refused(ProviderError),
    /// The write was sent, its answer was lost, and reading back did not settle it.
    #[error("outcome unknown: {0}")]
    Unknown(ProviderError),
}
