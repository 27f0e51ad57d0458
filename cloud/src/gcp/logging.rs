//! What Cloud Logging knows of a service: the lines of its instances, and, in the audit logs, who did what to it.
//!
//! A project may read 60 times a minute, whoever asks. Events are therefore read again only when the service has changed
//! or half a minute has passed, and this API draws from a budget of its own.

use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use serde_json::{Value, json};
use tokio::time::Instant;

use super::{Place, http, map, wire};
use crate::{
    error::{ErrorKind, ProviderError},
    model::{CloudEvent, Logs, Section},
    timestamp::Timestamp,
};

/// The call, as IAM names it.
pub(super) const CALL: &str = "logging.logEntries.list";
const PATH: &str = "v2/entries:list";
/// Events shown.
const EVENTS: usize = 50;
/// Events are looked for no further back.
const STORY: Duration = Duration::from_hours(7 * 24);
/// How long events of a service that does not change are good for.
const FRESH: Duration = Duration::from_secs(30);
/// Pages of one look; an empty one may still be followed by a full one.
const PAGES: usize = 5;
/// Entries of one page, at most.
const PAGE: usize = 1000;
/// Services whose events are kept.
const KEPT: usize = 256;

/// Events read lately, by service.
#[derive(Default)]
pub(super) struct Events(Mutex<HashMap<String, Read>>);

struct Read {
    /// The service's etag at that time: with another one there may be more to tell.
    etag: String,
    at: Instant,
    events: Section<Vec<CloudEvent>>,
}

impl Events {
    fn lately(&self, service: &str, etag: &str) -> Option<Section<Vec<CloudEvent>>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let read = kept.get(service).filter(|read| read.etag == etag && read.at.elapsed() < FRESH)?;
        Some(read.events.clone())
    }

    fn keep(&self, service: &str, etag: &str, events: &Section<Vec<CloudEvent>>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT && !kept.contains_key(service) {
            kept.clear();
        }
        let read = Read { etag: etag.to_owned(), at: Instant::now(), events: events.clone() };
        kept.insert(service.to_owned(), read);
    }
}

/// What was done to the service lately, and by whom, newest first.
pub(super) async fn events(
    client: &http::Client,
    place: &Place,
    kept: &Events,
    service: &str,
    etag: &str,
) -> Section<Vec<CloudEvent>> {
    if let Some(events) = kept.lately(service, etag) {
        return events;
    }
    let logs = ["activity", "system_event"].map(|log| log_name(place, &format!("cloudaudit.googleapis.com%2F{log}")));
    let since = Timestamp::now().before(STORY);
    let filter = format!("{} AND ({} OR {}) AND timestamp>={}", about(place, service), logs[0], logs[1], quoted(since));
    let events = match entries(client, place, &filter, EVENTS).await {
        // Newest come first: what was found is the newest there is. Nothing found in a part is not nothing.
        Ok((entries, whole)) if entries.is_empty() && !whole => {
            let message = format!("nothing in {PAGES} pages, and not searched to the end");
            Err(ProviderError::new(ErrorKind::Unexpected, CALL, message))
        }
        Ok((entries, _)) => Ok(entries.iter().filter_map(map::event).collect()),
        Err(error) => Err(error),
    };
    // A failure is kept as well: asking again at once would only spend the budget, and a denial lasts.
    kept.keep(service, etag, &events);
    events
}

/// The newest lines that the service's instances wrote.
pub(super) async fn lines(
    client: &http::Client,
    place: &Place,
    service: &str,
    since: Option<Timestamp>,
    limit: usize,
) -> Result<Logs, ProviderError> {
    let audits = ["activity", "system_event", "data_access"];
    let mut filter = about(place, service);
    for log in audits {
        let name = log_name(place, &format!("cloudaudit.googleapis.com%2F{log}"));
        filter.extend([" AND ", &name.replacen('=', "!=", 1)]);
    }
    if let Some(since) = since {
        filter.extend([" AND timestamp>=", &quoted(since)]);
    }
    let (entries, whole) = entries(client, place, &filter, limit).await?;
    // Newest come first; a cut at the limit loses the oldest, which is what a limit is for.
    let complete = whole || entries.len() >= limit;
    let mut lines: Vec<_> = entries.iter().map(map::line).collect();
    lines.reverse();
    Ok(Logs { lines, complete })
}

/// Entries, newest first, each once, and whether these are all there are.
async fn entries(
    client: &http::Client,
    place: &Place,
    filter: &str,
    limit: usize,
) -> Result<(Vec<wire::LogEntry>, bool), ProviderError> {
    let mut found: Vec<wire::LogEntry> = Vec::new();
    let mut seen = HashSet::new();
    let mut body = json!({
        "resourceNames": [format!("projects/{}", place.project)],
        "filter": filter,
        "orderBy": "timestamp desc",
        "pageSize": limit.clamp(1, PAGE),
    });
    for _ in 0..PAGES {
        let page: wire::LogEntryList = client.ask(CALL, PATH, &body).await?;
        found.extend(
            page.entries.into_iter().filter(|entry| seen.insert((entry.timestamp.clone(), entry.insert_id.clone()))),
        );
        if found.len() >= limit {
            found.truncate(limit);
            return Ok((found, false));
        }
        if page.next_page_token.is_empty() {
            return Ok((found, true));
        }
        if let Some(body) = body.as_object_mut() {
            body.insert("pageToken".into(), Value::String(page.next_page_token));
        }
    }
    Ok((found, false))
}

fn about(place: &Place, service: &str) -> String {
    format!(
        "resource.type=\"cloud_run_revision\" AND resource.labels.service_name={} AND resource.labels.location={}",
        quote(service),
        quote(&place.region)
    )
}

fn log_name(place: &Place, log: &str) -> String {
    format!("logName={}", quote(&format!("projects/{}/logs/{log}", place.project)))
}

fn quoted(at: Timestamp) -> String {
    quote(&at.to_rfc3339())
}

/// A text in the language of filters: a name from a configuration must not become part of the question.
pub(crate) fn quote(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stays_a_name_in_a_filter() {
        assert_eq!(quote(r#"x" OR "y\"#), r#""x\" OR \"y\\""#);
    }
}
