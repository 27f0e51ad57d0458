//! Revisions of Cloud Run.

use hello_cloud::{CloudEvent, Reported, Revision, RevisionId, RevisionState, Section};
use hello_local::clouds::{
    images::Images,
    run::{Run, revision::State},
};

use super::snapshot::Seen;
use crate::image::{self, at};

/// All revisions, newest first.
pub fn section(run: &Run, images: &Images, seen: &Seen) -> Section<Vec<Revision>> {
    seen.revisions.clone()?;
    Ok((0..run.revisions.len()).rev().map(|index| revision(run, images, index)).collect())
}

fn serves(run: &Run, index: usize) -> bool {
    run.shares().iter().any(|(serving, _)| *serving == index)
}

/// Whether a revision can serve. One that nothing points at is switched off, which is no failure.
pub fn state(run: &Run, index: usize) -> Reported<RevisionState> {
    match &run.revisions[index].state {
        State::Pending => Reported::new(RevisionState::Pending, "CONDITION_RECONCILING"),
        State::Ready if serves(run, index) => Reported::new(RevisionState::Ready, "CONDITION_SUCCEEDED"),
        State::Ready => Reported::new(RevisionState::Retired, "CONDITION_SUCCEEDED"),
        State::Failed { revision_reason, reason, message } => {
            let word = revision_reason.or(*reason).unwrap_or_default();
            let why = format!("{word}: {message}");
            Reported::new(RevisionState::Failed, "CONDITION_FAILED").because(Some(why))
        }
    }
}

fn revision(run: &Run, images: &Images, index: usize) -> Revision {
    let revision = &run.revisions[index];
    let digest = revision.digest.as_deref();
    let state = state(run, index);
    Revision {
        id: RevisionId::new(revision.name.clone()),
        name: revision.name.clone().into(),
        image: Some(image::image(&revision.image, digest)),
        commit: image::commit(images, digest),
        created_at: Some(at(revision.created_at)),
        served: match state.state {
            RevisionState::Ready | RevisionState::Retired => Some(true),
            RevisionState::Failed => Some(false),
            RevisionState::Pending | RevisionState::Unknown => None,
        },
        // What serves keeps its own copy of the image.
        gone: image::gone(images, digest.filter(|_| !serves(run, index))),
        // Resolved once, when it was made.
        exact: true,
        facts: Vec::new(),
        state,
    }
}

/// Why revisions could not start, newest first.
pub fn failures(run: &Run, seen: &Seen) -> Section<Vec<CloudEvent>> {
    seen.revisions.clone()?;
    let failed = (0..run.revisions.len()).rev().filter(|index| state(run, *index).state == RevisionState::Failed);
    let event = |index: usize| {
        let (revision, said) = (&run.revisions[index], state(run, index));
        let why = said.reason.map(|reason| reason.raw().to_owned()).unwrap_or_default();
        let message = format!("{}: {why}", revision.name).into();
        CloudEvent { at: Some(at(revision.updated_at)), message, by: None }
    };
    Ok(failed.map(event).collect())
}
