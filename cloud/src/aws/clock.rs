//! Signatures hold for a quarter of an hour by AWS's clock: a machine whose clock is off is refused as if nobody were
//! signed in, and signing in anew does not help. Told apart here, so that the hint is about the clock.
//!
//! Codes and sentences: "Troubleshooting Signature Version 4" in the IAM user guide, and the list of clock errors that the
//! vendor's own SDKs keep.

use aws_smithy_types::date_time::{DateTime, Format};

use crate::timestamp::Timestamp;

/// What to do about it.
pub(super) const HINT: &str = "set this machine's clock, for example with: timedatectl set-ntp true";

/// Clocks that differ by less are not what is wrong: the SDK's own measure.
const NOTICED: i64 = 4 * 60;

/// Whether this refusal is about the time of the request: it says so, or it may be and the clocks differ.
pub(super) fn is_flaw(code: Option<&str>, message: Option<&str>, date: Option<&str>, now: Timestamp) -> bool {
    let message = message.unwrap_or_default();
    match code.unwrap_or_default() {
        "RequestTimeTooSkewed" | "RequestExpired" | "RequestInTheFuture" => true,
        "InvalidSignatureException" | "SignatureDoesNotMatch" | "AuthFailure" | "AccessDeniedException" => {
            let differ = ahead(date, now).is_some_and(|seconds| seconds.abs() > NOTICED);
            differ || message.contains("Signature expired") || message.contains("Signature not yet current")
        }
        _ => false,
    }
}

/// Seconds that this machine's clock is ahead of the one that wrote a `Date`.
fn ahead(date: Option<&str>, now: Timestamp) -> Option<i64> {
    let theirs = DateTime::from_str(date?, Format::HttpDate).ok()?.to_millis().ok()?;
    Some(now.as_millis().saturating_sub(theirs) / 1000)
}

/// One sentence on how far this machine's clock is off, by the `Date` of the answer where it has one.
pub(super) fn told(date: Option<&str>, now: Timestamp) -> String {
    let Some(seconds) = ahead(date, now) else { return "this machine's clock is not AWS's".to_owned() };
    let by = match seconds.unsigned_abs() {
        seconds @ ..120 => format!("{seconds} s"),
        seconds @ ..7200 => format!("{} min", seconds / 60),
        seconds => format!("{} h", seconds / 3600),
    };
    let way = if seconds < 0 { "behind" } else { "ahead of" };
    format!("this machine's clock is {by} {way} AWS's")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_off_is_told_from_a_wrong_key() {
        let now = Timestamp::parse("2026-11-21T12:00:00Z").unwrap();
        let (near, far) = (Some("Sat, 21 Nov 2026 12:03:00 GMT"), Some("Sat, 21 Nov 2026 12:05:00 GMT"));
        let expired = Some("Signature expired: 20261121T041806Z is now earlier than 20261121T042306Z");
        let early = Some("Signature not yet current: 20261121T041806Z is still later than 20261121T040306Z");
        let other = Some("The request signature we calculated does not match the signature you provided.");
        for code in ["InvalidSignatureException", "SignatureDoesNotMatch"] {
            let is_flaw = |message, date| is_flaw(Some(code), message, date, now);
            assert!(is_flaw(expired, None) && is_flaw(early, near), "{code}");
            assert!(is_flaw(other, far), "{code}: clocks that differ are the likelier reason");
            assert!(!is_flaw(other, near) && !is_flaw(other, None) && !is_flaw(None, None), "{code}");
        }
        assert!(is_flaw(Some("RequestTimeTooSkewed"), None, None, now));
        let token = Some("The security token included in the request is expired");
        assert!(!is_flaw(Some("ExpiredTokenException"), token, far, now));
        assert!(!is_flaw(None, None, far, now));
    }

    #[test]
    fn how_far_and_which_way() {
        let noon = Timestamp::parse("2026-11-21T12:00:00Z").unwrap();
        for (date, said) in [
            (Some("Sat, 21 Nov 2026 12:20:00 GMT"), "this machine's clock is 20 min behind AWS's"),
            (Some("Sat, 21 Nov 2026 11:58:30 GMT"), "this machine's clock is 90 s ahead of AWS's"),
            (Some("Mon, 23 Nov 2026 12:00:00 GMT"), "this machine's clock is 48 h behind AWS's"),
            (Some("noon"), "this machine's clock is not AWS's"),
            (None, "this machine's clock is not AWS's"),
        ] {
            assert_eq!(told(date, noon), said, "{date:?}");
        }
    }
}
