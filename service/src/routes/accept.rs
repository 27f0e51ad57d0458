//! The `Accept` header, as far as one question goes.

use std::{convert::Infallible, str::FromStr};

/// What the header says.
#[derive(Clone, Copy, Debug)]
pub struct Preference {
    /// JSON is preferred to plain text. Equal weights, and whatever cannot be read, mean text.
    pub json: bool,
}

impl FromStr for Preference {
    type Err = Infallible;

    fn from_str(accept: &str) -> Result<Self, Infallible> {
        Ok(Self { json: weight(accept, "application", "json") > weight(accept, "text", "plain") })
    }
}

/// The weight of a media type in thousandths: that of the most specific range that holds it (RFC 9110, 12.5.1).
fn weight(accept: &str, kind: &str, subtype: &str) -> u16 {
    let mut best = (0, 0);
    for range in accept.split(',') {
        let mut parts = range.split(';').map(str::trim);
        let Some((range_kind, range_subtype)) = parts.next().and_then(|name| name.split_once('/')) else { continue };
        let specific = if range_kind.eq_ignore_ascii_case(kind) && range_subtype.eq_ignore_ascii_case(subtype) {
            3
        } else if range_kind.eq_ignore_ascii_case(kind) && range_subtype == "*" {
            2
        } else if range_kind == "*" && range_subtype == "*" {
            1
        } else {
            continue;
        };
        let quality = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
        let Some(quality) = quality.map_or(Some(1000), thousandths) else { continue };
        if specific > best.0 {
            best = (specific, quality);
        }
    }
    best.1
}

/// `0`, `1`, `0.5`, `0.123`.
fn thousandths(quality: &str) -> Option<u16> {
    let (whole, part) = quality.split_once('.').unwrap_or((quality, ""));
    if part.len() > 3 || !part.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let part: u16 = format!("{part:0<3}").parse().ok()?;
    match whole {
        "0" => Some(part),
        "1" if part == 0 => Some(1000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn prefers_json(accept: &str) -> bool {
        accept.parse::<Preference>().unwrap().json
    }

    #[test]
    fn json_only_for_who_prefers_it() {
        for accept in [
            "application/json",
            "APPLICATION/JSON",
            "text/plain;q=0.5, application/json",
            "application/*",
            "application/json;charset=utf-8;q=0.9, */*;q=0.1",
            "*/*, text/plain;q=0",
        ] {
            assert!(prefers_json(accept), "{accept}");
        }
        for accept in [
            "",
            "*/*",
            "text/*, application/json;q=0.9",
            "application/json, text/plain",
            "text/html,application/xhtml+xml,*/*;q=0.8",
            "application/json;q=0",
            "application/json;q=2",
            "application/json;q=nan",
            "application/jsonx",
            "json",
        ] {
            assert!(!prefers_json(accept), "{accept}");
        }
    }

    proptest! {
        #[test]
        fn anything_can_be_asked(accept in any::<String>()) {
            prefers_json(&accept);
        }

        #[test]
        fn order_does_not_matter(mut ranges in proptest::collection::vec("(text|application|\\*)/(json|plain|\\*)(;q=0\\.[0-9]{1,3})?", 1..4)) {
            // Two ranges with one name contradict each other.
            ranges.sort_by(|a, b| a.split(';').next().cmp(&b.split(';').next()));
            ranges.dedup_by(|a, b| a.split(';').next() == b.split(';').next());
            let forward = ranges.join(",");
            ranges.reverse();
            prop_assert_eq!(prefers_json(&forward), prefers_json(&ranges.join(" , ")));
        }
    }
}
