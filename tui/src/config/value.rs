//! What may stand in the values: names, addresses, paths, durations. Each reads a placed text and notes what is wrong.
//!
//! Names and regions end up in addresses and command lines, so what each may hold is closed and small.

use std::{net::IpAddr, time::Duration};

use reqwest::Url;

use super::{
    document::Document,
    table::{Place, Placed},
};
use crate::duration;

/// Shortest and longest time between two reads of a target.
const INTERVAL: (Duration, Duration) = (Duration::from_secs(1), Duration::from_mins(10));

/// Checks a name of ours, or one the clouds write like it: 1 to 63 of a-z, 0-9 and -.
pub(super) fn name(document: &mut Document<'_>, text: &Placed<&str>) -> Option<String> {
    let good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    word(document, text, 63, good, "a-z, 0-9 and -")
}

/// Checks the name of an ECS cluster or service: 1 to 255 letters, digits, - and _.
pub(super) fn ecs_name(document: &mut Document<'_>, text: &Placed<&str>) -> Option<String> {
    let good = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    word(document, text, 255, good, "letters, digits, - and _")
}

/// Checks the id of a project. Old ones begin with a domain: `example.com:hello`.
pub(super) fn project(document: &mut Document<'_>, text: &Placed<&str>) -> Option<String> {
    let good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-.:".contains(c);
    word(document, text, 63, good, "a-z, 0-9, -, . and :")
}

/// Checks free text that is a name somewhere else: a profile, a branch.
pub(super) fn label(document: &mut Document<'_>, text: &Placed<&str>) -> Option<String> {
    word(document, text, 255, |c| c.is_ascii_graphic(), "letters, digits and signs without spaces")
}

/// Checks `owner/name`.
pub(super) fn repository(document: &mut Document<'_>, text: &Placed<&str>) -> Option<String> {
    let part = |part: &str| {
        let dots = part.bytes().all(|b| b == b'.');
        !dots && part.len() <= 100 && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
    };
    let good = text.value.split_once('/').is_some_and(|(owner, name)| part(owner) && part(name));
    if !good {
        document.wrong(&text.place, format!("'{}' is not a repository like acme/hello", text.value));
    }
    good.then(|| text.value.to_owned())
}

/// Checks a path that joins to a URL without leaving its host.
pub(super) fn path(document: &mut Document<'_>, text: &Placed<&str>) -> Option<String> {
    let path = text.value;
    let inside = path.starts_with('/') && !path.starts_with("//") && path.len() <= 1024;
    let good = inside && path.chars().all(|c| c.is_ascii_graphic() && c != '\\' && c != '#');
    if !good {
        document.wrong(&text.place, format!("'{path}' is not a path like /version"));
    }
    good.then(|| path.to_owned())
}

/// Checks how often targets are read.
pub(super) fn interval(document: &mut Document<'_>, text: &Placed<&str>) -> Option<Duration> {
    let (least, most) = INTERVAL;
    match duration::parse(text.value) {
        Ok(span) if (least..=most).contains(&span) => return Some(span),
        Ok(span) => document.wrong(&text.place, format!("{} is not between 1s and 10m", duration::show(span))),
        Err(why) => document.wrong(&text.place, why),
    }
    None
}

/// Checks what people reach: http or https, and only https where the file came with a repository.
pub(super) fn public_url(document: &mut Document<'_>, text: &Placed<&str>) -> Option<Url> {
    let url = any_url(document, text)?;
    if document.is_restricted() && url.scheme() != "https" {
        document.wrong(&text.place, "must begin with https: a file in a repository cannot aim a probe at your network");
        return None;
    }
    Some(url)
}

/// Checks where calls go instead of the vendor's own address: https, or http on loopback.
pub(super) fn endpoint(document: &mut Document<'_>, text: &Placed<&str>) -> Option<Url> {
    let url = any_url(document, text)?;
    if url.scheme() != "https" && !is_loopback(&url) {
        document.wrong(&text.place, "must begin with https unless it is on loopback: credentials are sent there");
        return None;
    }
    Some(url)
}

/// Whether an address can only be on this machine: `localhost`, 127.0.0.0/8, `[::1]`.
pub fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    host == "localhost" || address.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// An http or https address that a path can be joined to, and that holds no secret. Its text is not repeated when it
/// might hold one.
fn any_url(document: &mut Document<'_>, text: &Placed<&str>) -> Option<Url> {
    let wrong = |document: &mut Document<'_>, place: &Place, why: &str| {
        document.wrong(place, why);
        None
    };
    let example = "is not an address like https://hello.example.com";
    let Ok(url) = Url::parse(text.value) else { return wrong(document, &text.place, example) };
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none_or(str::is_empty) {
        return wrong(document, &text.place, example);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return wrong(document, &text.place, "must not hold a user or a password");
    }
    if url.query().is_some() || url.fragment().is_some() {
        return wrong(document, &text.place, "must not hold a query (?) or a fragment (#)");
    }
    Some(url)
}

fn word(
    document: &mut Document<'_>,
    text: &Placed<&str>,
    longest: usize,
    good: impl Fn(char) -> bool,
    letters: &str,
) -> Option<String> {
    let value = text.value;
    if value.is_empty() || value.len() > longest || !value.chars().all(good) {
        document.wrong(&text.place, format!("'{value}' is not a name: 1 to {longest} of {letters}"));
        return None;
    }
    Some(value.to_owned())
}
