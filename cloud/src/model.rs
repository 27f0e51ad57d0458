//! The nouns, on one page. What is not common to the clouds is not forced to be: [`Reported`] keeps the cloud's own word,
//! [`Fact`] carries what only one of them knows, [`Capabilities`] says what can be asked, [`Section`] may fail alone.

mod identity;
mod job;
mod log;
mod slowed;
mod summary;
mod target_health;

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

use crate::{error::ProviderError, text::Untrusted, timestamp::Timestamp};

pub use self::{
    identity::Identity,
    job::{Job, Step},
    log::{LogLine, Logs},
    slowed::Slowed,
    summary::{Standing, Summary},
    target_health::{TargetHealth, TargetState},
};
pub use crate::id::{Commit, DeploymentId, Digest, Fingerprint, InstanceId, RevisionId};

/// Part of a snapshot that may fail alone: no permission for one call must not blank the rest.
pub type Section<T> = Result<T, ProviderError>;

/// Our closed state, beside the cloud's own word for it and the reason it gave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reported<S> {
    /// What we take it to be. Code branches on this.
    pub state: S,
    /// The cloud's own word, shown verbatim. Words we do not know map to `Unknown` and are still shown here.
    pub word: Untrusted,
    /// Why, where the cloud says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Untrusted>,
}

impl<S> Reported<S> {
    /// A state without a reason.
    pub fn new(state: S, word: impl Into<Untrusted>) -> Self {
        Self { state, word: word.into(), reason: None }
    }

    /// Adds the reason; an empty one counts as none.
    #[must_use]
    pub fn because(mut self, reason: Option<impl Into<Untrusted>>) -> Self {
        self.reason = reason.map(Into::into).filter(|reason: &Untrusted| !reason.is_empty());
        self
    }
}

/// Something only one cloud knows. Shown, never branched on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fact {
    /// Our name for it.
    pub label: &'static str,
    /// What the cloud said.
    pub value: Untrusted,
}

/// What can be asked of a provider. Code above the boundary asks this, never "is it AWS".
#[expect(clippy::struct_excessive_bools, reason = "independent abilities, each asked for by name")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Capabilities {
    /// A running deployment can be stopped and put back.
    pub stop: bool,
    /// Traffic can be held on a revision, and released.
    pub hold: bool,
    /// The number of running instances is reported.
    pub instances: bool,
    /// Instances may go to zero when nobody asks, which is asleep and not down.
    pub sleeps: bool,
}

/// What a provider is, known without a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProviderInfo {
    /// The short word on the screen: `ECS`, `Cloud Run`.
    pub label: &'static str,
    /// The word in configuration and JSON: `aws`, `gcp`.
    pub id: &'static str,
    /// Region, as the cloud writes it.
    pub region: String,
    /// Account-side place, for the detail pane: `cluster hello`, `project acme-staging`.
    pub scope: String,
    /// What can be asked.
    pub capabilities: Capabilities,
    /// Set when calls do not go to the vendor's own address.
    pub endpoint: Option<String>,
}

/// What a revision runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Image {
    /// As written in the definition.
    pub reference: Untrusted,
    /// What it was resolved to when the revision was made, where the cloud kept it.
    pub digest: Option<Digest>,
}

/// An immutable version of a target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Revision {
    /// The cloud's id.
    pub id: RevisionId,
    /// What people call it, and what the service answers as its revision: `hello:3`, `hello-00003-abc`. On ECS several revisions
    /// may share one name (the task definition); their ids differ.
    pub name: Untrusted,
    /// What it runs.
    pub image: Option<Image>,
    /// What the image was built from, where a tag or a label says.
    pub commit: Option<Commit>,
    /// When it was made.
    pub created_at: Option<Timestamp>,
    /// What the cloud says of it.
    pub state: Reported<RevisionState>,
    /// Whether a deployment to it ended well; `None` when nothing tells.
    pub served: Option<bool>,
    /// Why it can no longer be returned to (definition deregistered, image gone); `None` when it can.
    pub gone: Option<String>,
    /// Whether returning to it brings back the very same image. False where only a movable tag names it.
    pub exact: bool,
    /// What only this cloud knows.
    pub facts: Vec<Fact>,
}

