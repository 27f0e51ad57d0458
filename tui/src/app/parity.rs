//! Whether all targets of a service serve the same commit.

use hello_cloud::Commit;

use super::{
    state::{Group, State},
    verdict::VerdictState,
};

/// What the targets of a group serve, compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Parity {
    /// All the same.
    Same(Commit),
    /// One is newer by a number of built commits.
    Ahead { leader: &'static str, by: usize },
    /// Different, and nothing tells which is newer.
    Differ(Vec<(&'static str, Commit)>),
    /// Not known, because of these targets.
    Unknown(Vec<&'static str>),
    /// There is only one target.
    Alone(Option<Commit>),
}

impl Parity {
    /// One line for the screen.
    pub fn text(&self) -> String {
        match self {
            Self::Same(commit) => format!("same commit {}", commit.short()),
            Self::Ahead { leader, by } => format!("{leader} ahead by {by}"),
            Self::Differ(sides) => {
                let sides: Vec<_> = sides.iter().map(|(label, commit)| format!("{label} {}", commit.short())).collect();
                format!("different commits: {}", sides.join(", "))
            }
            Self::Unknown(labels) => format!("parity unknown: {}", labels.join(", ")),
            Self::Alone(Some(commit)) => format!("commit {}", commit.short()),
            Self::Alone(None) => "commit unknown".into(),
        }
    }
}

/// Compares what the targets of a group serve. Facts too old to trust make it unknown, not equal.
pub fn parity(state: &State, group: &Group) -> Parity {
    let mut sides: Vec<(&'static str, Commit)> = Vec::new();
    let mut unknown = Vec::new();
    for target in group.targets.iter().filter_map(|index| state.targets.get(*index)) {
        let fresh = !matches!(target.verdict.state, VerdictState::Stale | VerdictState::Unknown);
        match target.commit().filter(|_| fresh) {
            Some(commit) => sides.push((target.target.info.label, commit.clone())),
            None => unknown.push(target.target.info.label),
        }
    }
    if group.targets.len() == 1 {
        return Parity::Alone(sides.pop().map(|(_, commit)| commit));
    }
    let Some((_, first)) = sides.first().filter(|_| unknown.is_empty()) else { return Parity::Unknown(unknown) };
    if sides.iter().all(|(_, commit)| commit.matches(first)) {
        return Parity::Same(first.clone());
    }
    let order = built(state, group);
    let mut places: Vec<(usize, &'static str)> = Vec::new();
    for (label, commit) in &sides {
        match order.iter().position(|built| built.matches(commit)) {
            Some(place) => places.push((place, label)),
            None => return Parity::Differ(sides),
        }
    }
    places.sort_unstable();
    match (places.first(), places.last()) {
        (Some((newest, leader)), Some((oldest, _))) if newest != oldest => {
            Parity::Ahead { leader, by: oldest - newest }
        }
        _ => Parity::Differ(sides),
    }
}

/// Commits in the order they were built, newest first, without repeats: the longest list any target's source gave.
fn built(state: &State, group: &Group) -> Vec<Commit> {
    let mut longest: Vec<Commit> = Vec::new();
    for target in group.targets.iter().filter_map(|index| state.targets.get(*index)) {
        let mut commits: Vec<Commit> = Vec::new();
        for commit in target.builds.value().into_iter().flatten().filter_map(|build| build.commit.as_ref()) {
            if !commits.contains(commit) {
                commits.push(commit.clone());
            }
        }
        if commits.len() > longest.len() {
            longest = commits;
        }
    }
    longest
}
