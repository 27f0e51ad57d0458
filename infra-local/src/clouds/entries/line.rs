//! From a line of an instance, or a request it answered, to an entry.

use std::{collections::BTreeMap, time::Duration};

use serde_json::{Value, json};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::{Entries, Entry, Payload, Severity, resource};
use crate::{clouds::run::PROJECT, instance::Output, moment::Moment};

/// Bytes of a line that are kept.
const LONGEST: usize = 16 * 1024;

/// Whose line it is.
#[derive(Clone, Copy, Debug)]
pub struct Writer<'a> {
    /// The service.
    pub service: &'a str,
    /// The revision.
    pub revision: &'a str,
    /// The instance.
    pub instance: &'a str,
}

/// A request that an instance answered.
#[derive(Clone, Debug)]
pub struct Answered {
    /// `GET`.
    pub method: String,
    /// With scheme, host and path.
    pub url: String,
    /// HTTP status.
    pub status: u16,
    /// How long it took.
    pub latency: Duration,
    /// What the client calls itself.
    pub user_agent: String,
}

impl Writer<'_> {
    fn entry(&self, now: Moment, log: &'static str) -> Entry {
        Entry {
            number: 0,
            at: now,
            arrived: now,
            log,
            severity: Severity::Default,
            resource: resource(self.service, self.revision),
            labels: BTreeMap::from([("instanceId", self.instance.to_owned())]),
            payload: Payload::None,
            request: None,
            trace: None,
        }
    }
}

impl Entries {
    /// Takes in a line. One that is a JSON object has its special members taken out of it, as Cloud Logging does.
    pub fn write(&mut self, now: Moment, writer: Writer<'_>, output: Output, line: &str) {
        let log = match output {
            Output::Standard => "run.googleapis.com/stdout",
            Output::Error => "run.googleapis.com/stderr",
        };
        let mut entry = writer.entry(now, log);
        let mut end = line.len().min(LONGEST);
        while !line.is_char_boundary(end) {
            end -= 1;
        }
        match serde_json::from_str::<Value>(line) {
            Ok(Value::Object(mut fields)) => {
                let mut text = |name: &str| match fields.remove(name) {
                    Some(Value::String(text)) => Some(text),
                    _ => None,
                };
                entry.severity = text("severity").and_then(|word| Severity::of(&word)).unwrap_or(Severity::Default);
                entry.at = text("time").and_then(|text| moment(&text)).unwrap_or(now);
                entry.trace = text("logging.googleapis.com/trace");
                entry.request = fields.remove("httpRequest").filter(Value::is_object);
                entry.payload = Payload::Json(Value::Object(fields));
            }
            _ => entry.payload = Payload::Text(line[..end].to_owned()),
        }
        self.add(entry);
    }

    /// Takes in a request that the balancer passed on.
    pub fn request(&mut self, now: Moment, writer: Writer<'_>, answered: &Answered) {
        let mut entry = writer.entry(now, "run.googleapis.com/requests");
        entry.severity = match answered.status {
            500.. => Severity::Error,
            400.. => Severity::Warning,
            _ => Severity::Info,
        };
        entry.request = Some(json!({
            "requestMethod": answered.method,
            "requestUrl": answered.url,
            "status": answered.status,
            "latency": format!("{:.9}s", answered.latency.as_secs_f64()),
            "userAgent": answered.user_agent,
            "remoteIp": "127.0.0.1",
            "protocol": "HTTP/1.1",
        }));
        entry.trace = Some(format!("projects/{PROJECT}/traces/{:032x}", self.number + 1));
        self.add(entry);
    }
}

/// A point in time as Google writes it.
fn moment(text: &str) -> Option<Moment> {
    let at = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    i64::try_from(at.unix_timestamp_nanos() / 1_000_000).ok().map(Moment::from_millis)
}
