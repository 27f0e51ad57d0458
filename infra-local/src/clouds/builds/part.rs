//! The two parts of an attempt, one after the other: the tests, then the image.

use super::attempt::{Attempt, Gate, Outcome};
use crate::moment::Moment;

/// Which one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The tests.
    Test,
    /// The image.
    Image,
}

/// Both, in order.
pub const PARTS: [Part; 2] = [Part::Test, Part::Image];

/// How a part is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Its turn has not come.
    Ahead,
    /// It waits for a runner.
    Queued,
    /// It waits for a person.
    Waiting,
    /// It runs.
    Running,
    /// It ended so.
    Ended(Outcome),
    /// It never ran.
    Skipped,
}

/// A part at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct View {
    /// How it is.
    pub state: State,
    /// When it began, or will.
    pub starts_at: Option<Moment>,
    /// When it ended, or will.
    pub ends_at: Option<Moment>,
}

impl Attempt {
    /// How a part is at `now`.
    pub fn part(&self, part: Part, now: Moment) -> View {
        let line = self.line();
        let over = line.ends_at.is_some_and(|ends| now >= ends);
        let rejected = self.decision.as_ref().is_some_and(|decision| !decision.approved);
        let (starts_at, ends_at, outcome) = match part {
            Part::Test => {
                let succeeded = line.second_starts.is_some() || line.outcome != Outcome::Failure || rejected;
                let outcome = if line.first_ends.is_some() && succeeded { Outcome::Success } else { line.outcome };
                (line.starts_at, line.first_ends.or(line.ends_at), outcome)
            }
            Part::Image => (line.second_starts, line.ends_at, line.outcome),
        };
        let state = match starts_at {
            Some(starts) if now >= starts => match ends_at {
                Some(ends) if now >= ends => State::Ended(outcome),
                _ => State::Running,
            },
            _ if over => State::Skipped,
            Some(_) if part == Part::Test => State::Queued,
            _ if part == Part::Image
                && self.gate == Some(Gate::Between)
                && line.first_ends.is_some_and(|at| now >= at) =>
            {
                State::Waiting
            }
            _ => State::Ahead,
        };
        View { state, starts_at, ends_at }
    }
}
