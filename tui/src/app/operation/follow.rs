//! Following a change by the id we were given, and verifying it by what the service itself answers.

use std::time::Duration;

use hello_cloud::{Change, Commit, Deployment, DeploymentId, DeploymentState, InstanceId, Snapshot, Untrusted};

use super::{Outcome, STREAK, Step, StepState};
use crate::app::{probe::Answer, view};

/// How long a deployment may take before we stop following it.
const FOLLOW: Duration = Duration::from_mins(15);
/// How long a deployment we started may stay out of sight: clouds answer reads from the past for a moment.
const SIGHT: Duration = Duration::from_secs(20);
/// How long the service may take to answer as the new revision once the cloud says it is there.
const VERIFY: Duration = Duration::from_mins(1);
/// How long after that a read or an answer under way may still come.
const READ: Duration = Duration::from_secs(30);

/// What the service must answer for a change to count as verified.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expected {
    /// The revision's name as the service says it.
    pub revision: Option<String>,
    pub commit: Option<Commit>,
    /// Where the cloud names instances: the ones our deployment started.
    pub instances: Vec<InstanceId>,
}

impl Expected {
    /// Whether there is anything to expect. Without that no answer can confirm anything.
    pub fn is_known(&self) -> bool {
        self.revision.is_some() || self.commit.is_some()
    }

    /// Whether an answer is the expected one. What the service does not say cannot confirm anything.
    pub fn is_met(&self, answer: &Answer) -> bool {
        let revision = match (&self.revision, &answer.revision) {
            (Some(expected), Some(said)) => said.raw() == expected,
            (Some(_), None) => false,
            (None, _) => true,
        };
        // A service that names its revision need not name its commit too.
        let commit = match (&self.commit, &answer.commit) {
            (Some(expected), Some(said)) => said.matches(expected),
            (Some(_), None) => self.revision.is_some(),
            (None, _) => true,
        };
        let instance = match &answer.instance {
            Some(said) if !self.instances.is_empty() => self.instances.contains(said),
            Some(_) | None => true,
        };
        self.is_known() && revision && commit && instance
    }
}

/// Where a followed step goes, now that a newer snapshot is there.
pub fn follow(step: &Step, snapshot: &Snapshot, now: Duration) -> StepState {
    follow_within(step, snapshot, now, FOLLOW)
}

/// The same with a time of the caller's own for the deployment.
pub fn follow_within(step: &Step, snapshot: &Snapshot, now: Duration, limit: Duration) -> StepState {
    let StepState::Following { since, deployment: id, .. } = &step.state else { return step.state.clone() };
    let waited = now.saturating_sub(*since);
    let deployment = match snapshot.sight(id) {
        Ok(Some(deployment)) => deployment,
        Ok(None) if waited < SIGHT => return step.state.clone(),
        Ok(None) => return StepState::Ended(Outcome::Unknown("the deployment we started is not to be seen".into())),
        Err(error) => return waiting(*since, id, format!("its progress cannot be read: {error}")),
    };
    if !deployment.state.state.is_settled() && waited > limit {
        let word = view::deployment_word(deployment);
        return StepState::Ended(Outcome::TimedOut(format!("not over after {}: {word}", view::short(waited))));
    }
    let reason = deployment.state.reason.as_ref().map(Untrusted::show);
    let because = reason.clone().unwrap_or_else(|| deployment.state.word.show());
    let stopping = matches!(step.plan.as_ref().and_then(|plan| plan.change.as_ref()), Some(Change::Stop { .. }));
    match deployment.state.state {
        DeploymentState::Succeeded if stopping => {
            StepState::Ended(Outcome::Failed("it had already succeeded when the stop arrived".into()))
        }
        DeploymentState::RolledBack | DeploymentState::Stopped if stopping => {
            verifying(*since, now, id, back_to(step, snapshot, deployment))
        }
        DeploymentState::Succeeded => succeeded(step, snapshot, deployment, *since, now),
        DeploymentState::RolledBack => StepState::Ended(Outcome::RolledBack(because)),
        DeploymentState::Failed if newer(snapshot, id) => {
            StepState::Ended(Outcome::Superseded(format!("a newer deployment took over: {because}")))
        }
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
        DeploymentState::Pending
        | DeploymentState::Progressing
        | DeploymentState::RollingBack
        | DeploymentState::Stopping
        | DeploymentState::Unknown => {
            StepState::Following { since: *since, deployment: id.clone(), progress: view::deployment_word(deployment) }
        }
    }
}

