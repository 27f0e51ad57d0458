//! ECS as a state machine: one cluster, one service, rolling deployments with the circuit breaker on.
//!
//! - [`definition`]: task definitions
//! - [`task`]: the life of one task
//! - [`deployment`]: service deployments, service revisions and the rolling view of them
//! - [`change`]: what a client may ask to change
//! - [`schedule`]: what happens as time passes
//! - [`history`]: the world as it is when the stand-in starts

pub mod change;
pub mod definition;
pub mod deployment;
pub mod history;
pub mod schedule;
pub mod task;

use std::{collections::VecDeque, time::Duration};

use definition::Definitions;
use deployment::{Rolling, ServiceDeployment, ServiceRevision};
use task::Task;

use crate::{
    ids::Ids,
    instance::{Happening, InstanceId, Provider, Wanted},
    moment::Moment,
};

use super::images::Images;

/// The region everything lives in.
pub const REGION: &str = "eu-central-1";
/// The account everything lives in.
pub const ACCOUNT: &str = "123456789012";
/// The cluster.
pub const CLUSTER: &str = "hello";
/// The service, and the family of its task definitions.
pub const SERVICE: &str = "hello";

/// Events kept, as ECS does.
const EVENTS: usize = 100;
/// How long stopped tasks can be seen.
const STOPPED_KEPT: Duration = Duration::from_hours(1);

/// `arn:aws:ecs:region:account:<rest>`.
pub fn arn(rest: &str) -> String {
    format!("arn:aws:ecs:{REGION}:{ACCOUNT}:{rest}")
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

/// The service and all that belongs to it.
#[derive(Clone, Debug)]
pub struct Ecs {
    /// Whether the deployment calls know this service. Not for services untouched since before they existed.
    pub deployment_calls: bool,
    /// Task definitions.
    pub definitions: Definitions,
    /// Service revisions, oldest first.
    pub revisions: Vec<ServiceRevision>,
    /// Service deployments, oldest first.
    pub deployments: Vec<ServiceDeployment>,
    /// The rolling view, oldest first: the last one is PRIMARY.
    pub rollings: Vec<Rolling>,
    /// Tasks, oldest first, stopped ones included for an hour.
    pub tasks: Vec<Task>,
    /// Newest first.
    pub events: VecDeque<Event>,
    /// How many tasks there should be.
    pub desired: usize,
    /// When the service was made.
    pub created_at: Moment,
    /// The revision of the last deployment that ended well: where a rollback goes.
    pub stable: usize,
    pace: f64,
    next_start: Moment,
    ids: Ids,
}

impl Ecs {
    /// The rolling deployment that is PRIMARY. There always is one.
    pub fn primary(&self) -> &Rolling {
        &self.rollings[self.rollings.len() - 1]
    }

    /// The newest service deployment, settled or not.
    pub fn current(&self) -> &ServiceDeployment {
        &self.deployments[self.deployments.len() - 1]
    }

    /// Whether anything is under way.
    pub fn is_moving(&self) -> bool {
        let mut live = self.tasks.iter().filter(|task| task.stage != task::Stage::Stopped);
        let steady = live.clone().count() == self.desired && live.all(Task::is_running);
        !steady || self.deployments.iter().any(|deployment| !deployment.status.is_settled())
    }

    /// The tasks that should have a process.
    pub fn wanted(&self, images: &Images) -> Vec<Wanted> {
        self.tasks.iter().filter(|task| task.wants_process()).filter_map(|task| self.process(task, images)).collect()
    }

    fn process(&self, task: &Task, images: &Images) -> Option<Wanted> {
        let revision = &self.revisions[task.revision];
        let image = images.by_digest(revision.digest.as_deref()?)?;
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

    /// The tasks the load balancer sends requests to, as far as they answer.
    pub fn routed(&self) -> Vec<InstanceId> {
        self.tasks.iter().filter(|task| task.is_registered()).map(|task| InstanceId(task.id.clone())).collect()
    }

    /// Takes in what happened to the process of a task.
    pub fn happened(&mut self, now: Moment, id: &InstanceId, happening: Happening) {
        let Some(task) = self.tasks.iter_mut().find(|task| task.id == id.0) else { return };
        match happening {
            Happening::Started => task.process_started(now),
            Happening::Ready => task.ready = true,
            Happening::Unready => task.ready = false,
            Happening::Exited { code } => task.exited = Some(code),
        }
    }

    fn say(&mut self, at: Moment, message: &str) {
        let id = self.ids.uuid();
        self.events.push_front(Event { id, at, message: format!("(service {SERVICE}) {message}") });
        self.events.truncate(EVENTS);
    }

    /// A duration of the script, stretched by the scenario.
    fn paced(&self, millis: u64) -> Duration {
        Duration::from_millis(millis).mul_f64(self.pace)
    }
}
