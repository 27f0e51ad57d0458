//! A change we started, or are about to: planned, agreed to, sent once, followed by the id we were given, and verified by
//! what the service itself answers. One target after the other, each with its own outcome.

pub mod follow;

use std::time::Duration;

use hello_cloud::{Change, DeploymentId, Digest, Fingerprint};
use serde::Serialize;

use super::plan::Plan;

pub use follow::Expected;

/// Counts operations of this run.
pub type OperationId = u64;

/// How many answers in a row must name what we expect.
pub const STREAK: u32 = 5;

/// Kinds of change a person can ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Redeploy,
    Rollback,
    Stop,
    Release,
}

impl Kind {
    /// The verb, as in help and journal.
    pub fn word(self) -> &'static str {
        match self {
            Self::Redeploy => "redeploy",
            Self::Rollback => "rollback",
            Self::Stop => "stop",
            Self::Release => "release",
        }
    }
}

/// A change of one target or of several, one after the other.
#[derive(Clone, Debug)]
pub struct Operation {
    pub id: OperationId,
    pub kind: Kind,
    /// The service, which is what a protected plan wants typed.
    pub service: String,
    /// A revision named by the person, for a rollback.
    pub to: Option<String>,
    /// When it was asked for.
    pub began: Duration,
    pub phase: Phase,
    pub steps: Vec<Step>,
    /// Without a person at a screen: planned and agreed to in one go.
    pub unattended: bool,
    /// Only plan, never send.
    pub dry_run: bool,
    /// What was agreed to beforehand, by target; with anything else nothing is sent.
    pub agreed: Vec<Agreement>,
    /// How it was agreed to, for the journal.
    pub confirmed: &'static str,
}

/// What exactly would be done to a target, and on which facts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agreement {
    pub target: usize,
    pub change: Change,
    pub seen: Fingerprint,
    /// The image that would run, where it is known.
    pub digest: Option<Digest>,
}

impl Agreement {
    /// What a plan for a target would do; `None` when it can do nothing.
    pub fn of(target: usize, plan: &Plan) -> Option<Self> {
        let digest = plan.to.as_ref().and_then(|to| to.digest.clone());
        Some(Self { target, change: plan.change.clone()?, seen: plan.seen.clone(), digest })
    }
}

/// Where an operation is.
#[derive(Clone, Debug, PartialEq)]
pub enum Phase {
    /// Fresh facts are on their way.
    Planning,
    /// The plan is on the screen.
    Armed {
        /// Since when it is really on the screen; nothing typed before counts.
        drawn: Option<Duration>,
        /// How it is agreed to.
        consent: Consent,
        /// What was typed so far.
        typed: String,
    },
    /// Agreed to.
    Running,
    /// Over.
    Ended { at: Duration },
}

/// How a plan is agreed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consent {
    /// Starts by itself after this time; Enter at once.
    Countdown(Duration),
    /// Enter.
    Enter,
    /// The service's name, then Enter.
    Name,
    /// Nothing to agree to: the plan cannot be carried out.
    Nothing,
}

/// One target of an operation.
#[derive(Clone, Debug)]
pub struct Step {
    pub target: usize,
    pub plan: Option<Plan>,
    pub state: StepState,
}

/// How far a target is.
#[derive(Clone, Debug, PartialEq)]
pub enum StepState {
    /// Not begun.
    Waiting,
    /// Sent; no answer yet.
    Starting { since: Duration },
    /// The cloud is at it.
    Following { since: Duration, deployment: DeploymentId, progress: String },
    /// The cloud says it is done; now the service must say so too.
    Verifying {
        since: Duration,
        began: Duration,
        deployment: DeploymentId,
        expected: Expected,
        streak: u32,
        said: Option<String>,
    },
    /// Over.
    Ended(Outcome),
}

/// How a change of one target ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "outcome", content = "note")]
pub enum Outcome {
    /// The deployment we started ended well, and the service answered as it five times in a row.
    Verified,
    /// The platform put the former revision back.
    RolledBack(String),
    /// A newer deployment took over.
    Superseded(String),
    /// Ended badly.
    Failed(String),
    /// Not over within the deadline.
    TimedOut(String),
    /// Sent, and nobody knows.
    Unknown(String),
    /// Nothing was sent, because something forbids it.
    Refused(String),
    /// Nothing was sent, because nobody is signed in or allowed.
    NoAccess(String),
    /// Nothing was sent, because the cloud could not be asked.
    Unasked(String),
    /// Nothing was sent, because an earlier target failed.
    Skipped(String),
    /// Nothing was sent, because the person left the plan.
    Cancelled,
    /// Nothing was sent, because only the plan was asked for.
    Planned,
}

impl Outcome {
    /// The word on the screen and in the journal.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Verified => "verified",
            Self::RolledBack(_) => "rolled back",
            Self::Superseded(_) => "superseded",
            Self::Failed(_) => "failed",
            Self::TimedOut(_) => "timed out",
            Self::Unknown(_) => "outcome unknown",
            Self::Refused(_) | Self::NoAccess(_) => "refused",
            Self::Unasked(_) => "not asked",
            Self::Skipped(_) => "not started",
            Self::Cancelled => "cancelled",
            Self::Planned => "planned only",
        }
    }

    /// Why, where there is more to say.
    pub fn note(&self) -> Option<&str> {
        match self {
            Self::RolledBack(note)
            | Self::Superseded(note)
            | Self::Failed(note)
            | Self::TimedOut(note)
            | Self::Unknown(note)
            | Self::Refused(note)
            | Self::NoAccess(note)
            | Self::Unasked(note)
            | Self::Skipped(note) => Some(note),
            Self::Verified | Self::Cancelled | Self::Planned => None,
        }
    }

    /// Whether what was asked for happened.
    pub fn is_good(&self) -> bool {
        matches!(self, Self::Verified | Self::Planned)
    }
}

impl Operation {
    /// Whether its plan sheet is, or is about to be, on the screen.
    pub fn is_planned(&self) -> bool {
        !self.unattended && matches!(self.phase, Phase::Planning | Phase::Armed { .. })
    }

    /// Whether it is over.
    pub fn is_ended(&self) -> bool {
        matches!(self.phase, Phase::Ended { .. })
    }

    /// Whether it changes this target at the moment, or will.
    pub fn is_busy_with(&self, target: usize) -> bool {
        self.phase == Phase::Running
            && self.steps.iter().any(|s| s.target == target && !matches!(s.state, StepState::Ended(_)))
    }

    /// What it would do, to be held to later.
    pub fn agreement(&self) -> Vec<Agreement> {
        let plan = |step: &Step| step.plan.as_ref().and_then(|plan| Agreement::of(step.target, plan));
        self.steps.iter().filter_map(plan).collect()
    }

    /// The deployment of ours on this target that is being followed.
    pub fn followed(&self, target: usize) -> Option<&DeploymentId> {
        self.steps.iter().filter(|step| step.target == target).find_map(|step| match &step.state {
            StepState::Following { deployment, .. } | StepState::Verifying { deployment, .. } => Some(deployment),
            StepState::Waiting | StepState::Starting { .. } | StepState::Ended(_) => None,
        })
    }
}
