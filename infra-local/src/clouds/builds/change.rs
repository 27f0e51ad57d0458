//! What a client may ask of a run.

use std::time::Duration;

use super::{
    Build, Builds, Cause, Plan, System,
    attempt::{Attempt, Decision, Progress},
};
use crate::moment::Moment;

/// How long a token of a start is known.
const REMEMBERED: Duration = Duration::from_mins(5);

/// Why it is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// There is no such run.
    Unknown,
    /// It is still under way.
    Running,
    /// It has ended.
    Ended,
    /// Nothing of it has failed.
    NothingFailed,
    /// It does not wait for anybody.
    NotWaiting,
}

impl Builds {
    fn find(&mut self, system: System, now: Moment, meant: impl Fn(&Build) -> bool) -> Result<&mut Build, Refusal> {
        let mut builds = self.runs.iter_mut();
        builds.find(|build| build.system == system && build.created_at <= now && meant(build)).ok_or(Refusal::Unknown)
    }

    /// A new attempt at a run of GitHub's. `only_failed`: what succeeded is taken over.
    pub fn rerun(&mut self, now: Moment, run_id: u64, only_failed: bool, by: &str) -> Result<(), Refusal> {
        let build = self.find(System::Github, now, |build| build.run_id == run_id)?;
        let Progress::Ended(outcome) = build.progress(now) else { return Err(Refusal::Running) };
        if only_failed && outcome == super::Outcome::Success {
            return Err(Refusal::NothingFailed);
        }
        let before = build.attempt();
        let mut attempt = Attempt::new(now, by, before.runs_for(), build.again, before.gate);
        let line = before.line();
        attempt.keeps_first = only_failed && outcome != super::Outcome::Failure && line.second_starts.is_some();
        build.attempts.push(attempt);
        Ok(())
    }

    /// Cancels a run.
    pub fn cancel(&mut self, now: Moment, system: System, meant: impl Fn(&Build) -> bool) -> Result<&Build, Refusal> {
        let build = self.find(system, now, meant)?;
        if matches!(build.progress(now), Progress::Ended(_)) {
            return Err(Refusal::Ended);
        }
        if let Some(attempt) = build.attempts.last_mut() {
            attempt.cancelled_at = Some(now);
        }
        Ok(build)
    }

    /// Approves or rejects a run that waits for it.
    pub fn decide(
        &mut self,
        system: System,
        meant: impl Fn(&Build) -> bool,
        decision: Decision,
    ) -> Result<&Build, Refusal> {
        let build = self.find(system, decision.at, meant)?;
        if build.progress(decision.at) != Progress::Waiting {
            return Err(Refusal::NotWaiting);
        }
        if let Some(attempt) = build.attempts.last_mut() {
            attempt.decision = Some(decision);
        }
        Ok(build)
    }

    /// A new run of the newest commit, or of the one of another run. `None` while nothing was ever built.
    pub fn start(&mut self, now: Moment, system: System, of: Option<&str>, by: &str) -> Option<&Build> {
        let like = self.of(system, now).into_iter().find(|build| of.is_none_or(|id| build.id == id))?;
        let commit = like.commit;
        let plan = Plan {
            at: now,
            runs_for: like.attempt().runs_for(),
            outcome: like.again,
            again: like.again,
            gated: false,
            manner: like.manner,
        };
        let place = self.add(system, commit, Cause::Dispatch, plan, by);
        self.runs.get(place)
    }

    /// The same, but a token that was used in the last minutes leads to the run it led to then.
    pub fn start_once(
        &mut self,
        now: Moment,
        system: System,
        of: Option<&str>,
        by: &str,
        token: Option<&str>,
    ) -> Option<&Build> {
        self.tokens.retain(|(_, at, _)| now.since(*at) < REMEMBERED);
        let used =
            token.and_then(|token| self.tokens.iter().find(|(known, ..)| known == token)).map(|(_, _, run)| *run);
        if let Some(run) = used {
            return self.runs.get(run);
        }
        self.start(now, system, of, by)?;
        let run = self.runs.len() - 1;
        self.tokens.extend(token.map(|token| (token.to_owned(), now, run)));
        self.runs.get(run)
    }
}
