//! `watch` without a screen: one line per change of verdict, the first of each target telling how it was found.

use std::time::Duration;

use super::{
    Failure, Output,
    json::{Change, Name},
    wait::{self, Waited, wait},
};
use crate::{
    app::{State, VerdictState},
    exit::Exit,
    runtime::{Engine, Signals},
};

/// Prints changes. With `until`, ends as soon as every target is Healthy, or when that time is over; else on a signal, or
/// when nobody reads any more.
pub async fn watch(
    engine: &mut Engine,
    signals: &mut Signals,
    until: Option<Duration>,
    out: &mut Output<'_>,
) -> Result<Exit, Failure> {
    let mut teller = Teller { told: vec![false; engine.state().targets.len()], seen: 0 };
    let waited = wait(engine, signals, until, |state| {
        if let Err(error) = teller.tell(state, out) {
            return Some(Err(error));
        }
        if until.is_some() && is_healthy(state) {
            return Some(Ok(Exit::Well));
        }
        (out.is_gone)().then_some(Ok(Exit::Well))
    });
    match waited.await? {
        Waited::Done(end) => end,
        Waited::Signal(number) => Ok(Exit::Signal(number)),
        Waited::Late => {
            for target in engine.state().targets.iter().filter(|t| t.verdict.state != VerdictState::Healthy) {
                let (path, verdict) = (target.target.path(), &target.verdict);
                let why = because(&verdict.causes);
                out.say(&format!("not healthy in time: {path} is {}{why}", verdict.state.word()));
            }
            Ok(Exit::Deadline)
        }
    }
}

fn is_healthy(state: &State) -> bool {
    state.targets.iter().all(|target| target.verdict.state == VerdictState::Healthy)
}

/// What was said already.
struct Teller {
    /// By target: whether its first line was.
    told: Vec<bool>,
    /// The number of the last change looked at.
    seen: u64,
}

impl Teller {
    fn tell(&mut self, state: &State, out: &mut Output<'_>) -> Result<(), Failure> {
        for change in state.changes.iter().filter(|change| change.number > self.seen) {
            if self.told.get(change.target).copied().unwrap_or(false) {
                let at = change.at.to_rfc3339();
                line(state, out, (change.target, at), Some(change.from), change.to, &change.causes)?;
            }
        }
        self.seen = state.changes_seen;
        for (index, target) in state.targets.iter().enumerate() {
            let Some(told) = self.told.get_mut(index).filter(|told| !**told) else { continue };
            if wait::is_settled(target) {
                *told = true;
                let (at, verdict) = (state.now.wall.to_rfc3339(), &target.verdict);
                line(state, out, (index, at), None, verdict.state, &verdict.causes)?;
            }
        }
        Ok(())
    }
}

fn line(
    state: &State,
    out: &mut Output<'_>,
    (target, at): (usize, String),
    from: Option<VerdictState>,
    to: VerdictState,
    causes: &[String],
) -> Result<(), Failure> {
    let Some(target) = state.targets.get(target) else { return Ok(()) };
    if out.json {
        let name = Name::of(target);
        out.json(&Change { schema: "hello-dash/watch/1", at, name, from, to, causes })?;
        return Ok(());
    }
    let from = from.map(|from| format!("{} -> ", from.word())).unwrap_or_default();
    out.line(&format!("{at} {} {from}{}{}", target.target.path(), to.word(), because(causes)))?;
    Ok(())
}

fn because(causes: &[String]) -> String {
    if causes.is_empty() { String::new() } else { format!(": {}", causes.join("; ")) }
}
