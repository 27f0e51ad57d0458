//! From the wire to the model. Pure: everything the calls brought goes in, a snapshot comes out.
//!
//! While `reconciling`, what the service says of traffic is in motion. After a failed deployment it still describes what
//! serves, which is why "failed" here is not "down".

mod deployments;
mod entries;
mod revisions;

use super::{
    aims::Aim,
    images::{self, ImageName},
    wire,
};
use crate::{
    model::{
        CloudEvent, DeploymentId, Fact, Fingerprint, Hold, Readiness, Reported, RevisionId, Section, Serving, Slowed,
        Snapshot, Standing, Summary,
    },
    registry::Repository,
    text::Untrusted,
    timestamp::Timestamp,
};

pub(super) use deployments::generation_id;
pub(super) use entries::{event, line};

/// What traffic targets are called that follow the newest ready revision.
pub(super) const LATEST: &str = "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST";
/// What traffic targets are called that name a revision.
pub(super) const REVISION: &str = "TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION";

/// Everything the calls of one observation brought.
pub(super) struct Parts {
    pub service: wire::Service,
    pub revisions: Section<Vec<wire::Revision>>,
    /// The operation somebody follows, where the cloud still knows it.
    pub followed: Section<Option<wire::Operation>>,
    /// The repository of the wanted image; `None` when it is not in a registry we read.
    pub repository: Section<Option<(ImageName, Repository)>>,
    /// What the audit logs tell, newest first.
    pub events: Section<Vec<CloudEvent>>,
    /// How calls were held back meanwhile.
    pub slowed: Option<Slowed>,
    /// What the change behind the current generation was after, where we started it.
    pub current_aim: Option<Aim>,
    /// What the followed operation was after, where we started it.
    pub followed_aim: Option<Aim>,
    /// The followed operation, where we started it and it made the current generation: known without reading it.
    pub followed_made_this: Option<DeploymentId>,
}

/// The container that answers the public: the one with a port, else the first.
pub(super) fn main_container(containers: &[wire::Container]) -> Option<&wire::Container> {
    containers.iter().find(|container| !container.ports.is_empty()).or(containers.first())
}

/// The snapshot.
pub(super) fn snapshot(parts: &Parts) -> Snapshot {
    let service = &parts.service;
    let serving = serving(service);
    Snapshot {
        url: text(&service.uri),
        readiness: readiness(service),
        wanted: name(&service.latest_created_revision),
        hold: hold(service),
        instances: None,
        current: Some(deployments::current(parts)),
        deployments: deployments::section(parts),
        revisions: revisions::section(parts, &serving),
        resolution: resolution(parts),
        events: parts.events.clone(),
        failures: revisions::failures(parts),
        // Google's own front end is in its place.
        targets: Ok(None),
        slowed: parts.slowed,
        changed_by: text(&service.last_modifier),
        facts: facts(service),
        fingerprint: Fingerprint::new(service.etag.clone()),
        serving,
    }
}

/// A service of a listing. It is told from the same fields as the whole, so that both say the same.
pub(super) fn summary(service: &wire::Service) -> Summary {
    let standing = Standing {
        readiness: readiness(service),
        wanted: name(&service.latest_created_revision).map(|wanted| wanted.as_str().into()),
        instances: None,
        url: text(&service.uri),
    };
    Summary { name: wire::short(&service.name).into(), standing: Ok(standing) }
}

fn text(value: &str) -> Option<Untrusted> {
    (!value.is_empty()).then(|| value.into())
}

fn name(revision: &str) -> Option<RevisionId> {
    (!revision.is_empty()).then(|| RevisionId::new(wire::short(revision)))
}

