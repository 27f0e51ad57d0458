//! The pipeline runs of the scripted repository. A push starts one in each of three systems: GitHub Actions, Cloud Build
//! and `CodeBuild`; all of them push the same image.
//!
//! - [`attempt`]: the life of one attempt at a run
//! - [`part`]: its two parts
//! - [`change`]: what a client may ask: again, cancel, approve, start

pub mod attempt;
pub mod change;
pub mod part;

use std::time::Duration;

use attempt::Attempt;
pub use attempt::{Outcome, Progress};

use super::{
    images::{Images, digest_of},
    repository::Commit,
};
use crate::{
    ids::{Ids, seed_of},
    instance::Manner,
    moment::Moment,
};

/// Who runs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum System {
    /// GitHub Actions.
    Github,
    /// Cloud Build.
    CloudBuild,
    /// `CodeBuild`.
    CodeBuild,
}

/// All systems, in the order in which they are told of a push.
pub const SYSTEMS: [System; 3] = [System::Github, System::CloudBuild, System::CodeBuild];

/// What started a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// A push to the branch.
    Push,
    /// Somebody, through the API.
    Dispatch,
}

/// What a push leads to.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// When it is pushed.
    pub at: Moment,
    /// How long a run takes once it has begun.
    pub runs_for: Duration,
    /// How it ends.
    pub outcome: Outcome,
    /// How it ends when it is run again.
    pub again: Outcome,
    /// Whether a person must approve it.
    pub gated: bool,
    /// How the image behaves.
    pub manner: Manner,
}

/// One run.
#[derive(Clone, Debug)]
pub struct Build {
    /// Who runs it.
    pub system: System,
    /// Counts the runs of a system: GitHub's `run_number`.
    pub number: u32,
    /// GitHub's id.
    pub run_id: u64,
    /// Cloud Build's and `CodeBuild`'s id.
    pub id: String,
    /// What it builds.
    pub commit: &'static Commit,
    /// What started it.
    pub cause: Cause,
    /// When it was asked for first.
    pub created_at: Moment,
    /// How the image behaves.
    pub manner: Manner,
    /// Oldest first; at least one. Only GitHub has more than one.
    pub attempts: Vec<Attempt>,
    again: Outcome,
    pushed: usize,
}

impl Build {
    /// The newest attempt.
    pub fn attempt(&self) -> &Attempt {
        &self.attempts[self.attempts.len() - 1]
    }

    /// When the newest attempt begins; `None` while somebody must approve it first.
    pub fn starts_at(&self) -> Option<Moment> {
        self.attempt().line().starts_at
    }

    /// When the newest attempt ends; `None` while somebody must approve it first.
    pub fn ends_at(&self) -> Option<Moment> {
        self.attempt().line().ends_at
    }

    /// How far the newest attempt is.
    pub fn progress(&self, now: Moment) -> Progress {
        self.attempt().progress(now)
    }

    /// The digest of the image it makes.
    pub fn digest(&self) -> String {
        digest_of(self.commit, self.manner, 0)
    }
}

/// All runs of all systems, past and to come.
#[derive(Clone, Debug, Default)]
pub struct Builds {
    runs: Vec<Build>,
    /// Tokens of starts that must not be done twice: when, and the run each led to.
    tokens: Vec<(String, Moment, usize)>,
}

impl Builds {
    /// Plans a push that runs without a person's approval. One whose end has passed already pushes its image at once.
    pub fn plan(
        &mut self,
        commit: &'static Commit,
        manner: Manner,
        created_at: Moment,
        runs_for: Duration,
        outcome: Outcome,
    ) {
        self.push(commit, Plan { at: created_at, runs_for, outcome, again: outcome, gated: false, manner });
    }

    /// Plans what a push leads to, in every system.
    pub fn push(&mut self, commit: &'static Commit, plan: Plan) {
        for system in SYSTEMS {
            self.add(system, commit, Cause::Push, plan, commit.author);
        }
    }

    /// Adds a run of one system; its place.
    fn add(&mut self, system: System, commit: &'static Commit, cause: Cause, plan: Plan, by: &str) -> usize {
        let count = self.runs.iter().filter(|build| build.system == system).count();
        let number = 41 + u32::try_from(count).unwrap_or(0);
        let name = match system {
            System::Github => "github",
            System::CloudBuild => "cloud-build",
            System::CodeBuild => "code-build",
        };
        let id = Ids::new(seed_of(&format!("{name} {number} {}", commit.sha))).uuid();
        // Nobody approves anything in CodeBuild, and in Cloud Build they do so before the first step.
        let gate = match system {
            System::Github if plan.gated => Some(attempt::Gate::Between),
            System::CloudBuild if plan.gated => Some(attempt::Gate::Before),
            System::Github | System::CloudBuild | System::CodeBuild => None,
        };
        self.runs.push(Build {
            system,
            number,
            run_id: 11_830_000_000 + u64::from(number) * 7919,
            id,
            commit,
            cause,
            created_at: plan.at,
            manner: plan.manner,
            attempts: vec![Attempt::new(plan.at, by, plan.runs_for, plan.outcome, gate)],
            again: plan.again,
            pushed: 0,
        });
        self.runs.len() - 1
    }

    /// Pushes what has been finished by `now`.
    pub fn advance(&mut self, now: Moment, images: &mut Images) {
        for build in &mut self.runs {
            for attempt in build.attempts.iter().skip(build.pushed) {
                let Progress::Ended(outcome) = attempt.progress(now) else { break };
                build.pushed += 1;
                if let (Outcome::Success, Some(at)) = (outcome, attempt.line().ends_at) {
                    images.push(build.commit, build.manner, at);
                }
            }
        }
    }

    /// Moves everything that was asked for into the past by so much, for tests of what takes minutes.
    pub fn age(&mut self, by: Duration) {
        for build in &mut self.runs {
            build.created_at = build.created_at.before(by);
            build.attempts.iter_mut().for_each(|attempt| attempt.age(by));
        }
    }

    /// When a run moves on next.
    pub fn next_after(&self, now: Moment) -> Option<Moment> {
        let moments = self.runs.iter().flat_map(|build| {
            let line = build.attempt().line();
            [Some(build.created_at), line.starts_at, line.first_ends, line.second_starts, line.ends_at]
        });
        moments.flatten().filter(|at| *at > now).min()
    }

    /// The runs of a system that exist at `now`, newest first.
    pub fn of(&self, system: System, now: Moment) -> Vec<&Build> {
        let mut builds: Vec<_> =
            self.runs.iter().filter(|build| build.system == system && build.created_at <= now).collect();
        builds.sort_by_key(|build| std::cmp::Reverse((build.created_at, build.number)));
        builds
    }

    /// The runs of GitHub that exist at `now`, newest first.
    pub fn newest_first(&self, now: Moment) -> Vec<&Build> {
        self.of(System::Github, now)
    }
}

#[cfg(test)]
mod tests;
