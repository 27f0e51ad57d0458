//! Both clouds as one state machine with explicit time: no clock, no I/O. Callers hand in `now` with every request and
//! with every [`Clouds::advance`]; the clouds say which instances should run and are told what becomes of them.
//!
//! - [`ecs`], [`run`]: the two clouds
//! - [`elb`], [`logs`]: what stands beside ECS
//! - [`entries`]: what stands beside Cloud Run
//! - [`images`], [`builds`], [`repository`], [`quota`]: what both deploy from
//! - [`names`]: names of services that nobody looks at
//! - [`stale`]: what readers see for a while after a write

pub mod builds;
pub mod ecs;
pub mod elb;
pub mod entries;
pub mod images;
pub mod logs;
pub mod names;
pub mod quota;
pub mod registry;
pub mod repository;
pub mod run;
pub mod stale;

use std::time::Duration;

use builds::{Builds, Outcome};
use ecs::{Ecs, history::Beginning};
use elb::Elb;
use entries::{
    Entries,
    line::{Answered, Writer},
};
use images::Images;
use logs::Logs;
use quota::Quota;
use repository::{BROKEN, DEPLOYED, UPCOMING};
use run::{Run, services::Services};
use stale::Stale;

use crate::{
    instance::{Happening, InstanceId, Manner, Output, Provider, Wanted},
    moment::Moment,
    scenario::World,
};

/// Tasks on ECS.
const DESIRED: usize = 2;
/// The tag that scenarios move.
const STABLE: &str = "stable";
/// How long builds of the past took, without the wait before them.
const BUILD: Duration = Duration::from_secs(96);

/// One deployment from before the stand-in started.
#[derive(Clone, Debug)]
pub struct Past {
    /// The tag that was deployed.
    pub tag: String,
    /// The digest the tag meant.
    pub digest: String,
    /// When.
    pub at: Moment,
}

/// Both clouds and what they deploy from.
#[derive(Clone, Debug)]
pub struct Clouds {
    /// The registries.
    pub images: Images,
    /// The pipelines.
    pub builds: Builds,
    /// ECS.
    pub ecs: Ecs,
    /// Cloud Run.
    pub run: Run,
    /// What readers of ECS see for a while after a write.
    pub stale_ecs: Stale<Ecs>,
    /// What readers of Cloud Run see for a while after a write.
    pub stale_run: Stale<Run>,
    /// The other services on Cloud Run.
    pub run_others: Services,
    /// What readers of those see for a while after a write.
    pub stale_run_others: Stale<Services>,
    /// Load balancing on AWS.
    pub elb: Elb,
    /// `CloudWatch` Logs.
    pub logs: Logs,
    /// The repositories of ECR that clients have made.
    pub repositories: registry::Repositories,
    /// Cloud Logging.
    pub entries: Entries,
    began: Moment,
    /// The calls GitHub still answers.
    pub quota: Quota,
}

impl Clouds {
    /// The world of a scenario at the moment the stand-in starts.
    pub fn new(world: &World, now: Moment) -> Self {
        let ages =
            [Duration::from_mins(4 * 24 * 60 + 133), Duration::from_mins(27 * 60 + 12), Duration::from_mins(187)];
        let (mut images, mut builds) = (Images::default(), Builds::default());
        let (mut on_ecs, mut on_run) = (Vec::new(), Vec::new());
        for (commit, age) in DEPLOYED.iter().zip(ages) {
            let pushed = now.before(age);
            builds.plan(commit, Manner::Well, pushed, BUILD, Outcome::Success);
            builds.advance(now, &mut images);
            let digest = images::digest_of(commit, Manner::Well, 0);
            let tag = if world.moving_tag { STABLE } else { commit.sha }.to_owned();
            images.tag(STABLE, &digest);
            let at = pushed.after(Duration::from_mins(6));
            on_ecs.push(Past { tag: tag.clone(), digest: digest.clone(), at });
            on_run.push(Past { tag, digest, at: at.after(Duration::from_mins(4)) });
        }
        if let Some(manner) = world.tag_moved_to {
            let pushed = now.before(Duration::from_mins(38));
            builds.plan(&BROKEN, manner, pushed, BUILD, Outcome::Success);
            builds.advance(now, &mut images);
            images.tag(STABLE, &images::digest_of(&BROKEN, manner, 0));
        }
        for build in &world.builds {
            let (at, runs_for, outcome) = (now.after(build.after), build.runs_for, build.outcome);
            let (again, gated, manner) = (build.again.unwrap_or(outcome), build.approval, build.manner);
            builds.push(&UPCOMING, builds::Plan { at, runs_for, outcome, again, gated, manner });
        }
        let beginning = Beginning {
            past: &on_ecs,
            images: &images,
            desired: DESIRED,
            services: world.services,
            pace: world.ecs_pace,
            deployment_calls: world.deployment_calls,
            rollout: world.rollout,
            breaker: world.breaker,
        };
        let ecs = Ecs::with_history(&beginning, now);
        let run = Run::with_history(&on_run, now, world);
        let (elb, logs) = (Elb::with_history(ecs.created_at), Logs::with_history(ecs.created_at));
        let quota = Quota::new(world.github_limit, now);
        let (repositories, began) = (registry::Repositories::new(), elb.began());
        let (stale_ecs, stale_run) = (Stale::new(world.lag), Stale::new(world.lag));
        let run_others = Services::new((2..=world.services).filter_map(|number| {
            let at = run.created_at.before(Duration::from_hours(number as u64));
            Some(Run::asleep(&format!("worker-{number:03}"), on_run.first()?, at, world.run_pace))
        }));
        let stale_run_others = Stale::new(world.lag);
        Self {
            images,
            builds,
            ecs,
            run,
            stale_ecs,
            stale_run,
            run_others,
            stale_run_others,
            elb,
            logs,
            entries: Entries::default(),
            quota,
            repositories,
            began,
        }
    }

