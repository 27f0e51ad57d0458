//! What Cloud Run knows, in its JSON. Defaults are written here and left out on the way.

use serde_json::{Value, json};

use crate::{
    clouds::run::{
        KEPT, LOCATION, PROJECT, Run, Verdict,
        operation::{About, End, Operation},
        revision::{Revision, State},
        schema, template,
    },
    ids::{Ids, seed_of},
    moment::Moment,
};

const RECONCILING: &str = "CONDITION_RECONCILING";
const SUCCEEDED: &str = "CONDITION_SUCCEEDED";
const FAILED: &str = "CONDITION_FAILED";

/// A service. `uri` is its public address, if it has one.
pub fn service_json(run: &Run, uri: Option<&str>) -> Value {
    let reconciling = run.is_reconciling();
    let (configurations, routes) = conditions(run);
    let at = run.updated_at.rfc3339();
    let statuses: Vec<Value> = run
        .statuses
        .iter()
        .map(|target| {
            let tagged = target.tag.as_ref().and_then(|tag| Some(uri?.replacen("://", &format!("://{tag}---"), 1)));
            target.to_json(tagged.as_deref())
        })
        .collect();
    let ready = &run.revisions[run.latest_ready];
    let mut service = run.settings.clone();
    let more = json!({
        "name": run.full_name(),
        "uid": run.uid,
        "generation": run.generation.to_string(),
        "createTime": run.created_at.rfc3339(),
        "updateTime": at,
        "deleteTime": run.deleted_at.map(Moment::rfc3339),
        "expireTime": run.deleted_at.map(|at| at.after(KEPT).rfc3339()),
        "creator": run.creator,
        "lastModifier": run.last_modifier,
        "template": run.template,
        "traffic": run.traffic.iter().map(|target| target.to_json(None)).collect::<Vec<_>>(),
        "observedGeneration": run.observed.to_string(),
        "terminalCondition": terminal(run, &at),
        "conditions": [routes.json("RoutesReady", &at), configurations.json("ConfigurationsReady", &at)],
        "latestReadyRevision": (ready.state == State::Ready).then(|| run.revision_name(&ready.name)),
        "latestCreatedRevision": run.revision_name(&run.revisions[run.latest_created()].name),
        "trafficStatuses": statuses,
        "uri": uri,
        "urls": uri.into_iter().collect::<Vec<_>>(),
        "reconciling": reconciling,
        "etag": run.etag(),
    });
    extend(&mut service, more);
    service["template"]["revision"] = json!(run.named);
    for (name, usual) in [("ingress", "INGRESS_TRAFFIC_ALL"), ("launchStage", "GA")] {
        if service[name].is_null() {
            service[name] = json!(usual);
        }
    }
    service
}

fn extend(value: &mut Value, more: Value) {
    if let (Value::Object(value), Value::Object(more)) = (value, more) {
        value.extend(more);
    }
}

/// An operation of this service.
pub fn operation_json(run: &Run, operation: &Operation, uri: Option<&str>, numbers: bool) -> Value {
    let (kind, mut about) = match &operation.about {
        About::Service => ("Service", service_json(run, uri)),
        About::Revision(revision) => ("Revision", gone_json(run, revision, operation.created_at)),
    };
    if matches!(operation.about, About::Service) {
        // The service as it is now, but of the generation that this operation brings into effect: later ones are not its own.
        about["generation"] = json!(operation.generation.to_string());
    }
    let mut any = schema::write(kind, about, numbers);
    any["@type"] = json!(format!("type.googleapis.com/google.cloud.run.v2.{kind}"));
    match &operation.end {
        None => json!({"name": operation.name(), "metadata": any}),
        Some(End::Done) => json!({"name": operation.name(), "metadata": any, "done": true, "response": any}),
        Some(End::Failed { code, message }) => json!({
            "name": operation.name(), "metadata": any, "done": true, "error": {"code": code, "message": message},
        }),
    }
}

fn gone_json(run: &Run, revision: &Revision, at: Moment) -> Value {
    let mut value = of_revision(run, revision, false);
    value["deleteTime"] = json!(at.rfc3339());
    value["expireTime"] = json!(at.after(KEPT).rfc3339());
    // Google's own Python client does not know this field, and an unknown one inside an operation is an error to it.
    if let Value::Object(value) = &mut value {
        value.remove("containerStatuses");
    }
    value
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
        State::Ready | State::Failed { .. } => of_verdict(&run.newest()),
    };
    let routes = if run.reconcile.is_some() { Condition::plain(RECONCILING) } else { of_verdict(&run.reach()) };
    (configurations, routes)
}

/// The revision at this index.
pub fn revision_json(run: &Run, index: usize) -> Value {
    let serving = run.shares().iter().any(|(other, _)| *other == index);
    of_revision(run, &run.revisions[index], serving)
}

fn of_revision(run: &Run, revision: &Revision, serving: bool) -> Value {
    let name = run.revision_name(&revision.name);
    let at = revision.updated_at.rfc3339();
    let mut value = revision.template.clone();
    if let Value::Object(value) = &mut value {
        // A template knows of this; what was made from it does not.
        value.remove("healthCheckDisabled");
    }
    let least = if serving { template::least_instances(&revision.template, &run.settings) } else { 0 };
    let container =
        revision.template["containers"][0]["name"].as_str().map_or(format!("{}-1", run.name), str::to_owned);
    let more = json!({
        "name": name,
        "uid": Ids::new(seed_of(&name)).uuid(),
        "generation": "1",
        "createTime": revision.created_at.rfc3339(),
        "updateTime": at,
        "launchStage": "GA",
        "service": run.name,
        "containerStatuses": [{"name": container, "imageDigest": pinned(revision)}],
        "conditions": revision_conditions(revision, serving, &at),
        "reconciling": revision.state == State::Pending,
        "observedGeneration": "1",
        "logUri": log_uri(run, revision),
        "scalingStatus": {"desiredMinInstanceCount": least},
        "creator": revision.creator,
        "etag": revision.etag(),
    });
    extend(&mut value, more);
    value
}

/// The image with its digest, which is how the API names what was resolved.
fn pinned(revision: &Revision) -> Option<String> {
    let repository = revision.image.split('@').next()?;
    let repository = repository.rsplit_once(':').map_or(repository, |(repository, _)| repository);
    Some(format!("{repository}@{}", revision.digest.as_ref()?))
}

fn log_uri(run: &Run, revision: &Revision) -> String {
    format!(
        "https://console.cloud.google.com/logs/viewer?project={PROJECT}&resource=cloud_run_revision/service_name/{}\
         /revision_name/{}&advancedFilter=resource.labels.location%3D%22{LOCATION}%22",
        run.name, revision.name,
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
    let active = if serving && revision.instance.is_none() {
        // It gets requests and waits for one.
        Condition { revision_reason: Some("RESERVE"), ..Condition::plain(SUCCEEDED) }
    } else if serving {
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
