//! Which revision to go back to: the newest earlier one that served well, runs another image, and still exists. Never
//! simply the second newest; every other revision is listed with the reason against it. A change that is not over, a
//! deployment under way or traffic left split, is the one that is undone: what served before it stays.

use hello_cloud::{Commit, Deployment, DeploymentState, Revision, RevisionState, Snapshot, Timestamp};

/// What speaks against the revision that serves: it needs no going back to.
pub const SERVES: &str = "serves now";

/// A revision and what speaks against going back to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Safe to show.
    pub name: String,
    pub commit: Option<Commit>,
    /// `None` when it can be chosen.
    pub against: Option<String>,
}

/// All revisions of a snapshot, newest first, each with the reason against it; and the one to choose.
pub fn candidates(snapshot: &Snapshot) -> (Vec<Candidate>, Option<&Revision>) {
    let Ok(revisions) = &snapshot.revisions else { return (Vec::new(), None) };
    let mut listed: Vec<Candidate> = Vec::new();
    let mut chosen = put_back(snapshot);
    for revision in revisions {
        let against = reason_against(snapshot, revisions, revision);
        if against.is_none() && chosen.is_none() {
            chosen = Some(revision);
        }
        let candidate = Candidate { name: revision.name.show(), commit: revision.commit.clone(), against };
        if !listed.contains(&candidate) {
            listed.push(candidate);
        }
    }
    (listed, chosen)
}

/// What undoing the newest change leaves, where that change is not over: a deployment under way, or traffic that was left
/// split. It is what served before. `None` where everything is on one revision, and where a deployment gets no traffic
/// anyway because that is held.
pub fn put_back(snapshot: &Snapshot) -> Option<&Revision> {
    let under_way = |state| matches!(state, DeploymentState::Pending | DeploymentState::Progressing);
    let Some(running) = snapshot.current.as_ref().filter(|current| under_way(current.state.state)) else {
        return split_from(snapshot);
    };
    if running.stoppable {
        return stopped_to(snapshot, running);
    }
    let serves = snapshot.main_revision().filter(|_| snapshot.hold.is_none())?;
    // A new revision may have no name yet.
    (running.to.as_ref() != Some(&serves.id)).then_some(serves)
}

/// What stopping a deployment puts back: of several revisions that it comes from the one that served well.
pub fn stopped_to<'a>(snapshot: &'a Snapshot, running: &Deployment) -> Option<&'a Revision> {
    let mut from = running.from.iter().filter_map(|from| snapshot.revision(from));
    from.clone().find(|revision| revision.served == Some(true)).or_else(|| from.next())
}

/// Of revisions that share the traffic, the one with most of it that is not the newest of them.
fn split_from(snapshot: &Snapshot) -> Option<&Revision> {
    let shares = snapshot.serving.iter().filter(|serving| serving.share.is_some());
    let serving: Vec<_> = shares.filter_map(|serving| snapshot.revision(&serving.revision)).collect();
    let newest = serving.iter().max_by_key(|revision| revision.created_at)?;
    serving.iter().find(|revision| revision.id != newest.id).copied()
}

/// A revision named by a person: by its name, its commit or its id. What is gone cannot be named, and what serves now only
/// while a change that is not over would replace it.
pub fn named<'a>(snapshot: &'a Snapshot, name: &str) -> Result<&'a Revision, String> {
    let revisions = snapshot.revisions.as_ref().map_err(ToString::to_string)?;
    let wanted = Commit::parse(name);
    let is_it = |revision: &&Revision| {
        let commit = revision.commit.as_ref().zip(wanted.as_ref()).is_some_and(|(a, b)| a.matches(b));
        revision.name.raw() == name || revision.id.as_str() == name || commit
    };
    let Some(revision) = revisions.iter().find(is_it) else {
        let known: Vec<_> = revisions.iter().take(5).map(|revision| revision.name.show()).collect();
        return Err(format!("no revision {name}; the newest are {}", known.join(", ")));
    };
    match &revision.gone {
        // Undoing what is not over brings it back as it is.
        _ if is_put_back(snapshot, revision) => Ok(revision),
        Some(gone) => Err(format!("{} is gone: {gone}", revision.name.show())),
        None if is_current(snapshot, revision) => Err(format!("{} serves now", revision.name.show())),
        None => Ok(revision),
    }
}

/// What speaks against going back to a revision; `None` when it can be chosen.
pub fn against(snapshot: &Snapshot, revision: &Revision) -> Option<String> {
    match &snapshot.revisions {
        Ok(revisions) => reason_against(snapshot, revisions, revision),
        Err(error) => Some(error.to_string()),
    }
}

/// Whether undoing the newest change leaves this revision.
pub fn is_put_back(snapshot: &Snapshot, revision: &Revision) -> bool {
    put_back(snapshot).is_some_and(|back| back.id == revision.id)
}

/// Whether it serves, and nothing beside it does that is known to share the traffic.
fn is_current(snapshot: &Snapshot, revision: &Revision) -> bool {
    let main = snapshot.serving.first().filter(|serving| serving.revision == revision.id);
    main.is_some_and(|main| main.share.is_none_or(|share| share == 100))
}

fn reason_against(snapshot: &Snapshot, all: &[Revision], revision: &Revision) -> Option<String> {
    if is_put_back(snapshot, revision) {
        return None;
    }
    if is_current(snapshot, revision) {
        return Some(SERVES.into());
    }
    if let Some(gone) = &revision.gone {
        return Some(gone.clone());
    }
    let Some(current) = snapshot.main_revision() else { return Some("what serves now is not known".into()) };
    match (digest(current), digest(revision)) {
        (Some(now), Some(then)) if now == then => return Some("the same image as now".into()),
        (Some(_), Some(_)) => {}
        (None, _) | (_, None) => match (&current.commit, &revision.commit) {
            (Some(now), Some(then)) if now.matches(then) => return Some("the same commit as now".into()),
            (Some(_), Some(_)) => {}
            (None, _) | (_, None) => return Some("its image is not known".into()),
        },
    }
    if first_seen(all, revision) >= first_seen(all, current) {
        return Some("newer than what serves now".into());
    }
    if revision.state.state == RevisionState::Failed {
        return Some("it failed".into());
    }
    match revision.served {
        Some(true) => None,
        Some(false) => Some("it never served well".into()),
        None => Some("nothing tells that it served well".into()),
    }
}

fn digest(revision: &Revision) -> Option<&hello_cloud::Digest> {
    revision.image.as_ref()?.digest.as_ref()
}

/// When the image of a revision first appeared. Going back makes a new revision of an old image on ECS, and it is the
/// image's age that tells what is earlier: so that going back twice goes back two steps and not to and fro.
fn first_seen(all: &[Revision], revision: &Revision) -> Option<Timestamp> {
    let same = |other: &&Revision| match (digest(revision), digest(other)) {
        (Some(a), Some(b)) => a == b,
        _ => other.name == revision.name,
    };
    all.iter().filter(same).filter_map(|other| other.created_at).min()
}
