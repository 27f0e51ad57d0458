//! Waiting for a commit to be served, and for the deployment that brings it when somebody else started that: a pipeline, a
//! colleague. It is followed, and verified by what the service answers, as a change of our own is.

use std::time::Duration;

use hello_cloud::{Commit, DeploymentId, ErrorKind, ProviderError, Snapshot};

use super::{
    operate::unread,
    operation::{Expected, Outcome, STREAK, Step, StepState, follow},
    probe::Answer,
    view,
};

/// How long the service may take to answer with the commit once the cloud says it is deployed.
const VERIFY: Duration = Duration::from_mins(1);

/// What one target is waited for to serve, and how far that is.
#[derive(Clone, Debug)]
pub struct Awaited {
    commit: Commit,
    deployment: Option<DeploymentId>,
    phase: Phase,
}

#[derive(Clone, Debug)]
enum Phase {
    /// The cloud is at it.
    Following(Box<Step>),
    /// The service must answer with the commit, as often as counts.
    Verifying {
        expected: Expected,
        streak: u32,
        said: Option<String>,
        /// When the cloud said that it is done; without a deployment nobody says so, and the service has all the time.
        since: Option<Duration>,
    },
    Ended(Outcome),
}

impl Awaited {
    /// Begins to wait. Without a deployment only what the service answers counts.
    pub fn new(commit: Commit, deployment: Option<DeploymentId>, now: Duration) -> Self {
        let phase = match deployment.clone() {
            Some(deployment) => {
                let state = StepState::Following { since: now, deployment, progress: "not seen yet".into() };
                Phase::Following(Box::new(Step { target: 0, plan: None, state }))
            }
            None => {
                let expected = Expected { commit: Some(commit.clone()), ..Expected::default() };
                Phase::Verifying { expected, streak: 0, said: None, since: None }
            }
        };
        Self { commit, deployment, phase }
    }

    /// The deployment that is to be read along with the target.
    pub fn deployment(&self) -> Option<&DeploymentId> {
        self.deployment.as_ref()
    }

    /// How it ended.
    pub fn outcome(&self) -> Option<&Outcome> {
        match &self.phase {
            Phase::Ended(outcome) => Some(outcome),
            Phase::Following(_) | Phase::Verifying { .. } => None,
        }
    }

    /// Whether only the service's word is still missing.
    pub fn is_verifying(&self) -> bool {
        matches!(self.phase, Phase::Verifying { .. })
    }

    /// How far it is, in a few words.
    pub fn progress(&self) -> String {
        match &self.phase {
            Phase::Following(step) => match &step.state {
                StepState::Following { progress, .. } => progress.clone(),
                StepState::Waiting | StepState::Starting { .. } | StepState::Verifying { .. } | StepState::Ended(_) => {
                    String::new()
                }
            },
            Phase::Verifying { streak, said, .. } => {
                let said = said.as_ref().map_or_else(String::new, |said| format!(", answers as {said}"));
                format!("verifying {streak}/{STREAK}{said}")
            }
            Phase::Ended(outcome) => view::outcome_text(outcome),
        }
    }

    /// The target was read.
    pub(super) fn observed(&mut self, snapshot: &Snapshot, now: Duration) {
        match &mut self.phase {
            Phase::Following(step) => {
                step.state = follow::follow_within(step, snapshot, now, Duration::MAX);
                let next = step.state.clone();
                self.move_on(next, snapshot, now);
            }
            Phase::Verifying { expected, since, .. } => {
                let deployment = self.deployment.as_ref().and_then(|id| snapshot.deployment(id));
                if let Some(deployment) = deployment.filter(|deployment| !deployment.started.is_empty()) {
                    expected.instances.clone_from(&deployment.started);
                }
                if since.is_some_and(|since| now.saturating_sub(since) > VERIFY) {
                    let outcome = Outcome::Failed(format!("the cloud says it is deployed, but {}", self.answers()));
                    self.phase = Phase::Ended(self.ended(outcome, snapshot));
                }
            }
            Phase::Ended(_) => {}
        }
    }

    fn move_on(&mut self, next: StepState, snapshot: &Snapshot, now: Duration) {
        match next {
            StepState::Verifying { expected, .. } => self.phase = self.deployed(expected, now),
            StepState::Ended(outcome) => self.phase = Phase::Ended(self.ended(outcome, snapshot)),
            StepState::Waiting | StepState::Starting { .. } | StepState::Following { .. } => {}
        }
    }

    /// The target could not be read. Only what waiting does not heal ends it.
    pub(super) fn unobserved(&mut self, error: &ProviderError) {
        let hopeless = matches!(error.kind, ErrorKind::Auth | ErrorKind::Denied | ErrorKind::NotFound);
        let Phase::Following(step) = &mut self.phase else { return };
        if hopeless {
            self.phase = Phase::Ended(unread(error));
        } else if let StepState::Following { progress, .. } = &mut step.state {
            *progress = format!("its progress cannot be read: {error}");
        }
    }

    /// The service was asked; `None` when it did not answer well.
    pub(super) fn answered(&mut self, answer: Option<&Answer>) {
        let Phase::Verifying { expected, streak, said, .. } = &mut self.phase else { return };
        let commit = answer.and_then(|answer| answer.commit.as_ref());
        // Here the commit is what was asked for: a service that does not name it confirms nothing.
        let named = commit.is_some_and(|commit| commit.matches(&self.commit));
        *streak = if named && answer.is_some_and(|answer| expected.is_met(answer)) { *streak + 1 } else { 0 };
        if let Some(answer) = answer {
            *said = Some(view::answer(answer));
        }
        if *streak >= STREAK {
            self.phase = Phase::Ended(Outcome::Verified);
        }
    }

    /// The cloud says that it is done; of which commit, where it knows that too.
    fn deployed(&self, expected: Expected, now: Duration) -> Phase {
        match &expected.commit {
            Some(made) if !made.matches(&self.commit) => {
                let (made, wanted) = (made.short(), self.commit.short());
                Phase::Ended(Outcome::Failed(format!("it deployed commit {made}, not {wanted}")))
            }
            Some(_) | None => {
                let expected = Expected { commit: Some(self.commit.clone()), ..expected };
                Phase::Verifying { expected, streak: 0, said: None, since: Some(now) }
            }
        }
    }

    /// What did not come about because somebody deployed after us is no failure of ours.
    fn ended(&self, outcome: Outcome, snapshot: &Snapshot) -> Outcome {
        let newer = snapshot.current.as_ref().filter(|current| Some(&current.id) != self.deployment.as_ref());
        match outcome {
            Outcome::Failed(note) if newer.is_some() => {
                Outcome::Superseded(format!("a newer deployment took over: {note}"))
            }
            other => other,
        }
    }

    fn answers(&self) -> String {
        let said = match &self.phase {
            Phase::Verifying { said: Some(said), .. } => format!("the service answers as {said}"),
            Phase::Verifying { said: None, .. } | Phase::Following(_) | Phase::Ended(_) => {
                "the service does not answer".into()
            }
        };
        format!("{said}, not with commit {}", self.commit.short())
    }
}
