//! What Cloud Logging keeps of a service: lines of its instances, and who did what to it.

use hello_cloud::{CloudEvent, LogLine, Logs, Timestamp};
use hello_local::clouds::{
    Clouds,
    entries::{Entry, Payload, Severity},
};

use crate::image::at;

/// Entries about a service; `audits`: those of the audit logs, or all others.
fn about<'a>(clouds: &'a Clouds, service: &'a str, audits: bool) -> impl Iterator<Item = &'a Entry> {
    let of_it = clouds.entries.entries.iter().filter(move |entry| entry.log.contains("cloudaudit") == audits);
    of_it.filter(move |entry| entry.resource.get("service_name").is_some_and(|name| name == service))
}

fn text(entry: &Entry) -> String {
    match &entry.payload {
        Payload::None => String::new(),
        Payload::Text(text) => text.trim_end().to_owned(),
        Payload::Json(value) => value["message"].as_str().map_or_else(|| value.to_string(), str::to_owned),
        Payload::Proto(value) => {
            let method = value["methodName"].as_str().unwrap_or_default().rsplit(['.', '/']).next().unwrap_or_default();
            let said = value["status"]["message"].as_str().unwrap_or_default();
            if said.is_empty() { method.to_owned() } else { format!("{method}: {said}") }
        }
    }
}

/// The newest lines, oldest first.
pub fn lines(clouds: &Clouds, service: &str, since: Option<Timestamp>, limit: usize) -> Logs {
    let mut entries: Vec<_> = about(clouds, service, false).collect();
    entries.retain(|entry| since.is_none_or(|since| at(entry.at) >= since));
    entries.sort_by_key(|entry| (entry.at, entry.number));
    let lines = entries.iter().skip(entries.len().saturating_sub(limit)).map(|entry| LogLine {
        id: entry.number.to_string(),
        at: Some(at(entry.at)),
        from: entry.resource.get("revision_name").map(|revision| revision.as_str().into()),
        severity: (entry.severity != Severity::Default).then(|| entry.severity.word().into()),
        text: text(entry).into(),
    });
    Logs { lines: lines.collect(), complete: true }
}

/// What was done to the service, newest first.
pub fn events(clouds: &Clouds, service: &str) -> Vec<CloudEvent> {
    let event = |entry: &Entry| {
        let by = match &entry.payload {
            Payload::Proto(value) => value["authenticationInfo"]["principalEmail"].as_str(),
            Payload::None | Payload::Text(_) | Payload::Json(_) => None,
        };
        CloudEvent { at: Some(at(entry.at)), message: text(entry).into(), by: by.map(Into::into) }
    };
    let mut events: Vec<_> = about(clouds, service, true).map(event).collect();
    events.sort_by_key(|event| std::cmp::Reverse(event.at));
    events
}
