//! What a build is made of.

use serde::Serialize;

use super::{BuildState, Reported};
use crate::{text::Untrusted, timestamp::Timestamp};

/// A part of a build that runs on one machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Job {
    /// The source's id.
    #[serde(serialize_with = "crate::text::shown")]
    pub id: String,
    /// What it is called.
    pub name: Untrusted,
    /// How far it is.
    pub state: Reported<BuildState>,
    /// When it began.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// Its steps, in order.
    pub steps: Vec<Step>,
    /// Its page.
    pub url: Option<Untrusted>,
}

/// One step of a job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// What it is called.
    pub name: Untrusted,
    /// How far it is.
    pub state: Reported<BuildState>,
    /// When it began.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
}

impl Job {
    /// The step that tells most: the first that failed, else the one under way.
    pub fn telling_step(&self) -> Option<&Step> {
        let first = |state| self.steps.iter().find(move |step| step.state.state == state);
        first(BuildState::Failed).or_else(|| first(BuildState::Running))
    }
}
