//! A stream of answers to one repeated question: the last good one with its age, the failure since, and when to ask again.

use std::time::Duration;

use hello_cloud::ProviderError;

/// The longest pause between two tries while the other side fails, unless it asked for more itself.
const LONGEST_PAUSE: Duration = Duration::from_secs(15);
/// The longest pause we let the other side ask for.
const LONGEST_ASKED: Duration = Duration::from_mins(5);

/// Answers to one question.
#[derive(Clone, Debug)]
pub struct Feed<T> {
    /// The last good answer.
    pub good: Option<Good<T>>,
    /// The failure of the newest try, when that failed.
    pub error: Option<ProviderError>,
    /// Tries failed in a row.
    pub failures: u32,
    /// When the newest finished try was sent.
    pub tried: Option<Duration>,
    /// When to ask next.
    pub due: Duration,
    /// The try under way: its number and when it was sent.
    pub in_flight: Option<(u64, Duration)>,
    next: u64,
}

/// A good answer.
#[derive(Clone, Debug)]
pub struct Good<T> {
    /// What was answered.
    pub value: T,
    /// When it was asked for: the answer is at least this old.
    pub asked: Duration,
}

impl<T> Default for Feed<T> {
    fn default() -> Self {
        Self { good: None, error: None, failures: 0, tried: None, due: Duration::ZERO, in_flight: None, next: 0 }
    }
}

impl<T> Feed<T> {
    /// The last good value, however old.
    pub fn value(&self) -> Option<&T> {
        self.good.as_ref().map(|good| &good.value)
    }

    /// Age of the last good value.
    pub fn age(&self, now: Duration) -> Option<Duration> {
        self.good.as_ref().map(|good| now.saturating_sub(good.asked))
    }

    /// Whether anything came back yet, good or bad.
    pub fn is_settled(&self) -> bool {
        self.good.is_some() || self.error.is_some()
    }

    /// Whether it is time to ask, and nobody is asking.
    pub fn is_due(&self, now: Duration) -> bool {
        self.in_flight.is_none() && now >= self.due
    }

    /// Notes that it is asked now; the number belongs to the answer.
    pub fn ask(&mut self, now: Duration) -> u64 {
        self.next += 1;
        self.in_flight = Some((self.next, now));
        self.next
    }

    /// Makes it due at once. A try under way is left to finish: it may be answered from before the moment that matters, so
    /// the next is due right after it.
    pub fn hurry(&mut self, now: Duration) {
        self.due = now;
    }

    /// Takes an answer in. False when it belongs to a try that no longer counts.
    pub fn take(&mut self, sequence: u64, now: Duration, interval: Duration, result: Result<T, ProviderError>) -> bool {
        let Some((_, asked)) = self.in_flight.filter(|(number, _)| *number == sequence) else {
            return false;
        };
        self.in_flight = None;
        self.tried = Some(asked);
        let hurried = self.due > asked;
        match result {
            Ok(value) => {
                self.good = Some(Good { value, asked });
                self.error = None;
                self.failures = 0;
                if !hurried {
                    self.due = asked.saturating_add(interval).max(now);
                }
            }
            Err(error) => {
                self.failures = self.failures.saturating_add(1);
                self.due = now.saturating_add(pause(&error, self.failures, interval));
                self.error = Some(error);
            }
        }
        true
    }
}

/// How long to wait after a failure: what the other side asked for, else doubling from one second, never over
/// [`LONGEST_PAUSE`] or the normal interval, whichever is longer. A sign-in that ran out is tried again at that pace too:
/// the person may sign in at any moment, in another window.
fn pause(error: &ProviderError, failures: u32, interval: Duration) -> Duration {
    if let Some(asked) = error.retry_after() {
        return asked.clamp(Duration::from_secs(1), LONGEST_ASKED);
    }
    let doubled = Duration::from_secs(1_u64 << failures.saturating_sub(1).min(8));
    doubled.min(LONGEST_PAUSE.max(interval))
}

#[cfg(test)]
mod tests {
    use hello_cloud::ErrorKind;

    use super::*;

    const INTERVAL: Duration = Duration::from_secs(10);

    fn seconds(n: u64) -> Duration {
        Duration::from_secs(n)
    }

    fn down() -> ProviderError {
        ProviderError::new(ErrorKind::Unavailable, "test", "")
    }

    #[test]
    fn a_late_answer_of_an_older_try_is_dropped() {
        let mut feed = Feed::default();
        let first = feed.ask(seconds(0));
        feed.in_flight = None;
        let second = feed.ask(seconds(5));
        assert!(!feed.take(first, seconds(6), INTERVAL, Ok("old")));
        assert!(feed.take(second, seconds(7), INTERVAL, Ok("new")));
        assert_eq!(feed.value(), Some(&"new"));
        assert_eq!(feed.age(seconds(7)), Some(seconds(2)), "the age counts from the question");
    }

    #[test]
    fn failures_keep_the_last_good_value_and_back_off_to_a_cap() {
        let mut feed = Feed::default();
        let n = feed.ask(seconds(0));
        feed.take(n, seconds(0), INTERVAL, Ok(1));
        let mut pauses = Vec::new();
        for _ in 0..7 {
            let now = feed.due;
            let n = feed.ask(now);
            feed.take(n, now, INTERVAL, Err(down()));
            pauses.push(feed.due.saturating_sub(now).as_secs());
        }
        assert_eq!(pauses, [1, 2, 4, 8, 15, 15, 15]);
        assert_eq!(feed.value(), Some(&1));
    }

    #[test]
    fn the_other_side_is_given_the_time_it_asks_for() {
        let mut feed = Feed::<()>::default();
        let n = feed.ask(seconds(0));
        let kind = ErrorKind::Throttled { retry_after: Some(seconds(40)) };
        feed.take(n, seconds(1), INTERVAL, Err(ProviderError::new(kind, "test", "")));
        assert_eq!(feed.due, seconds(41));
    }

    #[test]
    fn asked_to_hurry_during_a_try_it_asks_again_right_after() {
        let mut feed = Feed::default();
        let n = feed.ask(seconds(1));
        feed.hurry(seconds(2));
        feed.take(n, seconds(3), INTERVAL, Ok(()));
        assert!(feed.is_due(seconds(3)));
    }
}
