//! Making and deleting clusters and services.

use std::collections::VecDeque;

use serde_json::{Value, json};

use super::{
    Ecs, Key,
    change::{OF_REVISION, OF_SERVICE, Refusal},
    cluster::Cluster,
    definition::Standing,
    deployment::Status,
    rules::Rules,
    service::{Life, Service},
};
use crate::{
    clouds::images::Images,
    ids::{Ids, seed_of},
    moment::Moment,
};

/// What `CreateService` asks for.
#[derive(Clone, Debug, Default)]
pub struct Create {
    /// ARN, `family:number` or `family` (the newest active one).
    pub task_definition: String,
    /// Number of tasks.
    pub desired: usize,
    /// Everything else, in members of the API's `CreateServiceRequest`.
    pub settings: Value,
}

impl Ecs {
    /// `CreateCluster`. One that is there already is answered as it is.
    pub fn create_cluster(&mut self, now: Moment, name: &str, given: Value, tags: Vec<Value>) {
        let known = self.clusters.get(name).is_some_and(|cluster| cluster.active);
        if !known {
            let cluster = Cluster { name: name.to_owned(), active: true, given, tags, created_at: now };
            self.clusters.insert(name.to_owned(), cluster);
        }
    }

    /// The cluster with this name, unless it was deleted.
    pub fn cluster(&self, name: &str) -> Result<&Cluster, Refusal> {
        self.clusters.get(name).filter(|cluster| cluster.active).ok_or(Refusal::NoCluster)
    }

    /// `DeleteCluster`, which must be empty.
    pub fn delete_cluster(&mut self, name: &str) -> Result<(), Refusal> {
        self.cluster(name)?;
        let inside = |service: &&Service| service.key.cluster == name && !matches!(service.life, Life::Inactive { .. });
        if self.services.values().any(|service| inside(&service)) {
            return Err(Refusal::Invalid("The Cluster cannot be deleted while Services are active.".to_owned()));
        }
        if let Some(cluster) = self.clusters.get_mut(name) {
            cluster.active = false;
        }
        Ok(())
    }

    /// `CreateService`.
    pub fn create(&mut self, now: Moment, images: &Images, key: &Key, create: &Create) -> Result<(), Refusal> {
        self.cluster(&key.cluster)?;
        if let Some(service) = self.services.get(key) {
            match service.life {
                Life::Active => {
                    return Err(Refusal::Invalid("Creation of service was not idempotent.".to_owned()));
                }
                Life::Draining => {
                    let message = "Unable to Start a service that is still Draining.";
                    return Err(Refusal::Invalid(message.to_owned()));
                }
                Life::Inactive { .. } => {}
            }
        }
        let definition = match self.definitions.find(&create.task_definition) {
            Some(definition) if definition.standing == Standing::Active => definition,
            Some(_) => return Err(Refusal::Definition("TaskDefinition is inactive".to_owned())),
            None => return Err(Refusal::Definition("TaskDefinition not found.".to_owned())),
        };
        let seed = seed_of(&format!("{key}{}", self.ids.hex(16)));
        let mut service = Service::empty(now, key.clone(), self.pace, seed);
        service.desired = create.desired;
        service.take(&create.settings);
        service.deploy(now, images, definition, of_revision(&create.settings));
        self.services.insert(key.clone(), service);
        Ok(())
    }

    /// `DeleteService`: with `force` also while tasks are wanted.
    pub fn delete(&mut self, now: Moment, key: &Key, force: bool) -> Result<(), Refusal> {
        let service = self.services.get_mut(key).ok_or(Refusal::NoService)?;
        match service.life {
            Life::Active if service.desired > 0 && !force => {
                let message = "The service cannot be stopped while it is scaled above 0.";
                Err(Refusal::Invalid(message.to_owned()))
            }
            Life::Active => {
                service.desired = 0;
                service.life = Life::Draining;
                let current = service.current_mut();
                if !current.status.is_settled() {
                    current.stopped_at = Some(now);
                    current.turn(now, Status::Stopped, Some("The service was deleted."));
                }
                Ok(())
            }
            Life::Draining => Ok(()),
            Life::Inactive { .. } => Err(Refusal::NoService),
        }
    }
}

/// Whether nothing was given: clients also send empty lists for it.
pub(super) fn is_empty(given: &Value) -> bool {
    given.is_null() || given.as_array().is_some_and(Vec::is_empty)
}

/// The members of a request that belong to the service revision it makes.
pub(super) fn of_revision(given: &Value) -> Value {
    let mut settings = json!({});
    for name in OF_REVISION.iter().filter(|name| !is_empty(&given[**name])) {
        settings[*name] = given[*name].clone();
    }
    if given["launchType"].is_null() && is_empty(&given["capacityProviderStrategy"]) {
        settings["launchType"] = json!("FARGATE");
    }
    if given["launchType"] != "EC2" && given["launchType"] != "EXTERNAL" {
        if given["platformVersion"].is_null() {
            settings["platformVersion"] = json!("LATEST");
        }
        settings["platformFamily"] = json!("Linux");
    }
    settings
}

impl Service {
    /// A service before its first deployment.
    pub(super) fn empty(now: Moment, key: Key, pace: f64, seed: u64) -> Self {
        Self {
            key,
            life: Life::Active,
            settings: json!({}),
            rules: Rules::default(),
            tags: Vec::new(),
            revisions: Vec::new(),
            deployments: Vec::new(),
            rollings: Vec::new(),
            tasks: Vec::new(),
            events: VecDeque::new(),
            desired: 0,
            created_at: now,
            stable: None,
            pace,
            next_start: now,
            steady_said: now,
            ids: Ids::new(seed),
        }
    }

    /// Keeps what was given that is not part of a revision, with ECS's defaults for the rest.
    pub(super) fn take(&mut self, given: &Value) {
        let defaults = [
            ("availabilityZoneRebalancing", json!("ENABLED")),
            ("enableECSManagedTags", json!(false)),
            ("enableExecuteCommand", json!(false)),
            ("healthCheckGracePeriodSeconds", json!(0)),
            ("placementConstraints", json!([])),
            ("placementStrategy", json!([])),
            ("propagateTags", json!("NONE")),
            ("schedulingStrategy", json!("REPLICA")),
        ];
        for (name, value) in defaults {
            self.settings[name] = value;
        }
        for name in OF_SERVICE.iter().filter(|name| !given[**name].is_null()) {
            self.settings[*name] = given[*name].clone();
        }
        let role = given["role"].as_str();
        self.settings["roleArn"] = role.map_or(Value::Null, |role| json!(role));
        let controller = &given["deploymentController"];
        self.settings["deploymentController"] =
            if controller.is_null() { json!({"type": "ECS"}) } else { controller.clone() };
        self.rules = Rules::of(&given["deploymentConfiguration"]);
        self.tags = given["tags"].as_array().cloned().unwrap_or_default();
    }
}
