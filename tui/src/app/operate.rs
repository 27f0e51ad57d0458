//! The life of operations: planned on fresh facts, armed, agreed to, sent one target after the other, ended.
//!
//! - [`sheet`]: what the person does at the plan sheet
//! - [`news`]: what comes back from outside while an operation goes on

pub mod news;
pub mod sheet;

use std::{sync::Arc, time::Duration};

use hello_cloud::{ErrorKind, Order, ProviderError};

use super::{
    command::can_change,
    effect::{Effect, Entry},
    operation::{Agreement, Consent, Kind, Operation, Outcome, Phase, Step, StepState, follow},
    plan::{FRESH_ENOUGH, plan},
    state::{KEPT, Mode, State, Tone},
    view,
};

/// How long an unprotected plan waits before it starts by itself.
pub const COUNTDOWN: Duration = Duration::from_secs(3);
/// A read that is put off by more than this is not waited for to make a plan.
const PUT_OFF: Duration = Duration::from_secs(20);

/// What is asked for, with or without a person at a screen.
pub struct Wish {
    pub kind: Kind,
    pub targets: Vec<usize>,
    pub to: Option<String>,
    pub unattended: bool,
    pub dry_run: bool,
    /// What was agreed to on an earlier plan.
    pub agreed: Vec<Agreement>,
}

/// Begins to plan. Old facts are read again first.
pub fn begin(state: &mut State, wish: Wish) {
    let now = state.now.mono;
    for target in &wish.targets {
        let Some(t) = state.targets.get_mut(*target) else { continue };
        if t.snapshot.error.is_some() || t.snapshot.age(now).is_none_or(|age| age > FRESH_ENOUGH) {
            t.snapshot.hurry(now);
        }
    }
    let first = wish.targets.first().and_then(|target| state.targets.get(*target));
    let service = first.map(|t| t.target.service.clone()).unwrap_or_default();
    let steps = wish.targets.iter().map(|target| Step { target: *target, plan: None, state: StepState::Waiting });
    let id = state.operations.last().map_or(1, |last| last.id + 1);
    if !wish.unattended {
        state.mode = Mode::Plan;
    }
    state.operations.push(Operation {
        id,
        kind: wish.kind,
        service,
        to: wish.to,
        began: now,
        phase: Phase::Planning,
        steps: steps.collect(),
        unattended: wish.unattended,
        dry_run: wish.dry_run,
        agreed: wish.agreed,
        confirmed: if wish.unattended { "--yes" } else { "countdown" },
    });
    if state.operations.len() > KEPT {
        let ended = state.operations.iter().position(Operation::is_ended);
        ended.map(|oldest| state.operations.remove(oldest));
    }
}

/// Moves every operation on as far as it goes by itself. Nothing is begun any more once we leave.
pub fn advance(state: &mut State, effects: &mut Vec<Effect>) {
    if state.quit {
        return;
    }
    for index in 0..state.operations.len() {
        let Some(phase) = state.operations.get(index).map(|operation| operation.phase.clone()) else { continue };
        match phase {
            Phase::Planning => arm(state, index, effects),
            Phase::Armed { drawn: Some(drawn), consent: Consent::Countdown(wait), .. } => {
                if state.now.mono >= drawn + wait {
                    agree(state, index, "countdown");
                    run(state, index, effects);
                }
            }
            Phase::Armed { .. } | Phase::Ended { .. } => {}
            Phase::Running => {
                give_up(state, index);
                run(state, index, effects);
            }
        }
    }
}

