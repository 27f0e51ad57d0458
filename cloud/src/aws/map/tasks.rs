//! Tasks: which ones a deployment started, and why tasks ended.

use aws_sdk_ecs::types::Task;

use super::{at, last};
use crate::{
    model::{CloudEvent, Digest, InstanceId, Section},
    text::Untrusted,
    timestamp::Timestamp,
};

/// What a task must match to count as started by a deployment.
pub(super) struct Origin<'a> {
    pub definition: Option<&'a str>,
    pub digest: Option<&'a Digest>,
    pub from: Option<Timestamp>,
    /// When the next deployment began, whose tasks are not ours.
    pub until: Option<Timestamp>,
}

/// Ids of the running tasks a deployment started. ECS does not say so in one word: its rolling view has an id of its own,
/// so the time, the definition and the digest that was pulled have to agree.
pub(super) fn started(tasks: &[Task], origin: &Origin<'_>) -> Vec<InstanceId> {
    let (Some(definition), Some(from)) = (origin.definition, origin.from) else { return Vec::new() };
    let ours = |task: &&Task| {
        let Some(created) = at(task.created_at()) else { return false };
        is_running(task)
            && task.task_definition_arn() == Some(definition)
            && created >= from
            && origin.until.is_none_or(|until| created < until)
            && origin.digest.is_none_or(|digest| pulled(task).is_none_or(|pulled| pulled.contains(digest)))
    };
    tasks.iter().filter(ours).filter_map(id).collect()
}

/// Ids of the running tasks that name the deployment as theirs.
pub(super) fn started_by(tasks: &[Task], deployment: &str) -> Vec<InstanceId> {
    tasks.iter().filter(|task| is_running(task) && task.started_by() == Some(deployment)).filter_map(id).collect()
}

fn is_running(task: &Task) -> bool {
    task.last_status() == Some("RUNNING")
}

fn id(task: &Task) -> Option<InstanceId> {
    Some(InstanceId::new(last(task.task_arn()?)))
}

fn pulled(task: &Task) -> Option<Vec<Digest>> {
    let digests: Vec<_> = task.containers().iter().filter_map(|c| Digest::parse(c.image_digest()?)).collect();
    (!digests.is_empty()).then_some(digests)
}

/// Why tasks ended, newest first. Tasks that a rollout replaced ended as they should and are left out.
pub(super) fn failures(tasks: &Section<(Vec<Task>, Vec<Task>)>) -> Section<Vec<CloudEvent>> {
    let (_, stopped) = tasks.as_ref().map_err(Clone::clone)?;
    let replaced = |task: &&Task| {
        task.stop_code().map(aws_sdk_ecs::types::TaskStopCode::as_str) == Some("ServiceSchedulerInitiated")
            && task.stopped_reason().is_some_and(|reason| reason.starts_with("Scaling activity initiated by"))
    };
    let ended = stopped.iter().filter(|task| !replaced(task));
    let mut events: Vec<_> =
        ended.map(|t| CloudEvent { at: at(t.stopped_at()), message: reason(t), by: None }).collect();
    events.sort_by_key(|event| std::cmp::Reverse(event.at));
    Ok(events)
}

fn reason(task: &Task) -> Untrusted {
    let mut parts = vec![format!("task {}", task.task_arn().map_or("?", last))];
    parts.extend(task.stop_code().map(|code| code.as_str().to_owned()));
    parts.extend(task.stopped_reason().map(str::to_owned));
    for container in task.containers() {
        let name = container.name().unwrap_or("container");
        match (container.exit_code(), container.reason()) {
            (Some(code), Some(reason)) => parts.push(format!("{name} exited {code}: {reason}")),
            (Some(code), None) => parts.push(format!("{name} exited {code}")),
            (None, Some(reason)) => parts.push(format!("{name}: {reason}")),
            (None, None) => {}
        }
    }
    Untrusted::new(parts.join("; "))
}
