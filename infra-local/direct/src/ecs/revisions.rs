//! Revisions of ECS: service revisions, or the definitions of a service that has none.

use std::collections::BTreeSet;

use hello_cloud::{Reported, Revision, RevisionId, RevisionState, Section, Serving};
use hello_local::clouds::{
    ecs::{
        definition::{Definition, Standing, definition_arn},
        deployment::{ServiceRevision, Status},
    },
    images::Images,
};

use super::{View, deployments::reported, snapshot::Seen};
use crate::image::{self, at};

/// ARN of the definition that is wished for.
pub fn wished(ecs: View<'_>) -> String {
    definition_arn(&ecs.revisions[ecs.primary().revision].definition)
}

/// The id of a revision, by its index: the definition where the service has no revisions.
pub fn id(ecs: View<'_>, seen: &Seen, index: usize) -> RevisionId {
    let revision = &ecs.revisions[index];
    let known = seen.has_history();
    RevisionId::new(if known { revision.arn() } else { definition_arn(&revision.definition) })
}

/// The definition that a revision was made of: ARN.
pub fn definition_of(ecs: View<'_>, to: &RevisionId) -> Option<String> {
    let of_revision = ecs.revisions.iter().find(|revision| revision.arn() == to.as_str());
    let known = of_revision.map(|revision| definition_arn(&revision.definition));
    known.or_else(|| ecs.all.definitions.all().map(Definition::arn).find(|arn| arn == to.as_str()))
}

/// All revisions, newest first.
pub fn section(ecs: View<'_>, images: &Images, seen: &Seen, serving: &[Serving]) -> Section<Vec<Revision>> {
    seen.revisions.clone()?;
    let mut revisions = Vec::new();
    let mut covered = BTreeSet::new();
    if seen.has_history() {
        for (index, revision) in ecs.revisions.iter().enumerate() {
            let id = revision.arn();
            // With a history that cannot be read, only what serves is known.
            if seen.history.is_ok() || serving.iter().any(|serving| serving.revision.as_str() == id) {
                covered.insert(revision.definition.clone());
                revisions.push(of_service(ecs, images, seen, index, revision));
            }
        }
    }
    if !matches!(seen.history, Ok(true)) {
        seen.definitions.clone()?;
        let rest =
            ecs.all.definitions.all().filter(|definition| is_active(definition) && definition.family == family(ecs));
        let rest = rest.filter(|definition| !covered.contains(&definition.name()));
        revisions.extend(rest.map(|definition| of_definition(ecs, images, definition)));
    }
    revisions.sort_by(|a, b| (b.created_at, &b.id).cmp(&(a.created_at, &a.id)));
    Ok(revisions)
}

fn of_service(ecs: View<'_>, images: &Images, seen: &Seen, index: usize, revision: &ServiceRevision) -> Revision {
    let digest = revision.digest();
    let (served, state) = if seen.history.is_ok() { outcome(ecs, index) } else { (None, unknown()) };
    let active = ecs.all.definitions.find(&revision.definition).is_some_and(is_active);
    let inactive = || format!("task definition {} is no longer active", revision.definition);
    let lost = || image::lost(images, revision.image(), digest);
    Revision {
        id: RevisionId::new(revision.arn()),
        name: revision.definition.as_str().into(),
        image: Some(image::image(revision.image(), digest)),
        commit: image::commit(images, digest),
        created_at: Some(at(revision.created_at)),
        state,
        served,
        gone: if active { lost().or_else(|| in_force(ecs, index)) } else { Some(inactive()) },
        exact: image::is_exact(images, revision.image(), digest),
        facts: Vec::new(),
    }
}

/// A definition that is wished for already brings back no other image.
fn in_force(ecs: View<'_>, index: usize) -> Option<String> {
    let (now, then) = (ecs.primary().revision, &ecs.revisions[index]);
    let is_another = index != now && then.digest().is_none_or(|digest| ecs.revisions[now].digest() != Some(digest));
    let same = is_another && ecs.revisions[now].definition == then.definition;
    same.then(|| format!("task definition {} is in force already", then.definition))
}

fn of_definition(ecs: View<'_>, images: &Images, definition: &Definition) -> Revision {
    // What tasks of it pulled is known from them; else nothing is.
    let mut tasks = ecs.tasks.iter().map(|task| &ecs.revisions[task.revision]);
    let (name, containers) = (definition.name(), definition.containers());
    let written = containers.first().map_or("", |(_, image)| image.as_str());
    let pulled = tasks.find(|revision| revision.definition == name);
    let digest = pulled.and_then(|revision| revision.digest());
    let meant = digest.or_else(|| Some(images.resolve(written)?.digest.as_str()));
    let rollings = ecs.rollings.iter().filter(|rolling| ecs.revisions[rolling.revision].definition == name);
    let mut served = rollings.filter_map(|rolling| match rolling.rollout.word() {
        "COMPLETED" => Some(true),
        "FAILED" => Some(false),
        _ => None,
    });
    Revision {
        id: RevisionId::new(definition.arn()),
        image: Some(image::image(written, digest)),
        commit: image::commit(images, meant),
        created_at: Some(at(definition.registered_at)),
        state: unknown(),
        served: served.next_back(),
        gone: image::lost(images, written, digest),
        exact: image::is_exact(images, written, meant),
        name: name.into(),
        facts: Vec::new(),
    }
}

/// The family of the definition that is wished for.
fn family(ecs: View<'_>) -> &str {
    let wished = &ecs.service.wished().definition;
    wished.split_once(':').map_or(wished.as_str(), |(family, _)| family)
}

fn is_active(definition: &Definition) -> bool {
    definition.standing == Standing::Active
}

fn unknown() -> Reported<RevisionState> {
    Reported::new(RevisionState::Unknown, "not reported")
}

/// Whether a deployment to a revision, or back to it, ended well; the newest that says so decides.
fn outcome(ecs: View<'_>, index: usize) -> (Option<bool>, Reported<RevisionState>) {
    let well = ecs.deployments.iter().any(|deployment| match deployment.status {
        Status::Successful => deployment.target == index,
        Status::RollbackSuccessful => deployment.rollback.as_ref().is_some_and(|back| back.to == index),
        Status::Pending
        | Status::InProgress
        | Status::StopRequested
        | Status::Stopped
        | Status::RollbackRequested
        | Status::RollbackInProgress
        | Status::RollbackFailed => false,
    });
    if well {
        return (Some(true), Reported::new(RevisionState::Ready, Status::Successful.word()));
    }
    let mut to_it = ecs.deployments.iter().rev().filter(|deployment| deployment.target == index);
    let going = to_it.clone().find(|deployment| !deployment.status.is_settled());
    let Some(deployment) = going.or_else(|| to_it.next()) else { return (None, unknown()) };
    let said = reported(deployment);
    let (served, state) = match deployment.status {
        Status::Stopped => (Some(false), RevisionState::Unknown),
        status if status.is_settled() => (Some(false), RevisionState::Failed),
        _ => (None, RevisionState::Pending),
    };
    (served, Reported { state, word: said.word, reason: said.reason })
}
