//! Revisions: service revisions where the service has them, task definitions where it is older than those.

use std::collections::BTreeSet;

use aws_sdk_ecs::types::ServiceRevision;

use super::{Definition, Parts, at, definition_name, deployments, family, main_container, wanted_reference};
use crate::{
    aws::images::EcrName,
    model::{Digest, Fact, Image, Reported, Revision, RevisionId, RevisionState, Section, Serving},
    registry::{self, Repository},
    text::Untrusted,
    timestamp::Timestamp,
};

/// A service revision by ARN, where it was described.
pub(super) fn known<'a>(parts: &'a Parts, arn: Option<&str>) -> Option<&'a ServiceRevision> {
    parts.revisions.as_ref().ok()?.iter().find(|revision| arn.is_some() && revision.service_revision_arn() == arn)
}

/// Whether a task definition ARN is complete: a bare family would mean "the latest", which is never what a rollback means.
pub(in crate::aws) fn is_pinnable(definition: &str) -> bool {
    let number = definition_name(definition).rsplit_once(':').map(|(_, number)| number);
    definition.starts_with("arn:") && number.is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
}

/// The revision that stands for a task definition: the newest service revision made of it, else the definition itself.
pub(super) fn id_of(parts: &Parts, definition: &str) -> RevisionId {
    let of_it = parts.revisions.iter().flatten().filter(|revision| revision.task_definition() == Some(definition));
    let newest = of_it.max_by_key(|revision| at(revision.created_at()));
    RevisionId::new(newest.and_then(|revision| revision.service_revision_arn()).unwrap_or(definition))
}

/// The revision the definition asks for. After a rollback that is the one ECS went back to, not the one deployed last.
pub(super) fn wanted(parts: &Parts) -> Option<RevisionId> {
    let definition = parts.service.task_definition()?;
    let current = deployments::newest(parts).and_then(|deployment| {
        let back = deployment.rollback().and_then(|rollback| rollback.service_revision_arn());
        back.or_else(|| deployment.target_service_revision()?.arn())
    });
    let agrees = known(parts, current).is_some_and(|revision| revision.task_definition() == Some(definition));
    match current {
        Some(arn) if agrees => Some(RevisionId::new(arn)),
        Some(_) | None => Some(id_of(parts, definition)),
    }
}

/// All revisions, newest first.
pub(super) fn section(parts: &Parts, wanted: Option<&RevisionId>, serving: &[Serving]) -> Section<Vec<Revision>> {
    let known = parts.revisions.as_ref().map_err(Clone::clone)?;
    let now = wanted.and_then(|wanted| self::known(parts, Some(wanted.as_str())));
    let mut revisions = Vec::new();
    for service_revision in known {
        let Some(mut revision) = of_service(parts, service_revision) else { continue };
        let in_force = || in_force(parts, now?, service_revision);
        revision.gone = revision.gone.or_else(in_force);
        revisions.push(revision);
    }
    let covered: BTreeSet<_> = known.iter().filter_map(|revision| revision.task_definition()).collect();
    let listed = matches!(parts.history, Ok(Some(_)));
    if !listed && let Err(error) = &parts.definitions {
        return Err(error.clone());
    }
    for (arn, definition) in &parts.described {
        let needed = wanted.map(RevisionId::as_str) == Some(arn)
            || serving.iter().any(|serving| serving.revision.as_str() == arn);
        // With a history, a definition nobody deployed is no revision of this service.
        if !covered.contains(arn.as_str()) && (!listed || needed) {
            revisions.push(of_definition(parts, arn, definition));
        }
    }
    revisions.sort_by(|a, b| (b.created_at, number(&b.name), &b.id).cmp(&(a.created_at, number(&a.name), &a.id)));
    Ok(revisions)
}

fn number(name: &Untrusted) -> u64 {
    name.raw().rsplit(':').next().and_then(|number| number.parse().ok()).unwrap_or(0)
}

fn of_service(parts: &Parts, revision: &ServiceRevision) -> Option<Revision> {
    let arn = revision.service_revision_arn()?;
    let definition = revision.task_definition();
    let image = image_of(parts, revision);
    let (served, state) = deployments::outcome(parts, arn);
    let mut facts = vec![Fact { label: "service revision", value: super::last(arn).into() }];
    facts.extend(registered_by(definition.and_then(|arn| parts.described.get(arn))));
    let created_at = at(revision.created_at());
    let definition = definition.unwrap_or_default();
    Some(describe(parts, Seen { id: arn, definition, image, created_at, served, state, facts }))
}

