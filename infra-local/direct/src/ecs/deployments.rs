//! Deployments of ECS: the history, or the rolling view of a service without one.

use hello_cloud::{Deployment, DeploymentId, DeploymentState, Fact, InstanceId, Reported, Section};
use hello_local::clouds::ecs::deployment::{Rolling, Rollout, ServiceDeployment, Status};

use super::{
    View, revisions,
    snapshot::{Seen, count},
};
use crate::image::at;

/// The newest deployment, under the id that somebody follows it by.
pub fn current(ecs: View<'_>, seen: &Seen) -> Deployment {
    let followed = seen.follow.as_ref().is_some_and(|follow| follow.as_str() == ecs.primary().id);
    if followed || !seen.has_history() { rolling(ecs, seen, ecs.primary()) } else { listed(ecs, seen, ecs.current()) }
}

/// All deployments, newest first, the followed one among them.
pub fn section(ecs: View<'_>, seen: &Seen) -> Section<Vec<Deployment>> {
    let has_history = seen.history.clone()?;
    let mut deployments = Vec::new();
    if has_history {
        deployments.extend(ecs.deployments.iter().map(|deployment| listed(ecs, seen, deployment)));
    }
    let followed = |rolling: &&Rolling| seen.follow.as_ref().is_some_and(|follow| follow.as_str() == rolling.id);
    let rollings = ecs.rollings.iter().filter(|rolling| !has_history || followed(rolling));
    deployments.extend(rollings.map(|one| rolling(ecs, seen, one)));
    deployments.sort_by_key(|deployment| std::cmp::Reverse(deployment.created_at));
    Ok(deployments)
}

/// Our word for a status.
pub fn state(status: Status) -> DeploymentState {
    match status {
        Status::Pending => DeploymentState::Pending,
        Status::InProgress => DeploymentState::Progressing,
        Status::Successful => DeploymentState::Succeeded,
        Status::StopRequested => DeploymentState::Stopping,
        Status::Stopped => DeploymentState::Stopped,
        Status::RollbackRequested | Status::RollbackInProgress => DeploymentState::RollingBack,
        Status::RollbackSuccessful => DeploymentState::RolledBack,
        Status::RollbackFailed => DeploymentState::Failed,
    }
}

/// State, word and reason of a deployment.
pub fn reported(deployment: &ServiceDeployment) -> Reported<DeploymentState> {
    let rolled = deployment.rollback.as_ref().map(|back| back.reason.clone()).filter(|reason| !reason.is_empty());
    Reported::new(state(deployment.status), deployment.status.word()).because(rolled.or(deployment.reason.clone()))
}

fn started(ecs: View<'_>, rolling: &str) -> Vec<InstanceId> {
    let running = ecs.tasks.iter().filter(|task| task.is_running() && task.started_by == rolling);
    running.map(|task| InstanceId::new(task.id.clone())).collect()
}

fn listed(ecs: View<'_>, seen: &Seen, deployment: &ServiceDeployment) -> Deployment {
    let goes_forward = matches!(deployment.status, Status::Pending | Status::InProgress);
    let breaker = format!("{}, {} failures", deployment.breaker.word(), deployment.failures);
    Deployment {
        id: DeploymentId::new(deployment.arn()),
        state: reported(deployment),
        to: Some(revisions::id(ecs, seen, deployment.target)),
        from: deployment.sources.iter().map(|(source, _)| revisions::id(ecs, seen, *source)).collect(),
        created_at: Some(at(deployment.created_at)),
        finished_at: deployment.finished_at.map(at),
        instances: Some(count(ecs, |task| task.revision == deployment.target)),
        failed: Some(u32::try_from(deployment.failures).unwrap_or(u32::MAX)),
        started: started(ecs, &deployment.rolling),
        stoppable: goes_forward && !deployment.sources.is_empty(),
        facts: vec![Fact { label: "circuit breaker", value: breaker.into() }],
    }
}

fn rolling(ecs: View<'_>, seen: &Seen, rolling: &Rolling) -> Deployment {
    let is_primary = rolling.id == ecs.primary().id;
    let state = match rolling.rollout {
        Rollout::Completed => DeploymentState::Succeeded,
        Rollout::Failed => DeploymentState::Failed,
        Rollout::InProgress if is_primary => DeploymentState::Progressing,
        // Something newer took over before it was done.
        Rollout::InProgress => DeploymentState::Stopped,
    };
    Deployment {
        id: DeploymentId::new(rolling.id.clone()),
        state: Reported::new(state, rolling.rollout.word()).because(Some(rolling.reason.clone())),
        to: Some(revisions::id(ecs, seen, rolling.revision)),
        from: Vec::new(),
        created_at: Some(at(rolling.created_at)),
        finished_at: state.is_settled().then(|| at(rolling.updated_at)),
        instances: Some(count(ecs, |task| task.started_by == rolling.id)),
        failed: Some(u32::try_from(rolling.failed).unwrap_or(u32::MAX)),
        started: started(ecs, &rolling.id),
        stoppable: false,
        facts: Vec::new(),
    }
}
