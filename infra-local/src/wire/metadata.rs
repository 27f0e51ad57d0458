//! The ECS task metadata endpoint, version 4, for our own instances.

use serde_json::json;

use super::reply::Reply;
use crate::{clouds::ecs, site::Site};

/// `GET /ecs-metadata/v4/{task}` is the container, `.../task` the task.
pub fn answer(site: &Site, path: &str) -> Reply {
    let (id, whole_task) = match path.split_once('/') {
        Some((id, "task")) => (id, true),
        Some(_) => return Reply::text(404, "not found\n"),
        None => (path, false),
    };
    let clouds = site.clouds();
    let Some((service, task)) = clouds.ecs.task(id) else {
        return Reply::text(404, "no such task\n");
    };
    let revision = &service.revisions[task.revision];
    let (family, number) = revision.definition.split_once(':').unwrap_or_default();
    let container = json!({
        "DockerId": format!("{id}-1"),
        "Name": revision.container(),
        "Image": revision.image(),
        "ImageID": revision.digest(),
        "KnownStatus": "RUNNING",
        "Type": "NORMAL",
    });
    let answer = if whole_task {
        json!({
            "Cluster": ecs::cluster::cluster_arn(&task.cluster),
            "ServiceName": service.key.name,
            "TaskARN": task.arn(),
            "Family": family,
            "Revision": number,
            "DesiredStatus": task.desired_status(),
            "KnownStatus": "RUNNING",
            "AvailabilityZone": format!("{}a", ecs::REGION),
            "LaunchType": "FARGATE",
            "Containers": [container],
        })
    } else {
        container
    };
    Reply::json(200, "application/json", &answer)
}
