//! Services and task definitions in ECS's JSON. Absent members are `null` here and left out on the way.

use serde_json::{Value, json};

use super::arn_of_cluster;
use crate::{
    clouds::ecs::{
        Ecs,
        definition::{Definition, definition_arn},
        deployment::{Rolling, Status},
        service::Service,
        task::Task,
    },
    moment::Moment,
};

/// Who made everything.
const DEPLOYER: &str = "arn:aws:iam::123456789012:role/deployer";
/// Members of a revision that the rolling view shows, and what it calls them.
const OF_ROLLING: [&str; 8] = [
    "capacityProviderStrategy",
    "launchType",
    "networkConfiguration",
    "platformFamily",
    "platformVersion",
    "serviceConnectConfiguration",
    "volumeConfigurations",
    "vpcLatticeConfigurations",
];
/// Members of a revision that the service shows.
const OF_SERVICE: [&str; 7] = [
    "capacityProviderStrategy",
    "launchType",
    "loadBalancers",
    "networkConfiguration",
    "platformFamily",
    "platformVersion",
    "serviceRegistries",
];

pub fn at(moment: Option<Moment>) -> Option<f64> {
    moment.map(Moment::epoch_seconds)
}

/// Copies members that are there.
pub fn copy(into: &mut Value, from: &Value, members: &[&str]) {
    for member in members.iter().filter(|member| !from[**member].is_null()) {
        into[*member] = from[*member].clone();
    }
}

/// Running and starting tasks among those that `of` picks.
pub fn counts(service: &Service, of: impl Fn(&Task) -> bool) -> (usize, usize) {
    let picked = || service.tasks.iter().filter(|task| of(task));
    (picked().filter(|task| task.is_running()).count(), picked().filter(|task| task.is_starting()).count())
}

/// A service.
pub fn service_json(ecs: &Ecs, service: &Service, tags: bool) -> Value {
    let (running, pending) = counts(service, |_| true);
    let known = ecs.deployment_calls;
    let events = service.events.iter();
    let events =
        events.map(|event| json!({"id": event.id, "createdAt": event.at.epoch_seconds(), "message": event.message}));
    let wished = service.wished();
    let mut value = service.settings.clone();
    for (member, own) in [
        ("serviceArn", json!(service.arn())),
        ("serviceName", json!(service.key.name)),
        ("clusterArn", json!(arn_of_cluster(&service.key))),
        ("loadBalancers", json!([])),
        ("serviceRegistries", json!([])),
        ("status", json!(service.life.word())),
        ("desiredCount", json!(service.desired)),
        ("runningCount", json!(running)),
        ("pendingCount", json!(pending)),
        ("taskDefinition", json!(definition_arn(&wished.definition))),
        ("deploymentConfiguration", service.rules.shown.clone()),
        ("deployments", service.rollings.iter().rev().map(|rolling| rolling_json(service, rolling)).collect()),
        ("events", events.collect()),
        ("createdAt", json!(service.created_at.epoch_seconds())),
        ("createdBy", json!(DEPLOYER)),
        ("tags", json!(tags.then_some(&service.tags))),
        ("currentServiceDeployment", json!(known.then(|| service.current().arn()))),
        ("currentServiceRevisions", json!(known.then(|| current_revisions(service)))),
    ] {
        value[member] = own;
    }
    copy(&mut value, &wished.settings, &OF_SERVICE);
    value
}

fn current_revisions(service: &Service) -> Vec<Value> {
    let primary = service.primary().revision;
    let mut revisions = vec![primary];
    for task in service.tasks.iter().rev().filter(|task| task.is_running() || task.is_starting()) {
        if !revisions.contains(&task.revision) {
            revisions.push(task.revision);
        }
    }
    let summary = |revision: usize| {
        let requested = (revision == primary).then_some(service.desired);
        summary_json(service, revision, requested)
    };
    revisions.into_iter().map(summary).collect()
}

/// A revision with its tasks now. `requested` absent: as many as run.
pub fn summary_json(service: &Service, revision: usize, requested: Option<usize>) -> Value {
    let (running, pending) = counts(service, |task| task.revision == revision);
    json!({
        "arn": service.revisions[revision].arn(),
        "requestedTaskCount": requested.unwrap_or(running),
        "runningTaskCount": running,
        "pendingTaskCount": pending,
    })
}

fn rolling_json(service: &Service, rolling: &Rolling) -> Value {
    let is_primary = rolling.id == service.primary().id;
    let (running, pending) = counts(service, |task| task.started_by == rolling.id);
    let both = service.current().status == Status::InProgress && service.shares().is_some();
    let revision = &service.revisions[rolling.revision];
    let mut value = json!({
        "id": rolling.id,
        "status": if is_primary { "PRIMARY" } else { "ACTIVE" },
        "taskDefinition": definition_arn(&revision.definition),
        "desiredCount": if is_primary || both { service.desired } else { running },
        "pendingCount": pending,
        "runningCount": running,
        "failedTasks": rolling.failed,
        "createdAt": rolling.created_at.epoch_seconds(),
        "updatedAt": rolling.updated_at.epoch_seconds(),
        "rolloutState": rolling.rollout.word(),
        "rolloutStateReason": rolling.reason,
    });
    copy(&mut value, &revision.settings, &OF_ROLLING);
    if value["platformVersion"] == "LATEST" {
        value["platformVersion"] = json!("1.4.0");
    }
    value
}

/// A task definition.
pub fn definition_json(definition: &Definition) -> Value {
    let mut value = definition.body.clone();
    value["taskDefinitionArn"] = json!(definition.arn());
    value["family"] = json!(definition.family);
    value["revision"] = json!(definition.number);
    value["status"] = json!(definition.standing.word());
    value["registeredAt"] = json!(definition.registered_at.epoch_seconds());
    value["registeredBy"] = json!(DEPLOYER);
    value["deregisteredAt"] = json!(at(definition.deregistered_at));
    value
}
