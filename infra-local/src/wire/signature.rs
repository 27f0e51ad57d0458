//! Signature Version 4, as far as it can be checked with made-up keys: its shape, what it is for, and how old it is. The
//! signature itself is not computed.

use std::time::Duration;

use time::{Date, Month, OffsetDateTime, Time};

use super::Asked;
use crate::moment::Moment;

/// How far the time of a request may be from ours.
const TOLERATED: Duration = Duration::from_mins(15);

/// Why a signature is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// There is none.
    Missing,
    /// A part of it is missing; the sentence.
    Incomplete(String),
    /// It is for something else, or too old, or not yet good; the sentence.
    Invalid(String),
}

/// The service a request is signed for, if it is signed at all.
pub fn service_of(asked: &Asked) -> Option<&str> {
    scope(asked.header("authorization")?)?.get(3).copied()
}

/// Key, date, region, service and terminator of the credential.
fn scope(authorization: &str) -> Option<Vec<&str>> {
    let mut parts = authorization.strip_prefix("AWS4-HMAC-SHA256")?.split(',');
    let credential = parts.find_map(|part| part.trim().strip_prefix("Credential="))?;
    // A key may hold a slash; the other four parts never do.
    let mut scope: Vec<&str> = credential.rsplitn(5, '/').collect();
    scope.reverse();
    Some(scope)
}

/// Checks the signature of a request for `service` at `now`.
pub fn check(asked: &Asked, service: &str, now: Moment) -> Result<(), Flaw> {
    let Some(authorization) = asked.header("authorization").filter(|text| text.starts_with("AWS4-HMAC-SHA256")) else {
        return Err(Flaw::Missing);
    };
    for part in ["Credential", "SignedHeaders", "Signature"] {
        if !authorization.contains(&format!("{part}=")) {
            return Err(Flaw::Incomplete(format!("Authorization header requires '{part}' parameter.")));
        }
    }
    let Some([_, date, region, signed_for, "aws4_request"]) =
        scope(authorization).as_deref().map(|scope| <[&str; 5]>::try_from(scope).unwrap_or([""; 5]))
    else {
        return Err(Flaw::Incomplete("Credential must have exactly 5 slash-delimited elements.".to_owned()));
    };
    if signed_for != service {
        return Err(Flaw::Invalid(format!("Credential should be scoped to correct service: '{service}'. ")));
    }
    if region.is_empty() {
        return Err(Flaw::Invalid("Credential should be scoped to a valid region. ".to_owned()));
    }
    let Some(written) = asked.header("x-amz-date") else {
        let text = "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.";
        return Err(Flaw::Incomplete(text.to_owned()));
    };
    let Some(at) = read(written) else {
        return Err(Flaw::Incomplete(format!(
            "Date in 'X-Amz-Date' is not in ISO8601 'basic format'. Got '{written}'."
        )));
    };
    if !written.starts_with(date) {
        let text = format!(
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '{date}' != '{written}'."
        );
        return Err(Flaw::Invalid(text));
    }
    let here = spell(now);
    if now.since(at) > TOLERATED {
        let limit = spell(now.before(TOLERATED));
        return Err(Flaw::Invalid(format!(
            "Signature expired: {written} is now earlier than {limit} ({here} - 15 min.)"
        )));
    }
    if at.since(now) > TOLERATED {
        let limit = spell(now.after(TOLERATED));
        return Err(Flaw::Invalid(format!(
            "Signature not yet current: {written} is still later than {limit} ({here} + 15 min.)"
        )));
    }
    Ok(())
}

/// `20261121T041806Z`.
fn read(text: &str) -> Option<Moment> {
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<u16>().ok();
    if text.len() != 16 || text.get(8..9) != Some("T") || !text.ends_with('Z') {
        return None;
    }
    let small = |from: usize| number(from, from + 2).and_then(|number| u8::try_from(number).ok());
    let date = Date::from_calendar_date(i32::from(number(0, 4)?), Month::try_from(small(4)?).ok()?, small(6)?).ok()?;
    let time = Time::from_hms(small(9)?, small(11)?, small(13)?).ok()?;
    Some(Moment::from_millis(OffsetDateTime::new_utc(date, time).unix_timestamp() * 1000))
}

fn spell(at: Moment) -> String {
    at.rfc3339_seconds().replace(['-', ':'], "")
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::{HeaderMap, Method, body::Bytes};

    fn asked(headers: &[(&'static str, &str)]) -> Asked {
        let headers: HeaderMap =
            headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
        Asked { method: Method::POST, path: "/".to_owned(), query: Vec::new(), headers, body: Bytes::new() }
    }

    const GOOD: &str =
        "AWS4-HMAC-SHA256 Credential=AK/20261121/eu-central-1/ecs/aws4_request, SignedHeaders=host, Signature=0";

    fn flaw(authorization: &str, date: &str) -> Flaw {
        let now = read("20261121T120000Z").unwrap();
        check(&asked(&[("authorization", authorization), ("x-amz-date", date)]), "ecs", now).unwrap_err()
    }

    #[test]
    fn fifteen_minutes_either_way_are_good_and_more_are_not() {
        let now = read("20261121T120000Z").unwrap();
        for date in ["20261121T114500Z", "20261121T121500Z"] {
            assert_eq!(check(&asked(&[("authorization", GOOD), ("x-amz-date", date)]), "ecs", now), Ok(()));
        }
        let early =
            "Signature expired: 20261121T114459Z is now earlier than 20261121T114500Z (20261121T120000Z - 15 min.)";
        assert_eq!(flaw(GOOD, "20261121T114459Z"), Flaw::Invalid(early.to_owned()));
        let late = "Signature not yet current: 20261121T121501Z is still later than 20261121T121500Z (20261121T120000Z + 15 min.)";
        assert_eq!(flaw(GOOD, "20261121T121501Z"), Flaw::Invalid(late.to_owned()));
    }

    #[test]
    fn each_part_must_be_there_and_fit() {
        let date = "20261121T120000Z";
        assert_eq!(flaw("Bearer x", date), Flaw::Missing);
        assert!(matches!(flaw(&GOOD.replace("SignedHeaders=host, ", ""), date), Flaw::Incomplete(_)));
        assert!(matches!(flaw(&GOOD.replace("/aws4_request", ""), date), Flaw::Incomplete(_)));
        assert!(matches!(flaw(GOOD, "yesterday"), Flaw::Incomplete(_)));
        assert!(matches!(flaw(&GOOD.replace("20261121", "20261120"), date), Flaw::Invalid(_)));
        let other = flaw(&GOOD.replace("/ecs/", "/ecr/"), date);
        assert_eq!(other, Flaw::Invalid("Credential should be scoped to correct service: 'ecs'. ".to_owned()));
    }
}
