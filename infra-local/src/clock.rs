//! The one place that reads a clock: wall time once, monotonic time from then on, so that the clouds never jump.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use crate::moment::Moment;

/// Hands out the moments the clouds are driven with.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    wall: Moment,
    started: Instant,
}

impl Clock {
    /// Starts now.
    pub fn start() -> Self {
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { wall: Moment::default().after(wall), started: Instant::now() }
    }

    /// When it started.
    pub fn origin(&self) -> Moment {
        self.wall
    }

    /// Now.
    pub fn now(&self) -> Moment {
        self.wall.after(self.started.elapsed())
    }
}
