//! One service and all that belongs to it.

use std::{collections::VecDeque, time::Duration};

use serde_json::Value;

use super::{
    Key, REGION, arn,
    deployment::{Rolling, Rollout, ServiceDeployment, ServiceRevision, Status, Step},
    rules::Rules,
    task::Task,
};
use crate::{
    clouds::images::Images,
    ids::Ids,
    instance::{InstanceId, Provider, Wanted},
    moment::Moment,
};

/// Events kept, as ECS does.
const EVENTS: usize = 100;
/// How long a deleted service can still be described.
const FORGOTTEN_AFTER: Duration = Duration::from_hours(1);

/// Where a service is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Life {
    /// In use.
    Active,
    /// Deleted; its tasks are going.
    Draining,
    /// Deleted; its tasks are gone since then.
    Inactive {
        /// Since when.
        since: Moment,
    },
}

impl Life {
    /// ECS's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Active => "ACTIVE",
            Self::Draining => "DRAINING",
            Self::Inactive { .. } => "INACTIVE",
        }
    }
}

/// One line of the service's event log.
#[derive(Clone, Debug)]
pub struct Event {
    /// Unique.
    pub id: String,
    /// When.
    pub at: Moment,
    /// What.
    pub message: String,
}

/// Old and new tasks side by side: the rolling deployment of each, and the new ones' percent of the requests.
struct Split<'a> {
    green: &'a str,
    blue: &'a str,
    percent: f64,
}

/// The service and all that belongs to it.
#[derive(Clone, Debug)]
pub struct Service {
    /// Its cluster and its name.
    pub key: Key,
    /// Where it is in its life.
    pub life: Life,
    /// What was asked for and changes nothing about its tasks, in members of the API's `Service`.
    pub settings: Value,
    /// How it is deployed.
    pub rules: Rules,
    /// The API's `tags`.
    pub tags: Vec<Value>,
    /// Service revisions, oldest first.
    pub revisions: Vec<ServiceRevision>,
    /// Service deployments, oldest first. There always is one.
    pub deployments: Vec<ServiceDeployment>,
    /// The rolling view, oldest first: the last one is PRIMARY. There always is one.
    pub rollings: Vec<Rolling>,
    /// Tasks, oldest first, stopped ones included for an hour.
    pub tasks: Vec<Task>,
    /// Newest first.
    pub events: VecDeque<Event>,
    /// How many tasks there should be.
    pub desired: usize,
    /// When the service was made.
    pub created_at: Moment,
    /// The revision of the last deployment that ended well: where a rollback goes. Before the first there is none.
    pub stable: Option<usize>,
    pub(super) pace: f64,
    pub(super) next_start: Moment,
    pub(super) steady_said: Moment,
    pub(super) ids: Ids,
}

impl Service {
    /// From here on other ids.
    pub(super) fn reseed(&mut self, seed: u64) {
        self.ids.reseed(seed);
    }

    /// Its ARN.
    pub fn arn(&self) -> String {
        arn(&format!("service/{}", self.key))
    }

    /// The rolling deployment that is PRIMARY.
    pub fn primary(&self) -> &Rolling {
        &self.rollings[self.rollings.len() - 1]
    }

    /// The newest service deployment, settled or not.
    pub fn current(&self) -> &ServiceDeployment {
        &self.deployments[self.deployments.len() - 1]
    }

    pub(super) fn current_mut(&mut self) -> &mut ServiceDeployment {
        let last = self.deployments.len() - 1;
        &mut self.deployments[last]
    }

    /// The settings that belong to the revision that is wished for.
    pub fn wished(&self) -> &ServiceRevision {
        &self.revisions[self.primary().revision]
    }

    /// Whether anything is under way. A service whose last deployment failed may stay short of tasks for good.
    pub fn is_moving(&self) -> bool {
        let mut live = self.tasks.iter().filter(|task| task.is_live());
        let short = live.clone().count() < self.desired && self.primary().rollout == Rollout::Failed;
        !(short || self.is_full())
            || !live.all(|task| task.is_running() && (task.unready_since.is_none() || !self.is_checked(task)))
            || self.life == Life::Draining
            || self.deployments.iter().any(|deployment| !deployment.status.is_settled())
    }

    /// Whether it has as many tasks as it should have.
    pub(super) fn is_full(&self) -> bool {
        self.tasks.iter().filter(|task| task.is_live()).count() == self.desired
    }

    /// Whether it was deleted so long ago that ECS knows it no more.
    pub(super) fn is_forgotten(&self, now: Moment) -> bool {
        matches!(self.life, Life::Inactive { since } if now.since(since) >= FORGOTTEN_AFTER)
    }

    /// The failures after which the breaker goes off; ECS's default where there is no breaker.
    pub fn threshold(&self) -> usize {
        let rule = self.current().rules.breaker.map(|breaker| breaker.threshold);
        rule.unwrap_or(super::rules::Threshold::Bounded(50)).of(self.desired)
    }

