//! A change we started, or are about to: planned, agreed to, sent once, followed by the id we were given, and verified by
//! what the service itself answers. One target after the other, each with its own outcome.

use std::time::Duration;

use hello_cloud::{Change, DeploymentId, DeploymentState, InstanceId, Snapshot, Untrusted};
use serde::Serialize;

use super::{plan::Plan, probe::Answer, view};

/// Counts operations of this run.
pub type OperationId = u64;

/// How long a deployment we started may stay out of sight: clouds answer reads from the past for a moment.
const SIGHT: Duration = Duration::from_secs(20);
/// How long the service may take to answer as the new revision once the cloud says it is there.
const VERIFY: Duration = Duration::from_mins(1);
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
    /// How it was agreed to, for the journal.
    pub confirmed: &'static str,
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

/// What the service must answer for a change to count as verified.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expected {
    /// The revision's name as the service says it.
    pub revision: Option<String>,
    pub commit: Option<hello_cloud::Commit>,
    /// Where the cloud names instances: the ones our deployment started.
    pub instances: Vec<InstanceId>,
}

impl Expected {
    /// Whether an answer is the expected one. What the service does not say cannot confirm anything.
    pub fn is_met(&self, answer: &Answer) -> bool {
        let revision = match (&self.revision, &answer.revision) {
            (Some(expected), Some(said)) => said.raw() == expected,
            (Some(_), None) => false,
            (None, _) => true,
        };
        let commit = match (&self.commit, &answer.commit) {
            (Some(expected), Some(said)) => said.matches(expected),
            (Some(_), None) | (None, _) => true,
        };
        let instance = match &answer.instance {
            Some(said) if !self.instances.is_empty() => self.instances.contains(said),
            Some(_) | None => true,
        };
        let says_anything = answer.revision.is_some() || answer.commit.is_some();
        says_anything && revision && commit && instance
    }
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

    /// The deployment of ours on this target that is being followed.
    pub fn followed(&self, target: usize) -> Option<&DeploymentId> {
        self.steps.iter().filter(|step| step.target == target).find_map(|step| match &step.state {
            StepState::Following { deployment, .. } | StepState::Verifying { deployment, .. } => Some(deployment),
            StepState::Waiting | StepState::Starting { .. } | StepState::Ended(_) => None,
        })
    }
}

/// Where a followed step goes, now that a newer snapshot is there. `timeout` is for the whole step.
pub fn follow(step: &Step, snapshot: &Snapshot, now: Duration, timeout: Duration) -> StepState {
    let StepState::Following { since, deployment: id, .. } = &step.state else { return step.state.clone() };
    let waited = now.saturating_sub(*since);
    let Some(deployment) = snapshot.deployment(id) else {
        if waited < SIGHT {
            return step.state.clone();
        }
        return StepState::Ended(Outcome::Unknown("the deployment we started is not to be seen".into()));
    };
    let reason = deployment.state.reason.as_ref().map(Untrusted::show);
    let because = reason.clone().unwrap_or_else(|| deployment.state.word.show());
    let stopping = matches!(step.plan.as_ref().and_then(|plan| plan.change.as_ref()), Some(Change::Stop { .. }));
    match deployment.state.state {
        DeploymentState::Succeeded if stopping => {
            StepState::Ended(Outcome::Failed("it had already succeeded when the stop arrived".into()))
        }
        DeploymentState::RolledBack | DeploymentState::Stopped if stopping => {
            verifying(*since, now, id, back_to(step, snapshot))
        }
        DeploymentState::Succeeded => {
            let revision = deployment.to.as_ref().and_then(|to| snapshot.revision(to));
            let expected = Expected {
                revision: revision.map(|revision| revision.name.raw().to_owned()),
                commit: revision.and_then(|revision| revision.commit.clone()),
                instances: deployment.started.clone(),
            };
            verifying(*since, now, id, expected)
        }
        DeploymentState::RolledBack => StepState::Ended(Outcome::RolledBack(because)),
        DeploymentState::Failed => {
            let serving = snapshot.main_revision().map(|r| format!("still serving {}: ", r.name.show()));
            StepState::Ended(Outcome::Failed(format!("{}{because}", serving.unwrap_or_default())))
        }
        DeploymentState::Stopped => {
            let newer = snapshot.current.as_ref().is_some_and(|current| current.id != *id);
            StepState::Ended(if newer {
                Outcome::Superseded("a newer deployment took over".into())
            } else {
                Outcome::Failed(format!("stopped: {because}"))
            })
        }
        _ if waited > timeout => {
            StepState::Ended(Outcome::TimedOut(format!("not over after {}: {because}", view::short(waited))))
        }
        DeploymentState::Pending
        | DeploymentState::Progressing
        | DeploymentState::RollingBack
        | DeploymentState::Stopping
        | DeploymentState::Unknown => {
            StepState::Following { since: *since, deployment: id.clone(), progress: view::deployment_word(deployment) }
        }
    }
}

fn verifying(since: Duration, now: Duration, id: &DeploymentId, expected: Expected) -> StepState {
    StepState::Verifying { since, began: now, deployment: id.clone(), expected, streak: 0, said: None }
}

/// What serves after a stop: what the plan said it goes back to, else what the cloud's main revision is.
fn back_to(step: &Step, snapshot: &Snapshot) -> Expected {
    let planned = step.plan.as_ref().and_then(|plan| plan.to.as_ref());
    let main = snapshot.main_revision();
    Expected {
        revision: planned.map(|to| to.revision.clone()).or_else(|| main.map(|r| r.name.raw().to_owned())),
        commit: planned.and_then(|to| to.commit.clone()).or_else(|| main.and_then(|r| r.commit.clone())),
        instances: Vec::new(),
    }
}

/// Where a step that is being verified goes with one more answer of the service, or with none (`None` when it failed).
pub fn verify(state: &StepState, answer: Option<&Answer>, now: Duration) -> StepState {
    let StepState::Verifying { since, began, deployment, expected, streak, said } = state else { return state.clone() };
    let met = answer.is_some_and(|answer| expected.is_met(answer));
    let streak = if met { streak + 1 } else { 0 };
    if streak >= STREAK {
        return StepState::Ended(Outcome::Verified);
    }
    let said = match answer {
        Some(answer) => Some(view::answer(answer)),
        None => said.clone(),
    };
    if now.saturating_sub(*began) > VERIFY {
        let expected = expected.revision.clone().unwrap_or_else(|| "the new revision".into());
        let said = said.unwrap_or_else(|| "nothing".into());
        return StepState::Ended(Outcome::Failed(format!(
            "the cloud says it is deployed, but the service answers as {said}, not as {}",
            hello_cloud::text::sanitize(&expected)
        )));
    }
    let (since, began) = (*since, *began);
    StepState::Verifying { since, began, deployment: deployment.clone(), expected: expected.clone(), streak, said }
}
