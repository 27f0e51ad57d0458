//! Deployments of Cloud Run, which keeps no history of them: the current generation, the operation somebody follows, and
//! one for every older revision.

use super::{Parts, held, name, reason, revisions, text};
use crate::{
    gcp::{aims::Aim, wire},
    model::{Deployment, DeploymentId, DeploymentState, Fact, Reported, RevisionId, RevisionState, Section},
    timestamp::Timestamp,
};

/// The id of what a generation of the service is: a change that somebody made, by whatever means.
pub(in crate::gcp) fn generation_id(generation: i64) -> DeploymentId {
    DeploymentId::new(format!("generation/{generation}"))
}

/// The newest deployment. It goes by the name of the followed operation when that made the current generation, because
/// then they are one and the same, also where the operation itself cannot be read.
pub(super) fn current(parts: &Parts) -> Deployment {
    let ours = parts.followed.as_ref().ok().and_then(Option::as_ref);
    let ours = ours.filter(|operation| generation_of(operation) == Some(parts.service.generation));
    ours.map_or_else(|| of_generation(parts), |operation| of_operation(parts, operation))
}

/// All deployments, newest first.
pub(super) fn section(parts: &Parts) -> Section<Vec<Deployment>> {
    let known = parts.revisions.as_ref().map_err(Clone::clone)?;
    let current = current(parts);
    let mut deployments = Vec::new();
    if let Some(operation) = parts.followed.as_ref().map_err(Clone::clone)? {
        deployments.push(of_operation(parts, operation));
    }
    if deployments.iter().all(|deployment| deployment.id != current.id) {
        deployments.push(current);
    }
    for revision in known {
        let id = RevisionId::new(wire::short(&revision.name));
        // What made this revision may be listed already; a change of traffic to it made nothing.
        let told = |deployment: &Deployment| deployment.to.as_ref() == Some(&id);
        let is_newest = name(&parts.service.latest_created_revision).as_ref() == Some(&id);
        if !(is_newest && deployments.iter().any(told)) {
            deployments.push(of_revision(revision, id));
        }
    }
    deployments.sort_by_key(|deployment| std::cmp::Reverse(deployment.created_at));
    Ok(deployments)
}

/// Where a change went, when we know what it was after.
fn aimed(aim: &Aim, service: &wire::Service) -> Option<RevisionId> {
    match aim {
        Aim::Revision(revision) => Some(revision.clone()),
        Aim::Latest => name(&service.latest_ready_revision),
        // Until the new revision is there, the newest one is still the old.
        Aim::NewerThan(before) => {
            name(&service.latest_created_revision).filter(|newest| newest.as_str() != wire::short(before))
        }
    }
}

/// Where a change went that somebody else started. Held traffic hides whether it made a revision or moved the traffic;
/// the two stamps of one change lie close together, in either order. `None` while it is worked on and the newest revision
/// is older and serves already: then the revision it makes is still to come.
fn guessed(parts: &Parts, service: &wire::Service) -> Option<RevisionId> {
    let newest = name(&service.latest_created_revision);
    let made = parts.revisions.iter().flatten().find(|r| Some(RevisionId::new(wire::short(&r.name))) == newest);
    let made = made.and_then(|revision| Timestamp::parse(&revision.create_time));
    let is_older = match (made, Timestamp::parse(&service.update_time)) {
        (Some(made), Some(updated)) => made.as_millis() + 1000 < updated.as_millis(),
        (Some(_) | None, Some(_) | None) => false,
    };
    let held = held(&service.traffic).filter(|_| is_older).and_then(|target| name(&target.revision));
    let to_come = service.reconciling
        && is_older
        && held.is_none()
        && !service.traffic_statuses.is_empty()
        && sources(service, newest.as_ref()).is_empty();
    held.or(newest).filter(|_| !to_come)
}

/// Where the current generation goes.
fn target(parts: &Parts) -> Option<RevisionId> {
    match &parts.current_aim {
        Some(aim) => aimed(aim, &parts.service),
        None => guessed(parts, &parts.service),
    }
}

fn sources(service: &wire::Service, to: Option<&RevisionId>) -> Vec<RevisionId> {
    let serving = service.traffic_statuses.iter().filter(|status| status.percent > 0);
    let from = serving.map(|s| if s.revision.is_empty() { &service.latest_ready_revision } else { &s.revision });
    let mut from: Vec<_> = from.filter_map(|revision| name(revision)).filter(|from| Some(from) != to).collect();
    from.dedup();
    from
}

