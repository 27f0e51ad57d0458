//! The life of one attempt at a run: it waits in a queue, runs its two parts one after the other (test, then image), and
//! ends. A person may have to approve it, and may cancel it.

use std::time::Duration;

use crate::moment::Moment;

/// How long an attempt waits before it begins.
const QUEUE: Duration = Duration::from_secs(3);

/// How an attempt ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// An image is pushed.
    Success,
    /// The tests fail; nothing is pushed.
    Failure,
    /// Somebody cancelled it.
    Cancelled,
    /// It took too long.
    TimedOut,
}

/// How far an attempt is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Asked for, not begun.
    Queued,
    /// Under way.
    Running,
    /// A person must approve it.
    Waiting,
    /// Over.
    Ended(Outcome),
}

/// Where a person must approve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gate {
    /// Before anything runs.
    Before,
    /// Between the two parts.
    Between,
}

/// What a person decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// When.
    pub at: Moment,
    /// Approved, or rejected.
    pub approved: bool,
    /// What they said.
    pub comment: String,
    /// Who.
    pub by: String,
}

/// One attempt.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// When it was asked for.
    pub created_at: Moment,
    /// Who asked.
    pub by: String,
    /// How it ends when nobody interferes.
    pub outcome: Outcome,
    /// Where a person must approve, if anywhere.
    pub gate: Option<Gate>,
    /// What they decided.
    pub decision: Option<Decision>,
    /// When somebody cancelled it.
    pub cancelled_at: Option<Moment>,
    /// Whether the first part is taken over from the attempt before.
    pub keeps_first: bool,
    runs_for: Duration,
}

/// When what happens. `None`: not before somebody has approved, or not at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// The first part begins.
    pub starts_at: Option<Moment>,
    /// The first part ends.
    pub first_ends: Option<Moment>,
    /// The second part begins.
    pub second_starts: Option<Moment>,
    /// Everything ends.
    pub ends_at: Option<Moment>,
    /// How.
    pub outcome: Outcome,
}

impl Attempt {
    /// Asked for at `created_at`.
    pub fn new(created_at: Moment, by: &str, runs_for: Duration, outcome: Outcome, gate: Option<Gate>) -> Self {
        Self {
            created_at,
            by: by.to_owned(),
            outcome,
            gate,
            decision: None,
            cancelled_at: None,
            keeps_first: false,
            runs_for,
        }
    }

    /// How long it runs.
    pub fn runs_for(&self) -> Duration {
        self.runs_for
    }

    pub(super) fn age(&mut self, by: Duration) {
        self.created_at = self.created_at.before(by);
        if let Some(decision) = &mut self.decision {
            decision.at = decision.at.before(by);
        }
        self.cancelled_at = self.cancelled_at.map(|at| at.before(by));
    }

    /// When what happens, as far as it is known.
    pub fn line(&self) -> Line {
        let line = self.uncancelled();
        let Some(at) = self.cancelled_at.filter(|at| line.ends_at.is_none_or(|ends| *at < ends)) else { return line };
        let before = |moment: Option<Moment>| moment.filter(|moment| *moment <= at);
        Line {
            starts_at: before(line.starts_at),
            first_ends: before(line.first_ends),
            second_starts: before(line.second_starts),
            ends_at: Some(at),
            outcome: Outcome::Cancelled,
        }
    }

    fn uncancelled(&self) -> Line {
        let begun = match (self.gate, &self.decision) {
            (Some(Gate::Before), None) => {
                return Line {
                    starts_at: None,
                    first_ends: None,
                    second_starts: None,
                    ends_at: None,
                    outcome: self.outcome,
                };
            }
            (Some(Gate::Before), Some(decision)) if !decision.approved => {
                let ends_at = Some(decision.at);
                let outcome = Outcome::Cancelled;
                return Line { starts_at: None, first_ends: None, second_starts: None, ends_at, outcome };
            }
            (Some(Gate::Before), Some(decision)) => decision.at.max(self.created_at),
            (None | Some(Gate::Between), _) => self.created_at,
        };
        let starts = begun.after(QUEUE);
        // What fails fails in the tests, and the second part never runs.
        let first_for = match self.outcome {
            _ if self.keeps_first => Duration::ZERO,
            Outcome::Failure => self.runs_for,
            Outcome::Success | Outcome::Cancelled | Outcome::TimedOut => self.runs_for * 2 / 5,
        };
        let first_ends = starts.after(first_for);
        let failed = self.outcome == Outcome::Failure;
        let (second_starts, ends_at, outcome) = match (self.gate, &self.decision) {
            _ if failed => (None, Some(first_ends), Outcome::Failure),
            (Some(Gate::Between), None) => (None, None, self.outcome),
            (Some(Gate::Between), Some(decision)) if !decision.approved => {
                (None, Some(first_ends.max(decision.at)), Outcome::Failure)
            }
            (Some(Gate::Between), Some(decision)) => {
                let second = first_ends.max(decision.at);
                (Some(second), Some(second.after(self.runs_for.saturating_sub(first_for))), self.outcome)
            }
            (None | Some(Gate::Before), _) => (Some(first_ends), Some(starts.after(self.runs_for)), self.outcome),
        };
        Line { starts_at: Some(starts), first_ends: Some(first_ends), second_starts, ends_at, outcome }
    }

    /// How far it is.
    pub fn progress(&self, now: Moment) -> Progress {
        let line = self.line();
        let reached = |moment: Option<Moment>| moment.is_some_and(|moment| now >= moment);
        if reached(line.ends_at) {
            return Progress::Ended(line.outcome);
        }
        match (line.starts_at, line.first_ends, line.second_starts) {
            (None, ..) => Progress::Waiting,
            (Some(starts), ..) if now < starts => Progress::Queued,
            (_, first_ends, None) if reached(first_ends) => Progress::Waiting,
            (_, first_ends, second) if reached(first_ends) && !reached(second) => Progress::Waiting,
            _ => Progress::Running,
        }
    }
}
