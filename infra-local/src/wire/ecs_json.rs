//! What ECS knows, in its JSON. Absent members are `null` here and left out on the way.

use serde_json::{Value, json};

use crate::{
    clouds::ecs::{
        CLUSTER, Ecs, REGION, SERVICE, arn,
        definition::{Definition, definition_arn},
        deployment::{Rolling, ServiceDeployment, ServiceRevision, Status},
        task::Task,
    },
    moment::Moment,
};

/// ARN of the service.
pub fn service_arn() -> String {
    arn(&format!("service/{CLUSTER}/{SERVICE}"))
}

/// ARN of the cluster.
pub fn cluster_arn() -> String {
    arn(&format!("cluster/{CLUSTER}"))
}

fn at(moment: Option<Moment>) -> Option<f64> {
    moment.map(Moment::epoch_seconds)
}

fn load_balancers() -> Value {
    let group = format!("arn:aws:elasticloadbalancing:{REGION}:123456789012:targetgroup/hello/6d0ecf831eec9f09");
    json!([{"targetGroupArn": group, "containerName": SERVICE, "containerPort": 8080}])
}

fn deployment_configuration() -> Value {
    json!({
        "deploymentCircuitBreaker": {"enable": true, "rollback": true},
        "maximumPercent": 200,
        "minimumHealthyPercent": 100,
        "strategy": "ROLLING",
        "bakeTimeInMinutes": 0,
    })
}

/// Running and starting tasks among those that `of` picks.
fn counts(ecs: &Ecs, of: impl Fn(&Task) -> bool) -> (usize, usize) {
    let picked = || ecs.tasks.iter().filter(|task| of(task));
    (picked().filter(|task| task.is_running()).count(), picked().filter(|task| task.is_starting()).count())
}

/// A service.
pub fn service_json(ecs: &Ecs, tags: bool) -> Value {
    let (running, pending) = counts(ecs, |_| true);
    let definition = &ecs.revisions[ecs.primary().revision].definition;
    let known = ecs.deployment_calls;
    let events: Vec<Value> = ecs
        .events
        .iter()
        .map(|event| json!({"id": event.id, "createdAt": event.at.epoch_seconds(), "message": event.message}))
        .collect();
    json!({
        "serviceArn": service_arn(),
        "serviceName": SERVICE,
        "clusterArn": cluster_arn(),
        "loadBalancers": load_balancers(),
        "serviceRegistries": [],
        "status": "ACTIVE",
        "desiredCount": ecs.desired,
        "runningCount": running,
        "pendingCount": pending,
        "launchType": "FARGATE",
        "platformVersion": "LATEST",
        "platformFamily": "Linux",
        "taskDefinition": definition_arn(definition),
        "deploymentConfiguration": deployment_configuration(),
        "deployments": ecs.rollings.iter().rev().map(|rolling| rolling_json(ecs, rolling)).collect::<Vec<_>>(),
        "events": events,
        "createdAt": ecs.created_at.epoch_seconds(),
        "placementConstraints": [],
        "placementStrategy": [],
        "healthCheckGracePeriodSeconds": 0,
        "schedulingStrategy": "REPLICA",
        "deploymentController": {"type": "ECS"},
        "createdBy": "arn:aws:iam::123456789012:role/deployer",
        "enableECSManagedTags": false,
        "propagateTags": "NONE",
        "enableExecuteCommand": false,
        "availabilityZoneRebalancing": "ENABLED",
        "tags": tags.then(|| json!([{"key": "team", "value": "hello"}])),
        "currentServiceDeployment": known.then(|| current_deployment(ecs)),
        "currentServiceRevisions": known.then(|| current_revisions(ecs)),
    })
}

/// The deployment under way; without one, the last one.
fn current_deployment(ecs: &Ecs) -> String {
    ecs.current().arn()
}

fn current_revisions(ecs: &Ecs) -> Vec<Value> {
    let primary = ecs.primary().revision;
    let mut revisions = vec![primary];
    for task in ecs.tasks.iter().rev().filter(|task| task.is_running() || task.is_starting()) {
        if !revisions.contains(&task.revision) {
            revisions.push(task.revision);
        }
    }
    let summary = |revision: usize| {
        let requested = (revision == primary).then_some(ecs.desired);
        summary_json(ecs, revision, requested)
    };
    revisions.into_iter().map(summary).collect()
}

/// A revision with its tasks now. `requested` absent: as many as run.
fn summary_json(ecs: &Ecs, revision: usize, requested: Option<usize>) -> Value {
    let (running, pending) = counts(ecs, |task| task.revision == revision);
    json!({
        "arn": ecs.revisions[revision].arn(),
        "requestedTaskCount": requested.unwrap_or(running),
        "runningTaskCount": running,
        "pendingTaskCount": pending,
    })
}

fn rolling_json(ecs: &Ecs, rolling: &Rolling) -> Value {
    let is_primary = rolling.id == ecs.primary().id;
    let (running, pending) = counts(ecs, |task| task.started_by == rolling.id);
    json!({
        "id": rolling.id,
        "status": if is_primary { "PRIMARY" } else { "ACTIVE" },
        "taskDefinition": definition_arn(&ecs.revisions[rolling.revision].definition),
        "desiredCount": if is_primary { ecs.desired } else { running },
        "pendingCount": pending,
        "runningCount": running,
        "failedTasks": rolling.failed,
        "createdAt": rolling.created_at.epoch_seconds(),
        "updatedAt": rolling.updated_at.epoch_seconds(),
        "launchType": "FARGATE",
        "platformVersion": "1.4.0",
        "platformFamily": "Linux",
        "networkConfiguration": network(),
        "rolloutState": rolling.rollout.word(),
        "rolloutStateReason": rolling.reason,
    })
}

