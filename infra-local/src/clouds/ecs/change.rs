//! What a client may ask to change of a service: `UpdateService`.

use serde_json::Value;

use super::{
    Ecs, Key,
    create::is_empty,
    definition::{Definition, Standing},
    deployment::{Breaker, Pinned, Rolling, Rollout, ServiceDeployment, ServiceRevision, Status, Step},
    service::{Life, Service},
};
use crate::{
    clouds::images::{Images, digest_of_text},
    moment::Moment,
};

/// Why a change is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The task definition is not there, or no longer active.
    Definition(String),
    /// The deployment has settled.
    Settled(Status),
    /// There is no such deployment.
    NoDeployment,
    /// There is no such cluster.
    NoCluster,
    /// There is no such service.
    NoService,
    /// The service was deleted.
    NotActive,
    /// There is no such task.
    NoTask,
    /// The request makes no sense as things are.
    Invalid(String),
}

/// What `UpdateService` asks for.
#[derive(Clone, Debug, Default)]
pub struct Update {
    /// ARN, `family:number` or `family` (the newest active one).
    pub task_definition: Option<String>,
    /// A new deployment although nothing changed.
    pub force: bool,
    /// Number of tasks. Alone it starts no deployment.
    pub desired: Option<usize>,
    /// Everything else, in members of the API's `UpdateServiceRequest`.
    pub settings: Value,
}

/// Members that belong to a service revision: a change of one of them starts a deployment.
pub(super) const OF_REVISION: [&str; 10] = [
    "capacityProviderStrategy",
    "launchType",
    "loadBalancers",
    "networkConfiguration",
    "platformVersion",
    "platformFamily",
    "serviceConnectConfiguration",
    "serviceRegistries",
    "volumeConfigurations",
    "vpcLatticeConfigurations",
];
/// Members that are kept and shown, and that change nothing about tasks.
pub(super) const OF_SERVICE: [&str; 8] = [
    "availabilityZoneRebalancing",
    "enableECSManagedTags",
    "enableExecuteCommand",
    "healthCheckGracePeriodSeconds",
    "placementConstraints",
    "placementStrategy",
    "propagateTags",
    "schedulingStrategy",
];

impl Ecs {
    /// `UpdateService`. A changed definition or `force` starts a deployment, with a service revision of its own for which
    /// the tag is resolved anew; one that is under way is stopped.
    pub fn update(&mut self, now: Moment, images: &Images, key: &Key, update: &Update) -> Result<(), Refusal> {
        let definitions = &self.definitions;
        let service = self.services.get_mut(key).ok_or(Refusal::NoService)?;
        if service.life != Life::Active {
            return Err(Refusal::NotActive);
        }
        let wanted = service.wished().definition.clone();
        let find = |reference: &str| match definitions.find(reference) {
            Some(definition) if definition.standing == Standing::Active => Ok(definition),
            Some(_) => Err(Refusal::Definition("TaskDefinition is inactive".to_owned())),
            None => Err(Refusal::Definition("TaskDefinition not found.".to_owned())),
        };
        let definition = if let Some(reference) = &update.task_definition {
            find(reference)?
        } else {
            // What runs may have been deregistered since; ECS goes on with it.
            let missing = || Refusal::Definition("TaskDefinition not found.".to_owned());
            definitions.find(&wanted).ok_or_else(missing)?
        };
        if let Some(desired) = update.desired {
            service.desired = desired;
        }
        let given = |name: &&&str| !update.settings[**name].is_null();
        for name in OF_SERVICE.iter().filter(given) {
            service.settings[*name] = update.settings[*name].clone();
        }
        if !update.settings["deploymentConfiguration"].is_null() {
            service.rules = service.rules.with(&update.settings["deploymentConfiguration"]);
        }
        let mut settings = service.wished().settings.clone();
        for name in OF_REVISION.iter().filter(given) {
            settings[*name] = update.settings[*name].clone();
        }
        if let Some(members) = settings.as_object_mut() {
            if !is_empty(&update.settings["capacityProviderStrategy"]) {
                members.remove("launchType");
            }
            members.retain(|_, value| !is_empty(value));
        }
        let changed = definition.name() != wanted || settings != service.wished().settings;
        if update.force || changed {
            service.deploy(now, images, definition, settings);
        }
        Ok(())
    }
}

impl Service {
    /// Starts a deployment of this definition.
    pub(super) fn deploy(&mut self, now: Moment, images: &Images, definition: &Definition, settings: Value) {
        let sources = self.serving();
        self.supersede(now);
        let revision = ServiceRevision {
            key: self.key.clone(),
            number: self.ids.digits(),
            definition: definition.name(),
            containers: pinned(definition, images),
            checked: definition.is_checked(),
            settings,
            created_at: now,
        };
        self.revisions.push(revision);
        let target = self.revisions.len() - 1;
        let rolling = self.roll(now, target);
        let watch = |on: bool| if on { Breaker::Monitoring } else { Breaker::Disabled };
        let rules = self.rules.clone();
        self.deployments.push(ServiceDeployment {
            key: self.key.clone(),
            id: self.ids.hex(21),
            status: Status::Pending,
            reason: None,
            sources,
            target,
            rolling,
            breaker: watch(rules.breaker.is_some()),
            failures: 0,
            alarms: watch(rules.alarms.is_some()),
            rang: Vec::new(),
            rules,
            step: Step::Reconcile,
            step_since: now,
            production: 0.0,
            test: 0.0,
            holds: Vec::new(),
            rollback: None,
            created_at: now,
            started_at: None,
            finished_at: None,
            stopped_at: None,
            updated_at: now,
        });
        self.next_start = now;
    }

    /// Revisions with running tasks, and how many each has.
    fn serving(&self) -> Vec<(usize, usize)> {
        let mut serving: Vec<(usize, usize)> = Vec::new();
        for task in self.tasks.iter().filter(|task| task.is_running()) {
            match serving.iter_mut().find(|(revision, _)| *revision == task.revision) {
                Some((_, count)) => *count += 1,
                None => serving.push((task.revision, 1)),
            }
        }
        serving
    }

    /// A deployment under way gives way to the one that is about to be made.
    fn supersede(&mut self, now: Moment) {
        if let Some(running) = self.deployments.last_mut().filter(|deployment| !deployment.status.is_settled()) {
            running.stopped_at = Some(now);
            running.turn(now, Status::StopRequested, Some("A newer service deployment was started."));
        }
    }

    /// A new PRIMARY for this revision.
    pub(super) fn roll(&mut self, now: Moment, revision: usize) -> String {
        let id = format!("ecs-svc/{}", self.ids.digits());
        self.rollings.push(Rolling {
            id: id.clone(),
            revision,
            rollout: Rollout::InProgress,
            reason: format!("ECS deployment {id} in progress."),
            failed: 0,
            created_at: now,
            updated_at: now,
            settled_since: None,
        });
        id
    }
}

/// The containers with the digests that their images mean now. Images of foreign registries are taken to be there:
/// only the first container gets a process, and its image must be one of ours.
pub(super) fn pinned(definition: &Definition, images: &Images) -> Vec<Pinned> {
    let containers = definition.containers().into_iter().enumerate();
    let pin = |(index, (container, image)): (usize, (String, String))| {
        let known = images.resolve(&image).map(|known| known.digest.clone());
        let foreign = || (index > 0 && !image.contains(".dkr.ecr.")).then(|| digest_of_text(&image));
        Pinned { digest: known.or_else(foreign), container, image }
    };
    containers.map(pin).collect()
}
