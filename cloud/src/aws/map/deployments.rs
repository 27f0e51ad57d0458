//! Deployments: the history ECS keeps, or the rolling view of a service that has none.

use std::collections::BTreeMap;

use aws_sdk_ecs::types::{Deployment as EcsDeployment, ServiceDeployment, ServiceRevisionSummary};

use super::{Parts, at, count, primary, revisions, tasks};
use crate::{
    model::{
        Deployment, DeploymentId, DeploymentState, Digest, Fact, Instances, Reported, RevisionId, RevisionState,
        Section,
    },
    text::Untrusted,
    timestamp::Timestamp,
};

/// The history, newest first by the time it was asked for: the order of the list is not promised.
fn history(parts: &Parts) -> Vec<&ServiceDeployment> {
    let mut history: Vec<_> = parts.history.iter().flatten().flatten().collect();
    history.sort_by_key(|deployment| std::cmp::Reverse(at(deployment.created_at())));
    history
}

/// The deployment in force, where a history tells: the one the service names, else the newest.
pub(super) fn newest(parts: &Parts) -> Option<&ServiceDeployment> {
    let history = history(parts);
    match parts.service.current_service_deployment() {
        // The service may name one that the history does not show yet.
        Some(current) => history.into_iter().find(|d| d.service_deployment_arn() == Some(current)),
        None => history.into_iter().next(),
    }
}

/// The newest deployment: from the history when it shows it, else from the main call. Somebody who follows the rolling
/// view's deployment, because no other id was to be had, finds it here under that id.
pub(super) fn current(parts: &Parts) -> Option<Deployment> {
    let primary = primary(&parts.service);
    let followed = parts.follow.as_ref().map(DeploymentId::as_str);
    if let Some(primary) = primary.filter(|primary| primary.id().is_some() && primary.id() == followed) {
        return of_rolling(parts, primary);
    }
    newest(parts).and_then(|newest| of_history(parts, newest, None)).or_else(|| {
        let mut current = of_rolling(parts, primary?)?;
        if let (Some(arn), false) = (parts.service.current_service_deployment(), matches!(parts.history, Ok(None))) {
            current.id = DeploymentId::new(arn);
        }
        Some(current)
    })
}

/// All deployments, newest first, the followed one among them.
pub(super) fn section(parts: &Parts) -> Section<Vec<Deployment>> {
    let listed = parts.history.as_ref().map_err(Clone::clone)?.is_some();
    let mut later = None;
    let mut deployments = Vec::new();
    for deployment in history(parts) {
        deployments.extend(of_history(parts, deployment, later));
        later = at(deployment.created_at()).or(later);
    }
    for deployment in parts.service.deployments() {
        let followed = parts.follow.as_ref().map(DeploymentId::as_str) == deployment.id();
        if !listed || followed {
            deployments.extend(of_rolling(parts, deployment));
        }
    }
    deployments.sort_by_key(|deployment| std::cmp::Reverse(deployment.created_at));
    Ok(deployments)
}

/// Percent of traffic by revision ARN, only where the strategy weighs traffic at all.
pub(super) fn weights(parts: &Parts) -> BTreeMap<String, u8> {
    let Some(deployment) = newest(parts) else { return BTreeMap::new() };
    let summaries = deployment.target_service_revision().into_iter().chain(deployment.source_service_revisions());
    let weight = |summary: &ServiceRevisionSummary| {
        let weight = summary.requested_production_traffic_weight()?.round();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to lie in 0..=100")]
        let percent = (0.0..=100.0).contains(&weight).then_some(weight as u8)?;
        Some((summary.arn()?.to_owned(), percent))
    };
    summaries.filter_map(weight).collect()
}

/// Whether a revision was ever deployed well, and what that says of it.
pub(super) fn outcome(parts: &Parts, revision: &str) -> (Option<bool>, Reported<RevisionState>) {
    let mut ended_badly = None;
    let mut under_way = None;
    for deployment in history(parts) {
        let target = deployment.target_service_revision().and_then(|target| target.arn());
        let back = deployment.rollback().and_then(|rollback| rollback.service_revision_arn());
        let reported = state(deployment);
        let well = match reported.state {
            DeploymentState::Succeeded => target == Some(revision),
            DeploymentState::RolledBack => back == Some(revision),
            DeploymentState::Pending
            | DeploymentState::Progressing
            | DeploymentState::RollingBack
            | DeploymentState::Stopping
            | DeploymentState::Stopped
            | DeploymentState::Failed
            | DeploymentState::Unknown => false,
        };
        if well {
            return (Some(true), Reported::new(RevisionState::Ready, "SUCCESSFUL"));
        }
        if target == Some(revision) {
            let slot = if reported.state.is_settled() { &mut ended_badly } else { &mut under_way };
            slot.get_or_insert(reported);
        }
    }
    let said =
        |reported: Reported<DeploymentState>, state| Reported { state, word: reported.word, reason: reported.reason };
    match (under_way, ended_badly) {
        (Some(going), _) => (None, said(going, RevisionState::Pending)),
        // A stopped deployment says nothing against its revision.
        (None, Some(ended)) if ended.state == DeploymentState::Stopped => {
            (Some(false), said(ended, RevisionState::Unknown))
        }
        (None, Some(ended)) => (Some(false), said(ended, RevisionState::Failed)),
        (None, None) => (None, Reported::new(RevisionState::Unknown, "not reported")),
    }
}

