//! The audit logs of a service: who asked for a change (`activity`), and what became of it (`system_event`). They are
//! made from the difference between two looks, so that whatever changes a service is seen.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Entry, Payload, Severity, resource};
use crate::{
    clouds::run::{LOCATION, PROJECT, PROJECT_NUMBER, Run, Verdict, revision::State},
    moment::Moment,
};

/// The service as it was at the last look.
#[derive(Clone, Debug)]
pub struct Seen {
    generation: u64,
    template: Value,
    traffic: String,
    revisions: BTreeMap<String, bool>,
    settled: Option<bool>,
    deleted: bool,
}

impl Seen {
    fn of(run: &Run) -> Self {
        let ended = |state: &State| !matches!(state, State::Pending);
        Self {
            generation: run.generation,
            template: run.template.clone(),
            traffic: format!("{:?}", run.traffic),
            revisions: run.revisions.iter().map(|revision| (revision.name.clone(), ended(&revision.state))).collect(),
            settled: (!run.is_reconciling()).then_some(run.verdict == Verdict::Succeeded),
            deleted: run.deleted_at.is_some(),
        }
    }
}

impl Seen {
    /// Whether a look would find anything new. Much cheaper than the look.
    pub fn is_old(&self, run: &Run) -> bool {
        let ended = self.revisions.values().filter(|ended| **ended).count();
        let now_ended = run.revisions.iter().filter(|revision| revision.state != State::Pending).count();
        self.generation != run.generation
            || self.deleted != run.deleted_at.is_some()
            || ended != now_ended
            || self.revisions.len() != run.revisions.len()
            || self.settled != (!run.is_reconciling()).then_some(run.verdict == Verdict::Succeeded)
    }
}

/// The entries between two looks, and the new look.
pub fn compare(now: Moment, service: &str, run: &Run, before: Option<Seen>) -> (Vec<Entry>, Seen) {
    let after = Seen::of(run);
    let mut entries = Vec::new();
    let Some(before) = before else {
        for (index, revision) in run.revisions.iter().enumerate() {
            let method = if index == 0 { "CreateService" } else { "UpdateService" };
            entries.push(activity(revision.created_at, service, run, method, &["template"]));
            let ready = revision.created_at.after(std::time::Duration::from_secs(6));
            entries.extend(settled(ready, service, revision));
            if revision.state == State::Ready {
                entries.push(service_ready(ready, service, run, true));
            }
        }
        return (entries, after);
    };
    if let Some(at) = run.deleted_at.filter(|_| !before.deleted) {
        entries.push(activity(at, service, run, "DeleteService", &[]));
    } else if after.generation != before.generation {
        let mut mask = Vec::new();
        mask.extend(
            (after.template != before.template || after.revisions.len() > before.revisions.len()).then_some("template"),
        );
        mask.extend((after.traffic != before.traffic).then_some("traffic"));
        entries.push(activity(run.updated_at, service, run, "UpdateService", &mask));
    }
    for revision in &run.revisions {
        let was = before.revisions.get(&revision.name).copied().unwrap_or(false);
        if !was {
            entries.extend(settled(now, service, revision));
        }
    }
    let changed = before.settled.is_none() || before.generation != after.generation;
    if let Some(well) = after.settled.filter(|_| changed) {
        entries.push(service_ready(now, service, run, well));
    }
    (entries, after)
}

fn entry(at: Moment, log: &'static str, severity: Severity, labels: (&str, &str), payload: Value) -> Entry {
    Entry {
        number: 0,
        at,
        arrived: at,
        log,
        severity,
        resource: resource(labels.0, labels.1),
        labels: BTreeMap::new(),
        payload: Payload::Proto(payload),
        request: None,
        trace: None,
    }
}

