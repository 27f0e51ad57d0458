//! One event in, the state changed, the effects it wants out.

use std::{sync::Arc, time::Duration};

use hello_cloud::ProviderError;

use super::{
    awaited::Awaited,
    command::{Command, availability},
    effect::Effect,
    event::{Event, Now},
    operate::{self, Wish, news, sheet},
    probe::Probe,
    schedule,
    state::{KEPT, Mode, Pane, Row, State, Tone, VerdictChange},
    target::{Signed, TargetState},
    verdict,
};

/// When nothing happened for so long while a plan counts down, the program stood still: suspended, or the machine asleep.
const OUT_OF_SIGHT: Duration = Duration::from_millis(1500);

/// The whole core: everything that changes the state goes through here.
pub fn reduce(state: &mut State, now: Now, event: Event) -> Vec<Effect> {
    let gap = now.mono.saturating_sub(state.now.mono);
    state.now = now;
    if gap > OUT_OF_SIGHT {
        sheet::hidden(state);
    }
    let mut effects = Vec::new();
    match event {
        Event::Ticked => {}
        Event::Drawn => sheet::drawn(state),
        Event::Hidden => sheet::hidden(state),
        Event::Commanded(command) => commanded(state, command, &mut effects),
        Event::Typed(character) => typed(state, character),
        Event::Erased => match state.mode {
            Mode::Plan => sheet::erased(state),
            Mode::Filter => {
                state.filter.pop();
                keep_selection(state);
            }
            Mode::Browse | Mode::Help => {}
        },
        Event::Observed { target, sequence, result } => {
            let operating = state.operation_on(target).is_some();
            let Some(t) = state.targets.get_mut(target) else { return effects };
            let former = t.url();
            let interval = schedule::read_interval(t, operating);
            let failure = result.as_ref().err().cloned();
            let kind = failure.as_ref().map(|error| error.kind);
            if t.snapshot.take(sequence, now.mono, interval, result.map(|snapshot| Arc::new(*snapshot))) {
                // The interval may be shorter now that a deployment is known to run.
                let interval = schedule::read_interval(t, operating);
                t.snapshot.due = t.snapshot.due.min(now.mono + interval.max(pause_of(&t.snapshot, now)));
                if former.is_some() && t.url() != former {
                    t.window.clear();
                }
                if t.wants_identity(kind) {
                    effects.push(Effect::Identify { target });
                }
                wait_on(t, failure.as_ref(), now.mono);
                match failure {
                    None => news::observed(state, target),
                    Some(error) => news::unobserved(state, target, &error.to_string()),
                }
            }
        }
        // Not knowing is no trouble worth a word; whatever else is wrong shows in the next read.
        Event::Identified { target, result } => {
            if let (Some(t), Ok(identity)) = (state.targets.get_mut(target), result) {
                t.identity = Signed::In(identity);
            }
        }
        Event::Built { target, sequence, result } => {
            let Some(t) = state.targets.get_mut(target) else { return effects };
            let interval = schedule::builds_interval(t);
            t.builds.take(sequence, now.mono, interval, result);
        }
        Event::Probed { target, sequence, probe } => probed(state, target, sequence, probe),
        Event::Previewed { operation, target, preview } => {
            news::previewed(state, operation, target, &preview, &mut effects);
        }
        Event::Started { operation, target, result } => {
            news::started(state, operation, target, result, &mut effects);
        }
        Event::JournalFailed { message } => state.toast(Tone::Bad, format!("journal: {message}")),
    }
    operate::advance(state, &mut effects);
    conclude(state);
    state.toasts.retain(|toast| toast.until > now.mono);
    effects.extend(schedule::due(state));
    effects
}

/// A failed read has its own pause, which a shorter interval must not undo.
fn pause_of<T>(feed: &super::feed::Feed<T>, now: Now) -> Duration {
    if feed.error.is_some() { feed.due.saturating_sub(now.mono) } else { Duration::ZERO }
}

/// The target was read, or could not be: what does that say of what it is waited for?
fn wait_on(t: &mut TargetState, failure: Option<&ProviderError>, now: Duration) {
    let Some(awaited) = &mut t.awaited else { return };
    let before = awaited.is_verifying();
    match (failure, &t.snapshot.good) {
        (Some(error), _) => awaited.unobserved(error),
        (None, Some(good)) => awaited.observed(&good.value, now),
        (None, None) => {}
    }
    if awaited.is_verifying() && !before {
        t.probing.hurry(now);
    }
}

fn probed(state: &mut State, target: usize, sequence: u64, probe: Probe) {
    let now = state.now.mono;
    let operating = state.operation_on(target).is_some();
    let verifying = schedule::is_verifying(state, target);
    let Some(t) = state.targets.get_mut(target) else { return };
    let interval = t.target.interval;
    if !t.probing.take(sequence, now, interval, Ok(())) {
        return;
    }
    let answer = probe.result.as_ref().ok().cloned();
    t.window.push(probe);
    if let Some(awaited) = &mut t.awaited {
        awaited.answered(answer.as_ref());
    }
    t.probing.due = now + schedule::probe_interval(t, verifying, operating);
    news::answered(state, target, answer.as_ref());
}