/// Makes the plans once every target was read since the operation began, or could not be.
fn arm(state: &mut State, index: usize, effects: &mut Vec<Effect>) {
    let Some(operation) = state.operations.get(index) else { return };
    let (began, kind, to, id) = (operation.began, operation.kind, operation.to.clone(), operation.id);
    let ready = operation.steps.iter().filter_map(|step| state.targets.get(step.target)).all(|t| {
        let fresh = t.snapshot.good.as_ref().is_some_and(|good| good.asked + FRESH_ENOUGH >= began);
        let tried = t.snapshot.tried.is_some_and(|tried| tried >= began);
        // A cloud that asked for minutes of patience has given its answer for now.
        let put_off = t.snapshot.error.is_some() && t.snapshot.due > state.now.mono + PUT_OFF;
        (fresh && t.snapshot.error.is_none()) || tried || put_off
    });
    if !ready {
        return;
    }
    let agreed = operation.agreed.clone();
    let mut steps = operation.steps.clone();
    for step in &mut steps {
        let Some(t) = state.targets.get(step.target) else { continue };
        step.state = match (&t.snapshot.error, t.seen(), can_change(state, step.target, kind)) {
            (_, _, Err(reason)) => StepState::Ended(Outcome::Refused(reason)),
            (Some(error), ..) => StepState::Ended(unread(error)),
            (None, None, _) => StepState::Ended(Outcome::Unasked("not read yet".into())),
            (None, Some(seen), Ok(())) => {
                let seen = Arc::clone(seen);
                let plan = step.plan.insert(plan(t, &seen, kind, to.as_deref()));
                let agreed =
                    agreed.is_empty() || Agreement::of(step.target, plan).is_some_and(|plan| agreed.contains(&plan));
                match (&plan.blocked, &plan.change) {
                    (Some(reason), _) => StepState::Ended(Outcome::Refused(reason.clone())),
                    (None, Some(_)) if !agreed => {
                        StepState::Ended(Outcome::Refused("it has changed since it was agreed to; look again".into()))
                    }
                    (None, None) => StepState::Ended(Outcome::Refused("nothing to send".into())),
                    (None, Some(change)) => {
                        let (target, change) = (step.target, change.clone());
                        effects.push(Effect::Preview { operation: id, target, change, snapshot: seen });
                        StepState::Waiting
                    }
                }
            }
        };
    }
    let consent = consent(state, &steps);
    let Some(operation) = state.operations.get_mut(index) else { return };
    operation.steps = steps;
    operation.phase = Phase::Armed { drawn: None, consent, typed: String::new() };
    if operation.unattended && (consent == Consent::Nothing || !operation.dry_run) {
        agree(state, index, "--yes");
        run(state, index, effects);
    }
}

/// Ends what nothing was heard of in time.
fn give_up(state: &mut State, index: usize) {
    let now = state.now.mono;
    let Some(operation) = state.operations.get_mut(index) else { return };
    for step in &mut operation.steps {
        if let Some(outcome) = follow::overdue(&step.state, now) {
            step.state = StepState::Ended(outcome);
        }
    }
}

fn consent(state: &State, steps: &[Step]) -> Consent {
    let live: Vec<_> = steps.iter().filter(|step| step.state == StepState::Waiting).collect();
    let protected = live.iter().filter_map(|step| state.targets.get(step.target)).any(|t| t.target.protected);
    let emergency = live.iter().all(|step| step.plan.as_ref().is_some_and(|plan| plan.emergency));
    if live.is_empty() {
        Consent::Nothing
    } else if protected && !emergency {
        Consent::Name
    } else if protected || live.len() < steps.len() {
        Consent::Enter
    } else {
        Consent::Countdown(COUNTDOWN)
    }
}

pub(super) fn unread(error: &ProviderError) -> Outcome {
    match error.kind {
        ErrorKind::Auth | ErrorKind::Denied => Outcome::NoAccess(with_hint(error)),
        ErrorKind::Conflict | ErrorKind::Unsupported | ErrorKind::NotFound | ErrorKind::Rejected => {
            Outcome::Refused(with_hint(error))
        }
        ErrorKind::Throttled { .. } | ErrorKind::Unavailable | ErrorKind::Timeout | ErrorKind::Unexpected => {
            Outcome::Unasked(with_hint(error))
        }
    }
}

pub(super) fn with_hint(error: &ProviderError) -> String {
    match &error.hint {
        Some(hint) => format!("{error} ({hint})"),
        None => error.to_string(),
    }
}

