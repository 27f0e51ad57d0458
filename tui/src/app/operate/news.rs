//! What comes back from outside while an operation goes on: the preview, the answer to the write, and what later reads and
//! probes say of it.

use std::{sync::Arc, time::Duration};

use hello_cloud::{ErrorKind, Preview, StartError, Started};

use super::{end, unread, with_hint};
use crate::app::{
    effect::{Effect, JOURNAL},
    operation::{self, Operation, Outcome, Phase, Step, StepState},
    probe::Answer,
    state::State,
};

/// How long a deployment may take before we stop following it.
const TIMEOUT: Duration = Duration::from_mins(15);

/// The preview of a planned change arrived. A dry run ends when all of them did.
pub fn previewed(state: &mut State, id: u64, target: usize, preview: &Preview, effects: &mut Vec<Effect>) {
    let Some(index) = state.operations.iter().position(|operation| operation.id == id) else { return };
    let Some(operation) = state.operations.get_mut(index) else { return };
    for step in operation.steps.iter_mut().filter(|step| step.target == target) {
        if let Some(plan) = &mut step.plan {
            plan.preview = Some(preview.clone());
        }
    }
    let all =
        operation.steps.iter().filter_map(|step| step.plan.as_ref()).all(|p| p.change.is_none() || p.preview.is_some());
    if operation.dry_run && all && matches!(operation.phase, Phase::Armed { .. }) {
        for step in &mut operation.steps {
            if step.state == StepState::Waiting {
                step.state = StepState::Ended(Outcome::Planned);
            }
        }
        end(state, index, effects);
    }
}

/// A write came back.
pub fn started(state: &mut State, id: u64, target: usize, result: Result<Started, StartError>) {
    let now = state.now.mono;
    if let Some(t) = state.targets.get_mut(target) {
        t.snapshot.hurry(now);
    }
    let Some(step) = step_of(state, id, target) else { return };
    step.state = match result {
        Ok(Started { deployment }) => StepState::Following { since: now, deployment, progress: "accepted".into() },
        Err(StartError::Unknown(error)) => StepState::Ended(Outcome::Unknown(error.to_string())),
        Err(StartError::Refused(error)) => StepState::Ended(match error.kind {
            _ if error.call == JOURNAL => Outcome::Refused(with_hint(&error)),
            ErrorKind::Conflict => {
                Outcome::Refused(format!("it has changed since the plan was made; look again ({error})"))
            }
            ErrorKind::Auth
            | ErrorKind::Denied
            | ErrorKind::NotFound
            | ErrorKind::Throttled { .. }
            | ErrorKind::Unavailable
            | ErrorKind::Timeout
            | ErrorKind::Unsupported
            | ErrorKind::Unexpected => unread(&error),
        }),
    };
}

fn step_of(state: &mut State, id: u64, target: usize) -> Option<&mut Step> {
    let operation = state.operations.iter_mut().find(|operation| operation.id == id)?;
    operation.steps.iter_mut().find(|step| step.target == target)
}

/// A target was read: what does that say of the operations on it?
pub fn observed(state: &mut State, target: usize) {
    let now = state.now.mono;
    let Some(seen) = state.targets.get(target).and_then(|t| t.seen()).map(Arc::clone) else { return };
    let mut to_verify = false;
    for step in running_steps(&mut state.operations, target) {
        match &mut step.state {
            StepState::Following { .. } => {
                step.state = operation::follow(step, &seen, now, TIMEOUT);
                to_verify |= matches!(step.state, StepState::Verifying { .. });
            }
            StepState::Verifying { deployment, expected, .. } => {
                let started = seen.deployment(deployment).map(|deployment| deployment.started.clone());
                if let Some(started) = started.filter(|started| !started.is_empty() && !expected.instances.is_empty()) {
                    expected.instances = started;
                }
            }
            StepState::Waiting | StepState::Starting { .. } | StepState::Ended(_) => {}
        }
    }
    if let Some(t) = state.targets.get_mut(target).filter(|_| to_verify) {
        t.probing.hurry(now);
    }
}

/// The service was asked: what does its answer say of the operations on its target?
pub fn answered(state: &mut State, target: usize, answer: Option<&Answer>) {
    let now = state.now.mono;
    for step in running_steps(&mut state.operations, target) {
        step.state = operation::verify(&step.state, answer, now);
    }
}

fn running_steps(operations: &mut [Operation], target: usize) -> impl Iterator<Item = &mut Step> {
    let running = operations.iter_mut().filter(|operation| operation.phase == Phase::Running);
    running.flat_map(|operation| &mut operation.steps).filter(move |step| step.target == target)
}
