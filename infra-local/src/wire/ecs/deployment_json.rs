//! Service deployments and service revisions in ECS's JSON.

use serde_json::{Value, json};

use super::{
    arn_of_cluster,
    json::{at, copy, summary_json},
};
use crate::clouds::ecs::{
    arn,
    definition::definition_arn,
    deployment::{Breaker, Hold, ServiceDeployment, ServiceRevision, Status, Step},
    service::Service,
};

/// Members of a revision that are shown as they were given.
const GIVEN: [&str; 10] = [
    "capacityProviderStrategy",
    "launchType",
    "loadBalancers",
    "networkConfiguration",
    "platformFamily",
    "platformVersion",
    "serviceConnectConfiguration",
    "serviceRegistries",
    "volumeConfigurations",
    "vpcLatticeConfigurations",
];

/// A deployment as `ListServiceDeployments` shows it.
pub fn brief_json(service: &Service, deployment: &ServiceDeployment) -> Value {
    json!({
        "serviceDeploymentArn": deployment.arn(),
        "serviceArn": service.arn(),
        "clusterArn": arn_of_cluster(&service.key),
        "startedAt": at(deployment.started_at),
        "createdAt": deployment.created_at.epoch_seconds(),
        "finishedAt": at(deployment.finished_at),
        "targetServiceRevisionArn": service.revisions[deployment.target].arn(),
        "status": deployment.status.word(),
        "statusReason": deployment.reason,
    })
}

/// A deployment as `DescribeServiceDeployments` shows it.
pub fn deployment_json(service: &Service, deployment: &ServiceDeployment) -> Value {
    let weighed = deployment.rules.side_by_side();
    let with_weights = |mut summary: Value, production: f64, test: f64| {
        if weighed {
            summary["requestedProductionTrafficWeight"] = json!(production);
            summary["requestedTestTrafficWeight"] = json!(test);
        }
        summary
    };
    let sources = deployment.sources.iter().map(|(revision, tasks)| {
        let summary = summary_json(service, *revision, Some(*tasks));
        with_weights(summary, 100.0 - deployment.production, 100.0 - deployment.test)
    });
    let target = summary_json(service, deployment.target, Some(service.desired));
    let rollback = deployment.rollback.as_ref().map(|rollback| {
        json!({
            "reason": rollback.reason,
            "startedAt": rollback.started_at.epoch_seconds(),
            "serviceRevisionArn": service.revisions[rollback.to].arn(),
        })
    });
    let step = match deployment.status {
        Status::Pending => Some(Step::Reconcile),
        Status::InProgress => Some(deployment.step),
        Status::StopRequested | Status::RollbackRequested | Status::RollbackInProgress => Some(Step::CleanUp),
        Status::Successful | Status::Stopped | Status::RollbackSuccessful | Status::RollbackFailed => None,
    };
    json!({
        "serviceDeploymentArn": deployment.arn(),
        "serviceArn": service.arn(),
        "clusterArn": arn_of_cluster(&service.key),
        "createdAt": deployment.created_at.epoch_seconds(),
        "startedAt": at(deployment.started_at),
        "finishedAt": at(deployment.finished_at),
        "stoppedAt": at(deployment.stopped_at),
        "updatedAt": deployment.updated_at.epoch_seconds(),
        "sourceServiceRevisions": sources.collect::<Vec<_>>(),
        "targetServiceRevision": with_weights(target, deployment.production, deployment.test),
        "status": deployment.status.word(),
        "statusReason": deployment.reason,
        "lifecycleStage": step.map(Step::word),
        "lifecycleHookDetails": (!deployment.holds.is_empty())
            .then(|| deployment.holds.iter().map(hold_json).collect::<Vec<_>>()),
        "deploymentConfiguration": deployment.rules.shown,
        "rollback": rollback,
        "deploymentCircuitBreaker": breaker_json(service, deployment),
        "alarms": alarms_json(deployment),
    })
}

fn breaker_json(service: &Service, deployment: &ServiceDeployment) -> Value {
    let threshold = deployment.rules.breaker.map(|rule| rule.threshold.of(service.desired));
    json!({
        "status": deployment.breaker.word(),
        "failureCount": deployment.failures,
        "threshold": threshold.unwrap_or_else(|| service.threshold()),
    })
}

fn alarms_json(deployment: &ServiceDeployment) -> Value {
    let names = deployment.rules.alarms.as_ref().map(|(names, _)| names.clone());
    json!({
        "status": deployment.alarms.word(),
        "alarmNames": names,
        "triggeredAlarmNames": (deployment.alarms == Breaker::Triggered).then_some(&deployment.rang),
    })
}

fn hold_json(hold: &Hold) -> Value {
    json!({
        "hookId": hold.id,
        "targetType": "PAUSE",
        "status": hold.waiting.word(),
        "expiresAt": hold.expires_at.epoch_seconds(),
        "timeoutAction": if hold.goes_on { "CONTINUE" } else { "ROLLBACK" },
    })
}

/// A service revision.
pub fn revision_json(revision: &ServiceRevision) -> Value {
    let images = revision
        .containers
        .iter()
        .map(|pinned| json!({"containerName": pinned.container, "imageDigest": pinned.digest, "image": pinned.image}));
    let mut value = json!({
        "serviceRevisionArn": revision.arn(),
        "serviceArn": arn(&format!("service/{}", revision.key)),
        "clusterArn": arn_of_cluster(&revision.key),
        "taskDefinition": definition_arn(&revision.definition),
        "containerImages": images.collect::<Vec<_>>(),
        "guardDutyEnabled": false,
        "createdAt": revision.created_at.epoch_seconds(),
    });
    copy(&mut value, &revision.settings, &GIVEN);
    if value["platformVersion"] == "LATEST" {
        value["platformVersion"] = json!("1.4.0");
    }
    value
}
