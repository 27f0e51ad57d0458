//! ECS as a state machine: clusters, task definitions, and services with their deployments and tasks.
//!
//! - [`definition`], [`cluster`]: task definitions and clusters
//! - [`service`]: one service and all that belongs to it
//! - [`rules`]: how a service is deployed
//! - [`deployment`]: service deployments, service revisions and the rolling view of them
//! - [`task`]: the life of one task
//! - [`create`], [`change`], [`stop`]: what a client may ask to change
//! - `schedule`, `placement`, `progress`, `shift`: what happens as time passes
//! - [`history`]: the world as it is when the stand-in starts

pub mod change;
pub mod cluster;
pub mod create;
pub mod definition;
pub mod deployment;
pub mod history;
mod placement;
mod progress;
pub mod rules;
mod schedule;
pub mod service;
mod shift;
pub mod stop;
pub mod task;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use cluster::Cluster;
use definition::Definitions;
use service::Service;
use task::Task;

use super::images::Images;
use crate::{
    ids::Ids,
    instance::{Happening, InstanceId, Wanted},
    moment::Moment,
};

/// The region everything lives in.
pub const REGION: &str = "eu-central-1";
/// The account everything lives in.
pub const ACCOUNT: &str = "123456789012";
/// The cluster that is there from the start.
pub const CLUSTER: &str = "hello";
/// The service that has a public address, and the family of its task definitions.
pub const SERVICE: &str = "hello";

/// `arn:aws:ecs:region:account:<rest>`.
pub fn arn(rest: &str) -> String {
    format!("arn:aws:ecs:{REGION}:{ACCOUNT}:{rest}")
}

/// Names a service: its cluster and its own name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// Name of the cluster.
    pub cluster: String,
    /// Name of the service.
    pub name: String,
}

impl Key {
    /// A service of a cluster.
    pub fn new(cluster: &str, name: &str) -> Self {
        Self { cluster: cluster.to_owned(), name: name.to_owned() }
    }

    /// The service that has a public address.
    pub fn hello() -> Self {
        Self::new(CLUSTER, SERVICE)
    }
}

/// As in ARNs: `cluster/service`.
impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.cluster, self.name)
    }
}

/// All of ECS.
#[derive(Clone, Debug)]
pub struct Ecs {
    /// Whether the deployment calls know the services. Not for services untouched since before they existed.
    pub deployment_calls: bool,
    /// Task definitions.
    pub definitions: Definitions,
    /// Clusters by name, deleted ones included.
    pub clusters: BTreeMap<String, Cluster>,
    /// Services, deleted ones included for a while.
    pub services: BTreeMap<Key, Service>,
    /// Names of the alarms that are in alarm. Nothing of ECS sets them.
    pub ringing: BTreeSet<String>,
    /// When everything began.
    pub created_at: Moment,
    pace: f64,
    ids: Ids,
}

impl Ecs {
    /// From here on other ids, as in another account.
    pub fn reseed(&mut self, seed: u64) {
        self.ids.reseed(seed);
        self.services.values_mut().for_each(|service| service.reseed(seed));
    }

    /// A service, also one that was deleted.
    pub fn service(&self, key: &Key) -> Option<&Service> {
        self.services.get(key)
    }

    /// The service that has a public address, unless somebody deleted it.
    pub fn hello(&self) -> Option<&Service> {
        self.services.get(&Key::hello())
    }

    /// All tasks with the service of each: by service, oldest first.
    pub fn tasks(&self) -> impl Iterator<Item = (&Service, &Task)> {
        self.services.values().flat_map(|service| service.tasks.iter().map(move |task| (service, task)))
    }

    /// A task by its id, and its service.
    pub fn task(&self, id: &str) -> Option<(&Service, &Task)> {
        self.tasks().find(|(_, task)| task.id == id)
    }

    /// Group and stream in which a task's lines go, as the `awslogs` driver of its definition says.
    pub fn log_of(&self, task: &str) -> Option<(String, String)> {
        let (service, task) = self.task(task)?;
        let revision = &service.revisions[task.revision];
        let log = &self.definitions.find(&revision.definition)?.body["containerDefinitions"][0]["logConfiguration"];
        let option = |name: &str| log["options"][name].as_str();
        let group = option("awslogs-group").filter(|_| log["logDriver"] == "awslogs")?;
        let stream = match option("awslogs-stream-prefix") {
            Some(prefix) => format!("{prefix}/{}/{}", revision.container(), task.id),
            None => task.id.clone(),
        };
        Some((group.to_owned(), stream))
    }

    /// Whether anything is under way.
    pub fn is_moving(&self) -> bool {
        self.services.values().any(Service::is_moving)
    }

    /// Brings everything to `now`.
    pub fn advance(&mut self, now: Moment) {
        for service in self.services.values_mut() {
            service.advance(now, &self.ringing);
        }
        self.services.retain(|_, service| !service.is_forgotten(now));
    }

    /// The tasks that should have a process.
    pub fn wanted(&self, images: &Images) -> Vec<Wanted> {
        self.services.values().flat_map(|service| service.wanted(images)).collect()
    }

    /// The tasks that get the requests of the public address.
    pub fn routed(&self) -> Vec<InstanceId> {
        self.weights().into_iter().map(|(id, _)| id).collect()
    }

    /// The same, and how many requests each gets compared to the others.
    pub fn weights(&self) -> Vec<(InstanceId, u32)> {
        self.hello().map(Service::weights).unwrap_or_default()
    }

    /// Takes in what happened to the process of a task.
    pub fn happened(&mut self, now: Moment, id: &InstanceId, happening: Happening) {
        let tasks = self.services.values_mut().flat_map(|service| service.tasks.iter_mut());
        let Some(task) = tasks.into_iter().find(|task| task.id == id.0) else { return };
        match happening {
            Happening::Started => task.process_started(now),
            Happening::Ready => (task.ready, task.unready_since) = (true, None),
            Happening::Unready => (task.ready, task.unready_since) = (false, Some(now)),
            Happening::Exited { code } => task.exited = Some(code),
        }
    }
}
