//! From the SDK's types to the model. Pure: everything the calls brought goes in, a snapshot comes out.
//!
//! Two truths shape it. PRIMARY is the newest deployment, not what serves. And a service older than the deployment calls
//! has no service revisions: there a revision is a task definition, and what is not known stays unknown.

mod deployments;
mod logs;
mod revisions;
mod targets;
mod tasks;

use std::collections::BTreeMap;

use aws_sdk_ecs::{
    primitives::DateTime,
    types::{Deployment as EcsDeployment, Service, ServiceDeployment, ServiceRevision, Task, TaskDefinition},
};

use super::{
    balancing::Group,
    calls::{Definitions, last},
    images::{self, EcrName},
    logs::LogPlace,
};
use crate::{
    error::{ErrorKind, ProviderError},
    model::{
        CloudEvent, Deployment, DeploymentId, DeploymentState, Fact, Fingerprint, Instances, Readiness, Reported,
        RevisionId, Section, Serving, Slowed, Snapshot, Standing, Summary,
    },
    registry::Repository,
    text::Untrusted,
    timestamp::Timestamp,
};

pub(super) use deployments::is_settled;
pub(super) use logs::lines;
pub(super) use revisions::is_pinnable;

/// Everything the calls of one observation brought.
pub(super) struct Parts {
    pub service: Service,
    /// Service deployments; `None` for a service older than the calls.
    pub history: Section<Option<Vec<ServiceDeployment>>>,
    /// Service revisions, as many as are known.
    pub revisions: Section<Vec<ServiceRevision>>,
    /// Active definitions of the service's family.
    pub definitions: Section<Definitions>,
    /// Definitions that were described, by ARN.
    pub described: BTreeMap<String, Definition>,
    /// Running and stopped tasks.
    pub tasks: Section<(Vec<Task>, Vec<Task>)>,
    /// The repository of the wanted image; `None` when it is not in a registry we read.
    pub repository: Section<Option<(EcrName, Repository)>>,
    /// What the load balancers said, by target group; `None` where the service has none.
    pub targets: Section<Option<Vec<Group>>>,
    /// How calls were held back meanwhile.
    pub slowed: Option<Slowed>,
    /// The deployment somebody follows.
    pub follow: Option<DeploymentId>,
}

/// What is kept of a task definition: never its environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Definition {
    /// Container name and image reference, in the order of the definition.
    pub images: Vec<(String, String)>,
    /// Where its containers write to.
    pub logs: Vec<LogPlace>,
    pub registered_at: Option<Timestamp>,
    pub registered_by: Option<String>,
}

impl Definition {
    pub fn of(definition: &TaskDefinition) -> Self {
        let images = definition.container_definitions().iter();
        let images = images.filter_map(|c| Some((c.name()?.to_owned(), c.image()?.to_owned()))).collect();
        Self {
            images,
            logs: definition.container_definitions().iter().filter_map(logs::place).collect(),
            registered_at: at(definition.registered_at()),
            registered_by: definition.registered_by().map(str::to_owned),
        }
    }
}

/// Milliseconds are all the model keeps.
pub(super) fn at(time: Option<&DateTime>) -> Option<Timestamp> {
    Some(Timestamp::from_millis(time?.to_millis().ok()?))
}

/// `hello:3` of `arn:aws:ecs:..:task-definition/hello:3`.
pub(super) fn definition_name(arn: &str) -> &str {
    last(arn)
}

/// `hello` of `arn:aws:ecs:..:task-definition/hello:3`.
pub(super) fn family(arn: &str) -> &str {
    let name = definition_name(arn);
    name.rsplit_once(':').map_or(name, |(family, _)| family)
}

/// `role/deployer` of `arn:aws:iam::123456789012:role/deployer`.
fn principal(arn: &str) -> &str {
    arn.rsplit(':').next().unwrap_or(arn)
}

/// The container that answers the public: the one behind the load balancer, else the first.
pub(super) fn main_container(service: &Service) -> Option<&str> {
    service.load_balancers().iter().find_map(|balancer| balancer.container_name())
}

/// The newest deployment in the view of `DescribeServices`.
pub(super) fn primary(service: &Service) -> Option<&EcsDeployment> {
    service.deployments().iter().find(|deployment| deployment.status() == Some("PRIMARY"))
}

