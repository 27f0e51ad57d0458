//! Stopping things: `StopServiceDeployment`, `ContinueServiceDeployment` and `StopTask`.

use super::{
    Ecs,
    change::Refusal,
    deployment::{ServiceDeployment, Status, Waiting},
    placement::DRAIN,
    service::Service,
    task::Stop,
};
use crate::moment::Moment;

/// How a deployment is stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// The old revision comes back.
    Rollback,
    /// Everything stays as it is just then.
    Abort,
}

impl Ecs {
    /// The service of a deployment, found by the deployment's ARN.
    fn service_of(&mut self, arn: &str) -> Result<&mut Service, Refusal> {
        let has = |service: &&mut Service| service.deployments.iter().any(|deployment| deployment.arn() == arn);
        self.services.values_mut().find(has).ok_or(Refusal::NoDeployment)
    }

    /// `StopServiceDeployment`.
    pub fn stop(&mut self, now: Moment, arn: &str, how: How) -> Result<(), Refusal> {
        let service = self.service_of(arn)?;
        let deployment = find(service, arn)?;
        match deployment.status {
            Status::Pending | Status::InProgress => {
                deployment.stopped_at = Some(now);
                match how {
                    How::Rollback => {
                        let reason = "Service deployment rollback requested by user.";
                        deployment.turn(now, Status::RollbackRequested, Some(reason));
                    }
                    How::Abort => {
                        let reason = "Service deployment stop requested by user.";
                        deployment.turn(now, Status::StopRequested, Some(reason));
                        service.fail_rolling(now, "ECS deployment stopped.");
                    }
                }
                Ok(())
            }
            // Already on the way there: ECS accepts the call, and nothing changes.
            Status::StopRequested | Status::RollbackRequested | Status::RollbackInProgress => Ok(()),
            Status::Successful | Status::Stopped | Status::RollbackSuccessful | Status::RollbackFailed => {
                Err(Refusal::Settled(deployment.status))
            }
        }
    }

    /// `ContinueServiceDeployment`: lets a deployment go on that waits for a person, or sends it back.
    pub fn go_on(&mut self, now: Moment, arn: &str, hook: &str, back: bool) -> Result<(), Refusal> {
        let service = self.service_of(arn)?;
        let deployment = find(service, arn)?;
        let hold = deployment.holds.iter_mut().find(|hold| hold.id == hook);
        let none = || Refusal::Invalid("No lifecycle hook with this id awaits an action.".to_owned());
        let hold = hold.filter(|hold| hold.waiting == Waiting::AwaitingAction).ok_or_else(none)?;
        hold.waiting = if back { Waiting::Failed } else { Waiting::Succeeded };
        deployment.updated_at = now;
        Ok(())
    }

    /// `StopTask`: the scheduler starts another one.
    pub fn stop_task(&mut self, now: Moment, cluster: &str, id: &str, reason: &str) -> Result<(), Refusal> {
        let services = self.services.values_mut().filter(|service| service.key.cluster == cluster);
        let has = |service: &&mut Service| service.tasks.iter().any(|task| task.id == id);
        let service = services.into_iter().find(has).ok_or(Refusal::NoTask)?;
        let until = now.after(service.paced(DRAIN));
        let Some(task) = service.tasks.iter_mut().find(|task| task.id == id) else { return Err(Refusal::NoTask) };
        let stop = Stop { code: "UserInitiated", reason: reason.to_owned(), exit: Some(0) };
        if task.is_running() {
            task.drain(now, until, stop);
        } else if task.is_starting() {
            task.stop = Some(Stop { exit: None, ..stop });
            task.end(now);
        }
        Ok(())
    }
}

fn find<'a>(service: &'a mut Service, arn: &str) -> Result<&'a mut ServiceDeployment, Refusal> {
    let mut deployments = service.deployments.iter_mut();
    deployments.find(|deployment| deployment.arn() == arn).ok_or(Refusal::NoDeployment)
}
