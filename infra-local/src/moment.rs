//! Points in time as the stand-in's clouds know them: handed in by the driver, never read from a clock.

use std::time::Duration;

use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// Milliseconds since the Unix epoch, UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(i64);

impl Moment {
    /// From milliseconds since the Unix epoch.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the Unix epoch.
    pub fn as_millis(self) -> i64 {
        self.0
    }

    /// This much later.
    #[must_use]
    pub fn after(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(millis(duration)))
    }

    /// This much earlier.
    #[must_use]
    pub fn before(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(millis(duration)))
    }

    /// This many seconds later, or earlier when they are negative.
    #[must_use]
    pub fn shifted(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(1000)))
    }

    /// How long since `earlier`; zero when that lies ahead.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// Seconds with a fraction, as AWS JSON 1.1 writes times.
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of this era fit in 52 bits")]
    pub fn epoch_seconds(self) -> f64 {
        self.0 as f64 / 1000.0
    }

    /// RFC 3339 as Google writes it.
    pub fn rfc3339(self) -> String {
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0) * 1_000_000)
            .ok()
            .and_then(|at| at.format(&Rfc3339).ok())
            .unwrap_or_default()
    }

    /// As in the `Date` of HTTP: `Sat, 21 Nov 2026 04:18:06 GMT`.
    pub fn http_date(self) -> String {
        let Ok(at) = OffsetDateTime::from_unix_timestamp(self.0.div_euclid(1000)) else { return String::new() };
        let (day, month) = (at.weekday().to_string(), at.month().to_string());
        let short = |word: &str| word.get(..3).unwrap_or_default().to_owned();
        let (hour, minute, second) = at.to_hms();
        let (day, month) = (short(&day), short(&month));
        format!("{day}, {:02} {month} {} {hour:02}:{minute:02}:{second:02} GMT", at.day(), at.year())
    }

    /// RFC 3339 in whole seconds, as GitHub writes it.
    pub fn rfc3339_seconds(self) -> String {
        Self(self.0.div_euclid(1000) * 1000).rfc3339()
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_vendor_gets_its_spelling() {
        let at = Moment::from_millis(1_792_000_000_250);
        assert!((at.epoch_seconds() - 1_792_000_000.25).abs() < f64::EPSILON);
        assert_eq!(at.rfc3339(), "2026-10-14T17:46:40.25Z");
        assert_eq!(at.rfc3339_seconds(), "2026-10-14T17:46:40Z");
        assert_eq!(at.http_date(), "Wed, 14 Oct 2026 17:46:40 GMT");
        assert_eq!(at.shifted(-40).rfc3339_seconds(), "2026-10-14T17:46:00Z");
    }
}
