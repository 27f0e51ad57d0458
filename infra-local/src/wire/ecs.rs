//! The calls of ECS.

use serde_json::{Value, json};

use super::{
    aws::{Exception, page_size, texts},
    ecs_definitions,
    ecs_json::{brief_json, cluster_arn, deployment_json, revision_json, service_arn, service_json, task_json},
    paging::{self, Page},
};
use crate::{
    clouds::ecs::{
        CLUSTER, Ecs, SERVICE, arn,
        change::{Refusal, Update},
        deployment::ServiceDeployment,
        task::Task,
    },
    site::Site,
};

pub(super) type Output = Result<Value, Exception>;

/// Answers one call.
pub fn answer(site: &Site, name: &str, input: &Value) -> Output {
    let now = site.clock.now();
    let mut clouds = site.clouds();
    clouds.advance(now);
    match name {
        "ListServices" => {
            cluster(input)?;
            let page = cut("services", vec![service_arn()], page_size(input, 10, 100)?, input)?;
            Ok(json!({"serviceArns": page.items, "nextToken": page.next}))
        }
        "DescribeServices" => describe_services(&clouds.ecs, input),
        "ListServiceDeployments" => list_deployments(&clouds.ecs, input),
        "DescribeServiceDeployments" => describe_deployments(&clouds.ecs, input),
        "DescribeServiceRevisions" => describe_revisions(&clouds.ecs, input),
        "RegisterTaskDefinition" => ecs_definitions::register(&mut clouds.ecs, now, input),
        "DescribeTaskDefinition" => ecs_definitions::describe(&clouds.ecs, input),
        "ListTaskDefinitions" => ecs_definitions::list(&clouds.ecs, input),
        "ListTaskDefinitionFamilies" => ecs_definitions::families(&clouds.ecs, input),
        "DeregisterTaskDefinition" => ecs_definitions::deregister(&mut clouds.ecs, now, input),
        "DeleteTaskDefinitions" => ecs_definitions::delete(&mut clouds.ecs, input),
        "ListTasks" => list_tasks(&clouds.ecs, input),
        "DescribeTasks" => describe_tasks(&clouds.ecs, input),
        "UpdateService" => {
            cluster(input)?;
            service(input, "service")?;
            let update = read_update(input)?;
            let clouds = &mut *clouds;
            clouds.ecs.update(now, &clouds.images, &update).map_err(exception)?;
            Ok(json!({"service": service_json(&clouds.ecs, false)}))
        }
        "StopServiceDeployment" => {
            deployment_calls(&clouds.ecs)?;
            let arn = required(input, "serviceDeploymentArn")?;
            match input["stopType"].as_str() {
                None | Some("ROLLBACK") => {}
                Some(other) => return Err(Exception::invalid(&format!("stopType {other} is not supported"))),
            }
            clouds.ecs.stop(now, arn).map_err(exception)?;
            Ok(json!({"serviceDeploymentArn": arn}))
        }
        _ => Err(Exception::unknown()),
    }
}

fn exception(refusal: Refusal) -> Exception {
    match refusal {
        Refusal::Definition(message) => Exception("ClientException", message),
        Refusal::Settled(status) => {
            let message = format!("Cannot stop a service deployment in status {}.", status.word());
            Exception("ConflictException", message)
        }
        Refusal::NoDeployment => {
            Exception("ServiceDeploymentNotFoundException", "Service deployment not found.".to_owned())
        }
    }
}

pub(super) fn required<'a>(input: &'a Value, name: &str) -> Result<&'a str, Exception> {
    let value = input[name].as_str().filter(|value| !value.is_empty());
    value.ok_or_else(|| Exception::invalid(&format!("{name} must not be empty")))
}

/// The cluster must be ours; absent means `default`, which is not.
fn cluster(input: &Value) -> Result<(), Exception> {
    match input["cluster"].as_str() {
        Some(name) if name == CLUSTER || name == cluster_arn() => Ok(()),
        Some(_) | None => Err(Exception("ClusterNotFoundException", "Cluster not found.".to_owned())),
    }
}

fn is_service(name: &str) -> bool {
    name == SERVICE || name == service_arn()
}

fn service(input: &Value, name: &str) -> Result<(), Exception> {
    if is_service(required(input, name)?) {
        Ok(())
    } else {
        Err(Exception("ServiceNotFoundException", "Service not found.".to_owned()))
    }
}

fn deployment_calls(ecs: &Ecs) -> Result<(), Exception> {
    if ecs.deployment_calls {
        return Ok(());
    }
    let message = "The service was last updated before service deployments were recorded.";
    Err(Exception("UnsupportedFeatureException", message.to_owned()))
}