fn waiting(since: Duration, id: &DeploymentId, progress: String) -> StepState {
    StepState::Following { since, deployment: id.clone(), progress }
}

/// The cloud says that it is done. Whether it did what was planned is seen from the revision it made, and whether that
/// serves only from the service.
fn succeeded(step: &Step, snapshot: &Snapshot, deployment: &Deployment, since: Duration, now: Duration) -> StepState {
    let Some(revision) = deployment.to.as_ref().and_then(|to| snapshot.revision(to)) else {
        return waiting(since, &deployment.id, "succeeded; reading which revision it made".into());
    };
    let planned = step.plan.as_ref().and_then(|plan| plan.to.as_ref()).and_then(|to| to.digest.as_ref());
    let made = revision.image.as_ref().and_then(|image| image.digest.as_ref());
    if let Some((planned, made)) = planned.zip(made).filter(|(planned, made)| planned != made) {
        let (planned, made) = (planned.short(), made.short());
        return StepState::Ended(Outcome::Failed(format!(
            "it deployed image {made}, which is not what was planned ({planned})"
        )));
    }
    let expected = Expected {
        revision: Some(revision.name.raw().to_owned()),
        commit: revision.commit.clone(),
        instances: deployment.started.clone(),
    };
    verifying(since, now, &deployment.id, expected)
}

/// Where a step goes that nothing more was heard of in time; `None` while there is time.
pub fn overdue(state: &StepState, now: Duration) -> Option<Outcome> {
    match state {
        StepState::Following { since, progress, .. } if now.saturating_sub(*since) > FOLLOW + READ => {
            Some(Outcome::Unknown(format!("not heard of for too long: {progress}")))
        }
        StepState::Verifying { began, .. } if now.saturating_sub(*began) > VERIFY + READ => {
            Some(Outcome::Unknown("the cloud says it is deployed, but the service could not be asked".into()))
        }
        StepState::Waiting
        | StepState::Starting { .. }
        | StepState::Following { .. }
        | StepState::Verifying { .. }
        | StepState::Ended(_) => None,
    }
}

fn verifying(since: Duration, now: Duration, id: &DeploymentId, expected: Expected) -> StepState {
    StepState::Verifying { since, began: now, deployment: id.clone(), expected, streak: 0, said: None }
}

/// Whether another deployment took the place of ours and goes elsewhere.
pub fn newer(snapshot: &Snapshot, id: &DeploymentId) -> bool {
    let current = snapshot.current.as_ref().filter(|current| current.id != *id);
    current
        .zip(snapshot.deployment(id))
        .is_some_and(|(current, ours)| current.created_at > ours.created_at && current.to != ours.to)
}

/// What serves after a stop: what the cloud asks for now, where that is not what was stopped; else what the plan said it
/// goes back to; else the cloud's main revision.
fn back_to(step: &Step, snapshot: &Snapshot, stopped: &Deployment) -> Expected {
    let wanted = snapshot.wanted.as_ref().filter(|wanted| stopped.to.as_ref() != Some(wanted));
    let wanted = wanted.and_then(|wanted| snapshot.revision(wanted));
    let planned = step.plan.as_ref().and_then(|plan| plan.to.as_ref()).filter(|_| wanted.is_none());
    let main = wanted.or_else(|| snapshot.main_revision());
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
