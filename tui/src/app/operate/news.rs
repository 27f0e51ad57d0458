//! What comes back from outside while an operation goes on: the preview, the answer to the write, and what later reads and
//! probes say of it.

use std::sync::Arc;

use hello_cloud::{ErrorKind, Preview, StartError, Started, text::sanitize};

use super::{end, entry, unread, with_hint};
use crate::app::{
    effect::{Effect, JOURNAL},
    operation::{Operation, Outcome, Phase, Step, StepState, follow},
    probe::Answer,
    state::State,
};

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
pub fn started(
    state: &mut State,
    id: u64,
    target: usize,
    result: Result<Started, StartError>,
    effects: &mut Vec<Effect>,
) {
    let now = state.now.mono;
    if let Some(t) = state.targets.get_mut(target) {
        t.snapshot.hurry(now);
    }
    if let Ok(started) = &result {
        let id_of_it = sanitize(started.deployment.as_str());
        effects.extend(journal(state, id, target, "accepted", Some(&id_of_it)));
    }
    if let Ok(started) = &result {
        supersede(state, id, target, started);
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
            | ErrorKind::Rejected
            | ErrorKind::Unexpected => unread(&error),
        }),
    };
}

/// What we followed on a target is over once we started something else there. A stop goes on with the same deployment.
fn supersede(state: &mut State, id: u64, target: usize, started: &Started) {
    let older = state.operations.iter_mut().filter(|operation| operation.id != id && operation.phase == Phase::Running);
    for step in older.flat_map(|operation| &mut operation.steps).filter(|step| step.target == target) {
        let followed = match &step.state {
            StepState::Following { deployment, .. } | StepState::Verifying { deployment, .. } => deployment,
            StepState::Waiting | StepState::Starting { .. } | StepState::Ended(_) => continue,
        };
        if *followed != started.deployment {
            step.state = StepState::Ended(Outcome::Superseded("what was asked for after it took its place".into()));
        }
    }
}

fn step_of(state: &mut State, id: u64, target: usize) -> Option<&mut Step> {
    let operation = state.operations.iter_mut().find(|operation| operation.id == id)?;
    operation.steps.iter_mut().find(|step| step.target == target)
}

/// We leave: what goes on without us is written down.
pub fn left(state: &State, effects: &mut Vec<Effect>) {
    for operation in state.operations.iter().filter(|operation| operation.phase == Phase::Running) {
        for step in operation.steps.iter().filter(|step| is_under_way(&step.state)) {
            effects.extend(journal(state, operation.id, step.target, "no longer followed", None));
        }
    }
}

fn is_under_way(state: &StepState) -> bool {
    match state {
        StepState::Starting { .. } | StepState::Following { .. } | StepState::Verifying { .. } => true,
        StepState::Waiting | StepState::Ended(_) => false,
    }
}

fn journal(state: &State, id: u64, target: usize, what: &'static str, note: Option<&str>) -> Option<Effect> {
    let operation = state.operations.iter().find(|operation| operation.id == id)?;
    let step = operation.steps.iter().find(|step| step.target == target)?;
    Some(Effect::Journal(entry(state, operation, step, what, note)))
}

/// A target could not be read: what we follow there goes on unseen.
pub fn unobserved(state: &mut State, target: usize, error: &str) {
    for step in running_steps(&mut state.operations, target) {
        if let StepState::Following { progress, .. } = &mut step.state {
            *progress = format!("its progress cannot be read: {error}");
        }
    }
}

/// A target was read: what does that say of the operations on it?
pub fn observed(state: &mut State, target: usize) {
    let now = state.now.mono;
    let Some(good) = state.targets.get(target).and_then(|t| t.snapshot.good.as_ref()) else { return };
    let (seen, asked) = (Arc::clone(&good.value), good.asked);
    let mut to_verify = false;
    for step in running_steps(&mut state.operations, target) {
        match &mut step.state {
            // What was asked before the change was accepted cannot know of it.
            StepState::Following { since, .. } if asked < *since => {}
            StepState::Following { .. } => {
                step.state = follow::follow(step, &seen, now);
                to_verify |= matches!(step.state, StepState::Verifying { .. });
            }
            StepState::Verifying { deployment, .. } if follow::newer(&seen, deployment) => {
                step.state = StepState::Ended(Outcome::Superseded("a newer deployment took over".into()));
            }
            StepState::Verifying { deployment, expected, .. } => {
                let started = seen.deployment(deployment).map(|deployment| deployment.started.clone());
                if let Some(started) = started.filter(|started| !started.is_empty()) {
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
        step.state = follow::verify(&step.state, answer, now);
    }
}

fn running_steps(operations: &mut [Operation], target: usize) -> impl Iterator<Item = &mut Step> {
    let running = operations.iter_mut().filter(|operation| operation.phase == Phase::Running);
    running.flat_map(|operation| &mut operation.steps).filter(move |step| step.target == target)
}
