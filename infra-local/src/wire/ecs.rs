//! The calls of ECS.
//!
//! - [`shape`]: what a request may hold
//! - [`definitions`], [`clusters`], [`services`], [`deployments`], [`tasks`], [`tags`]: the calls by what they are about
//! - [`json`], [`deployment_json`], [`task_json`]: the answers

mod clusters;
mod definitions;
mod deployment_json;
mod deployments;
mod json;
mod services;
mod shape;
mod tags;
mod task_json;
mod tasks;

use serde_json::{Value, json};

use super::{
    aws::{Exception, texts},
    paging::{self, Page},
};
use crate::{
    clouds::{
        Clouds,
        ecs::{Ecs, Key, arn, change::Refusal, cluster::cluster_arn, service::Life},
    },
    moment::Moment,
    site::Site,
};

type Output = Result<Value, Exception>;

/// Answers one call.
pub fn answer(site: &Site, name: &str, input: &Value) -> Output {
    let now = site.clock.now();
    let mut clouds = site.clouds();
    clouds.advance(now);
    let input = shape::read(name, input)?;
    if let Some(output) = read(clouds.ecs_seen(now), name, &input) {
        return output;
    }
    clouds.before_ecs_write(now);
    let output = write(&mut clouds, now, name, &input);
    if output.is_err() {
        clouds.ecs_write_refused();
    }
    output
}

/// The calls that change nothing; `None`: it is not one of them.
fn read(ecs: &Ecs, name: &str, input: &Value) -> Option<Output> {
    Some(match name {
        "DescribeClusters" => clusters::describe(ecs, input),
        "ListClusters" => clusters::list(ecs, input),
        "DescribeTaskDefinition" => definitions::describe(ecs, input),
        "ListTaskDefinitions" => definitions::list(ecs, input),
        "ListTaskDefinitionFamilies" => definitions::families(ecs, input),
        "DescribeServices" => services::describe(ecs, input),
        "ListServices" => services::list(ecs, input),
        "ListServiceDeployments" => deployments::list(ecs, input),
        "DescribeServiceDeployments" => deployments::describe(ecs, input),
        "DescribeServiceRevisions" => deployments::revisions(ecs, input),
        "ListTasks" => tasks::list(ecs, input),
        "DescribeTasks" => tasks::describe(ecs, input),
        "ListTagsForResource" => tags::list(ecs, input),
        _ => return None,
    })
}

fn write(clouds: &mut Clouds, now: Moment, name: &str, input: &Value) -> Output {
    match name {
        "CreateService" => services::create(clouds, now, input),
        "UpdateService" => services::update(clouds, now, input),
        "DeleteService" => services::delete(&mut clouds.ecs, now, input),
        "CreateCluster" => clusters::create(&mut clouds.ecs, now, input),
        "UpdateCluster" | "UpdateClusterSettings" | "PutClusterCapacityProviders" => {
            clusters::update(&mut clouds.ecs, input)
        }
        "DeleteCluster" => clusters::delete(&mut clouds.ecs, input),
        "RegisterTaskDefinition" => definitions::register(&mut clouds.ecs, now, input),
        "DeregisterTaskDefinition" => definitions::deregister(&mut clouds.ecs, now, input),
        "DeleteTaskDefinitions" => definitions::delete(&mut clouds.ecs, input),
        "StopServiceDeployment" => deployments::stop(&mut clouds.ecs, now, input),
        "ContinueServiceDeployment" => deployments::go_on(&mut clouds.ecs, now, input),
        "StopTask" => tasks::stop(&mut clouds.ecs, now, input),
        "TagResource" => tags::add(&mut clouds.ecs, input),
        "UntagResource" => tags::remove(&mut clouds.ecs, input),
        _ => Err(Exception::unknown()),
    }
}

fn exception(refusal: Refusal) -> Exception {
    let plain = |name, message: &str| Exception(name, message.to_owned());
    match refusal {
        Refusal::Definition(message) => Exception("ClientException", message),
        Refusal::Settled(status) => {
            let message = format!("Cannot stop a service deployment in status {}.", status.word());
            Exception("ConflictException", message)
        }
        Refusal::NoDeployment => plain("ServiceDeploymentNotFoundException", "Service deployment not found."),
        Refusal::NoCluster => plain("ClusterNotFoundException", "Cluster not found."),
        Refusal::NoService => plain("ServiceNotFoundException", "Service not found."),
        Refusal::NotActive => plain("ServiceNotActiveException", "Service was not ACTIVE."),
        Refusal::NoTask => Exception::invalid("The referenced task was not found."),
        Refusal::Invalid(message) => Exception::invalid(&message),
    }
}