fn commanded(state: &mut State, command: Command, effects: &mut Vec<Effect>) {
    if let Err(reason) = availability(state, &command) {
        state.toast(Tone::Neutral, reason);
        return;
    }
    match command {
        Command::Up => select(state, |place, _| place.saturating_sub(1)),
        Command::Down => select(state, |place, last| (place + 1).min(last)),
        Command::First => select(state, |_, _| 0),
        Command::Last => select(state, |_, last| last),
        Command::NextPane => turn(state, 1),
        Command::PreviousPane => turn(state, Pane::ALL.len() - 1),
        Command::ScrollDown => state.scroll = state.scroll.saturating_add(5),
        Command::ScrollUp => state.scroll = state.scroll.saturating_sub(5),
        Command::Filter => state.mode = Mode::Filter,
        Command::Board => state.board = !state.board,
        Command::Help => state.mode = if state.mode == Mode::Help { Mode::Browse } else { Mode::Help },
        Command::Refresh => refresh(state),
        Command::Quit => {
            sheet::leave(state);
            state.quit = true;
            news::left(state, effects);
        }
        Command::Plan(kind) => {
            let targets = state.targets_of(state.selected);
            operate::begin(
                state,
                Wish { kind, targets, to: None, unattended: false, dry_run: false, agreed: Vec::new() },
            );
        }
        Command::Order { kind, targets, to, dry_run, agreed } => {
            operate::begin(state, Wish { kind, targets, to, unattended: true, dry_run, agreed });
        }
        Command::Await { target, commit, deployment } => {
            let now = state.now.mono;
            if let Some(t) = state.targets.get_mut(target) {
                t.awaited = Some(Awaited::new(commit, deployment, now));
                t.snapshot.hurry(now);
            }
        }
        Command::Accept => match state.mode {
            Mode::Plan => sheet::accept(state, effects),
            Mode::Filter | Mode::Help => state.mode = Mode::Browse,
            Mode::Browse => {}
        },
        Command::Cancel => cancel(state),
    }
}

fn cancel(state: &mut State) {
    match state.mode {
        Mode::Plan => sheet::leave(state),
        Mode::Help => state.mode = Mode::Browse,
        Mode::Filter => {
            state.filter.clear();
            state.mode = Mode::Browse;
        }
        Mode::Browse if !state.toasts.is_empty() => state.toasts.clear(),
        Mode::Browse if state.board => state.board = false,
        Mode::Browse => state.filter.clear(),
    }
}

fn typed(state: &mut State, character: char) {
    match state.mode {
        Mode::Plan => sheet::typed(state, character),
        Mode::Filter if state.filter.len() < 64 => {
            state.filter.push(character);
            keep_selection(state);
        }
        Mode::Browse | Mode::Help | Mode::Filter => {}
    }
}

fn refresh(state: &mut State) {
    let now = state.now.mono;
    for t in &mut state.targets {
        t.snapshot.hurry(now);
        t.builds.hurry(now);
        t.probing.hurry(now);
    }
}

fn select(state: &mut State, to: impl Fn(usize, usize) -> usize) {
    let rows = state.rows();
    let Some(last) = rows.len().checked_sub(1) else { return };
    let place = rows.iter().position(|row| *row == state.selected).unwrap_or(0);
    if let Some(row) = rows.get(to(place, last)) {
        state.selected = *row;
        state.scroll = 0;
    }
}

/// A row that the filter hides cannot stay selected.
fn keep_selection(state: &mut State) {
    let rows = state.rows();
    if !rows.contains(&state.selected) {
        state.selected = rows.first().copied().unwrap_or(Row::Group(0));
    }
}

fn turn(state: &mut State, by: usize) {
    let place = Pane::ALL.iter().position(|pane| *pane == state.pane).unwrap_or(0);
    if let Some(pane) = Pane::ALL.get((place + by) % Pane::ALL.len()) {
        state.pane = *pane;
        state.scroll = 0;
    }
}

/// Makes every verdict anew and notes the ones that changed.
fn conclude(state: &mut State) {
    state.offline = verdict::is_offline(&state.targets);
    for index in 0..state.targets.len() {
        let Some(t) = state.targets.get(index) else { continue };
        let next = verdict::conclude(t, state.offline, state.now);
        if next.state != t.verdict.state {
            state.changes_seen += 1;
            state.changes.push_back(VerdictChange {
                number: state.changes_seen,
                at: state.now.wall,
                target: index,
                from: t.verdict.state,
                to: next.state,
                causes: next.causes.clone(),
            });
            if state.changes.len() > KEPT {
                state.changes.pop_front();
            }
        }
        if let Some(t) = state.targets.get_mut(index) {
            t.verdict = next;
        }
    }
}
