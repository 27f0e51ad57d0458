//! How a call to a cloud fails: a closed list of kinds that decides what happens next, and one line a person can act on.

use std::{error::Error as StdError, fmt, sync::Arc, time::Duration};

use serde::{Serialize, Serializer};
use time::{OffsetDateTime, format_description::well_known::Rfc2822};

use crate::{
    text::{Untrusted, sanitize},
    timestamp::Timestamp,
};

/// What went wrong, as far as it changes what hello-dash does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum ErrorKind {
    /// Nobody is signed in, or the sign-in ran out. Asking again is useless until the person signs in.
    Auth,
    /// Signed in, but not allowed to make this call.
    Denied,
    /// The cloud answered that the thing does not exist.
    NotFound,
    /// The world is not as it was when the change was planned.
    Conflict,
    /// Too many calls. Asks again after `retry_after` where the cloud said so.
    Throttled {
        /// How long the cloud asked to wait.
        #[serde(rename = "retry_after_s", serialize_with = "seconds", skip_serializing_if = "Option::is_none")]
        retry_after: Option<Duration>,
    },
    /// The cloud could not be reached, or answered that it is broken.
    Unavailable,
    /// No answer within the deadline.
    Timeout,
    /// This cloud, or this service on it, cannot do that.
    Unsupported,
    /// The cloud understood the call and will not do it: a value or a state that does not allow it.
    Rejected,
    /// An answer that makes no sense: malformed, too large, missing what must be there.
    Unexpected,
}

/// A wait in whole seconds, never shorter than it is.
fn whole_seconds(wait: Duration) -> u64 {
    wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0))
}

#[expect(clippy::ref_option, reason = "what serde hands over")]
fn seconds<S: Serializer>(wait: &Option<Duration>, serializer: S) -> Result<S::Ok, S::Error> {
    wait.map(whole_seconds).serialize(serializer)
}

impl ErrorKind {
    /// The word used on the screen and in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Auth => "not signed in",
            Self::Denied => "denied",
            Self::NotFound => "not found",
            Self::Conflict => "conflict",
            Self::Throttled { .. } => "throttled",
            Self::Unavailable => "unavailable",
            Self::Timeout => "timed out",
            Self::Unsupported => "unsupported",
            Self::Rejected => "rejected",
            Self::Unexpected => "unexpected answer",
        }
    }

    /// Whether a read that failed so may be tried again shortly.
    pub fn is_passing(self) -> bool {
        matches!(self, Self::Throttled { .. } | Self::Unavailable | Self::Timeout)
    }
}

/// The longest wait that a server's word makes us wait. Rate limits last for minutes; more is a mistake, or malice.
pub(crate) const LONGEST_WAIT: Duration = Duration::from_hours(1);

/// Reads a `Retry-After`, in seconds or as a date, no longer than [`LONGEST_WAIT`]; `None` for anything else. A date is
/// counted from this machine's clock; one that has passed is no wait.
pub(crate) fn retry_after(header: &str) -> Option<Duration> {
    let header = header.trim();
    let wait = if let Some(seconds) = number(header) {
        Duration::from_secs(seconds)
    } else {
        let at = OffsetDateTime::parse(header, &Rfc2822).ok()?;
        let left = at.unix_timestamp().saturating_sub(Timestamp::now().as_millis().div_euclid(1000));
        Duration::from_secs(u64::try_from(left).unwrap_or(0))
    };
    Some(wait.min(LONGEST_WAIT))
}

/// Reads an `x-amz-retry-after`, which is in milliseconds.
pub(crate) fn amz_retry_after(header: &str) -> Option<Duration> {
    Some(Duration::from_millis(number(header.trim())?).min(LONGEST_WAIT))
}

/// Digits. Those that do not fit are a number all the same, and a great one.
fn number(text: &str) -> Option<u64> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().unwrap_or(u64::MAX))
}

