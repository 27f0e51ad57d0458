//! The time of a line. The wall clock is read once a second, and the rest is counted from there: asking it for each line costs
//! more than all else that is written in it.

use std::time::{Duration, SystemTime};

use time::OffsetDateTime;
use tokio::time::Instant;

use super::digits;

/// How long the wall clock is taken to run as fast as the one that only runs forward.
const TRUST: Duration = Duration::from_secs(1);

/// Writes times as `2026-01-02T03:04:05.678Z`.
#[derive(Debug, Default)]
pub struct Clock {
    /// Both clocks, read together; the wall clock since 1970.
    read: Option<(Instant, Duration)>,
    /// The second that was written last, since 1970, and how.
    second: u64,
    written: String,
}

impl Clock {
    /// Adds the time that it was `at`.
    pub fn write(&mut self, text: &mut String, at: Instant) {
        let wall = self.wall(at);
        if self.written.is_empty() || wall.as_secs() != self.second {
            self.second = wall.as_secs();
            self.written = second(self.second);
        }
        text.push_str(&self.written);
        digits::push(text, wall.subsec_millis().into(), 3);
        text.push('Z');
    }

    /// Since 1970.
    fn wall(&mut self, at: Instant) -> Duration {
        if let Some((then, wall)) = self.read {
            // What is written may have happened shortly before the clocks were read.
            if let Some(since) = at.checked_duration_since(then).filter(|since| *since < TRUST) {
                return wall + since;
            }
            if let Some(before) = then.checked_duration_since(at).filter(|before| *before < TRUST) {
                return wall.saturating_sub(before);
            }
        }
        let now = (Instant::now(), SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default());
        self.read = Some(now);
        now.1.saturating_sub(now.0.saturating_duration_since(at))
    }
}

/// `2026-01-02T03:04:05.`
fn second(unix: u64) -> String {
    let time = i64::try_from(unix).ok().and_then(|unix| OffsetDateTime::from_unix_timestamp(unix).ok());
    let time = time.unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let (year, month, day) = (time.year(), u8::from(time.month()), time.day());
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}.", time.hour(), time.minute(), time.second())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use time::format_description::well_known::Rfc3339;

    use super::*;

    fn written(clock: &mut Clock, at: Instant) -> OffsetDateTime {
        let mut text = String::new();
        clock.write(&mut text, at);
        assert_eq!(text.len(), "2026-01-02T03:04:05.678Z".len(), "{text}");
        OffsetDateTime::parse(&text, &Rfc3339).unwrap()
    }

    proptest! {
        #[test]
        fn it_is_the_wall_clock_in_whatever_order_it_is_asked(past in proptest::collection::vec(0_u64..5000, 1..20)) {
            let mut clock = Clock::default();
            let (now, wall) = (Instant::now(), OffsetDateTime::now_utc());
            for millis in past.into_iter().map(Duration::from_millis) {
                let told = written(&mut clock, now.checked_sub(millis).unwrap());
                prop_assert!((told - (wall - millis)).abs() < Duration::from_millis(100), "{told} for {millis:?} before {wall}");
            }
        }
    }

    #[test]
    fn it_reads_the_wall_clock_again() {
        let mut clock = Clock::default();
        let now = Instant::now();
        written(&mut clock, now);
        // As if it had been set since: an hour ahead, and the trust is over.
        clock.read = Some((now.checked_sub(TRUST).unwrap(), Duration::from_secs(1)));
        assert!((written(&mut clock, now) - OffsetDateTime::now_utc()).abs() < Duration::from_millis(500));
    }

    #[test]
    fn within_the_trust_it_counts() {
        let now = Instant::now();
        let mut clock = Clock { read: Some((now, Duration::from_millis(59_990))), ..Clock::default() };
        let mut text = String::new();
        for millis in [0, 9, 10, 999] {
            clock.write(&mut text, now + Duration::from_millis(millis));
            text.push(' ');
        }
        clock.write(&mut text, now.checked_sub(Duration::from_millis(20)).unwrap());
        assert_eq!(
            text,
            "1970-01-01T00:00:59.990Z 1970-01-01T00:00:59.999Z 1970-01-01T00:01:00.000Z 1970-01-01T00:01:00.989Z \
             1970-01-01T00:00:59.970Z"
        );
    }
}