fn of_generation(parts: &Parts) -> Deployment {
    let service = &parts.service;
    let condition = &service.terminal_condition;
    let observed = service.observed_generation == service.generation;
    let state = match (service.reconciling, condition.state.as_str(), observed) {
        (true, _, _) | (false, "CONDITION_RECONCILING", _) => DeploymentState::Progressing,
        // A failed generation is never observed: the service goes on describing what serves.
        (false, "CONDITION_FAILED", _) => DeploymentState::Failed,
        (false, "CONDITION_SUCCEEDED", true) => DeploymentState::Succeeded,
        (false, "CONDITION_SUCCEEDED", false) | (false, "CONDITION_PENDING", _) => DeploymentState::Pending,
        (false, _, _) => DeploymentState::Unknown,
    };
    let word = if service.reconciling { "reconciling" } else { &condition.state };
    let to = target(parts);
    let finished = state.is_settled().then(|| Timestamp::parse(&condition.last_transition_time)).flatten();
    Deployment {
        id: parts.followed_made_this.clone().unwrap_or_else(|| generation_id(service.generation)),
        state: Reported::new(state, word).because(reason(condition)),
        from: sources(service, to.as_ref()),
        to,
        created_at: Timestamp::parse(&service.update_time),
        finished_at: finished,
        instances: None,
        failed: None,
        started: Vec::new(),
        stoppable: false,
        facts: by(&service.last_modifier),
    }
}

fn by(who: &str) -> Vec<Fact> {
    text(who).map(|value| Fact { label: "by", value }).into_iter().collect()
}

fn generation_of(operation: &wire::Operation) -> Option<i64> {
    operation.metadata.as_ref().or(operation.response.as_ref()).map(|service| service.generation)
}

fn of_operation(parts: &Parts, operation: &wire::Operation) -> Deployment {
    let service = operation.response.as_ref().or(operation.metadata.as_ref());
    let is_current = generation_of(operation) == Some(parts.service.generation);
    let failed = service.filter(|service| {
        operation.done && !service.reconciling && service.terminal_condition.state == "CONDITION_FAILED"
    });
    let state = match (&operation.error, failed) {
        (Some(error), _) => {
            let said = if error.message.is_empty() { &error.word } else { &error.message };
            let said = said.split("Logs URL:").next().unwrap_or_default().trim();
            // The condition names the reason; the operation only says that it failed.
            let condition = is_current.then(|| reason(&parts.service.terminal_condition)).flatten();
            Reported::new(DeploymentState::Failed, "failed").because(condition.or_else(|| Some(said.to_owned())))
        }
        (None, Some(service)) => {
            Reported::new(DeploymentState::Failed, "failed").because(reason(&service.terminal_condition))
        }
        (None, None) if operation.done => Reported::new(DeploymentState::Succeeded, "done"),
        (None, None) => {
            let condition = is_current.then(|| reason(&parts.service.terminal_condition)).flatten();
            Reported::new(DeploymentState::Progressing, "running").because(condition)
        }
    };
    let to = match (&parts.followed_aim, service) {
        (Some(aim), Some(service)) => aimed(aim, if is_current { &parts.service } else { service }),
        (Some(_), None) => None,
        (None, _) if is_current => target(parts),
        (None, service) => service.and_then(|service| guessed(parts, service)),
    };
    let finished = (operation.done && is_current).then_some(&parts.service.terminal_condition.last_transition_time);
    Deployment {
        id: DeploymentId::new(operation.name.clone()),
        state,
        from: if is_current { sources(&parts.service, to.as_ref()) } else { Vec::new() },
        to,
        created_at: service.and_then(|service| Timestamp::parse(&service.update_time)),
        finished_at: finished.and_then(|finished| Timestamp::parse(finished)),
        instances: None,
        failed: None,
        started: Vec::new(),
        stoppable: false,
        facts: by(service.map_or("", |service| &service.last_modifier)),
    }
}

/// What is left of an older deployment: the revision it made.
fn of_revision(revision: &wire::Revision, id: RevisionId) -> Deployment {
    let seen = revisions::state(revision);
    let state = match seen.state {
        RevisionState::Ready | RevisionState::Retired => DeploymentState::Succeeded,
        RevisionState::Pending => DeploymentState::Progressing,
        RevisionState::Failed => DeploymentState::Failed,
        RevisionState::Unknown => DeploymentState::Unknown,
    };
    Deployment {
        id: DeploymentId::new(format!("revision/{}", id.as_str())),
        state: Reported { state, word: seen.word, reason: seen.reason },
        to: Some(id),
        from: Vec::new(),
        created_at: Timestamp::parse(&revision.create_time),
        finished_at: None,
        instances: None,
        failed: None,
        started: Vec::new(),
        stoppable: false,
        facts: by(&revision.creator),
    }
}
