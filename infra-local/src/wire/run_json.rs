//! What Cloud Run knows, in its JSON. Defaults are written here and left out on the way.

use serde_json::{Value, json};

use crate::{
    clouds::run::{
        LOCATION, PROJECT, Run, SERVICE, Verdict,
        revision::{Revision, State},
        revision_name, service_name,
    },
    ids::{Ids, seed_of},
};

const RECONCILING: &str = "CONDITION_RECONCILING";
const SUCCEEDED: &str = "CONDITION_SUCCEEDED";
const FAILED: &str = "CONDITION_FAILED";

/// A service. `uri` is its public address.
pub fn service_json(run: &Run, uri: &str) -> Value {
    let reconciling = run.is_reconciling();
    let (configurations, routes) = conditions(run);
    let at = run.updated_at.rfc3339();
    let statuses: Vec<Value> = run
        .statuses
        .iter()
        .map(|target| {
            let tagged = target.tag.as_ref().map(|tag| uri.replacen("://", &format!("://{tag}---"), 1));
            target.to_json(tagged.as_deref())
        })
        .collect();
    json!({
        "name": service_name(),
        "uid": Ids::new(seed_of(&service_name())).uuid(),
        "generation": run.generation.to_string(),
        "createTime": run.created_at.rfc3339(),
        "updateTime": at,
        "creator": "maria.lindt@acme.example",
        "lastModifier": run.last_modifier,
        "client": "cloud-console",
        "ingress": "INGRESS_TRAFFIC_ALL",
        "launchStage": "GA",
        "template": run.template,
        "traffic": run.traffic.iter().map(|target| target.to_json(None)).collect::<Vec<_>>(),
        "observedGeneration": run.observed.to_string(),
        "terminalCondition": terminal(run, &at),
        "conditions": [routes.json("RoutesReady", &at), configurations.json("ConfigurationsReady", &at)],
        "latestReadyRevision": revision_name(&run.revisions[run.latest_ready].name),
        "latestCreatedRevision": revision_name(&run.revisions[run.latest_created()].name),
        "trafficStatuses": statuses,
        "uri": uri,
        "urls": [uri],
        "reconciling": reconciling,
        "etag": run.etag(),
    })
}

/// One condition, short of its type and time.
struct Condition {
    state: &'static str,
    reason: Option<&'static str>,
    revision_reason: Option<&'static str>,
    message: String,
}

impl Condition {
    fn plain(state: &'static str) -> Self {
        Self { state, reason: None, revision_reason: None, message: String::new() }
    }

    fn json(&self, kind: &str, at: &str) -> Value {
        json!({
            "type": kind,
            "state": self.state,
            "lastTransitionTime": at,
            "reason": self.reason,
            "revisionReason": self.revision_reason,
            "message": self.message,
        })
    }
}

fn of_verdict(verdict: &Verdict) -> Condition {
    match verdict {
        Verdict::Succeeded => Condition::plain(SUCCEEDED),
        Verdict::Failed { reason, message } => {
            Condition { state: FAILED, reason: Some(reason), revision_reason: None, message: message.clone() }
        }
    }
}

fn terminal(run: &Run, at: &str) -> Value {
    let condition = if run.is_reconciling() { Condition::plain(RECONCILING) } else { of_verdict(&run.verdict) };
    condition.json("Ready", at)
}

/// `ConfigurationsReady` and `RoutesReady`.
fn conditions(run: &Run) -> (Condition, Condition) {
    let configurations = match &run.revisions[run.latest_created()].state {
        State::Pending => Condition::plain(RECONCILING),
        State::Ready => Condition::plain(SUCCEEDED),
        State::Failed { .. } => of_verdict(&run.verdict),
    };
    let routes = Condition::plain(if run.reconcile.is_some() { RECONCILING } else { SUCCEEDED });
    (configurations, routes)
}

/// The revision at this index.
pub fn revision_json(run: &Run, index: usize) -> Value {
    let revision = &run.revisions[index];
    let name = revision_name(&revision.name);
    let at = revision.updated_at.rfc3339();
    let mut value = revision.template.clone();
    let labels = value["labels"].take();
    let serving = run.shares().iter().any(|(other, _)| *other == index);
    let more = json!({
        "name": name,
        "uid": Ids::new(seed_of(&name)).uuid(),
        "generation": "1",
        "labels": labels,
        "createTime": revision.created_at.rfc3339(),
        "updateTime": at,
        "launchStage": "GA",
        "service": SERVICE,
        "containerStatuses": [{"name": "hello-1", "imageDigest": pinned(revision)}],
        "conditions": revision_conditions(revision, serving, &at),
        "reconciling": revision.state == State::Pending,
        "observedGeneration": "1",
        "logUri": log_uri(revision),
        "scalingStatus": {"desiredMinInstanceCount": i32::from(serving)},
        "creator": run.last_modifier,
        "etag": format!("\"R{}\"", Ids::new(seed_of(&name) ^ u64::from(revision.instances_made)).hex(12)),
    });
    if let (Value::Object(value), Value::Object(more)) = (&mut value, more) {
        value.extend(more);
    }
    value
}

/// The image with its digest, which is how the API names what was resolved.
fn pinned(revision: &Revision) -> Option<String> {
    let repository = revision.image.split('@').next()?;
    let repository = repository.rsplit_once(':').map_or(repository, |(repository, _)| repository);
    Some(format!("{repository}@{}", revision.digest.as_ref()?))
}

fn log_uri(revision: &Revision) -> String {
    format!(
        "https://console.cloud.google.com/logs/viewer?project={PROJECT}&resource=cloud_run_revision/service_name/{SERVICE}\
         /revision_name/{}&advancedFilter=resource.labels.location%3D%22{LOCATION}%22",
        revision.name,
    )
}

fn revision_conditions(revision: &Revision, serving: bool, at: &str) -> Vec<Value> {
    let (ready, healthy) = match &revision.state {
        State::Pending => (Condition::plain(RECONCILING), Condition::plain(RECONCILING)),
        State::Ready => (Condition::plain(SUCCEEDED), Condition::plain(SUCCEEDED)),
        State::Failed { revision_reason, reason, message } => {
            let failed = || Condition {
                state: FAILED,
                reason: *reason,
                revision_reason: *revision_reason,
                message: message.clone(),
            };
            (failed(), failed())
        }
    };
    let active = if serving {
        Condition::plain(SUCCEEDED)
    } else {
        let message = "Revision retired.".to_owned();
        Condition { state: FAILED, reason: None, revision_reason: Some("RETIRED"), message }
    };
    let mut conditions = vec![
        ready.json("Ready", at),
        Condition::plain(SUCCEEDED).json("ResourcesAvailable", at),
        healthy.json("ContainerHealthy", at),
    ];
    // Only a revision that can serve can be active or retired.
    if revision.state == State::Ready {
        let mut active = active.json("Active", at);
        if !serving {
            active["severity"] = json!("INFO");
        }
        conditions.push(active);
    }
    conditions
}