pub(super) fn agree(state: &mut State, index: usize, how: &'static str) {
    let Some(operation) = state.operations.get_mut(index) else { return };
    operation.phase = Phase::Running;
    operation.confirmed = how;
    if !operation.unattended {
        state.mode = Mode::Browse;
    }
}

/// Starts the next target, or ends the operation.
pub(super) fn run(state: &mut State, index: usize, effects: &mut Vec<Effect>) {
    let now = state.now;
    let Some(operation) = state.operations.get(index) else { return };
    let failed = operation.steps.iter().any(|s| matches!(&s.state, StepState::Ended(o) if !o.is_good()));
    let next = operation.steps.iter().position(|step| !matches!(step.state, StepState::Ended(_)));
    let Some(next) = next else { return end(state, index, effects) };
    let stop_here = failed && operation.kind == Kind::Redeploy && was_sent(operation);
    let Some(step) = operation.steps.get(next).filter(|step| step.state == StepState::Waiting).cloned() else { return };
    let entry = entry(state, operation, &step, "starting", None);
    let order = step.plan.as_ref().and_then(|plan| Some((plan.change.clone()?, plan.seen.clone())));
    let Some(operation) = state.operations.get_mut(index) else { return };
    let id = operation.id;
    let Some(step) = operation.steps.get_mut(next) else { return };
    match order {
        _ if stop_here => {
            step.state = StepState::Ended(Outcome::Skipped("the target before it did not end well".into()));
            run(state, index, effects);
        }
        Some((change, seen)) => {
            step.state = StepState::Starting { since: now.mono };
            let order = Order { change, seen };
            effects.push(Effect::Start { operation: id, target: step.target, order, entry });
        }
        None => {
            step.state = StepState::Ended(Outcome::Refused("nothing to send".into()));
            run(state, index, effects);
        }
    }
}

/// Whether a target of this operation was really changed, or may have been.
fn was_sent(operation: &Operation) -> bool {
    operation.steps.iter().any(|step| match &step.state {
        StepState::Ended(outcome) => match outcome {
            Outcome::RolledBack(_)
            | Outcome::Superseded(_)
            | Outcome::Failed(_)
            | Outcome::TimedOut(_)
            | Outcome::Unknown(_) => true,
            Outcome::Verified
            | Outcome::Refused(_)
            | Outcome::NoAccess(_)
            | Outcome::Unasked(_)
            | Outcome::Skipped(_)
            | Outcome::Cancelled
            | Outcome::Planned => false,
        },
        StepState::Waiting | StepState::Starting { .. } | StepState::Following { .. } | StepState::Verifying { .. } => {
            false
        }
    })
}

pub(super) fn end(state: &mut State, index: usize, effects: &mut Vec<Effect>) {
    let now = state.now.mono;
    let Some(operation) = state.operations.get_mut(index) else { return };
    operation.phase = Phase::Ended { at: now };
    let operation = operation.clone();
    for step in &operation.steps {
        let StepState::Ended(outcome) = &step.state else { continue };
        if *outcome != Outcome::Planned {
            effects.push(Effect::Journal(entry(state, &operation, step, outcome.word(), outcome.note())));
        }
        let label = state.targets.get(step.target).map_or("", |t| t.target.info.label);
        let tone = if outcome.is_good() { Tone::Good } else { Tone::Bad };
        let text = format!("{} {label}: {}", operation.kind.word(), view::outcome_text(outcome));
        state.toast(tone, text);
    }
}

pub(super) fn entry(
    state: &State,
    operation: &Operation,
    step: &Step,
    what: &'static str,
    note: Option<&str>,
) -> Entry {
    let plan = step.plan.as_ref();
    Entry {
        at: state.now.wall.to_rfc3339(),
        what,
        operation: operation.id,
        target: state.targets.get(step.target).map(|t| t.target.path()).unwrap_or_default(),
        change: operation.kind.word(),
        from: plan.and_then(|plan| plan.from.as_ref()).map(super::plan::Side::text),
        to: plan.and_then(|plan| plan.to.as_ref()).map(super::plan::Side::text),
        confirmed: operation.confirmed,
        note: note.map(str::to_owned),
    }
}
