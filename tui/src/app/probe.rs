//! Health, measured: what the service itself answers, a window of such answers, and what they add up to.
//!
//! Numbers: down after three failures in a row, up after two successes in a row; erratic at two failures and a tenth of
//! the last thirty, until at most one is left; slow when p95 of at least twenty is above a second, until below 800 ms.

use std::{collections::VecDeque, time::Duration};

use hello_cloud::{Commit, InstanceId, Untrusted};

/// How many answers are kept.
pub const WINDOW: usize = 30;
const DOWN_AFTER: usize = 3;
const UP_AFTER: usize = 2;
/// So many answers, good and bad by turns, are enough to call it erratic.
const MIXED: usize = 4;
const ENOUGH_FOR_P95: usize = 20;
const SLOW: Duration = Duration::from_secs(1);
const NO_LONGER_SLOW: Duration = Duration::from_millis(800);

/// One question to the service and what came of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Probe {
    /// From sending to the whole answer, or to giving up.
    pub latency: Duration,
    /// What came.
    pub result: Result<Answer, Failure>,
}

/// A good answer: status 200, and what the service says it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    pub commit: Option<Commit>,
    pub revision: Option<Untrusted>,
    pub instance: Option<InstanceId>,
    pub version: Option<Untrusted>,
}

/// No good answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// Nothing answered: refused, reset, no such host, no route, deadline. May be this machine's own network.
    Unreachable(String),
    /// Something answered, but not as a healthy service does.
    Wrong(String),
}

impl Failure {
    /// One line, safe to show.
    pub fn text(&self) -> &str {
        match self {
            Self::Unreachable(text) | Self::Wrong(text) => text,
        }
    }
}

/// What the window adds up to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Signal {
    /// Too few answers to say.
    #[default]
    Unknown,
    Up,
    Slow,
    Erratic,
    Down,
}

/// The last answers of one target.
#[derive(Clone, Debug, Default)]
pub struct Window {
    probes: VecDeque<Probe>,
    signal: Signal,
    slow: bool,
    erratic: bool,
}

impl Window {
    /// Takes one more in.
    pub fn push(&mut self, probe: Probe) {
        if self.probes.len() == WINDOW {
            self.probes.pop_front();
        }
        self.probes.push_back(probe);
        self.judge();
    }

    /// Forgets everything, because the address changed.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// What it adds up to.
    pub fn signal(&self) -> Signal {
        self.signal
    }

    /// The newest.
    pub fn last(&self) -> Option<&Probe> {
        self.probes.back()
    }

    /// The newest good answer.
    pub fn last_answer(&self) -> Option<&Answer> {
        self.probes.iter().rev().find_map(|probe| probe.result.as_ref().ok())
    }

    /// All of them, oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Probe> + ExactSizeIterator {
        self.probes.iter()
    }

    /// Failures in the window.
    pub fn failures(&self) -> usize {
        self.probes.iter().filter(|probe| probe.result.is_err()).count()
    }

    /// Failures at the end of the window.
    pub fn failures_in_a_row(&self) -> usize {
        self.probes.iter().rev().take_while(|probe| probe.result.is_err()).count()
    }

    /// The latency that 95 of 100 good answers stay within; `None` below twenty good answers.
    pub fn p95(&self) -> Option<Duration> {
        let mut good: Vec<_> =
            self.probes.iter().filter(|probe| probe.result.is_ok()).map(|probe| probe.latency).collect();
        if good.len() < ENOUGH_FOR_P95 {
            return None;
        }
        good.sort_unstable();
        good.get((good.len() * 95).div_ceil(100) - 1).copied()
    }

    fn judge(&mut self) {
        let bad = self.failures_in_a_row();
        let good = self.probes.iter().rev().take_while(|probe| probe.result.is_ok()).count();
        let up = match self.signal {
            Signal::Down => good >= UP_AFTER,
            // What answers now and then is neither unknown nor down.
            Signal::Unknown => good >= UP_AFTER || (self.probes.len() >= MIXED && bad < DOWN_AFTER),
            Signal::Up | Signal::Slow | Signal::Erratic => bad < DOWN_AFTER,
        };
        let failures = self.failures();
        self.erratic = if self.erratic { failures > 1 } else { failures >= 2 && failures * 10 >= self.probes.len() };
        self.slow = self.p95().is_some_and(|p95| p95 > if self.slow { NO_LONGER_SLOW } else { SLOW });
        self.signal = match (up, self.erratic, self.slow) {
            (false, ..) if bad >= DOWN_AFTER || self.signal == Signal::Down => Signal::Down,
            (false, ..) => Signal::Unknown,
            (true, true, _) => Signal::Erratic,
            (true, false, true) => Signal::Slow,
            (true, false, false) => Signal::Up,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn good(millis: u64) -> Probe {
        Probe { latency: Duration::from_millis(millis), result: Ok(Answer::default()) }
    }

    fn bad() -> Probe {
        Probe { latency: Duration::ZERO, result: Err(Failure::Wrong("500".into())) }
    }

    fn after(probes: impl IntoIterator<Item = Probe>) -> Window {
        let mut window = Window::default();
        probes.into_iter().for_each(|probe| window.push(probe));
        window
    }

    #[test]
    fn one_answer_says_nothing_two_say_up_three_failures_say_down() {
        assert_eq!(after([good(5)]).signal(), Signal::Unknown);
        assert_eq!(after([good(5), good(5)]).signal(), Signal::Up);
        assert_eq!(after([bad(), bad()]).signal(), Signal::Unknown);
        assert_eq!(after([bad(), bad(), bad()]).signal(), Signal::Down);
    }

    #[test]
    fn down_is_left_only_after_two_good_answers() {
        let mut window = after([bad(), bad(), bad(), good(5)]);
        assert_eq!(window.signal(), Signal::Down);
        window.push(good(5));
        assert_eq!(window.signal(), Signal::Erratic, "the failures are still in the window");
        (0..WINDOW).for_each(|_| window.push(good(5)));
        assert_eq!(window.signal(), Signal::Up);
    }

    #[test]
    fn good_and_bad_by_turns_is_erratic_not_unknown() {
        assert_eq!(after([good(5), bad(), good(5), bad()]).signal(), Signal::Erratic);
        assert_eq!(after([bad(), good(5), bad(), good(5)]).signal(), Signal::Erratic);
    }

    #[test]
    fn a_single_failure_among_many_changes_nothing() {
        let mut window = after((0..20).map(|_| good(5)));
        window.push(bad());
        assert_eq!(window.signal(), Signal::Up);
        (0..4).for_each(|_| window.push(good(5)));
        window.push(bad());
        assert_eq!(window.signal(), Signal::Up, "two of 26 is below a tenth");
    }

    #[test]
    fn slow_needs_enough_answers_and_has_two_limits() {
        assert_eq!(after((0..19).map(|_| good(1500))).signal(), Signal::Up);
        let mut window = after((0..20).map(|_| good(1500)));
        assert_eq!(window.signal(), Signal::Slow);
        (0..WINDOW).for_each(|_| window.push(good(900)));
        assert_eq!(window.signal(), Signal::Slow, "900 ms does not end it");
        (0..WINDOW).for_each(|_| window.push(good(700)));
        assert_eq!(window.signal(), Signal::Up);
    }

    #[test]
    fn p95_is_the_nearest_rank() {
        let window = after((1..=20).map(|n| good(n * 10)));
        assert_eq!(window.p95(), Some(Duration::from_millis(190)));
    }
}