    /// Whether a load balancer stands before its tasks.
    pub fn is_balanced(&self) -> bool {
        let list = |name: &str| self.wished().settings[name].as_array().is_some_and(|list| !list.is_empty());
        list("loadBalancers")
    }

    /// Whether anybody checks that a task answers well.
    pub(super) fn is_checked(&self, task: &Task) -> bool {
        self.is_balanced() || self.revisions[task.revision].checked
    }

    /// The tasks that should have a process.
    pub fn wanted(&self, images: &Images) -> Vec<Wanted> {
        self.tasks.iter().filter(|task| task.wants_process()).filter_map(|task| self.process(task, images)).collect()
    }

    fn process(&self, task: &Task, images: &Images) -> Option<Wanted> {
        let revision = &self.revisions[task.revision];
        let image = images.by_digest(revision.digest()?)?;
        Some(Wanted {
            id: InstanceId(task.id.clone()),
            provider: Provider::Aws,
            revision: revision.definition.clone(),
            commit: image.commit.sha.to_owned(),
            version: image.commit.version.to_owned(),
            built_at: image.pushed_at.rfc3339_seconds(),
            region: REGION.to_owned(),
            manner: image.manner,
        })
    }

    /// Whether old and new tasks stand side by side just now, and the new ones' percent of the requests.
    pub fn shares(&self) -> Option<(&str, f64)> {
        let current = self.current();
        let under_way = matches!(current.status, Status::Pending | Status::InProgress | Status::RollbackRequested);
        (under_way && current.rules.side_by_side() && current.step < Step::CleanUp)
            .then_some((current.rolling.as_str(), current.production))
    }

    /// How the requests are split by side, from the first new task until one side is gone. Given up, whichever side has
    /// more of them goes on alone.
    fn split(&self) -> Option<Split<'_>> {
        let current = self.current();
        let percent = match current.status {
            Status::Pending | Status::InProgress | Status::RollbackRequested | Status::RollbackInProgress => {
                current.production
            }
            Status::StopRequested | Status::Stopped | Status::RollbackFailed if current.production < 50.0 => 0.0,
            Status::StopRequested | Status::Stopped | Status::RollbackFailed => 100.0,
            Status::Successful | Status::RollbackSuccessful => return None,
        };
        let stable = self.stable.filter(|_| current.rules.side_by_side())?;
        let is_blue = |rolling: &&Rolling| rolling.revision == stable && rolling.id != current.rolling;
        let blue = &self.rollings.iter().rfind(is_blue)?.id;
        Some(Split { green: &current.rolling, blue, percent })
    }

    /// The side that goes on, once that is decided: the other one gets no requests any more.
    pub(super) fn winner(&self) -> Option<&str> {
        let split = self.split()?;
        let current = self.current();
        let decided = match current.status {
            Status::InProgress => current.step == Step::CleanUp,
            Status::RollbackInProgress | Status::StopRequested | Status::Stopped | Status::RollbackFailed => true,
            Status::Pending | Status::RollbackRequested | Status::Successful | Status::RollbackSuccessful => false,
        };
        decided.then_some(if split.percent < 50.0 { split.blue } else { split.green })
    }

    /// The tasks that get requests, and how many each gets compared to the others.
    pub fn weights(&self) -> Vec<(InstanceId, u32)> {
        let registered = || self.tasks.iter().filter(|task| task.is_registered());
        let weigh = |weight: &dyn Fn(&Task) -> u32| -> Vec<(InstanceId, u32)> {
            let weighed = registered().map(|task| (InstanceId(task.id.clone()), weight(task)));
            weighed.filter(|(_, weight)| *weight > 0).collect()
        };
        let of_sides = self.split().map(|split| {
            // In thousandths of a percent, so that many tasks can share a small percentage.
            let share = |side: &str, percent: f64| {
                let size: u32 = registered().filter(|task| task.started_by == side).map(|_| 1).sum();
                whole(percent * 1000.0 / f64::from(size.max(1)))
            };
            let (green, blue) = (share(split.green, split.percent), share(split.blue, 100.0 - split.percent));
            weigh(&|task| match task.started_by.as_str() {
                side if side == split.green => green,
                side if side == split.blue => blue,
                _ => 0,
            })
        });
        // A side without tasks cannot answer: then whoever is there does.
        of_sides.filter(|weights| !weights.is_empty()).unwrap_or_else(|| weigh(&|_| 1))
    }

    pub(super) fn say(&mut self, at: Moment, message: &str) {
        let id = self.ids.uuid();
        self.events.push_front(Event { id, at, message: format!("(service {}) {message}", self.key.name) });
        self.events.truncate(EVENTS);
    }

    /// A duration of the script, stretched by the scenario.
    pub(super) fn paced(&self, millis: u64) -> Duration {
        Duration::from_millis(millis).mul_f64(self.pace)
    }
}

/// The whole part of a small positive number.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to 100 000")]
fn whole(number: f64) -> u32 {
    number.clamp(0.0, 100_000.0).round() as u32
}