fn readiness(service: &wire::Service) -> Reported<Readiness> {
    let condition = &service.terminal_condition;
    let serves = !service.latest_ready_revision.is_empty() || service.traffic_statuses.iter().any(|t| t.percent > 0);
    let state = match (service.reconciling, condition.state.as_str()) {
        (true, _) | (false, "CONDITION_PENDING" | "CONDITION_RECONCILING") => Readiness::Pending,
        (false, "CONDITION_SUCCEEDED") => Readiness::Ready,
        (false, "CONDITION_FAILED") if serves => Readiness::Partly,
        (false, "CONDITION_FAILED") => Readiness::NotReady,
        (false, _) => Readiness::Unknown,
    };
    let word = if service.reconciling { "reconciling" } else { &condition.state };
    Reported::new(state, word).because(reason(condition))
}

/// One line of why: the word and the message, the long address of the logs left out.
fn reason(condition: &wire::Condition) -> Option<String> {
    let word = if condition.revision_reason.is_empty() { &condition.reason } else { &condition.revision_reason };
    let message = condition.message.split("Logs URL:").next().unwrap_or_default();
    let message = message.split('\n').next().unwrap_or_default().trim();
    match (word.is_empty(), message.is_empty()) {
        (false, false) => Some(format!("{word}: {message}")),
        (false, true) => Some(word.clone()),
        (true, false) => Some(message.to_owned()),
        (true, true) => None,
    }
}

/// What serves, greatest share first. `LATEST` means the newest *ready* revision. While the cloud has not reported any
/// traffic, nothing is invented.
fn serving(service: &wire::Service) -> Vec<Serving> {
    let mut shares: Vec<(RevisionId, i64)> = Vec::new();
    for target in service.traffic_statuses.iter().filter(|target| target.percent > 0) {
        let revision = if target.revision.is_empty() { &service.latest_ready_revision } else { &target.revision };
        let Some(revision) = name(revision) else { continue };
        match shares.iter_mut().find(|(known, _)| *known == revision) {
            Some((_, share)) => *share = share.saturating_add(target.percent),
            None => shares.push((revision, target.percent)),
        }
    }
    let whole = shares.iter().map(|(_, share)| *share).fold(0, i64::saturating_add) == 100;
    shares.sort_by_key(|(_, share)| std::cmp::Reverse(*share));
    let share = |share| u8::try_from(share).ok().filter(|_| whole);
    shares.into_iter().map(|(revision, n)| Serving { revision, share: share(n), running: None }).collect()
}

/// Traffic is held when none of it follows the newest revision. A target at 0 % only keeps a tag alive.
pub(super) fn held(traffic: &[wire::Traffic]) -> Option<&wire::Traffic> {
    let follows = traffic.iter().any(|target| target.r#type == LATEST && target.percent > 0);
    let pinned = traffic.iter().filter(|target| target.percent > 0 && !target.revision.is_empty());
    if follows { None } else { pinned.max_by_key(|target| target.percent) }
}

fn hold(service: &wire::Service) -> Option<Hold> {
    Some(Hold {
        revision: RevisionId::new(wire::short(&held(&service.traffic)?.revision)),
        since: Timestamp::parse(&service.update_time),
        by: text(&service.last_modifier),
    })
}

fn resolution(parts: &Parts) -> Section<Option<crate::model::Resolution>> {
    let Some((_, repository)) = parts.repository.as_ref().map_err(Clone::clone)? else { return Ok(None) };
    let Some(container) = main_container(&parts.service.template.containers) else { return Ok(None) };
    repository.resolve(&container.image, images::CALL)
}

fn facts(service: &wire::Service) -> Vec<Fact> {
    let mut facts = Vec::new();
    let mut say = |label, value: &str| {
        if !value.is_empty() {
            facts.push(Fact { label, value: value.into() });
        }
    };
    say("generation", &service.generation.to_string());
    say("ingress", service.ingress.as_str().unwrap_or_default());
    say("launch stage", service.launch_stage.as_str().unwrap_or_default());
    say("changed with", &service.client);
    for target in &service.traffic_statuses {
        if !target.tag.is_empty() {
            say("tag", &format!("{} is {} at {} %", target.tag, wire::short(&target.revision), target.percent));
        }
    }
    facts
}

#[cfg(test)]
mod tests;
