//! How reads are held back so that an account is not asked too much.

use std::time::Duration;

use serde::Serialize;

/// The request budget of an account was not whole while something was read.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Slowed {
    /// How long the calls of this read waited for the budget, all together.
    #[serde(serialize_with = "millis")]
    pub waited: Duration,
    /// Calls a second that are allowed now.
    pub rate: f64,
    /// Calls a second that are allowed when the cloud throttles nobody.
    pub usual: f64,
    /// How long the cloud asked to be left alone, from now.
    #[serde(serialize_with = "millis")]
    pub pause: Duration,
}

impl Slowed {
    /// One line: `throttled: 2.5 of 10 calls a second, waited 300 ms`.
    pub fn show(&self) -> String {
        let mut line = if self.rate < self.usual {
            format!("throttled: {:.1} of {:.0} calls a second", self.rate, self.usual)
        } else {
            format!("held to {:.0} calls a second", self.usual)
        };
        if self.waited >= Duration::from_millis(1) {
            line.extend([", waited ", &self.waited.as_millis().to_string(), " ms"]);
        }
        if !self.pause.is_zero() {
            line.extend([", paused for ", &self.pause.as_secs_f64().ceil().to_string(), " s"]);
        }
        line
    }
}

fn millis<S: serde::Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX))
}