fn required<'a>(input: &'a Value, name: &str) -> Result<&'a str, Exception> {
    let value = input[name].as_str().filter(|value| !value.is_empty());
    value.ok_or_else(|| Exception::invalid(&format!("{name} must not be empty")))
}

/// The name in what a client wrote: a name, or an ARN of this kind.
fn name_in<'a>(reference: &'a str, kind: &str) -> &'a str {
    reference.strip_prefix(arn(kind).as_str()).and_then(|rest| rest.strip_prefix('/')).unwrap_or(reference)
}

/// The name of the cluster a request is about, which must be there; absent means `default`.
fn cluster(ecs: &Ecs, input: &Value) -> Result<String, Exception> {
    let name = name_in(input["cluster"].as_str().unwrap_or("default"), "cluster");
    ecs.cluster(name).map_err(exception)?;
    Ok(name.to_owned())
}

/// The service a client means by its name or its ARN.
fn key_in(cluster: &str, reference: &str) -> Key {
    let name = name_in(reference, "service");
    match name.split_once('/') {
        Some((cluster, name)) => Key::new(cluster, name),
        None => Key::new(cluster, name),
    }
}

/// The service a request is about, which must be there; one that was deleted is not.
fn service(ecs: &Ecs, input: &Value, member: &str) -> Result<Key, Exception> {
    let key = key_in(&cluster(ecs, input)?, required(input, member)?);
    let found = ecs.service(&key).filter(|service| !matches!(service.life, Life::Inactive { .. }));
    found.map(|service| service.key.clone()).ok_or_else(|| exception(Refusal::NoService))
}

fn cut<T: paging::Entry>(list: &str, items: Vec<T>, size: usize, input: &Value) -> Result<Page<T>, Exception> {
    let page = paging::page(list, &paging::input_asks(input), items, size, input["nextToken"].as_str());
    page.ok_or_else(|| Exception::invalid("Invalid token, please restart the list operation."))
}

fn at_most<'a>(input: &'a Value, name: &str, most: usize) -> Result<Vec<&'a str>, Exception> {
    let values = texts(input, name);
    if (1..=most).contains(&values.len()) {
        Ok(values)
    } else {
        Err(Exception::invalid(&format!("{name} must have between 1 and {most} entries.")))
    }
}

/// Splits names into those found, shown, and a `MISSING` failure for each of the others.
fn look_up(
    names: Vec<&str>,
    find: impl Fn(&str) -> Option<Value>,
    arn_of: impl Fn(&str) -> String,
) -> (Vec<Value>, Vec<Value>) {
    let (mut found, mut failures) = (Vec::new(), Vec::new());
    for name in names {
        match find(name) {
            Some(value) => found.push(value),
            None => failures.push(json!({"arn": arn_of(name), "reason": "MISSING"})),
        }
    }
    (found, failures)
}

/// The full ARN of what a client named, whether or not it exists.
fn full_arn(name: &str, kind: &str) -> String {
    if name.starts_with("arn:") { name.to_owned() } else { arn(&format!("{kind}/{name}")) }
}

/// The API's `tags` of a request: at most 50, each key once.
fn tags_in(input: &Value) -> Result<Vec<Value>, Exception> {
    let tags = input["tags"].as_array().cloned().unwrap_or_default();
    if tags.len() > 50 {
        return Err(Exception::invalid("Tags can not exceed 50."));
    }
    for (index, tag) in tags.iter().enumerate() {
        let key = tag["key"].as_str().unwrap_or_default();
        if key.is_empty() || key.len() > 128 || key.starts_with("aws:") {
            return Err(Exception::invalid("Invalid tag key."));
        }
        if tags[..index].iter().any(|other| other["key"] == tag["key"]) {
            return Err(Exception::invalid("Duplicate tag keys found."));
        }
    }
    Ok(tags)
}

/// Whether a request asks for this part of the answer.
fn includes(input: &Value, part: &str) -> bool {
    texts(input, "include").contains(&part)
}

fn arn_of_cluster(key: &Key) -> String {
    cluster_arn(&key.cluster)
}
