//! The clouds of a scenario without processes, sockets or clock: whoever drives them says what time it is. Instances start,
//! crash and turn sick by the script, a little differently for every seed, and everything that happens is written down.
//! The same scenario, seed and requests give the same history, byte for byte.
//!
//! - `fleet`: made-up instances
//! - `history`: what is written down

mod fleet;
mod history;

use std::{fmt::Debug, time::Duration};

use fleet::Fleet;
use history::History;

use crate::{
    clouds::Clouds,
    fault::{Fate, Faults, Kind, Party},
    ids::Ids,
    instance::{Happening, InstanceId, Output, Provider},
    moment::Moment,
    scenario::Scenario,
    site::{Answers, Counts},
};

/// Between two steps while something moves.
const MOVING: Duration = Duration::from_millis(50);
/// Between two steps while nothing does: stopped tasks are forgotten. What the script plans has steps of its own.
const RESTING: Duration = Duration::from_mins(1);

/// How a request ended that was not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotDone<R> {
    /// The cloud refused it.
    Refused(R),
    /// An injected fault came in between. Whether it was done all the same depends on the fault.
    Trouble(Kind),
}

/// What the public address of the service answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Served {
    /// Which instance.
    pub instance: InstanceId,
    /// Its revision: `hello:3`, `hello-00003-abc`.
    pub revision: String,
    /// What it was built from.
    pub commit: String,
    /// HTTP status.
    pub status: u16,
}

/// Both clouds, made-up instances, and what happened so far.
#[derive(Clone, Debug)]
pub struct Simulation {
    start: Moment,
    now: Moment,
    clouds: Clouds,
    fleet: Fleet,
    faults: Faults,
    answers: Answers,
    counts: Counts,
    history: History,
}

impl Simulation {
    /// The world of a scenario at `start`, with its first instances on their way up.
    pub fn new(scenario: Scenario, seed: u64, start: Moment) -> Self {
        let clouds = Clouds::seeded(&scenario.world, start, seed);
        let mut faults = Faults::default();
        for fault in scenario.faults {
            faults.add(start, fault);
        }
        let mut ids = Ids::new(0x51_30);
        ids.reseed(seed);
        let mut simulation = Self {
            start,
            now: start,
            clouds,
            fleet: Fleet::new(ids),
            faults,
            answers: Answers { scripted: scenario.answers, ..Answers::default() },
            counts: Counts::default(),
            history: History::new(start),
        };
        simulation.step(start);
        simulation
    }

    /// The time that was reached.
    pub fn now(&self) -> Moment {
        self.now
    }

    /// Lets time pass. Steps lie on a grid that starts with the simulation, so that it makes no difference in how many
    /// pieces time passes. A time that has passed already changes nothing.
    pub fn advance(&mut self, to: Moment) {
        loop {
            let pace = if self.clouds.is_moving() || self.fleet.is_moving() { MOVING } else { RESTING };
            let grid = self.next_on_grid(pace);
            let next = self.planned().map_or(grid, |planned| planned.min(grid));
            if next > to {
                break;
            }
            self.step(next);
        }
        self.now = self.now.max(to);
    }

    fn next_on_grid(&self, pace: Duration) -> Moment {
        let steps = self.now.since(self.start).as_millis() / pace.as_millis() + 1;
        self.start.after(pace * u32::try_from(steps).unwrap_or(u32::MAX))
    }

    /// When the script does something next: a build moves on, instances turn sick or well.
    fn planned(&self) -> Option<Moment> {
        let answers = self.answers.next_after(self.start, self.now);
        self.clouds.builds.next_after(self.now).into_iter().chain(answers).min()
    }

    fn step(&mut self, now: Moment) {
        self.now = now;
        self.clouds.advance(now);
        let wanted = self.clouds.wanted();
        let ready = |provider| self.answers.ready(provider, self.start, now);
        for (provider, id, happening) in self.fleet.step(now, wanted, ready) {
            self.history.write(now, format_args!("{} instance {id}: {happening:?}", provider.word()));
            self.clouds.happened(now, provider, &id, happening);
            if let Some((output, line)) = said(happening) {
                self.clouds.logged(now, provider, &id, output, line);
            }
        }
        for provider in [Provider::Aws, Provider::Gcp] {
            self.history.sickness(now, provider, self.answers.status(provider, self.start, now));
        }
        self.history.look(now, &self.clouds);
    }

