//! The calls of ECS about tasks.

use serde_json::{Value, json};

use super::{
    Output, at_most, cluster, cut, exception, full_arn, includes, look_up, required, service, task_json::task_json,
};
use crate::{
    clouds::ecs::{Ecs, change::Refusal, service::Service, task::Task},
    moment::Moment,
    wire::aws::{Exception, page_size},
};

/// `ListTasks`: newest first. Without `desiredStatus` those that should run.
pub fn list(ecs: &Ecs, input: &Value) -> Output {
    let cluster = cluster(ecs, input)?;
    let size = page_size(input, 100, 100)?;
    let of_service = if input["serviceName"].is_null() { None } else { Some(service(ecs, input, "serviceName")?) };
    let desired = input["desiredStatus"].as_str().unwrap_or("RUNNING");
    let matches = |service: &Service, task: &Task| {
        let revision = &service.revisions[task.revision];
        let family = revision.definition.split(':').next();
        let text = |name: &str| input[name].as_str();
        task.cluster == cluster
            && of_service.as_ref().is_none_or(|key| service.key == *key)
            && task.desired_status() == desired
            && text("startedBy").is_none_or(|started_by| task.started_by == started_by)
            && text("family").is_none_or(|wanted| family == Some(wanted))
            && text("launchType").is_none_or(|launch| revision.settings["launchType"] == launch)
            // Nothing here runs on an instance of its own.
            && text("containerInstance").is_none()
    };
    let mut found: Vec<(&Service, &Task)> = ecs.tasks().filter(|(service, task)| matches(service, task)).collect();
    found.reverse();
    let page = cut("tasks", found.into_iter().map(|(_, task)| task.arn()).collect(), size, input)?;
    Ok(json!({"taskArns": page.items, "nextToken": page.next}))
}

/// The id in what a client wrote: an id or an ARN.
fn id_in(reference: &str) -> &str {
    reference.rsplit('/').next().unwrap_or(reference)
}

/// `DescribeTasks`: up to 100.
pub fn describe(ecs: &Ecs, input: &Value) -> Output {
    let cluster = cluster(ecs, input)?;
    let names = at_most(input, "tasks", 100)?;
    let tags = includes(input, "TAGS");
    let find = |name: &str| {
        let found = ecs.task(id_in(name)).filter(|(_, task)| task.cluster == cluster);
        found.map(|(service, task)| task_json(ecs, service, task, tags))
    };
    let (tasks, failures) = look_up(names, find, |name| full_arn(name, &format!("task/{cluster}")));
    Ok(json!({"tasks": tasks, "failures": failures}))
}

/// `StopTask`.
pub fn stop(ecs: &mut Ecs, now: Moment, input: &Value) -> Output {
    let cluster = cluster(ecs, input)?;
    let id = id_in(required(input, "task")?).to_owned();
    let reason = input["reason"].as_str().unwrap_or("Task stopped by user");
    if reason.len() > 1024 {
        return Err(Exception::invalid("reason must be at most 1024 characters."));
    }
    ecs.stop_task(now, &cluster, &id, reason).map_err(exception)?;
    let (service, task) = ecs.task(&id).ok_or_else(|| exception(Refusal::NoTask))?;
    Ok(json!({"task": task_json(ecs, service, task, false)}))
}