/// Somebody asked for a change of the parts in `mask`.
fn activity(at: Moment, service: &str, run: &Run, method: &str, mask: &[&str]) -> Entry {
    let name = format!("projects/{PROJECT}/locations/{LOCATION}/services/{service}");
    let (verb, by) = match method {
        "CreateService" => ("create", &run.creator),
        "DeleteService" => ("delete", &run.last_modifier),
        _ => ("update", &run.last_modifier),
    };
    let mut asked = json!({"name": name, "etag": run.etag()});
    if mask.contains(&"template") {
        asked["template"] = run.template.clone();
    }
    let payload = json!({
        "@type": "type.googleapis.com/google.cloud.audit.AuditLog",
        "serviceName": "run.googleapis.com",
        "methodName": format!("google.cloud.run.v2.Services.{method}"),
        "resourceName": name,
        "resourceLocation": {"currentLocations": [LOCATION]},
        "authenticationInfo": {"principalEmail": by},
        "authorizationInfo": [{
            "resource": name,
            "permission": format!("run.services.{verb}"),
            "granted": true,
            "permissionType": "ADMIN_WRITE",
        }],
        "requestMetadata": {"callerIp": "127.0.0.1", "callerSuppliedUserAgent": "stand-in"},
        "request": {
            "@type": format!("type.googleapis.com/google.cloud.run.v2.{method}Request"),
            "service": asked,
            "updateMask": mask.join(","),
        },
    });
    entry(at, "cloudaudit.googleapis.com/activity", Severity::Notice, (service, ""), payload)
}

/// What became of a revision, once something has.
fn settled(at: Moment, service: &str, revision: &crate::clouds::run::revision::Revision) -> Option<Entry> {
    let name = &revision.name;
    let took = at.since(revision.created_at).as_secs_f64();
    let (severity, code, message) = match &revision.state {
        State::Pending => return None,
        State::Failed { message, .. } => {
            let text = format!("Ready condition status changed to False for Revision {name} with message: {message}");
            (Severity::Error, Some(9), text)
        }
        State::Ready => {
            let text = format!(
                "Ready condition status changed to True for Revision {name} with message: Deploying revision succeeded in {took:.2}s."
            );
            (Severity::Info, None, text)
        }
    };
    let response = json!({
        "@type": "type.googleapis.com/google.cloud.run.v1.Revision",
        "apiVersion": "serving.knative.dev/v1",
        "kind": "Revision",
        "metadata": {
            "name": name,
            "namespace": PROJECT_NUMBER,
            "creationTimestamp": revision.created_at.rfc3339(),
            "labels": {"serving.knative.dev/service": service, "cloud.googleapis.com/location": LOCATION},
        },
    });
    let resource = format!("namespaces/{PROJECT}/revisions/{name}");
    Some(system_event(at, severity, (service, name), &resource, code, &message, &response))
}

/// The service is as asked, or is not.
fn service_ready(at: Moment, service: &str, run: &Run, well: bool) -> Entry {
    let (severity, code, message) = match &run.verdict {
        Verdict::Failed { message, .. } if !well => {
            let text = format!("Ready condition status changed to False for Service {service} with message: {message}");
            (Severity::Error, Some(9), text)
        }
        _ => (Severity::Info, None, format!("Ready condition status changed to True for Service {service}.")),
    };
    let response = json!({
        "@type": "type.googleapis.com/google.cloud.run.v1.Service",
        "apiVersion": "serving.knative.dev/v1",
        "kind": "Service",
        "metadata": {
            "name": service,
            "namespace": PROJECT_NUMBER,
            "annotations": {"serving.knative.dev/lastModifier": run.last_modifier},
            "labels": {"cloud.googleapis.com/location": LOCATION},
        },
    });
    let resource = format!("namespaces/{PROJECT}/services/{service}");
    system_event(at, severity, (service, ""), &resource, code, &message, &response)
}

fn system_event(
    at: Moment,
    severity: Severity,
    labels: (&str, &str),
    resource: &str,
    code: Option<u32>,
    message: &str,
    response: &Value,
) -> Entry {
    let status = match code {
        Some(code) => json!({"code": code, "message": message}),
        None => json!({"message": message}),
    };
    let payload = json!({
        "@type": "type.googleapis.com/google.cloud.audit.AuditLog",
        "serviceName": "run.googleapis.com",
        "methodName": "/Services.UpdateService",
        "resourceName": resource,
        "status": status,
        "response": response,
    });
    entry(at, "cloudaudit.googleapis.com/system_event", severity, labels, payload)
}