    /// A request arrives: it is counted, and what becomes of it is told. The latency is the caller's to wait for.
    pub fn arrive(&mut self, party: Party, call: &str, write: bool) -> Fate {
        self.counts.count(party, call, write);
        let fate = self.faults.fate(self.now, party, call, |_| true);
        if write || fate != Fate::default() {
            self.history.write(self.now, format_args!("{} {call}: {fate:?}", party.word()));
        }
        fate
    }

    /// Asks the clouds as the wire faces do, at the time that was reached, whatever the faults say.
    pub fn ask<T, R: Debug>(
        &mut self,
        call: &str,
        ask: impl FnOnce(&mut Clouds, Moment) -> Result<T, R>,
    ) -> Result<T, R> {
        self.clouds.advance(self.now);
        let answer = ask(&mut self.clouds, self.now);
        match &answer {
            Ok(_) => self.history.write(self.now, format_args!("{call} accepted")),
            Err(refusal) => self.history.write(self.now, format_args!("{call} refused: {refusal:?}")),
        }
        self.history.look(self.now, &self.clouds);
        answer
    }

    /// A request from beginning to end: injected latency lets time pass, and a fault may answer in the cloud's place.
    pub fn request<T, R: Debug>(
        &mut self,
        party: Party,
        call: &str,
        ask: impl FnOnce(&mut Clouds, Moment) -> Result<T, R>,
    ) -> Result<T, NotDone<R>> {
        let fate = self.arrive(party, call, true);
        self.advance(self.now.after(fate.latency));
        match fate.trouble {
            None => self.ask(call, ask).map_err(NotDone::Refused),
            Some(kind) => {
                if kind.comes_after() {
                    // The answer is lost, not the change.
                    let _ = self.ask(call, ask);
                }
                Err(NotDone::Trouble(kind))
            }
        }
    }

    /// The clouds as they are at the time that was reached.
    pub fn clouds(&mut self) -> &Clouds {
        self.clouds.advance(self.now);
        &self.clouds
    }

    /// The faults, to inject more, or to take them back.
    pub fn faults(&mut self) -> &mut Faults {
        &mut self.faults
    }

    /// From now on all instances of a cloud answer with this status. `None`: they are well.
    pub fn answer(&mut self, provider: Provider, status: Option<u16>) {
        self.answers.by_hand.insert(provider, status);
    }

    /// What the public address of the service on a provider answers to the request with this number; `None` when no
    /// instance is there to answer.
    pub fn serve(&self, provider: Provider, turn: u64) -> Option<Served> {
        let ready: Vec<_> =
            self.clouds.routed(provider).into_iter().filter(|(id, _)| self.fleet.is_ready(id)).collect();
        let whole: u64 = ready.iter().map(|(_, share)| u64::from(*share)).sum();
        // 37 has no divisor in common with 100: a hundred requests in a row meet every percent once.
        let mut at = turn.wrapping_mul(37) % whole.max(1);
        let (id, _) = ready.into_iter().find(|(_, share)| {
            let here = at < u64::from(*share);
            at = at.saturating_sub(u64::from(*share));
            here
        })?;
        let wanted = self.fleet.runs(&id)?;
        let own = wanted.manner.answer().unwrap_or(200);
        let status = self.answers.status(provider, self.start, self.now).unwrap_or(own);
        Some(Served { revision: wanted.revision.clone(), commit: wanted.commit.clone(), instance: id, status })
    }

    /// Calls so far.
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Everything that happened, one line each, times counted from the start.
    pub fn history(&self) -> &str {
        self.history.text()
    }
}

/// What an instance writes when this happens to it.
fn said(happening: Happening) -> Option<(Output, &'static str)> {
    match happening {
        Happening::Started => Some((Output::Standard, "listening on 0.0.0.0:8080")),
        Happening::Exited { .. } => Some((Output::Error, "cannot read /etc/hello/greeting: no such file")),
        Happening::Ready | Happening::Unready => None,
    }
}

#[cfg(test)]
mod tests;
