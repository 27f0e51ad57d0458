//! What a client may ask to change: `UpdateService` and `StopServiceDeployment`.

use super::{
    Ecs,
    definition::{Definition, Standing},
    deployment::{Breaker, Rolling, Rollout, ServiceDeployment, ServiceRevision, Status},
};
use crate::{clouds::images::Images, moment::Moment};

/// Why a change is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The task definition is not there, or no longer active.
    Definition(String),
    /// The deployment has settled.
    Settled(Status),
    /// There is no such deployment.
    NoDeployment,
}

/// The part of `UpdateService` that is understood.
#[derive(Clone, Debug, Default)]
pub struct Update {
    /// ARN, `family:number` or `family` (the newest active one).
    pub task_definition: Option<String>,
    /// A new deployment although nothing changed.
    pub force: bool,
    /// Number of tasks. Alone it starts no deployment.
    pub desired: Option<usize>,
}

impl Ecs {
    /// `UpdateService`. A changed definition or `force` starts a deployment, with a service revision of its own for which
    /// the tag is resolved anew; one that is under way is stopped.
    pub fn update(&mut self, now: Moment, images: &Images, update: &Update) -> Result<(), Refusal> {
        let wanted = self.revisions[self.primary().revision].definition.clone();
        let definition = match &update.task_definition {
            Some(reference) => self.active_definition(reference)?,
            None => wanted.clone(),
        };
        if let Some(desired) = update.desired {
            self.desired = desired;
        }
        if update.force || definition != wanted {
            self.deploy(now, images, &definition)?;
        }
        Ok(())
    }

    /// `StopServiceDeployment` with `ROLLBACK`.
    pub fn stop(&mut self, now: Moment, arn: &str) -> Result<(), Refusal> {
        let deployment =
            self.deployments.iter_mut().find(|deployment| deployment.arn() == arn).ok_or(Refusal::NoDeployment)?;
        match deployment.status {
            Status::Pending | Status::InProgress => {
                deployment.stopped_at = Some(now);
                let reason = "Service deployment rollback requested by user.";
                deployment.turn(now, Status::RollbackRequested, Some(reason));
                Ok(())
            }
            // Already on the way there: ECS accepts the call, and nothing changes.
            Status::StopRequested | Status::RollbackRequested | Status::RollbackInProgress => Ok(()),
            Status::Successful | Status::Stopped | Status::RollbackSuccessful | Status::RollbackFailed => {
                Err(Refusal::Settled(deployment.status))
            }
        }
    }

    /// Name of the active definition a client means.
    fn active_definition(&self, reference: &str) -> Result<String, Refusal> {
        match self.definitions.find(reference) {
            Some(definition) if definition.standing == Standing::Active => Ok(definition.name()),
            Some(_) => Err(Refusal::Definition("TaskDefinition is inactive".to_owned())),
            None => Err(Refusal::Definition("TaskDefinition not found.".to_owned())),
        }
    }

    fn deploy(&mut self, now: Moment, images: &Images, definition: &str) -> Result<(), Refusal> {
        let found = self.definitions.find(definition);
        let missing = || Refusal::Definition("TaskDefinition not found.".to_owned());
        let containers = found.map(Definition::containers).ok_or_else(missing)?;
        let (container, image) = containers.into_iter().next().ok_or_else(missing)?;
        let digest = images.resolve(&image).map(|image| image.digest.clone());
        let sources = self.serving();
        self.supersede(now);
        let revision = ServiceRevision {
            number: self.ids.digits(),
            definition: definition.to_owned(),
            container,
            image,
            digest,
            created_at: now,
        };
        self.revisions.push(revision);
        let target = self.revisions.len() - 1;
        let rolling = self.roll(now, target);
        let id = self.ids.hex(21);
        self.deployments.push(ServiceDeployment {
            id,
            status: Status::Pending,
            reason: None,
            sources,
            target,
            rolling,
            breaker: Breaker::Monitoring,
            failures: 0,
            rollback: None,
            created_at: now,
            started_at: None,
            finished_at: None,
            stopped_at: None,
            updated_at: now,
        });
        self.next_start = now;
        Ok(())
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