/// The state of a revision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RevisionState {
    /// Can serve.
    Ready,
    /// Not yet known to be able to.
    Pending,
    /// Cannot serve.
    Failed,
    /// Switched off because nothing points at it; can be brought back.
    Retired,
    /// A word we do not know.
    Unknown,
}

/// A revision that gets traffic or runs instances now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Serving {
    /// Which.
    pub revision: RevisionId,
    /// Percent of traffic, 0 to 100. `None` where the cloud does not say; never invented from counts.
    pub share: Option<u8>,
    /// Its running instances, where the cloud says.
    pub running: Option<u32>,
}

/// Numbers of instances.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Instances {
    /// How many there should be.
    pub desired: u32,
    /// How many run.
    pub running: u32,
    /// How many are starting.
    pub pending: u32,
}

/// Traffic or definition pinned to a revision until somebody releases it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Hold {
    /// Where traffic is held.
    pub revision: RevisionId,
    /// The last change of the service, which at the latest made the hold.
    pub since: Option<Timestamp>,
    /// Who made that change.
    pub by: Option<Untrusted>,
}

/// The cloud's act of moving a target to a revision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Deployment {
    /// The cloud's id.
    pub id: DeploymentId,
    /// How far it is.
    pub state: Reported<DeploymentState>,
    /// Where it goes.
    pub to: Option<RevisionId>,
    /// Where it comes from.
    pub from: Vec<RevisionId>,
    /// When it was asked for.
    pub created_at: Option<Timestamp>,
    /// When it settled.
    pub finished_at: Option<Timestamp>,
    /// Instances of the target revision.
    pub instances: Option<Instances>,
    /// Instances that failed in a row.
    pub failed: Option<u32>,
    /// The instances it started and that still run, where the cloud names them: answers from these are answers of this deployment.
    pub started: Vec<InstanceId>,
    /// Whether it can be stopped and put back now; needs [`Capabilities::stop`]. Where it cannot, a rollback is a change
    /// of its own.
    pub stoppable: bool,
    /// What only this cloud knows (circuit breaker, stage).
    pub facts: Vec<Fact>,
}

/// The state of a deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DeploymentState {
    /// Accepted, nothing moved yet.
    Pending,
    /// Under way.
    Progressing,
    /// Ended well.
    Succeeded,
    /// Going back to what served before.
    RollingBack,
    /// Went back: the change failed although the word sounds good.
    RolledBack,
    /// Being stopped.
    Stopping,
    /// Stopped by somebody or by a newer one.
    Stopped,
    /// Ended badly.
    Failed,
    /// A word we do not know.
    Unknown,
}

impl DeploymentState {
    /// Whether it will not move any more.
    pub fn is_settled(self) -> bool {
        match self {
            Self::Succeeded | Self::RolledBack | Self::Stopped | Self::Failed => true,
            Self::Pending | Self::Progressing | Self::RollingBack | Self::Stopping | Self::Unknown => false,
        }
    }
}

/// What the cloud reports about a target as a whole. Health is what our probe measures; this is not it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Readiness {
    /// Ready to serve.
    Ready,
    /// Something serves, the newest change does not.
    Partly,
    /// Nothing is ready.
    NotReady,
    /// Being worked on.
    Pending,
    /// A word we do not know.
    Unknown,
}

/// What an image reference means in the registry now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Resolution {
    /// The reference of the wanted definition.
    pub reference: Untrusted,
    /// What a new deployment would run.
    pub digest: Digest,
    /// What that was built from, where a tag says.
    pub commit: Option<Commit>,
    /// When it was pushed.
    pub pushed_at: Option<Timestamp>,
}

/// Something the cloud wrote down, in prose. For reading, never for deciding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CloudEvent {
    /// When.
    pub at: Option<Timestamp>,
    /// What.
    pub message: Untrusted,
    /// Who did it, where the cloud says.
    pub by: Option<Untrusted>,
}

