//! A run of a pipeline.

use serde::{Serialize, Serializer};

use super::{Commit, Digest, Job, Reported, Section};
use crate::{text::Untrusted, timestamp::Timestamp};

/// The jobs in JSON: `null` where they were not read.
#[expect(clippy::ref_option, reason = "what serde hands over")]
fn jobs<S: Serializer>(jobs: &Option<Section<Vec<Job>>>, serializer: S) -> Result<S::Ok, S::Error> {
    match jobs {
        Some(jobs) => super::section(jobs, serializer),
        None => serializer.serialize_none(),
    }
}

/// A pipeline run that makes an image.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Build {
    /// The source's id; with `attempt` it is unique.
    #[serde(serialize_with = "crate::text::shown")]
    pub id: String,
    /// Rises when the same build is run again; 1 where the source does not count.
    pub attempt: u32,
    /// What it is called.
    pub title: Untrusted,
    /// What it builds.
    pub commit: Option<Commit>,
    /// On which branch.
    pub branch: Option<Untrusted>,
    /// How far it is.
    pub state: Reported<BuildState>,
    /// When it was asked for.
    pub created_at: Option<Timestamp>,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// Images it made, where the source says.
    pub digests: Vec<Digest>,
    /// Its page.
    pub url: Option<Untrusted>,
    /// What it is made of, in order. Read for the builds that need a look, which are the newest that failed or is under way;
    /// `None` for the others.
    #[serde(serialize_with = "jobs")]
    pub jobs: Option<Section<Vec<Job>>>,
}

/// The state of a build.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BuildState {
    /// Not begun.
    Queued,
    /// Waits for a person.
    Waiting,
    /// Under way.
    Running,
    /// Ended well.
    Succeeded,
    /// Ended badly.
    Failed,
    /// Ended by a person, or left out.
    Cancelled,
    /// A word we do not know.
    Unknown,
}

impl BuildState {
    /// Whether it will not move any more, unless it is run again.
    pub fn is_ended(self) -> bool {
        match self {
            Self::Succeeded | Self::Failed | Self::Cancelled => true,
            Self::Queued | Self::Waiting | Self::Running | Self::Unknown => false,
        }
    }

    /// Whether people want to know more: it failed, or is under way.
    pub fn needs_a_look(self) -> bool {
        matches!(self, Self::Failed | Self::Running)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_builds_and_jobs_are_safe_in_json() {
        let state = || Reported::new(BuildState::Failed, "failure");
        let job = Job {
            id: "j\u{9b}".into(),
            name: Untrusted::default(),
            state: state(),
            started_at: None,
            finished_at: None,
            steps: Vec::new(),
            url: None,
        };
        let build = Build {
            id: "b\u{202e}".into(),
            attempt: 1,
            title: Untrusted::default(),
            commit: None,
            branch: None,
            state: state(),
            created_at: None,
            finished_at: None,
            digests: Vec::new(),
            url: None,
            jobs: Some(Ok(vec![job])),
        };
        let told = serde_json::to_value(&build).unwrap();
        assert_eq!((&told["id"], &told["jobs"][0]["id"]), (&r"b\u{202e}".into(), &r"j\u{9b}".into()));
    }
}
