//! The calls of Cloud Logging, version 2, that read.

use serde_json::{Value, json};

use super::{
    Asked,
    cloud_build::time,
    filter::{Filter, Op, Term},
    google::{error, invalid, no_method, ok, page},
    reply::Reply,
};
use crate::{
    clouds::{
        entries::{Entry, Payload, Severity},
        run::PROJECT,
    },
    ids::seed_of,
    moment::Moment,
    site::Site,
};

/// Entries of a page when nobody says how many.
const PAGE: usize = 50;
/// Most entries of a page.
const LARGEST: usize = 1000;
/// Entries looked at for one page: behind a rare filter pages are empty and have successors.
const LOOKED_AT: usize = 1000;

/// Answers one call.
pub fn answer(site: &Site, asked: &Asked) -> Reply {
    let now = site.clock.now();
    let mut clouds = site.clouds();
    clouds.advance(now);
    let entries = &clouds.entries.entries;
    let parts: Vec<&str> = asked.path.trim_matches('/').split('/').collect();
    match (asked.method.as_str(), parts.as_slice()) {
        ("POST", ["v2", "entries:list"]) => list(entries.iter(), asked),
        ("GET", ["v2", "projects", project, "logs"]) => {
            if *project != PROJECT {
                return denied();
            }
            let mut names: Vec<String> = entries.iter().map(|entry| log_name(entry.log)).collect();
            names.sort();
            names.dedup();
            match page("logs", names, asked, PAGE, LARGEST) {
                Ok(page) => ok(json!({"logNames": page.items, "nextPageToken": page.next})),
                Err(refused) => refused,
            }
        }
        _ => no_method(),
    }
}

fn denied() -> Reply {
    error(403, "PERMISSION_DENIED", "The caller does not have permission")
}

fn log_name(log: &str) -> String {
    format!("projects/{PROJECT}/logs/{}", super::call::encode(log))
}

fn list<'a>(entries: impl DoubleEndedIterator<Item = &'a Entry>, asked: &Asked) -> Reply {
    let Ok(body) = asked.json() else { return invalid("Invalid JSON payload received.") };
    let known = ["resourceNames", "projectIds", "filter", "orderBy", "pageSize", "pageToken"];
    if let Some((name, _)) = body.as_object().into_iter().flatten().find(|(name, _)| !known.contains(&name.as_str())) {
        return invalid(&format!("Invalid JSON payload received. Unknown name \"{name}\": Cannot find field."));
    }
    let texts = |name: &str| body[name].as_array().into_iter().flatten().filter_map(Value::as_str);
    let projects: Vec<&str> = texts("resourceNames")
        .map(|name| name.strip_prefix("projects/").unwrap_or(name))
        .chain(texts("projectIds"))
        .collect();
    if projects.is_empty() {
        return invalid("Must include at least one resource name.");
    }
    if projects.iter().any(|project| *project != PROJECT) {
        return denied();
    }
    let text = body["filter"].as_str().unwrap_or_default();
    let Some(filter) = Filter::read(text) else { return invalid(&format!("Unparseable filter: {text}")) };
    let descending = match body["orderBy"].as_str().unwrap_or_default() {
        "" | "timestamp" | "timestamp asc" => false,
        "timestamp desc" => true,
        _ => return invalid("The order_by field must be 'timestamp asc' or 'timestamp desc'."),
    };
    let size = match &body["pageSize"] {
        Value::Null => PAGE,
        size => match size.as_i64().or_else(|| size.as_str().and_then(|text| text.parse().ok())) {
            Some(0) => PAGE,
            Some(size @ 1..) => usize::try_from(size).unwrap_or(LARGEST).min(LARGEST),
            _ => return invalid("page_size must not be negative"),
        },
    };
    // A token is good for the same question only.
    let question = seed_of(&format!("{text} {descending}"));
    let after = match body["pageToken"].as_str().filter(|token| !token.is_empty()) {
        None => None,
        Some(token) => match read_token(token, question) {
            Some(place) => Some(place),
            None => return invalid("page_token is invalid"),
        },
    };
    let mut all: Vec<&Entry> = entries.collect();
    all.sort_by_key(|entry| (entry.at, entry.number));
    if descending {
        all.reverse();
    }
    let place = |entry: &Entry| (entry.at.as_millis(), entry.number);
    let behind =
        |entry: &&Entry| after.is_none_or(|after| if descending { place(entry) < after } else { place(entry) > after });
    let mut rest = all.into_iter().filter(behind).peekable();
    let (mut shown, mut looked_at, mut last) = (Vec::new(), 0, None);
    while let Some(entry) = rest.next_if(|_| shown.len() < size && looked_at < LOOKED_AT) {
        looked_at += 1;
        last = Some(place(entry));
        match filter.holds(&|term| judge(term, entry)) {
            Some(true) => shown.push(entry_json(entry)),
            Some(false) => {}
            None => return invalid(&format!("Unparseable filter: {text}")),
        }
    }
    let next = last.filter(|_| rest.peek().is_some()).map(|(at, number)| format!("{question:x}.{at:x}.{number:x}"));
    ok(json!({"entries": shown, "nextPageToken": next}))
}

