//! Revisions of Cloud Run: what they run, whether they can serve, and what their conditions say.

use super::{Parts, main_container, reason};
use crate::{
    gcp::{images::ImageName, wire},
    model::{CloudEvent, Digest, Fact, Image, Reported, Revision, RevisionId, RevisionState, Section, Serving},
    registry::{self, Repository},
    timestamp::Timestamp,
};

/// All revisions, newest first.
pub(super) fn section(parts: &Parts, serving: &[Serving]) -> Section<Vec<Revision>> {
    let revisions = parts.revisions.as_ref().map_err(Clone::clone)?;
    let mut revisions: Vec<_> = revisions.iter().map(|revision| revision_of(parts, serving, revision)).collect();
    revisions.sort_by(|a, b| (b.created_at, &b.id).cmp(&(a.created_at, &a.id)));
    Ok(revisions)
}

fn revision_of(parts: &Parts, serving: &[Serving], revision: &wire::Revision) -> Revision {
    let id = RevisionId::new(wire::short(&revision.name));
    let image = main_container(&revision.containers).map(|container| {
        let statuses = &revision.container_statuses;
        let status = statuses.iter().find(|status| status.name == container.name).or(statuses.first());
        let digest = status.and_then(|status| Digest::parse(&status.image_digest));
        Image { reference: container.image.as_str().into(), digest: digest.or_else(|| Digest::parse(&container.image)) }
    });
    let repository = image.as_ref().and_then(|image| repository_of(parts, image));
    // What serves keeps its own copy of the image.
    let serves = serving.iter().any(|serving| serving.revision == id);
    let digest = image.as_ref().and_then(|image| image.digest.as_ref()).filter(|_| !serves);
    let gone = digest.filter(|digest| repository.is_some_and(|repository| repository.lacks(digest)));
    let state = state(revision);
    Revision {
        name: id.as_str().into(),
        commit: image.as_ref().and_then(|image| registry::commit_of(image, repository)),
        created_at: Timestamp::parse(&revision.create_time),
        served: match state.state {
            RevisionState::Ready | RevisionState::Retired => Some(true),
            RevisionState::Failed => Some(false),
            RevisionState::Pending | RevisionState::Unknown => None,
        },
        gone: gone.map(|digest| format!("image {} is no longer in the registry", digest.short())),
        // A revision is resolved once, when it is made: returning to it is returning to that image.
        exact: true,
        facts: facts(revision),
        id,
        image,
        state,
    }
}

fn facts(revision: &wire::Revision) -> Vec<Fact> {
    let mut facts = Vec::new();
    if !revision.creator.is_empty() {
        facts.push(Fact { label: "made by", value: revision.creator.as_str().into() });
    }
    let active = condition(revision, "Active").filter(|active| !active.revision_reason.is_empty());
    facts.extend(active.map(|active| Fact { label: "activity", value: active.revision_reason.as_str().into() }));
    facts
}

fn repository_of<'a>(parts: &'a Parts, image: &Image) -> Option<&'a Repository> {
    let (name, repository) = parts.repository.as_ref().ok()?.as_ref()?;
    (ImageName::of(image.reference.raw()).as_ref() == Some(name)).then_some(repository)
}

fn condition<'a>(revision: &'a wire::Revision, kind: &str) -> Option<&'a wire::Condition> {
    revision.conditions.iter().find(|condition| condition.r#type == kind)
}

/// `Ready` says whether it can serve; a revision that nothing points at is switched off, which is not a failure.
pub(super) fn state(revision: &wire::Revision) -> Reported<RevisionState> {
    let Some(ready) = condition(revision, "Ready") else {
        let state = if revision.reconciling { RevisionState::Pending } else { RevisionState::Unknown };
        return Reported::new(state, if revision.reconciling { "reconciling" } else { "not reported" });
    };
    let retired = condition(revision, "Active").is_some_and(|active| active.revision_reason == "RETIRED");
    let state = match ready.state.as_str() {
        "CONDITION_SUCCEEDED" if retired => RevisionState::Retired,
        "CONDITION_SUCCEEDED" => RevisionState::Ready,
        "CONDITION_FAILED" if ready.revision_reason == "RETIRED" => RevisionState::Retired,
        "CONDITION_FAILED" => RevisionState::Failed,
        "CONDITION_PENDING" | "CONDITION_RECONCILING" => RevisionState::Pending,
        _ => RevisionState::Unknown,
    };
    Reported::new(state, ready.state.as_str()).because(reason(ready))
}

/// Why revisions could not start, newest first: as near as Cloud Run comes to naming instances that ended.
pub(super) fn failures(parts: &Parts) -> Section<Vec<CloudEvent>> {
    let revisions = parts.revisions.as_ref().map_err(Clone::clone)?;
    let failed = revisions.iter().filter(|revision| state(revision).state == RevisionState::Failed);
    let mut events: Vec<_> = failed
        .map(|revision| {
            let ready = condition(revision, "Ready");
            let why = ready.and_then(reason).unwrap_or_else(|| "failed without a reason".to_owned());
            let since = ready.and_then(|ready| Timestamp::parse(&ready.last_transition_time));
            CloudEvent {
                at: since.or_else(|| Timestamp::parse(&revision.create_time)),
                message: format!("{}: {why}", wire::short(&revision.name)).into(),
                by: None,
            }
        })
        .collect();
    events.sort_by_key(|event| std::cmp::Reverse(event.at));
    Ok(events)
}
