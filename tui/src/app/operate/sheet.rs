//! The plan sheet: what the person does at it, and how what was not meant is kept from starting anything.

use std::time::Duration;

use super::{agree, run};
use crate::app::{
    effect::Effect,
    operation::{Consent, Outcome, Phase, StepState},
    state::{Mode, State, Tone},
};

/// What is typed this soon after a plan appeared was meant for something else.
pub const GUARD: Duration = Duration::from_millis(300);

/// The plan is on the screen: the guard and the countdown begin.
pub fn drawn(state: &mut State) {
    let now = state.now.mono;
    if state.mode != Mode::Plan {
        return;
    }
    if let Some(Phase::Armed { drawn: drawn @ None, .. }) = state.operations.last_mut().map(|last| &mut last.phase) {
        *drawn = Some(now);
    }
}

/// Enter on the plan sheet.
pub fn accept(state: &mut State, effects: &mut Vec<Effect>) {
    let now = state.now.mono;
    let Some(index) = state.operations.len().checked_sub(1) else { return };
    let Some(operation) = state.operations.get_mut(index) else { return };
    let service = operation.service.clone();
    let Phase::Armed { drawn, consent, typed } = &mut operation.phase else { return };
    if drawn.is_none_or(|drawn| now < drawn + GUARD) {
        too_early(consent);
        return;
    }
    let how = match consent {
        Consent::Nothing => return leave(state),
        Consent::Name if *typed != service => {
            return state.toast(Tone::Neutral, format!("type {service} to start, Esc to leave"));
        }
        Consent::Name => "typed name",
        Consent::Countdown(_) | Consent::Enter => "enter",
    };
    agree(state, index, how);
    run(state, index, effects);
}

/// Any other key on the plan sheet: into the name, or a sign that nobody meant to start.
pub fn typed(state: &mut State, character: char) {
    let now = state.now.mono;
    let Some(operation) = state.operations.last_mut() else { return };
    let Phase::Armed { drawn, consent, typed } = &mut operation.phase else { return };
    let early = drawn.is_none_or(|drawn| now < drawn + GUARD);
    match consent {
        Consent::Name if !early && typed.len() < 64 => typed.push(character),
        Consent::Name => {}
        Consent::Countdown(_) if early => too_early(consent),
        Consent::Countdown(_) | Consent::Enter | Consent::Nothing => {
            if !early {
                leave(state);
            }
        }
    }
}

/// Takes back the last character of the name.
pub fn erased(state: &mut State) {
    if let Some(Phase::Armed { typed, .. }) = state.operations.last_mut().map(|last| &mut last.phase) {
        typed.pop();
    }
}

/// Something was typed before the plan could be read: it no longer starts by itself.
fn too_early(consent: &mut Consent) {
    if let Consent::Countdown(_) = consent {
        *consent = Consent::Enter;
    }
}

/// Leaves the plan without a change.
pub fn leave(state: &mut State) {
    state.mode = Mode::Browse;
    let now = state.now.mono;
    let Some(operation) = state.operations.last_mut().filter(|operation| operation.is_planned()) else { return };
    for step in &mut operation.steps {
        if !matches!(step.state, StepState::Ended(_)) {
            step.state = StepState::Ended(Outcome::Cancelled);
        }
    }
    operation.phase = Phase::Ended { at: now };
}