/// Whether the rolling view shows that a definition was deployed well; `None` when it does not say.
pub(super) fn completed(parts: &Parts, definition: &str) -> Option<bool> {
    let mut of_it = parts.service.deployments().iter().filter(|d| d.task_definition() == Some(definition));
    of_it.find_map(|deployment| {
        match deployment.rollout_state().map(aws_sdk_ecs::types::DeploymentRolloutState::as_str) {
            Some("COMPLETED") => Some(true),
            Some("FAILED") => Some(false),
            Some(_) | None => None,
        }
    })
}

/// Whether it will not move any more.
pub(in crate::aws) fn is_settled(deployment: &ServiceDeployment) -> bool {
    state(deployment).state.is_settled()
}

fn state(deployment: &ServiceDeployment) -> Reported<DeploymentState> {
    let word = deployment.status().map_or("", |status| status.as_str());
    let state = match word {
        "PENDING" => DeploymentState::Pending,
        "IN_PROGRESS" => DeploymentState::Progressing,
        "SUCCESSFUL" => DeploymentState::Succeeded,
        "STOP_REQUESTED" => DeploymentState::Stopping,
        "STOPPED" => DeploymentState::Stopped,
        "ROLLBACK_REQUESTED" | "ROLLBACK_IN_PROGRESS" => DeploymentState::RollingBack,
        "ROLLBACK_SUCCESSFUL" => DeploymentState::RolledBack,
        "ROLLBACK_FAILED" => DeploymentState::Failed,
        _ => DeploymentState::Unknown,
    };
    let rolled = deployment.rollback().and_then(|rollback| rollback.reason()).filter(|reason| !reason.is_empty());
    Reported::new(state, word).because(rolled.or(deployment.status_reason()))
}

fn of_history(parts: &Parts, deployment: &ServiceDeployment, later: Option<Timestamp>) -> Option<Deployment> {
    let target = deployment.target_service_revision();
    let revision = revisions::known(parts, target.and_then(|target| target.arn()));
    let images = revision.map(aws_sdk_ecs::types::ServiceRevision::container_images).unwrap_or_default();
    let digest = images.iter().find_map(|image| Digest::parse(image.image_digest()?));
    let created_at = at(deployment.created_at());
    let origin = tasks::Origin {
        definition: revision.and_then(|revision| revision.task_definition()),
        digest: digest.as_ref(),
        from: created_at,
        until: later,
    };
    let sources = deployment.source_service_revisions().iter();
    Some(Deployment {
        id: DeploymentId::new(deployment.service_deployment_arn()?),
        state: state(deployment),
        to: target.and_then(|target| target.arn()).map(RevisionId::new),
        from: sources.filter_map(|source| source.arn()).map(RevisionId::new).collect(),
        created_at,
        finished_at: at(deployment.finished_at()).or_else(|| at(deployment.stopped_at())),
        instances: target.map(|target| Instances {
            desired: count(target.requested_task_count()),
            running: count(target.running_task_count()),
            pending: count(target.pending_task_count()),
        }),
        failed: deployment.deployment_circuit_breaker().map(|breaker| count(breaker.failure_count())),
        started: parts.tasks.as_ref().map(|(running, _)| tasks::started(running, &origin)).unwrap_or_default(),
        stoppable: is_stoppable(deployment),
        facts: facts(deployment),
    })
}

/// Whether `StopServiceDeployment` with `ROLLBACK` makes sense: it still goes forward, and came from somewhere. ECS accepts
/// the call for one that goes back already, which changes nothing.
fn is_stoppable(deployment: &ServiceDeployment) -> bool {
    let goes_forward = match state(deployment).state {
        DeploymentState::Pending | DeploymentState::Progressing => true,
        DeploymentState::Succeeded
        | DeploymentState::RollingBack
        | DeploymentState::RolledBack
        | DeploymentState::Stopping
        | DeploymentState::Stopped
        | DeploymentState::Failed
        | DeploymentState::Unknown => false,
    };
    goes_forward && deployment.source_service_revisions().iter().any(|source| source.arn().is_some())
}

