//! The pipeline runs of the scripted repository. One run is seen twice: as a GitHub Actions run and as a Cloud Build
//! build; both push the same image.

use std::time::Duration;

use super::{
    images::{Images, digest_of},
    repository::Commit,
};
use crate::{
    ids::{Ids, seed_of},
    instance::Manner,
    moment::Moment,
};

/// How long a run waits before it begins.
const QUEUE: Duration = Duration::from_secs(3);

/// How a run ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// An image is pushed.
    Success,
    /// Nothing is pushed.
    Failure,
}

/// How far a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Asked for, not begun.
    Queued,
    /// Under way.
    Running,
    /// Over.
    Ended(Outcome),
}

/// One run.
#[derive(Clone, Debug)]
pub struct Build {
    /// GitHub's `run_number`.
    pub number: u32,
    /// GitHub's id.
    pub run_id: u64,
    /// Cloud Build's id.
    pub id: String,
    /// What it builds.
    pub commit: &'static Commit,
    /// When it was asked for.
    pub created_at: Moment,
    /// When it ends.
    pub ends_at: Moment,
    /// How it ends.
    pub outcome: Outcome,
    /// How the image behaves.
    pub manner: Manner,
    /// Whether the image was pushed.
    pushed: bool,
}

impl Build {
    /// When it begins.
    pub fn starts_at(&self) -> Moment {
        self.created_at.after(QUEUE)
    }

    /// How far it is.
    pub fn progress(&self, now: Moment) -> Progress {
        if now < self.starts_at() {
            Progress::Queued
        } else if now < self.ends_at {
            Progress::Running
        } else {
            Progress::Ended(self.outcome)
        }
    }

    /// The digest of the image it makes.
    pub fn digest(&self) -> String {
        digest_of(self.commit)
    }
}

/// All runs, past and to come.
#[derive(Clone, Debug, Default)]
pub struct Builds(Vec<Build>);

impl Builds {
    /// Plans a run. One whose end has passed already pushes at once.
    pub fn plan(
        &mut self,
        commit: &'static Commit,
        manner: Manner,
        created_at: Moment,
        runs_for: Duration,
        outcome: Outcome,
    ) {
        let number = 41 + u32::try_from(self.0.len()).unwrap_or(0);
        let mut ids = Ids::new(seed_of(commit.sha));
        let run_id = 11_830_000_000 + u64::from(number) * 7919;
        let ends_at = created_at.after(QUEUE + runs_for);
        let id = ids.uuid();
        self.0.push(Build { number, run_id, id, commit, created_at, ends_at, outcome, manner, pushed: false });
    }

    /// Pushes what has been finished by `now`.
    pub fn advance(&mut self, now: Moment, images: &mut Images) {
        for build in self.0.iter_mut().filter(|build| !build.pushed && build.ends_at <= now) {
            build.pushed = true;
            match build.outcome {
                Outcome::Success => drop(images.push(build.commit, build.manner, build.ends_at)),
                Outcome::Failure => {}
            }
        }
    }

    /// When a run moves on next.
    pub fn next_after(&self, now: Moment) -> Option<Moment> {
        let moments = self.0.iter().flat_map(|build| [build.created_at, build.starts_at(), build.ends_at]);
        moments.filter(|at| *at > now).min()
    }

    /// The runs that exist at `now`, newest first.
    pub fn newest_first(&self, now: Moment) -> Vec<&Build> {
        let mut builds: Vec<_> = self.0.iter().filter(|build| build.created_at <= now).collect();
        builds.sort_by_key(|build| std::cmp::Reverse(build.created_at));
        builds
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clouds::repository::UPCOMING;

    #[test]
    fn a_run_appears_runs_and_pushes() {
        let start = Moment::from_millis(0);
        let at = |seconds| start.after(Duration::from_secs(seconds));
        let (mut builds, mut images) = (Builds::default(), Images::default());
        builds.plan(&UPCOMING, Manner::Well, at(20), Duration::from_secs(22), Outcome::Success);
        assert!(builds.newest_first(at(19)).is_empty());
        assert_eq!(builds.newest_first(at(20))[0].progress(at(20)), Progress::Queued);
        assert_eq!(builds.newest_first(at(30))[0].progress(at(30)), Progress::Running);
        builds.advance(at(44), &mut images);
        assert!(images.by_tag(UPCOMING.sha).is_none());
        builds.advance(at(45), &mut images);
        assert_eq!(builds.newest_first(at(45))[0].progress(at(45)), Progress::Ended(Outcome::Success));
        assert_eq!(images.by_tag(UPCOMING.sha).unwrap().digest, builds.newest_first(at(45))[0].digest());
    }
}