/// What a change is bound to: the deployment in force, and the definition wished for.
pub(super) fn fingerprint(service: &Service) -> Fingerprint {
    let deployment = service.current_service_deployment().or_else(|| primary(service)?.id()).unwrap_or_default();
    Fingerprint::new(format!("{deployment}|{}", service.task_definition().unwrap_or_default()))
}

/// The image reference that a deployment of the wished-for definition would pull.
pub(super) fn wanted_reference<'a>(service: &Service, definition: &'a Definition) -> Option<&'a str> {
    let main = main_container(service);
    let named = definition.images.iter().find(|(name, _)| main == Some(name));
    named.or_else(|| definition.images.first()).map(|(_, reference)| reference.as_str())
}

/// The snapshot.
pub(super) fn snapshot(parts: &Parts) -> Snapshot {
    let current = deployments::current(parts);
    let wanted = revisions::wanted(parts);
    let service = &parts.service;
    let serving = serving(parts);
    Snapshot {
        url: None,
        readiness: readiness(service),
        revisions: revisions::section(parts, wanted.as_ref(), &serving),
        wanted,
        hold: None,
        instances: Some(instances(service)),
        deployments: deployments::section(parts),
        resolution: resolution(parts),
        events: Ok(events(service)),
        failures: tasks::failures(&parts.tasks),
        targets: targets::section(parts),
        slowed: parts.slowed,
        changed_by: None,
        facts: facts(parts, current.as_ref()),
        fingerprint: fingerprint(service),
        serving,
        current,
    }
}

/// A service of a listing. It is told from the same fields as the whole, so that both say the same.
pub(super) fn summary(service: &Service) -> Option<Summary> {
    let standing = Standing {
        readiness: readiness(service),
        wanted: service.task_definition().map(|arn| definition_name(arn).into()),
        instances: Some(instances(service)),
        url: None,
    };
    Some(Summary { name: service.service_name()?.into(), standing: Ok(standing) })
}

fn instances(service: &Service) -> Instances {
    Instances {
        desired: count(service.desired_count()),
        running: count(service.running_count()),
        pending: count(service.pending_count()),
    }
}

fn count(number: i32) -> u32 {
    u32::try_from(number).unwrap_or(0)
}

/// What ECS says of the whole. A rollout that is under way is not trouble; one that ended badly, while tasks run, is half.
fn readiness(service: &Service) -> Reported<Readiness> {
    let status = service.status().unwrap_or("UNKNOWN");
    let primary = primary(service);
    let rollout =
        primary.and_then(|primary| primary.rollout_state()).map(aws_sdk_ecs::types::DeploymentRolloutState::as_str);
    let word = rollout.map_or_else(|| status.to_owned(), |rollout| format!("{status}, rollout {rollout}"));
    let (running, desired) = (service.running_count(), service.desired_count());
    let short = format!("{running} of {desired} tasks running");
    let said = primary.and_then(|primary| primary.rollout_state_reason()).filter(|reason| !reason.is_empty());
    let (state, reason) = match (status, rollout) {
        ("DRAINING" | "INACTIVE", _) => (Readiness::NotReady, None),
        ("ACTIVE", _) if running == 0 && desired > 0 && rollout != Some("IN_PROGRESS") => {
            (Readiness::NotReady, Some(short))
        }
        ("ACTIVE", Some("IN_PROGRESS")) => (Readiness::Pending, said.map(str::to_owned)),
        ("ACTIVE", Some("FAILED")) => (Readiness::Partly, said.map(str::to_owned)),
        ("ACTIVE", _) if running < desired => (Readiness::Partly, Some(short)),
        ("ACTIVE", Some("COMPLETED") | None) => (Readiness::Ready, None),
        _ => (Readiness::Unknown, None),
    };
    Reported::new(state, word).because(reason)
}