/// The image of the container that answers the public.
fn image_of(parts: &Parts, revision: &ServiceRevision) -> Option<Image> {
    let main = main_container(&parts.service);
    let images = revision.container_images();
    let image = images.iter().find(|image| main.is_some() && image.container_name() == main).or(images.first())?;
    let digest = image.image_digest().and_then(Digest::parse);
    Some(Image { reference: image.image()?.into(), digest })
}

fn of_definition(parts: &Parts, arn: &str, definition: &Definition) -> Revision {
    let image = wanted_reference(&parts.service, definition).map(|reference| {
        let pinned = registry::Reference::parse(reference).digest;
        // The tasks know what they pulled; the definition alone does not.
        Image { reference: reference.into(), digest: pinned.or_else(|| pulled(parts, arn)) }
    });
    describe(
        parts,
        Seen {
            id: arn,
            definition: arn,
            image,
            created_at: definition.registered_at,
            served: deployments::completed(parts, arn),
            state: Reported::new(RevisionState::Unknown, "not reported"),
            facts: registered_by(Some(definition)).into_iter().collect(),
        },
    )
}

/// What the two kinds of revision have in common.
struct Seen<'a> {
    id: &'a str,
    definition: &'a str,
    image: Option<Image>,
    created_at: Option<Timestamp>,
    served: Option<bool>,
    state: Reported<RevisionState>,
    facts: Vec<Fact>,
}

fn describe(parts: &Parts, seen: Seen<'_>) -> Revision {
    let repository = seen.image.as_ref().and_then(|image| repository_of(parts, image));
    Revision {
        id: RevisionId::new(seen.id),
        name: definition_name(seen.definition).into(),
        commit: seen.image.as_ref().and_then(|image| registry::commit_of(image, repository)),
        exact: seen.image.as_ref().is_some_and(|image| registry::is_exact(image, repository)),
        gone: gone(parts, seen.definition, seen.image.as_ref(), repository),
        image: seen.image,
        created_at: seen.created_at,
        state: seen.state,
        served: seen.served,
        facts: seen.facts,
    }
}

/// The repository that was read, when it is the one this image is in.
fn repository_of<'a>(parts: &'a Parts, image: &Image) -> Option<&'a Repository> {
    let (name, repository) = parts.repository.as_ref().ok()?.as_ref()?;
    (EcrName::of(image.reference.raw()).as_ref() == Some(name)).then_some(repository)
}

fn gone(parts: &Parts, definition: &str, image: Option<&Image>, held: Option<&Repository>) -> Option<String> {
    let listed = parts.definitions.as_ref().ok().filter(|listed| listed.complete);
    let ours = parts.service.task_definition().map(family) == Some(family(definition));
    if ours && listed.is_some_and(|listed| !listed.active.iter().any(|active| active == definition)) {
        let name = Untrusted::new(definition_name(definition)).show();
        return Some(format!("task definition {name} is no longer active"));
    }
    registry::lost(image?, held)
}

/// Why another image of the definition in force cannot be returned to: ECS begins no deployment for a definition it has,
/// and one that is forced resolves the tag anew.
fn in_force(parts: &Parts, wanted: &ServiceRevision, revision: &ServiceRevision) -> Option<String> {
    let definition =
        revision.task_definition().filter(|_| revision.task_definition() == parts.service.task_definition());
    let digest = |revision| image_of(parts, revision).and_then(|image| image.digest);
    let is_another = revision.service_revision_arn() != wanted.service_revision_arn()
        && digest(revision).is_none_or(|then| digest(wanted).as_ref() != Some(&then));
    let name = Untrusted::new(definition_name(definition.filter(|_| is_another)?)).show();
    Some(format!("{name} is in force already: to go back, its former image needs a definition of its own"))
}

fn pulled(parts: &Parts, definition: &str) -> Option<Digest> {
    let (running, stopped) = parts.tasks.as_ref().ok()?;
    let main = main_container(&parts.service);
    let mut of_it = running.iter().chain(stopped).filter(|task| task.task_definition_arn() == Some(definition));
    of_it.find_map(|task| {
        let containers = task.containers();
        let container = containers.iter().find(|c| main.is_some() && c.name() == main).or(containers.first());
        Digest::parse(container?.image_digest()?)
    })
}

fn registered_by(definition: Option<&Definition>) -> Option<Fact> {
    let by = definition?.registered_by.as_deref()?;
    Some(Fact { label: "registered by", value: by.into() })
}
