//! What readers see for a while after a write: the world as it was before it. Both vendors document that.

use std::{collections::VecDeque, time::Duration};

use crate::moment::Moment;

/// Copies of a state from before its latest writes.
#[derive(Clone, Debug)]
pub struct Stale<T> {
    /// How long readers see the world as it was before a write. Zero: not at all.
    pub lag: Duration,
    /// When the write happened, and what was before it; oldest first.
    before: VecDeque<(Moment, T)>,
}

impl<T: Clone> Stale<T> {
    /// Nothing was written yet.
    pub fn new(lag: Duration) -> Self {
        Self { lag, before: VecDeque::new() }
    }

    /// To be called before each write, with the state as it is then.
    pub fn before_write(&mut self, now: Moment, state: &T) {
        self.before.retain(|(at, _)| now.since(*at) < self.lag);
        if !self.lag.is_zero() {
            self.before.push_back((now, state.clone()));
        }
    }

    /// To be called right after a write that was refused: there is nothing that readers see later.
    pub fn refused(&mut self) {
        if !self.lag.is_zero() {
            self.before.pop_back();
        }
    }

    /// What a reader sees instead of the state; `None`: the state itself.
    pub fn view(&self, now: Moment) -> Option<&T> {
        self.before.iter().find(|(at, _)| now.since(*at) < self.lag).map(|(_, state)| state)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_sees_each_write_when_its_lag_is_over() {
        let at = |seconds: i64| Moment::from_millis(seconds * 1000);
        let mut stale = Stale::new(Duration::from_secs(5));
        assert_eq!(stale.view(at(0)), None);
        stale.before_write(at(10), &"zero");
        stale.before_write(at(12), &"one");
        assert_eq!(stale.view(at(14)), Some(&"zero"));
        assert_eq!(stale.view(at(15)), Some(&"one"));
        assert_eq!(stale.view(at(17)), None);
        stale.before_write(at(17), &"two");
        stale.refused();
        assert_eq!(stale.view(at(17)), None);
        stale.lag = Duration::ZERO;
        stale.before_write(at(18), &"two");
        assert_eq!(stale.view(at(18)), None);
    }
}
