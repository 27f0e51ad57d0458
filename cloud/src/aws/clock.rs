//! Signatures hold for a quarter of an hour by AWS's clock: a machine whose clock is off is refused as if nobody were
//! signed in, and signing in anew does not help. Told apart here, so that the hint is about the clock.
//!
//! Codes and sentences: "Troubleshooting Signature Version 4" in the IAM user guide, and the list of clock errors that the
//! vendor's own SDKs keep.

use aws_smithy_types::date_time::{DateTime, Format};

use crate::timestamp::Timestamp;

/// What to do about it.
pub(super) const HINT: &str = "set this machine's clock, for example with: timedatectl set-ntp true";

/// Whether this refusal is about the time of the request.
pub(super) fn is_flaw(code: Option<&str>, message: Option<&str>) -> bool {
    let message = message.unwrap_or_default();
    match code.unwrap_or_default() {
        "RequestTimeTooSkewed" | "RequestExpired" | "RequestInTheFuture" => true,
        "InvalidSignatureException" | "SignatureDoesNotMatch" | "AuthFailure" => {
            message.contains("Signature expired") || message.contains("Signature not yet current")
        }
        _ => false,
    }
}

/// One sentence on how far this machine's clock is off, by the `Date` of the answer where it has one.
pub(super) fn told(date: Option<&str>, now: Timestamp) -> String {
    let theirs = date.and_then(|date| DateTime::from_str(date, Format::HttpDate).ok());
    let Some(theirs) = theirs.and_then(|at| at.to_millis().ok()) else {
        return "this machine's clock is not AWS's".to_owned();
    };
    let seconds = now.as_millis().saturating_sub(theirs) / 1000;
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
        let expired = Some("Signature expired: 20261121T041806Z is now earlier than 20261121T042306Z");
        let early = Some("Signature not yet current: 20261121T041806Z is still later than 20261121T040306Z");
        for code in ["InvalidSignatureException", "SignatureDoesNotMatch"] {
            assert!(is_flaw(Some(code), expired) && is_flaw(Some(code), early), "{code}");
            let other = Some("The request signature we calculated does not match the signature you provided.");
            assert!(!is_flaw(Some(code), other) && !is_flaw(Some(code), None), "{code}");
        }
        assert!(is_flaw(Some("RequestTimeTooSkewed"), None));
        assert!(!is_flaw(Some("ExpiredTokenException"), Some("The security token included in the request is expired")));
        assert!(!is_flaw(None, None));
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