pub(super) fn cut<T>(list: &str, items: Vec<T>, size: usize, input: &Value) -> Result<Page<T>, Exception> {
    let page = paging::page(list, items, size, input["nextToken"].as_str());
    page.ok_or_else(|| Exception::invalid("Invalid token, please restart the list operation."))
}

pub(super) fn at_most<'a>(input: &'a Value, name: &str, most: usize) -> Result<Vec<&'a str>, Exception> {
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

fn describe_services(ecs: &Ecs, input: &Value) -> Output {
    cluster(input)?;
    let names = at_most(input, "services", 10)?;
    let tags = texts(input, "include").contains(&"TAGS");
    let arn_of = |name: &str| full_arn(name, &format!("service/{CLUSTER}"));
    let (services, failures) = look_up(names, |name| is_service(name).then(|| service_json(ecs, tags)), arn_of);
    Ok(json!({"services": services, "failures": failures}))
}

fn list_deployments(ecs: &Ecs, input: &Value) -> Output {
    cluster(input)?;
    service(input, "service")?;
    deployment_calls(ecs)?;
    let statuses = texts(input, "status");
    let (after, before) = (input["createdAt"]["after"].as_f64(), input["createdAt"]["before"].as_f64());
    let wanted = |deployment: &&ServiceDeployment| {
        let created = deployment.created_at.epoch_seconds();
        (statuses.is_empty() || statuses.contains(&deployment.status.word()))
            && after.is_none_or(|after| created > after)
            && before.is_none_or(|before| created < before)
    };
    let items = ecs.deployments.iter().rev().filter(wanted).map(|deployment| brief_json(ecs, deployment)).collect();
    let page = cut("deployments", items, page_size(input, 20, 100)?, input)?;
    Ok(json!({"serviceDeployments": page.items, "nextToken": page.next}))
}

fn describe_deployments(ecs: &Ecs, input: &Value) -> Output {
    deployment_calls(ecs)?;
    let arns = at_most(input, "serviceDeploymentArns", 20)?;
    let find = |arn: &str| {
        let found = ecs.deployments.iter().find(|deployment| deployment.arn() == arn);
        found.map(|deployment| deployment_json(ecs, deployment))
    };
    let (found, failures) = look_up(arns, find, ToOwned::to_owned);
    Ok(json!({"serviceDeployments": found, "failures": failures}))
}

fn describe_revisions(ecs: &Ecs, input: &Value) -> Output {
    deployment_calls(ecs)?;
    let arns = at_most(input, "serviceRevisionArns", 20)?;
    let find = |arn: &str| ecs.revisions.iter().find(|revision| revision.arn() == arn).map(revision_json);
    let (found, failures) = look_up(arns, find, ToOwned::to_owned);
    Ok(json!({"serviceRevisions": found, "failures": failures}))
}

fn list_tasks(ecs: &Ecs, input: &Value) -> Output {
    cluster(input)?;
    if input["serviceName"].is_string() {
        service(input, "serviceName")?;
    }
    let desired = input["desiredStatus"].as_str().unwrap_or("RUNNING");
    if !["RUNNING", "PENDING", "STOPPED"].contains(&desired) {
        return Err(Exception::invalid("desiredStatus must be RUNNING, PENDING or STOPPED"));
    }
    let started_by = input["startedBy"].as_str();
    let matching = ecs.tasks.iter().rev().filter(|task| {
        task.desired_status() == desired && started_by.is_none_or(|started_by| task.started_by == started_by)
    });
    let arns: Vec<String> = matching.map(Task::arn).collect();
    let page = cut("tasks", arns, page_size(input, 100, 100)?, input)?;
    Ok(json!({"taskArns": page.items, "nextToken": page.next}))
}

fn describe_tasks(ecs: &Ecs, input: &Value) -> Output {
    cluster(input)?;
    let names = at_most(input, "tasks", 100)?;
    let find = |name: &str| {
        let id = name.rsplit('/').next().unwrap_or(name);
        ecs.tasks.iter().find(|task| task.id == id).map(|task| task_json(ecs, task))
    };
    let arn_of = |name: &str| full_arn(name, &format!("task/{CLUSTER}"));
    let (tasks, failures) = look_up(names, find, arn_of);
    Ok(json!({"tasks": tasks, "failures": failures}))
}

fn read_update(input: &Value) -> Result<Update, Exception> {
    let desired = match &input["desiredCount"] {
        Value::Null => None,
        value => {
            let count = value.as_u64().and_then(|count| usize::try_from(count).ok()).filter(|count| *count <= 10);
            Some(count.ok_or_else(|| Exception::invalid("desiredCount must be between 0 and 10 here"))?)
        }
    };
    Ok(Update {
        task_definition: input["taskDefinition"].as_str().map(ToOwned::to_owned),
        force: input["forceNewDeployment"].as_bool().unwrap_or(false),
        desired,
    })
}