/// One failed call. Cheap to clone, because it is shown for as long as it holds. Carries no secrets: adapters put in the
/// vendor's message, never headers or bodies.
#[derive(Clone, Debug)]
pub struct ProviderError {
    /// What kind of failure it is.
    pub kind: ErrorKind,
    /// The call that failed, in the vendor's words: `ecs:DescribeServices`, `run.services.get`.
    pub call: &'static str,
    /// One line on what went wrong.
    pub message: Untrusted,
    /// What to run or grant, where we know.
    pub hint: Option<String>,
    /// How long a cloud that is down asked to wait.
    after: Option<Duration>,
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

impl ProviderError {
    /// An error with neither hint nor source.
    pub fn new(kind: ErrorKind, call: &'static str, message: impl Into<String>) -> Self {
        Self { kind, call, message: Untrusted::new(message), hint: None, after: None, source: None }
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds how long the answer asked to wait. What does not pass is not waited for, and a throttle has its wait in its kind.
    #[must_use]
    pub fn after(self, wait: Option<Duration>) -> Self {
        Self { after: wait, ..self }
    }

    /// How long the cloud asked to wait before the next call.
    pub fn retry_after(&self) -> Option<Duration> {
        match self.kind {
            ErrorKind::Throttled { retry_after } => retry_after,
            ErrorKind::Unavailable | ErrorKind::Timeout => self.after,
            ErrorKind::Auth
            | ErrorKind::Denied
            | ErrorKind::NotFound
            | ErrorKind::Conflict
            | ErrorKind::Unsupported
            | ErrorKind::Rejected
            | ErrorKind::Unexpected => None,
        }
    }

    /// Keeps the error underneath.
    #[must_use]
    pub fn caused_by(mut self, source: impl StdError + Send + Sync + 'static) -> Self {
        self.source = Some(Arc::new(source));
        self
    }
}

impl AsRef<ProviderError> for ProviderError {
    fn as_ref(&self) -> &ProviderError {
        self
    }
}

/// Two errors are the same when a person could not tell them apart; the source does not count.
impl PartialEq for ProviderError {
    fn eq(&self, other: &Self) -> bool {
        let told = |error: &Self| (error.kind, error.call, error.retry_after());
        told(self) == told(other) && (&self.message, &self.hint) == (&other.message, &other.hint)
    }
}

/// One line, safe to show: `ecs:DescribeServices: throttled: Rate exceeded (asked to wait 30 s)`.
impl fmt::Display for ProviderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.call, self.kind.word())?;
        if !self.message.is_empty() {
            write!(f, ": {}", sanitize(self.message.raw()))?;
        }
        if let Some(wait) = self.retry_after() {
            write!(f, " (asked to wait {} s)", whole_seconds(wait))?;
        }
        Ok(())
    }
}

impl StdError for ProviderError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_told_in_words_and_in_json() {
        let throttled = |after| ErrorKind::Throttled { retry_after: after };
        let (none, wait) = (None, Some(Duration::from_millis(29_001)));
        for (error, text) in [
            (ProviderError::new(throttled(wait), "c", "slow."), "c: throttled: slow. (asked to wait 30 s)"),
            (ProviderError::new(throttled(wait), "c", ""), "c: throttled (asked to wait 30 s)"),
            (ProviderError::new(throttled(none), "c", "slow").after(wait), "c: throttled: slow"),
            (ProviderError::new(ErrorKind::Unavailable, "c", "").after(wait), "c: unavailable (asked to wait 30 s)"),
            (ProviderError::new(ErrorKind::Denied, "c", "no").after(wait), "c: denied: no"),
        ] {
            assert_eq!(error.to_string(), text);
        }
        let json = |kind: ErrorKind| serde_json::to_value(kind).unwrap();
        assert_eq!(json(throttled(wait)), serde_json::json!({"kind": "throttled", "retry_after_s": 30}));
        assert_eq!(json(throttled(none)), serde_json::json!({"kind": "throttled"}));
        assert_eq!(json(ErrorKind::NotFound), serde_json::json!({"kind": "not_found"}));
    }

    #[test]
    fn a_wait_is_seconds_or_a_date_and_at_most_an_hour() {
        let hour = Some(LONGEST_WAIT);
        for (header, wait) in [
            (" 3 ", Some(Duration::from_secs(3))),
            ("3600", hour),
            ("18446744073709551615", hour),
            ("99999999999999999999999999", hour),
            ("-1", None),
            ("+1", None),
            ("1.5", None),
            ("soon", None),
            ("", None),
        ] {
            assert_eq!(retry_after(header), wait, "{header:?}");
        }
        assert_eq!(retry_after("Fri, 31 Dec 9999 23:59:59 GMT"), hour);
        assert_eq!(retry_after("Wed, 21 Oct 2015 07:28:00 GMT"), Some(Duration::ZERO), "it has passed");
        let soon = OffsetDateTime::now_utc() + Duration::from_secs(30);
        let wait = retry_after(&soon.format(&Rfc2822).unwrap()).unwrap();
        assert!(wait > Duration::from_secs(25) && wait <= Duration::from_secs(30), "{wait:?}");
        assert_eq!(amz_retry_after("1500"), Some(Duration::from_millis(1500)));
        assert_eq!((amz_retry_after("1.5"), amz_retry_after("99999999999999999999999")), (None, hour));
    }
}