/// Everything one screen needs about one target, observed once.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Snapshot {
    /// The public address, where the cloud knows it.
    pub url: Option<Untrusted>,
    /// What the cloud says of the whole.
    pub readiness: Reported<Readiness>,
    /// The revision the definition asks for. Not necessarily the one that serves.
    pub wanted: Option<RevisionId>,
    /// What serves now, greatest share first.
    pub serving: Vec<Serving>,
    /// Set while traffic is held.
    pub hold: Option<Hold>,
    /// All instances, where reported.
    pub instances: Option<Instances>,
    /// The newest deployment, settled or not; from the main call, so that it is there even when the history is not.
    pub current: Option<Deployment>,
    /// Deployments, newest first.
    #[serde(serialize_with = "section")]
    pub deployments: Section<Vec<Deployment>>,
    /// Revisions, newest first, the serving ones included.
    #[serde(serialize_with = "section")]
    pub revisions: Section<Vec<Revision>>,
    /// What the wanted image reference resolves to now; `None` when it names a digest, or a registry we do not read.
    #[serde(serialize_with = "section")]
    pub resolution: Section<Option<Resolution>>,
    /// Prose, newest first.
    #[serde(serialize_with = "section")]
    pub events: Section<Vec<CloudEvent>>,
    /// Why instances ended lately, newest first.
    #[serde(serialize_with = "section")]
    pub failures: Section<Vec<CloudEvent>>,
    /// What the load balancer says of each address it sends requests to; `None` where there is no load balancer to ask.
    #[serde(serialize_with = "section")]
    pub targets: Section<Option<Vec<TargetHealth>>>,
    /// Set while calls of this account are held back: the cloud throttled, or this read waited for the request budget.
    pub slowed: Option<Slowed>,
    /// Who changed it last, where the cloud says.
    pub changed_by: Option<Untrusted>,
    /// What only this cloud knows.
    pub facts: Vec<Fact>,
    /// What a change must be bound to.
    pub fingerprint: Fingerprint,
}

impl Snapshot {
    /// A revision of this snapshot by id, where the section is there.
    pub fn revision(&self, id: &RevisionId) -> Option<&Revision> {
        self.revisions.as_ref().ok()?.iter().find(|revision| revision.id == *id)
    }

    /// Whether a deployment is there. `Ok(None)` only where the cloud was asked and does not know it; an error where the
    /// section that would tell could not be read.
    pub fn sight(&self, id: &DeploymentId) -> Section<Option<&Deployment>> {
        match (self.deployment(id), &self.deployments) {
            (Some(deployment), _) => Ok(Some(deployment)),
            (None, Ok(_)) => Ok(None),
            (None, Err(error)) => Err(error.clone()),
        }
    }

    /// A deployment of this snapshot by id. `None` does not tell one that is gone from one that could not be read:
    /// [`sight`](Self::sight) does.
    pub fn deployment(&self, id: &DeploymentId) -> Option<&Deployment> {
        let listed = self.deployments.as_ref().ok().into_iter().flatten();
        listed.chain(&self.current).find(|deployment| deployment.id == *id)
    }

    /// The revision with the greatest share, or the most instances.
    pub fn main_revision(&self) -> Option<&Revision> {
        self.serving.first().and_then(|serving| self.revision(&serving.revision))
    }
}

/// A section in JSON: its value, or `{"error": ..}`. Never an empty list for an error.
fn section<T: Serialize, S: Serializer>(section: &Section<T>, serializer: S) -> Result<S::Ok, S::Error> {
    match section {
        Ok(value) => value.serialize(serializer),
        Err(error) => BTreeMap::from([("error", error.to_string())]).serialize(serializer),
    }
}

/// The jobs in JSON: `null` where they were not read.
fn jobs<S: Serializer>(jobs: &Option<Section<Vec<Job>>>, serializer: S) -> Result<S::Ok, S::Error> {
    match jobs {
        Some(jobs) => section(jobs, serializer),
        None => serializer.serialize_none(),
    }
}

/// A pipeline run that makes an image.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Build {
    /// The source's id; with `attempt` it is unique.
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
