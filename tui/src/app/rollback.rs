//! Which revision to go back to: the newest earlier one that served well, runs another image, and still exists. Never
//! simply the second newest; every other revision is listed with the reason against it. While a deployment is under way, it
//! is that one which is undone: what served before it stays.

use hello_cloud::{Commit, DeploymentState, Revision, RevisionState, Snapshot, Timestamp};

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

/// What undoing the deployment under way leaves: what served before it. `None` where none is under way, where it serves
/// already, and where it gets no traffic anyway because that is held.
pub fn put_back(snapshot: &Snapshot) -> Option<&Revision> {
    let running = snapshot.current.as_ref()?;
    if !matches!(running.state.state, DeploymentState::Pending | DeploymentState::Progressing) {
        return None;
    }
    if running.stoppable {
        return running.from.first().and_then(|from| snapshot.revision(from));
    }
    let serves = snapshot.main_revision().filter(|_| snapshot.hold.is_none())?;
    // A new revision may have no name yet.
    (running.to.as_ref() != Some(&serves.id)).then_some(serves)
}

/// A revision named by a person: by its name, its commit or its id. What is gone cannot be named, and what serves now only
/// while a deployment under way would replace it.
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
        Some(gone) => Err(format!("{} is gone: {gone}", revision.name.show())),
        None if is_current(snapshot, revision) && !is_put_back(snapshot, revision) => {
            Err(format!("{} serves now", revision.name.show()))
        }
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

fn is_put_back(snapshot: &Snapshot, revision: &Revision) -> bool {
    put_back(snapshot).is_some_and(|back| back.id == revision.id)
}

fn is_current(snapshot: &Snapshot, revision: &Revision) -> bool {
    snapshot.serving.first().is_some_and(|serving| serving.revision == revision.id)
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