fn facts(deployment: &ServiceDeployment) -> Vec<Fact> {
    let mut facts = Vec::new();
    facts.extend(strategy(deployment).map(|value| Fact { label: "strategy", value: value.into() }));
    facts.extend(shift(deployment).map(|value| Fact { label: "traffic", value: value.into() }));
    if let Some(stage) = deployment.lifecycle_stage() {
        facts.push(Fact { label: "stage", value: stage.as_str().into() });
    }
    if let Some(breaker) = deployment.deployment_circuit_breaker() {
        let word = breaker.status().map_or("unknown", |status| status.as_str());
        let value = format!("{word}, {} of {} failures", breaker.failure_count(), breaker.threshold());
        facts.push(Fact { label: "circuit breaker", value: value.into() });
    }
    let triggered =
        deployment.alarms().map(aws_sdk_ecs::types::ServiceDeploymentAlarms::triggered_alarm_names).unwrap_or_default();
    if !triggered.is_empty() {
        facts.push(Fact { label: "alarms", value: triggered.join(", ").into() });
    }
    for hook in deployment.lifecycle_hook_details() {
        let word = hook.status().map_or("unknown", |status| status.as_str());
        facts.push(Fact { label: "hook", value: format!("{} {word}", hook.hook_id().unwrap_or("?")).into() });
    }
    if let Some(back) = deployment.rollback().and_then(|rollback| rollback.service_revision_arn()) {
        facts.push(Fact { label: "went back to", value: super::last(back).into() });
    }
    facts
}

/// How traffic moves, where it is not simply with the tasks: `CANARY 10 % for 5 min, bakes 10 min`.
fn strategy(deployment: &ServiceDeployment) -> Option<String> {
    let configuration = deployment.deployment_configuration()?;
    let strategy = configuration.strategy()?.as_str();
    let mut said = strategy.to_owned();
    if let Some(canary) = configuration.canary_configuration().filter(|_| strategy == "CANARY") {
        said.extend(canary.canary_percent().map(|percent| format!(" {percent} %")));
        said.extend(canary.canary_bake_time_in_minutes().map(|minutes| format!(" for {minutes} min")));
    }
    if let Some(linear) = configuration.linear_configuration().filter(|_| strategy == "LINEAR") {
        said.extend(linear.step_percent().map(|percent| format!(" {percent} %")));
        said.extend(linear.step_bake_time_in_minutes().map(|minutes| format!(" every {minutes} min")));
    }
    said.extend(configuration.bake_time_in_minutes().filter(|n| *n > 0).map(|n| format!(", bakes {n} min")));
    (said != "ROLLING").then_some(said)
}

/// What share of traffic the new revision is meant to have now, production and test, while it moves.
fn shift(deployment: &ServiceDeployment) -> Option<String> {
    let target = deployment.target_service_revision().filter(|_| !is_settled(deployment))?;
    let production = target.requested_production_traffic_weight().map(|weight| format!("{weight} % production"));
    let test = target.requested_test_traffic_weight().map(|weight| format!("{weight} % test"));
    match (production, test) {
        (Some(production), Some(test)) => Some(format!("{production}, {test}")),
        (one, other) => one.or(other),
    }
}

/// A deployment of the rolling view, the only one a service without history has.
fn of_rolling(parts: &Parts, deployment: &EcsDeployment) -> Option<Deployment> {
    let definition = deployment.task_definition();
    let is_primary = deployment.status() == Some("PRIMARY");
    let rollout = deployment.rollout_state().map(aws_sdk_ecs::types::DeploymentRolloutState::as_str);
    let state = match (rollout, is_primary) {
        (Some("COMPLETED"), _) => DeploymentState::Succeeded,
        (Some("FAILED"), _) => DeploymentState::Failed,
        (Some("IN_PROGRESS"), true) => DeploymentState::Progressing,
        // Something newer took over before it was done.
        (Some("IN_PROGRESS"), false) => DeploymentState::Stopped,
        (Some(_) | None, _) => DeploymentState::Unknown,
    };
    let word = rollout.or(deployment.status()).unwrap_or_default();
    let id = deployment.id()?;
    Some(Deployment {
        id: DeploymentId::new(id),
        state: Reported::new(state, word).because(deployment.rollout_state_reason().map(Untrusted::from)),
        to: definition.map(|definition| revisions::id_of(parts, definition)),
        from: Vec::new(),
        created_at: at(deployment.created_at()),
        finished_at: state.is_settled().then(|| at(deployment.updated_at())).flatten(),
        instances: Some(Instances {
            desired: count(deployment.desired_count()),
            running: count(deployment.running_count()),
            pending: count(deployment.pending_count()),
        }),
        failed: Some(count(deployment.failed_tasks())),
        started: parts.tasks.as_ref().map(|(running, _)| tasks::started_by(running, id)).unwrap_or_default(),
        // Only service deployments are stopped; one whose history is not read shows nothing to go back to.
        stoppable: false,
        facts: Vec::new(),
    })
}