fn read_token(token: &str, question: u64) -> Option<(i64, u64)> {
    let mut parts = token.split('.');
    if u64::from_str_radix(parts.next()?, 16).ok()? != question {
        return None;
    }
    let at = i64::from_str_radix(parts.next()?, 16).ok()?;
    let number = u64::from_str_radix(parts.next()?, 16).ok()?;
    parts.next().is_none().then_some((at, number))
}

/// One comparison of a filter; `None`: there is no such field, or the value does not fit it.
fn judge(term: &Term, entry: &Entry) -> Option<bool> {
    let at = |have: Moment| Some(term.compare(&have, &time(&term.value)?));
    match term.field.as_str() {
        "logName" => Some(term.text(&log_name(entry.log))),
        "log_id()" => Some(entry.log == term.value),
        "resource.type" => Some(term.text("cloud_run_revision")),
        "severity" => Some(term.compare(&entry.severity, &Severity::of(&term.value)?)),
        "timestamp" => at(entry.at),
        "receiveTimestamp" | "receive_timestamp" => at(entry.arrived),
        "insertId" | "insert_id" => Some(term.text(&insert_id(entry))),
        "trace" => Some(entry.trace.as_deref().is_some_and(|trace| term.text(trace))),
        "textPayload" => Some(matches!(&entry.payload, Payload::Text(text) if term.text(text))),
        field => {
            let (root, path) = field.split_once('.')?;
            let value = match root {
                "resource" => {
                    let label = path.strip_prefix("labels.")?;
                    return Some(entry.resource.get(label).is_some_and(|have| term.text(have)));
                }
                "labels" => return Some(entry.labels.get(path).is_some_and(|have| term.text(have))),
                "httpRequest" => entry.request.as_ref(),
                "jsonPayload" => match &entry.payload {
                    Payload::Json(value) => Some(value),
                    _ => None,
                },
                "protoPayload" => match &entry.payload {
                    Payload::Proto(value) => Some(value),
                    _ => None,
                },
                _ => return None,
            };
            // An entry of another kind has no such part.
            let Some(value) = value else { return Some(false) };
            let found = path.split('.').try_fold(value, |value, name| value.get(name));
            Some(found.is_some_and(|have| compare(term, have)))
        }
    }
}

fn compare(term: &Term, have: &Value) -> bool {
    match have {
        Value::String(have) => term.text(have),
        Value::Bool(have) => term.compare(&have.to_string().as_str(), &term.value.as_str()),
        Value::Number(have) => match (have.as_f64(), term.value.parse::<f64>()) {
            (Some(have), Ok(want)) => term.compare(&have, &want),
            _ => false,
        },
        Value::Array(items) => items.iter().any(|item| compare(term, item)),
        Value::Object(_) => term.op == Op::Has && term.value == "*",
        Value::Null => false,
    }
}

fn insert_id(entry: &Entry) -> String {
    format!("{:016x}", entry.number.wrapping_mul(0x9E37_79B9_7F4A_7C15))
}

fn entry_json(entry: &Entry) -> Value {
    let (text, json, proto) = match &entry.payload {
        Payload::None => (None, None, None),
        Payload::Text(text) => (Some(text), None, None),
        Payload::Json(value) => (None, Some(value), None),
        Payload::Proto(value) => (None, None, Some(value)),
    };
    json!({
        "insertId": insert_id(entry),
        "logName": log_name(entry.log),
        "severity": entry.severity.word(),
        "timestamp": entry.at.rfc3339(),
        "receiveTimestamp": entry.arrived.rfc3339(),
        "resource": {"type": "cloud_run_revision", "labels": entry.resource},
        "labels": (!entry.labels.is_empty()).then_some(&entry.labels),
        "textPayload": text,
        "jsonPayload": json,
        "protoPayload": proto,
        "httpRequest": entry.request,
        "trace": entry.trace,
        "traceSampled": entry.trace.is_some(),
    })
}