    /// From now on readers of both clouds see each write this much later.
    pub fn set_lag(&mut self, lag: Duration) {
        (self.stale_ecs.lag, self.stale_run.lag) = (lag, lag);
        self.stale_run_others.lag = lag;
    }

    /// ECS as a reader sees it.
    pub fn ecs_seen(&self, now: Moment) -> &Ecs {
        self.stale_ecs.view(now).unwrap_or(&self.ecs)
    }

    /// The service with processes on Cloud Run as a reader sees it.
    pub fn run_seen(&self, now: Moment) -> &Run {
        self.stale_run.view(now).unwrap_or(&self.run)
    }

    /// The other services on Cloud Run as a reader sees them.
    pub fn run_others_seen(&self, now: Moment) -> &Services {
        self.stale_run_others.view(now).unwrap_or(&self.run_others)
    }

    /// To be called before each write to ECS: readers go on seeing what was before it.
    pub fn before_ecs_write(&mut self, now: Moment) {
        self.stale_ecs.before_write(now, &self.ecs);
    }

    /// To be called after such a write that was refused.
    pub fn ecs_write_refused(&mut self) {
        self.stale_ecs.refused();
    }

    /// To be called before each write to Cloud Run.
    pub fn before_run_write(&mut self, now: Moment) {
        self.stale_run.before_write(now, &self.run);
        self.stale_run_others.before_write(now, &self.run_others);
    }

    /// To be called after such a write that was refused.
    pub fn run_write_refused(&mut self) {
        self.stale_run.refused();
        self.stale_run_others.refused();
    }

    /// The same world, in which everything made from now on gets ids of its own for each seed.
    pub fn seeded(world: &World, now: Moment, seed: u64) -> Self {
        let mut clouds = Self::new(world, now);
        clouds.ecs.reseed(seed);
        clouds.run.reseed(seed);
        clouds
    }

    /// Brings everything to `now`.
    pub fn advance(&mut self, now: Moment) {
        self.builds.advance(now, &mut self.images);
        self.ecs.advance(now);
        self.run.advance(now);
        self.run_others.advance(now);
        self.elb.advance(now, &elb::follow::of_tasks(&self.ecs));
        self.entries.follow(now, run::SERVICE, &self.run);
        for run in self.run_others.living() {
            self.entries.follow(now, &run.name, run);
        }
    }

    /// Whether time alone will soon change something other than a build: the driver then looks more often.
    pub fn is_moving(&self) -> bool {
        self.ecs.is_moving() || self.run.is_moving() || self.run_others.is_moving()
    }

    /// The instances that should run.
    pub fn wanted(&self) -> Vec<Wanted> {
        let mut wanted = self.ecs.wanted(&self.images);
        wanted.extend(self.run.wanted(&self.images));
        wanted
    }

    /// Takes in what happened to an instance.
    pub fn happened(&mut self, now: Moment, provider: Provider, id: &InstanceId, happening: Happening) {
        match provider {
            Provider::Aws => self.ecs.happened(now, id, happening),
            Provider::Gcp => self.run.happened(now, id, happening),
        }
    }

    /// When everything on AWS was made.
    pub fn aws_began(&self) -> Moment {
        self.began
    }

    /// Takes in a line that an instance wrote.
    pub fn logged(&mut self, now: Moment, provider: Provider, id: &InstanceId, output: Output, line: &str) {
        match provider {
            // The driver of ECS does not tell standard output from standard error.
            Provider::Aws => {
                if let Some((group, stream)) = self.ecs.log_of(&id.0) {
                    self.logs.write(now, &group, &stream, line);
                }
            }
            Provider::Gcp => {
                let revision = self.revision_of(id);
                let writer = Writer { service: run::SERVICE, revision: &revision, instance: &id.0 };
                self.entries.write(now, writer, output, line);
            }
        }
    }

    /// Takes in a request that an instance of Cloud Run answered.
    pub fn answered(&mut self, now: Moment, id: &InstanceId, answered: &Answered) {
        let revision = self.revision_of(id);
        self.entries.request(now, Writer { service: run::SERVICE, revision: &revision, instance: &id.0 }, answered);
    }

    /// The revision of an instance of Cloud Run, which is what its id begins with.
    fn revision_of(&self, id: &InstanceId) -> String {
        let revisions = self.run.revisions.iter().map(|revision| &revision.name);
        revisions
            .filter(|name| id.0.starts_with(name.as_str()))
            .max_by_key(|name| name.len())
            .cloned()
            .unwrap_or_default()
    }

    /// The instances that get requests, and how much of them each.
    pub fn routed(&self, provider: Provider) -> Vec<(InstanceId, u32)> {
        match provider {
            Provider::Aws => self.ecs.weights(),
            Provider::Gcp => self.run.routed(),
        }
    }
}

#[cfg(test)]
mod tests;
