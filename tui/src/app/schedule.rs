//! What is due: which targets to read, which builds, which services to ask. Plain state and arithmetic; nobody waits here.

use std::time::Duration;

use super::{awaited::Awaited, effect::Effect, operation::StepState, probe::Signal, state::State, target::TargetState};

/// How often a target is read while something moves there.
const BUSY: Duration = Duration::from_secs(2);
/// How often the service is asked while nothing moves, at the most.
const STEADY_PROBE: Duration = Duration::from_secs(10);
/// How soon a failed probe is repeated.
const RECHECK: Duration = Duration::from_secs(1);
/// It takes two good answers to say anything: the second is asked for at once.
const SECOND_PROBE: Duration = Duration::from_millis(10);
/// How often the service is asked while an operation waits for its word.
const EAGER_PROBE: Duration = Duration::from_millis(400);
/// Builds change more slowly than deployments.
const BUILDS_PER_READ: u32 = 3;

/// Everything that is due now, marked as under way.
pub fn due(state: &mut State) -> Vec<Effect> {
    let now = state.now.mono;
    let mut effects = Vec::new();
    for target in 0..state.targets.len() {
        let follow = state.operations.iter().rev().find_map(|operation| operation.followed(target)).cloned();
        let Some(t) = state.targets.get_mut(target) else { continue };
        let follow = follow.or_else(|| t.awaited.as_ref().and_then(Awaited::deployment).cloned());
        if t.snapshot.is_due(now) {
            effects.push(Effect::Observe { target, sequence: t.snapshot.ask(now), follow });
        }
        if t.target.builds.is_some() && t.builds.is_due(now) {
            effects.push(Effect::ReadBuilds { target, sequence: t.builds.ask(now) });
        }
        if t.probing.is_due(now)
            && let Some(url) = t.url()
        {
            effects.push(Effect::Probe { target, sequence: t.probing.ask(now), url });
        }
    }
    effects
}

/// When the next thing is due, for a runtime that likes to sleep until then.
pub fn next_due(state: &State) -> Option<Duration> {
    let feeds = state.targets.iter().flat_map(|t| {
        let builds = t.target.builds.is_some() && t.builds.in_flight.is_none();
        [
            t.snapshot.in_flight.is_none().then_some(t.snapshot.due),
            builds.then_some(t.builds.due),
            (t.probing.in_flight.is_none() && t.url().is_some()).then_some(t.probing.due),
        ]
    });
    feeds.flatten().min()
}

/// How often to read this target now.
pub fn read_interval(t: &TargetState, operating: bool) -> Duration {
    let moving = operating || is_awaited(t) || t.running_deployment().is_some();
    if moving { t.target.interval.min(BUSY) } else { t.target.interval }
}

fn is_awaited(t: &TargetState) -> bool {
    t.awaited.as_ref().is_some_and(|awaited| awaited.outcome().is_none())
}

/// How often to read its builds.
pub fn builds_interval(t: &TargetState) -> Duration {
    t.target.interval.saturating_mul(BUILDS_PER_READ)
}

/// How long until the service is asked again.
pub fn probe_interval(t: &TargetState, verifying: bool, operating: bool) -> Duration {
    if t.window.iter().len() < 2 && t.window.failures() == 0 {
        return SECOND_PROBE;
    }
    if verifying || t.awaited.as_ref().is_some_and(Awaited::is_verifying) {
        return EAGER_PROBE;
    }
    let steady = t.target.interval.min(STEADY_PROBE);
    if t.window.signal() == Signal::Unknown || t.window.failures_in_a_row() > 0 {
        return steady.min(RECHECK);
    }
    let moving = operating || t.running_deployment().is_some();
    if moving { steady.min(BUSY) } else { steady }
}

/// Whether an operation waits for this target's service to answer as expected.
pub fn is_verifying(state: &State, target: usize) -> bool {
    let verifying = |state: &StepState| matches!(state, StepState::Verifying { .. });
    state
        .operations
        .iter()
        .filter(|operation| !operation.is_ended())
        .flat_map(|operation| &operation.steps)
        .any(|step| step.target == target && verifying(&step.state))
}
