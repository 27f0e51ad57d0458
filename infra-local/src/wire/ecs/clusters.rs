//! The calls of ECS about clusters.

use serde_json::{Value, json};

use super::{Output, cut, exception, full_arn, includes, look_up, name_in, tags_in};
use crate::{
    clouds::ecs::{Ecs, cluster::Cluster, service::Life},
    moment::Moment,
    wire::aws::{Exception, page_size, texts},
};

/// Members of a cluster that are kept as given.
const KEPT: [&str; 5] =
    ["settings", "configuration", "capacityProviders", "defaultCapacityProviderStrategy", "serviceConnectDefaults"];

/// `CreateCluster`.
pub fn create(ecs: &mut Ecs, now: Moment, input: &Value) -> Output {
    let name = input["clusterName"].as_str().unwrap_or("default");
    let letters = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if name.is_empty() || name.len() > 255 || !name.chars().all(letters) {
        return Err(Exception::invalid("Identifiers contain invalid characters."));
    }
    let mut given = json!({});
    take(&mut given, input);
    ecs.create_cluster(now, name, given, tags_in(input)?);
    Ok(show(ecs, name, &["TAGS", "SETTINGS", "CONFIGURATIONS"]))
}

fn take(given: &mut Value, input: &Value) {
    for member in KEPT.iter().filter(|member| !input[**member].is_null()) {
        given[*member] = input[*member].clone();
    }
}

/// `UpdateCluster`, `UpdateClusterSettings`, `PutClusterCapacityProviders`.
pub fn update(ecs: &mut Ecs, input: &Value) -> Output {
    let name = name_in(input["cluster"].as_str().unwrap_or("default"), "cluster").to_owned();
    ecs.cluster(&name).map_err(exception)?;
    if let Some(cluster) = ecs.clusters.get_mut(&name) {
        take(&mut cluster.given, input);
    }
    Ok(show(ecs, &name, &["TAGS", "SETTINGS", "CONFIGURATIONS"]))
}

/// `DeleteCluster`. A deleted cluster can still be described.
pub fn delete(ecs: &mut Ecs, input: &Value) -> Output {
    let name = name_in(input["cluster"].as_str().unwrap_or("default"), "cluster").to_owned();
    ecs.delete_cluster(&name).map_err(|refusal| match exception(refusal) {
        Exception("InvalidParameterException", message) => Exception("ClusterContainsServicesException", message),
        other => other,
    })?;
    Ok(show(ecs, &name, &[]))
}

fn show(ecs: &Ecs, name: &str, include: &[&str]) -> Value {
    let cluster = ecs.clusters.get(name);
    json!({"cluster": cluster.map(|cluster| cluster_json(ecs, cluster, include))})
}

/// `DescribeClusters`: up to 100, `default` when none is named.
pub fn describe(ecs: &Ecs, input: &Value) -> Output {
    let mut names = texts(input, "clusters");
    if names.is_empty() {
        names.push("default");
    }
    if names.len() > 100 {
        return Err(Exception::invalid("Clusters can not exceed 100."));
    }
    let include: Vec<&str> =
        ["TAGS", "SETTINGS", "CONFIGURATIONS", "STATISTICS"].into_iter().filter(|part| includes(input, part)).collect();
    let find = |name: &str| {
        let cluster = ecs.clusters.get(name_in(name, "cluster"));
        cluster.map(|cluster| cluster_json(ecs, cluster, &include))
    };
    let (clusters, failures) = look_up(names, find, |name| full_arn(name, "cluster"));
    Ok(json!({"clusters": clusters, "failures": failures}))
}

/// `ListClusters`.
pub fn list(ecs: &Ecs, input: &Value) -> Output {
    let arns = ecs.clusters.values().filter(|cluster| cluster.active).map(Cluster::arn).collect();
    let page = cut("clusters", arns, page_size(input, 100, 100)?, input)?;
    Ok(json!({"clusterArns": page.items, "nextToken": page.next}))
}

fn cluster_json(ecs: &Ecs, cluster: &Cluster, include: &[&str]) -> Value {
    let inside = || ecs.services.values().filter(|service| service.key.cluster == cluster.name);
    let tasks = || inside().flat_map(|service| service.tasks.iter());
    let has = |part: &str| include.contains(&part);
    let settings = &cluster.given["settings"];
    let settings =
        if settings.is_null() { json!([{"name": "containerInsights", "value": "disabled"}]) } else { settings.clone() };
    let list = |name: &str| if cluster.given[name].is_null() { json!([]) } else { cluster.given[name].clone() };
    json!({
        "clusterArn": cluster.arn(),
        "clusterName": cluster.name,
        "status": if cluster.active { "ACTIVE" } else { "INACTIVE" },
        "registeredContainerInstancesCount": 0,
        "runningTasksCount": tasks().filter(|task| task.is_running()).count(),
        "pendingTasksCount": tasks().filter(|task| task.is_starting()).count(),
        "activeServicesCount": inside().filter(|service| service.life == Life::Active).count(),
        "statistics": if has("STATISTICS") { statistics(ecs, cluster) } else { json!([]) },
        "tags": if has("TAGS") { json!(cluster.tags) } else { json!([]) },
        "settings": if has("SETTINGS") { settings } else { json!([]) },
        "configuration": has("CONFIGURATIONS").then(|| cluster.given["configuration"].clone()),
        "capacityProviders": list("capacityProviders"),
        "defaultCapacityProviderStrategy": list("defaultCapacityProviderStrategy"),
        "serviceConnectDefaults": cluster.given["serviceConnectDefaults"],
    })
}

/// What ECS counts by launch type; everything here is Fargate.
fn statistics(ecs: &Ecs, cluster: &Cluster) -> Value {
    let services = || ecs.services.values().filter(|service| service.key.cluster == cluster.name);
    let tasks = || services().flat_map(|service| service.tasks.iter());
    let count = |name: &str, value: usize| json!({"name": name, "value": value.to_string()});
    json!([
        count("runningFargateTasksCount", tasks().filter(|task| task.is_running()).count()),
        count("pendingFargateTasksCount", tasks().filter(|task| task.is_starting()).count()),
        count("activeFargateServiceCount", services().filter(|service| service.life == Life::Active).count()),
        count("drainingFargateServiceCount", services().filter(|service| service.life == Life::Draining).count()),
    ])
}