fn network() -> Value {
    json!({"awsvpcConfiguration": {
        "subnets": ["subnet-0a1b2c3d4e5f60718"], "securityGroups": ["sg-0f1e2d3c4b5a69788"], "assignPublicIp": "DISABLED",
    }})
}

/// A deployment as `ListServiceDeployments` shows it.
pub fn brief_json(ecs: &Ecs, deployment: &ServiceDeployment) -> Value {
    json!({
        "serviceDeploymentArn": deployment.arn(),
        "serviceArn": service_arn(),
        "clusterArn": cluster_arn(),
        "startedAt": at(deployment.started_at),
        "createdAt": deployment.created_at.epoch_seconds(),
        "finishedAt": at(deployment.finished_at),
        "targetServiceRevisionArn": ecs.revisions[deployment.target].arn(),
        "status": deployment.status.word(),
        "statusReason": deployment.reason,
    })
}

/// A deployment as `DescribeServiceDeployments` shows it.
pub fn deployment_json(ecs: &Ecs, deployment: &ServiceDeployment) -> Value {
    let sources: Vec<Value> =
        deployment.sources.iter().map(|(revision, tasks)| summary_json(ecs, *revision, Some(*tasks))).collect();
    let rollback = deployment.rollback.as_ref().map(|rollback| {
        json!({
            "reason": rollback.reason,
            "startedAt": rollback.started_at.epoch_seconds(),
            "serviceRevisionArn": ecs.revisions[rollback.to].arn(),
        })
    });
    let stage = match deployment.status {
        Status::Pending => Some("RECONCILE_SERVICE"),
        Status::InProgress => Some("SCALE_UP"),
        Status::StopRequested | Status::RollbackRequested | Status::RollbackInProgress => Some("CLEAN_UP"),
        Status::Successful | Status::Stopped | Status::RollbackSuccessful | Status::RollbackFailed => None,
    };
    json!({
        "serviceDeploymentArn": deployment.arn(),
        "serviceArn": service_arn(),
        "clusterArn": cluster_arn(),
        "createdAt": deployment.created_at.epoch_seconds(),
        "startedAt": at(deployment.started_at),
        "finishedAt": at(deployment.finished_at),
        "stoppedAt": at(deployment.stopped_at),
        "updatedAt": deployment.updated_at.epoch_seconds(),
        "sourceServiceRevisions": sources,
        "targetServiceRevision": summary_json(ecs, deployment.target, Some(ecs.desired)),
        "status": deployment.status.word(),
        "statusReason": deployment.reason,
        "lifecycleStage": stage,
        "deploymentConfiguration": deployment_configuration(),
        "rollback": rollback,
        "deploymentCircuitBreaker": {
            "status": deployment.breaker.word(),
            "failureCount": deployment.failures,
            "threshold": ecs.threshold(),
        },
        "alarms": {"status": "DISABLED"},
    })
}

/// A service revision.
pub fn revision_json(revision: &ServiceRevision) -> Value {
    json!({
        "serviceRevisionArn": revision.arn(),
        "serviceArn": service_arn(),
        "clusterArn": cluster_arn(),
        "taskDefinition": definition_arn(&revision.definition),
        "launchType": "FARGATE",
        "platformVersion": "1.4.0",
        "platformFamily": "Linux",
        "loadBalancers": load_balancers(),
        "networkConfiguration": network(),
        "containerImages": [{"containerName": revision.container, "imageDigest": revision.digest, "image": revision.image}],
        "guardDutyEnabled": false,
        "createdAt": revision.created_at.epoch_seconds(),
    })
}

/// A task definition.
pub fn definition_json(definition: &Definition) -> Value {
    let mut value = definition.body.clone();
    value["taskDefinitionArn"] = json!(definition.arn());
    value["family"] = json!(definition.family);
    value["revision"] = json!(definition.number);
    value["status"] = json!(definition.standing.word());
    value["registeredAt"] = json!(definition.registered_at.epoch_seconds());
    value["registeredBy"] = json!("arn:aws:iam::123456789012:role/deployer");
    value["deregisteredAt"] = json!(at(definition.deregistered_at));
    value
}

/// A task.
pub fn task_json(ecs: &Ecs, task: &Task) -> Value {
    let revision = &ecs.revisions[task.revision];
    let healthy = if task.is_running() && task.ready { "HEALTHY" } else { "UNKNOWN" };
    json!({
        "taskArn": task.arn(),
        "clusterArn": cluster_arn(),
        "taskDefinitionArn": definition_arn(&revision.definition),
        "group": format!("service:{SERVICE}"),
        "startedBy": task.started_by,
        "lastStatus": task.last_status(),
        "desiredStatus": task.desired_status(),
        "healthStatus": healthy,
        "availabilityZone": format!("{REGION}a"),
        "launchType": "FARGATE",
        "platformVersion": "1.4.0",
        "platformFamily": "Linux",
        "cpu": "256",
        "memory": "512",
        "connectivity": "CONNECTED",
        "createdAt": task.created_at.epoch_seconds(),
        "startedAt": at(task.started_at),
        "stoppingAt": at(task.stopping_at),
        "stoppedAt": at(task.stopped_at),
        "stopCode": task.stop.as_ref().map(|stop| stop.code),
        "stoppedReason": task.stop.as_ref().map(|stop| stop.reason.as_str()),
        "version": 1,
        "containers": [{
            "containerArn": arn(&format!("container/{CLUSTER}/{}/1", task.id)),
            "taskArn": task.arn(),
            "name": revision.container,
            "image": revision.image,
            "imageDigest": revision.digest,
            "lastStatus": task.last_status(),
            "healthStatus": healthy,
            "exitCode": task.stopped_at.and(task.stop.as_ref()).and_then(|stop| stop.exit),
        }],
    })
}
