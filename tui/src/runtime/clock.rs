//! The one place that reads time.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use hello_cloud::Timestamp;

use crate::app::Now;

/// The monotonic clock stands still while a laptop sleeps. When the calendar has moved on by more than this beside it,
/// the difference counts too: facts from before the lid was closed are old.
const SLEPT: Duration = Duration::from_secs(5);

/// The calendar, for what has no engine and only says when it was asked.
pub fn wall() -> Timestamp {
    Clock::start().now().wall
}

/// Reads both clocks.
pub struct Clock {
    started: Instant,
    wall: SystemTime,
    slept: Duration,
}

impl Clock {
    /// Starts counting.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads time")]
    pub fn start() -> Self {
        Self { started: Instant::now(), wall: SystemTime::now(), slept: Duration::ZERO }
    }

    /// The time now.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads time")]
    pub fn now(&mut self) -> Now {
        let wall = SystemTime::now();
        let awake = self.started.elapsed() + self.slept;
        let passed = wall.duration_since(self.wall).unwrap_or_default();
        if passed > awake + SLEPT {
            self.slept += passed.saturating_sub(awake);
        }
        let millis = wall.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
        Now {
            mono: self.started.elapsed() + self.slept,
            wall: Timestamp::from_millis(i64::try_from(millis).unwrap_or(i64::MAX)),
        }
    }
}
