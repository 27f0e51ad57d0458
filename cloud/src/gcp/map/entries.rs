//! Entries of Cloud Logging: lines that instances wrote, and what audit logs say was done.

use serde_json::Value;

use crate::{
    gcp::wire::{self, LogEntry},
    model::{CloudEvent, LogLine},
    secret::drop_secrets,
    text::{LIMIT, Untrusted},
    timestamp::Timestamp,
};

/// What was done, by whom: `UpdateService: Ready condition status changed to True`. `None` where the entry says nothing.
pub(in crate::gcp) fn event(entry: &LogEntry) -> Option<CloudEvent> {
    let payload = &entry.proto_payload;
    let method = payload.method_name.rsplit(['.', '/']).next().unwrap_or_default();
    let about = payload.resource_name.rsplit_once("/revisions/").map(|(_, revision)| revision);
    let said = payload.status.message.trim();
    let mut message = method.to_owned();
    if let Some(about) = about {
        message = if message.is_empty() { about.to_owned() } else { format!("{message} {about}") };
    }
    if !said.is_empty() {
        message = if message.is_empty() { said.to_owned() } else { format!("{message}: {said}") };
    } else if payload.status.code != 0 {
        message = format!("{message}: refused with code {}", payload.status.code);
    }
    if message.is_empty() {
        message = text_of(entry)?;
    }
    let by = &payload.authentication_info.principal_email;
    Some(CloudEvent {
        at: Timestamp::parse(&entry.timestamp),
        message: drop_secrets(&message).into(),
        by: (!by.is_empty()).then(|| by.as_str().into()),
    })
}

/// A line as it was written, as far as an entry has one.
pub(in crate::gcp) fn line(entry: &LogEntry) -> LogLine {
    let revision = entry.resource.labels.get("revision_name").and_then(Value::as_str).filter(|name| !name.is_empty());
    let severity = entry.severity.as_str().filter(|word| !word.is_empty() && *word != "DEFAULT");
    LogLine {
        id: format!("{} {}", entry.timestamp, entry.insert_id),
        at: Timestamp::parse(&entry.timestamp).or_else(|| Timestamp::parse(&entry.receive_timestamp)),
        from: revision.map(Untrusted::from),
        severity: severity.map(Untrusted::from),
        text: drop_secrets(&text_of(entry).unwrap_or_default()).into(),
    }
}

fn text_of(entry: &LogEntry) -> Option<String> {
    if !entry.text_payload.is_empty() {
        return Some(capped(&entry.text_payload));
    }
    match &entry.json_payload {
        Value::Object(fields) if !fields.is_empty() => {
            let told = ["message", "msg"].iter().find_map(|name| fields.get(*name)?.as_str());
            return Some(told.map_or_else(|| capped(&entry.json_payload.to_string()), capped));
        }
        _ => {}
    }
    request(&entry.http_request)
}

/// `GET 200 /path 12 ms`, without the query, which may carry what is nobody's business.
fn request(request: &wire::HttpRequest) -> Option<String> {
    if request.request_method.is_empty() && request.request_url.is_empty() {
        return None;
    }
    let url = request.request_url.split(['?', '#']).next().unwrap_or_default();
    let mut text = format!("{} {} {url}", request.request_method, request.status);
    if !request.latency.is_empty() {
        text.extend([" ", &request.latency]);
    }
    Some(capped(&text))
}

/// What is cut anyway need not be searched first.
fn capped(text: &str) -> String {
    text.chars().take(LIMIT * 2).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn entry(json: Value) -> LogEntry {
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn an_audit_entry_says_what_was_done_by_whom_and_when() {
        let seen = event(&entry(json!({
            "insertId": "a", "timestamp": "2026-11-21T10:00:00.5Z",
            "protoPayload": {"@type": "type.googleapis.com/google.cloud.audit.AuditLog",
                "methodName": "google.cloud.run.v2.Services.UpdateService",
                "resourceName": "namespaces/p/services/hello", "status": {},
                "authenticationInfo": {"principalEmail": "ann@acme.example"}},
        })))
        .unwrap();
        assert_eq!(seen.message.raw(), "UpdateService");
        assert_eq!(seen.by.unwrap().raw(), "ann@acme.example");
        assert_eq!(seen.at.unwrap().to_rfc3339(), "2026-11-21T10:00:00.5Z");
        let system = event(&entry(json!({"protoPayload": {"methodName": "/InternalServices.ReplaceInternalService",
            "resourceName": "namespaces/p/revisions/hello-00002-b",
            "status": {"message": "Ready condition status changed to True for Revision hello-00002-b."}}})));
        let said =
            "ReplaceInternalService hello-00002-b: Ready condition status changed to True for Revision hello-00002-b.";
        assert_eq!(system.unwrap().message.raw(), said);
        assert_eq!(event(&entry(json!({"insertId": "b"}))), None, "nothing is told");
    }

    #[test]
    fn a_line_is_text_or_the_message_of_json_or_a_request() {
        for (payload, text) in [
            (json!({"textPayload": "listening"}), "listening"),
            (json!({"jsonPayload": {"message": "ready", "port": 8080}}), "ready"),
            (json!({"jsonPayload": {"port": 8080}}), r#"{"port":8080}"#),
            (
                json!({"httpRequest": {"requestMethod": "GET", "status": 200, "requestUrl": "https://x/a?token=very-secret-1",
                                    "latency": "0.012s"}}),
                "GET 200 https://x/a 0.012s",
            ),
            (json!({"textPayload": "password=hunter2hunter2"}), "password=[secret]"),
        ] {
            assert_eq!(line(&entry(payload)).text.raw(), text);
        }
        let told = line(&entry(json!({"timestamp": "2026-11-21T10:00:00Z", "insertId": "x", "severity": "ERROR",
            "textPayload": "no", "resource": {"labels": {"revision_name": "hello-00003-c"}}})));
        assert_eq!(told.from.unwrap().raw(), "hello-00003-c");
        assert_eq!(told.severity.unwrap().raw(), "ERROR");
        assert_eq!(told.id, "2026-11-21T10:00:00Z x");
    }
}