/// What serves: the revisions with running tasks as ECS counts them, else the tasks themselves, else the rolling view.
fn serving(parts: &Parts) -> Vec<Serving> {
    let service = &parts.service;
    let counted = service.current_service_revisions().iter();
    let counted: Vec<_> = counted.filter(|revision| revision.running_task_count() > 0).collect();
    // A server that counts revisions but will not describe them leaves the task definitions as the only ids with meaning.
    let meant = parts.revisions.is_err() || counted.iter().all(|c| revisions::known(parts, c.arn()).is_some());
    let mut serving: Vec<Serving> = if !counted.is_empty() && meant {
        let weights = deployments::weights(parts);
        let serving = counted.iter().filter_map(|revision| {
            let arn = revision.arn()?;
            let share = weights.get(arn).copied();
            Some(Serving { revision: RevisionId::new(arn), share, running: Some(count(revision.running_task_count())) })
        });
        serving.collect()
    } else {
        let mut running: BTreeMap<RevisionId, u32> = BTreeMap::new();
        match &parts.tasks {
            Ok((tasks, _)) => {
                for task in tasks.iter().filter(|task| task.last_status() == Some("RUNNING")) {
                    if let Some(definition) = task.task_definition_arn() {
                        *running.entry(revisions::id_of(parts, definition)).or_default() += 1;
                    }
                }
            }
            Err(_) => {
                for deployment in service.deployments().iter().filter(|deployment| deployment.running_count() > 0) {
                    if let Some(definition) = deployment.task_definition() {
                        *running.entry(revisions::id_of(parts, definition)).or_default() +=
                            count(deployment.running_count());
                    }
                }
            }
        }
        running.into_iter().map(|(revision, n)| Serving { revision, share: None, running: Some(n) }).collect()
    };
    let total: u32 = serving.iter().filter_map(|serving| serving.share).map(u32::from).sum();
    if total != 100 || serving.iter().any(|serving| serving.share.is_none()) {
        for serving in &mut serving {
            serving.share = None;
        }
    }
    serving.sort_by_key(|serving| std::cmp::Reverse((serving.share, serving.running)));
    serving
}

fn resolution(parts: &Parts) -> Section<Option<crate::model::Resolution>> {
    let Some((_, repository)) = parts.repository.as_ref().map_err(Clone::clone)? else { return Ok(None) };
    let wanted = parts.service.task_definition().and_then(|arn| parts.described.get(arn));
    let Some(reference) = wanted.and_then(|definition| wanted_reference(&parts.service, definition)) else {
        let message = "the definition names no image";
        return Err(ProviderError::new(ErrorKind::Unexpected, "ecs:DescribeTaskDefinition", message));
    };
    repository.resolve(reference, images::CALL)
}

fn events(service: &Service) -> Vec<CloudEvent> {
    let events = service.events().iter();
    let events = events.map(|event| CloudEvent {
        at: at(event.created_at()),
        message: event.message().unwrap_or_default().into(),
        by: None,
    });
    let mut events: Vec<_> = events.collect();
    events.sort_by_key(|event| std::cmp::Reverse(event.at));
    events
}

fn facts(parts: &Parts, current: Option<&Deployment>) -> Vec<Fact> {
    let service = &parts.service;
    let mut facts = Vec::new();
    let mut say = |label, value: Option<&str>| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            facts.push(Fact { label, value: Untrusted::new(value) });
        }
    };
    say("status", service.status());
    say("definition", service.task_definition().map(definition_name));
    say("launch type", service.launch_type().map(aws_sdk_ecs::types::LaunchType::as_str));
    say("platform", service.platform_version());
    say("created by", service.created_by().map(principal));
    let wanted = service.task_definition().and_then(|arn| parts.described.get(arn));
    say("definition registered by", wanted.and_then(|definition| definition.registered_by.as_deref()).map(principal));
    say("controller", service.deployment_controller().map(|controller| controller.r#type().as_str()));
    let configuration = service.deployment_configuration();
    say("strategy", configuration.and_then(|c| c.strategy()).map(aws_sdk_ecs::types::DeploymentStrategy::as_str));
    let breaker = configuration.and_then(|c| c.deployment_circuit_breaker());
    say(
        "circuit breaker",
        breaker.map(|breaker| match (breaker.enable(), breaker.rollback()) {
            (true, true) => "on, rolls back",
            (true, false) => "on, does not roll back",
            (false, _) => "off",
        }),
    );
    if matches!(parts.history, Ok(None)) {
        say(
            "history",
            Some("none: this service is older than service deployments, its revisions are task definitions"),
        );
    }
    if let Err(error) = &parts.definitions {
        say("definitions not read", Some(&error.to_string()));
    }
    if let (Some(reason), Some(DeploymentState::RolledBack)) =
        (current.and_then(|current| current.state.reason.as_ref()), current.map(|current| current.state.state))
    {
        say("rolled back because", Some(reason.raw()));
    }
    facts
}

#[cfg(test)]
mod tests;
