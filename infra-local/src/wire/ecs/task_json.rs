//! Tasks in ECS's JSON.

use serde_json::{Value, json};

use super::{
    arn_of_cluster,
    json::{at, copy},
};
use crate::clouds::ecs::{
    Ecs, REGION, arn,
    definition::definition_arn,
    deployment::{Pinned, ServiceRevision},
    service::Service,
    task::{Stage, Task},
};

/// A task.
pub fn task_json(ecs: &Ecs, service: &Service, task: &Task, tags: bool) -> Value {
    let revision = &service.revisions[task.revision];
    let definition = ecs.definitions.find(&revision.definition);
    let body = definition.map_or(Value::Null, |definition| definition.body.clone());
    let on_network = body["networkMode"] == "awsvpc";
    let containers = revision.containers.iter().enumerate();
    let containers = containers
        .map(|(index, pinned)| container_json(task, index, pinned, &body["containerDefinitions"][index], on_network));
    let mut value = json!({
        "taskArn": task.arn(),
        "clusterArn": arn_of_cluster(&service.key),
        "taskDefinitionArn": definition_arn(&revision.definition),
        "group": format!("service:{}", service.key.name),
        "startedBy": task.started_by,
        "lastStatus": task.last_status(),
        "desiredStatus": task.desired_status(),
        "healthStatus": health(task, &body["containerDefinitions"][0]),
        "availabilityZone": format!("{REGION}a"),
        "connectivity": (!matches!(task.stage, Stage::Pending { .. })).then_some("CONNECTED"),
        "cpu": body["cpu"],
        "memory": body["memory"],
        "enableExecuteCommand": service.settings["enableExecuteCommand"],
        "overrides": {"containerOverrides": [], "inferenceAcceleratorOverrides": []},
        "attributes": [{"name": "ecs.cpu-architecture", "value": "x86_64"}],
        "attachments": if on_network { json!([interface(task, revision)]) } else { json!([]) },
        "createdAt": task.created_at.epoch_seconds(),
        "startedAt": at(task.started_at),
        "stoppingAt": at(task.stopping_at),
        "executionStoppedAt": at(task.stop.as_ref().and_then(|stop| stop.exit).and(task.stopped_at)),
        "stoppedAt": at(task.stopped_at),
        "stopCode": task.stop.as_ref().map(|stop| stop.code),
        "stoppedReason": task.stop.as_ref().map(|stop| stop.reason.as_str()),
        "version": version(task),
        "containers": containers.collect::<Vec<_>>(),
        "tags": if tags { json!([]) } else { Value::Null },
    });
    copy(&mut value, &revision.settings, &["launchType", "platformFamily", "platformVersion"]);
    if value["platformVersion"] == "LATEST" {
        value["platformVersion"] = json!("1.4.0");
    }
    value
}

/// Rises with each change of the task.
fn version(task: &Task) -> u32 {
    match task.stage {
        Stage::Pending { .. } => 1 + u32::from(task.late),
        Stage::Activating { .. } => 3,
        Stage::Running => 4,
        Stage::Draining { .. } => 5 + u32::from(task.late),
        Stage::Stopped => 7,
    }
}

/// Known only where the definition has a health check.
fn health(task: &Task, container: &Value) -> &'static str {
    if !task.is_running() || container["healthCheck"].is_null() {
        "UNKNOWN"
    } else if task.ready {
        "HEALTHY"
    } else {
        "UNHEALTHY"
    }
}

fn container_json(task: &Task, index: usize, pinned: &Pinned, definition: &Value, on_network: bool) -> Value {
    let stop = task.stop.as_ref();
    let pull = stop.filter(|stop| stop.code == "TaskFailedToStart" && pinned.digest.is_none());
    let interfaces = json!([{"attachmentId": attachment(task), "privateIpv4Address": task.address()}]);
    json!({
        "containerArn": arn(&format!("container/{}/{}/{}", task.cluster, task.id, index + 1)),
        "taskArn": task.arn(),
        "name": pinned.container,
        "image": pinned.image,
        "imageDigest": pinned.digest,
        "runtimeId": task.started_at.map(|_| format!("{}-{}", task.id, 527_074_092 + index)),
        "lastStatus": container_status(task),
        "healthStatus": health(task, definition),
        "exitCode": task.stopped_at.and(stop).and_then(|stop| stop.exit),
        "reason": pull.map(|stop| stop.reason.as_str()),
        "networkBindings": [],
        "networkInterfaces": if on_network { interfaces } else { json!([]) },
        "cpu": definition["cpu"].as_u64().map(|cpu| cpu.to_string()),
    })
}

/// Containers know only these words.
fn container_status(task: &Task) -> &'static str {
    match task.stage {
        Stage::Pending { .. } | Stage::Activating { .. } => "PENDING",
        Stage::Running | Stage::Draining { .. } => "RUNNING",
        Stage::Stopped => "STOPPED",
    }
}

/// The id of the network interface's attachment: the task's, in groups.
fn attachment(task: &Task) -> String {
    let part = |from: usize, to: usize| task.id.get(from..to).unwrap_or_default();
    format!("{}-{}-4{}-a{}-{}", part(0, 8), part(8, 12), part(13, 16), part(17, 20), part(20, 32))
}

fn interface(task: &Task, revision: &ServiceRevision) -> Value {
    let status = match task.stage {
        Stage::Pending { .. } => "ATTACHING",
        Stage::Activating { .. } | Stage::Running | Stage::Draining { .. } => "ATTACHED",
        Stage::Stopped => "DELETED",
    };
    let subnet = &revision.settings["networkConfiguration"]["awsvpcConfiguration"]["subnets"][0];
    let detail = |name: &str, value: Value| json!({"name": name, "value": value});
    let address = task.address();
    json!({
        "id": attachment(task),
        "type": "ElasticNetworkInterface",
        "status": status,
        "details": [
            detail("subnetId", subnet.clone()),
            detail("networkInterfaceId", json!(format!("eni-0{}", task.id.get(..16).unwrap_or_default()))),
            detail("privateDnsName", json!(format!("ip-{}.{REGION}.compute.internal", address.replace('.', "-")))),
            detail("privateIPv4Address", json!(address)),
        ],
    })
}
