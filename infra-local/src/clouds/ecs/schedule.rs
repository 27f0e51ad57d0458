//! What happens as time passes: tasks come up and go down, deployments move on, the breaker goes off.
//!
//! Rolling replacement keeps at least all wanted tasks (minimum healthy 100 %, maximum 200 %) and moves one at a time.

use super::{
    Ecs, STOPPED_KEPT,
    deployment::{Breaker, Rollback, Rollout, Status},
    task::{Stage, Stop, Task},
};
use crate::moment::Moment;

/// Milliseconds from accepting a deployment to its first task, and between the steps of a stop.
const STEP: u64 = 400;
/// Milliseconds to place a task and pull its image.
const PLACE: u64 = 800;
/// Least milliseconds of good answers before a task counts as healthy.
const HEALTHY_AFTER: u64 = 1000;
/// Most milliseconds a task may take to become healthy.
const GRACE: u64 = 2000;
/// Milliseconds a task stays out of the load balancer before it ends.
const DRAIN: u64 = 800;
/// Milliseconds from a failed task to the next try.
const BACK_OFF: u64 = 1400;
/// Milliseconds everything must be in place before a deployment has ended.
const SETTLE: u64 = 600;

impl Ecs {
    /// Brings everything to `now`.
    pub fn advance(&mut self, now: Moment) {
        self.tasks.retain(|task| task.stopped_at.is_none_or(|at| now.since(at) < STOPPED_KEPT));
        self.advance_tasks(now);
        self.advance_deployments(now);
        self.place(now);
        self.release(now);
        self.settle(now);
    }

    /// The failures after which the breaker goes off.
    pub fn threshold(&self) -> usize {
        self.desired.div_ceil(2).max(3)
    }

    fn advance_tasks(&mut self, now: Moment) {
        let (healthy_after, grace) = (self.paced(HEALTHY_AFTER), self.paced(GRACE));
        let mut failed = Vec::new();
        for index in 0..self.tasks.len() {
            let has_image = self.revisions[self.tasks[index].revision].digest.is_some();
            let task = &mut self.tasks[index];
            let exited = task.exited;
            match task.stage {
                Stage::Pending { until } if now >= until && has_image => task.stage = Stage::Activating { since: now },
                Stage::Pending { until } if now >= until => {
                    let reason = "CannotPullContainerError: pull image manifest has been retried 1 time(s): not found";
                    task.stop = Some(Stop { code: "TaskFailedToStart", reason: reason.to_owned(), exit: None });
                    task.end(now);
                    failed.push(index);
                }
                Stage::Activating { .. } | Stage::Running if exited.is_some() => {
                    let reason = "Essential container in task exited".to_owned();
                    task.stop = Some(Stop { code: "EssentialContainerExited", reason, exit: exited.flatten() });
                    task.end(now);
                    failed.push(index);
                }
                Stage::Activating { since } if task.ready && now.since(since) >= healthy_after => {
                    task.stage = Stage::Running;
                    self.rose(now, index);
                }
                Stage::Activating { since } if !task.ready && now.since(since) >= grace => {
                    let reason = "Task failed ELB health checks in (target-group hello)".to_owned();
                    let stop = Stop { code: "ServiceSchedulerInitiated", reason, exit: Some(143) };
                    task.stop = Some(stop);
                    task.end(now);
                    failed.push(index);
                }
                Stage::Draining { until } if now >= until || exited.is_some() => task.end(now),
                Stage::Pending { .. }
                | Stage::Activating { .. }
                | Stage::Running
                | Stage::Draining { .. }
                | Stage::Stopped => {}
            }
        }
        for index in failed {
            self.failed(now, index);
        }
    }

    /// A task became healthy.
    fn rose(&mut self, now: Moment, index: usize) {
        let id = self.tasks[index].started_by.clone();
        if let Some(rolling) = self.rollings.iter_mut().find(|rolling| rolling.id == id) {
            rolling.failed = 0;
            rolling.updated_at = now;
        }
    }

    /// A task ended although it should not have: tell, count, wait before the next try.
    fn failed(&mut self, now: Moment, index: usize) {
        let task = &self.tasks[index];
        let (id, started_by) = (task.id.clone(), task.started_by.clone());
        let reason = task.stop.as_ref().map(|stop| stop.reason.clone()).unwrap_or_default();
        self.say(now, &format!("(task {id}) stopped: {reason}."));
        self.next_start = now.after(self.paced(BACK_OFF));
        let Some(rolling) = self.rollings.iter_mut().find(|rolling| rolling.id == started_by) else { return };
        rolling.failed += 1;
        rolling.updated_at = now;
        if let Some(deployment) = self.deployments.last_mut()
            && deployment.rolling == started_by
            && deployment.status == Status::InProgress
        {
            deployment.failures += 1;
            deployment.updated_at = now;
        }
    }

    fn advance_deployments(&mut self, now: Moment) {
        let step = self.paced(STEP);
        let threshold = self.threshold();
        let last = self.deployments.len() - 1;
        let failed_in_a_row = self.primary().failed;
        for index in 0..=last {
            let deployment = &mut self.deployments[index];
            let due = now.since(deployment.updated_at) >= step;
            match deployment.status {
                Status::Pending if due => {
                    deployment.started_at = Some(now);
                    deployment.turn(now, Status::InProgress, None);
                }
                Status::InProgress if deployment.failures >= threshold => {
                    deployment.breaker = Breaker::Triggered;
                    let reason = "Service deployment rolled back because of circuit breaker threshold breach.";
                    deployment.turn(now, Status::RollbackRequested, Some(reason));
                    let rolling = deployment.rolling.clone();
                    self.say(now, &format!("(deployment {rolling}) deployment failed: tasks failed to start."));
                }
                Status::StopRequested if due => {
                    let reason = deployment.reason.clone();
                    deployment.turn(now, Status::Stopped, reason.as_deref());
                }
                Status::RollbackRequested if due && index == last => self.roll_back(now),
                Status::RollbackInProgress if failed_in_a_row >= threshold => {
                    deployment.turn(now, Status::RollbackFailed, Some("Rollback failed: tasks failed to start."));
                }
                Status::Pending
                | Status::InProgress
                | Status::Successful
                | Status::StopRequested
                | Status::Stopped
                | Status::RollbackRequested
                | Status::RollbackInProgress
                | Status::RollbackSuccessful
                | Status::RollbackFailed => {}
            }
        }
    }

    /// The newest deployment goes back to the last revision that served well. No service revision is made for that.
    fn roll_back(&mut self, now: Moment) {
        let stable = self.stable;
        let last = self.deployments.len() - 1;
        let failed = self.deployments[last].rolling.clone();
        let by_breaker = self.deployments[last].breaker == Breaker::Triggered;
        let kept = self.rollings.iter().position(|rolling| rolling.revision == stable && rolling.id != failed);
        let back = match kept {
            Some(position) => {
                let rolling = self.rollings.remove(position);
                let id = rolling.id.clone();
                self.rollings.push(rolling);
                id
            }
            None => self.roll(now, stable),
        };
        let primary = self.rollings.len() - 1;
        let rolling = &mut self.rollings[primary];
        (rolling.rollout, rolling.failed, rolling.updated_at, rolling.settled_since) =
            (Rollout::InProgress, 0, now, None);
        rolling.reason = format!("ECS deployment {back} in progress.");
        if let Some(rolling) = self.rollings.iter_mut().find(|rolling| rolling.id == failed) {
            rolling.rollout = Rollout::Failed;
            rolling.updated_at = now;
            rolling.reason = if by_breaker {
                format!("ECS deployment circuit breaker: tasks failed to start. Rolling back to deployment {back}.")
            } else {
                format!("ECS deployment stopped. Rolling back to deployment {back}.")
            };
        }
        let deployment = &mut self.deployments[last];
        let reason = deployment.reason.clone();
        deployment.turn(now, Status::RollbackInProgress, reason.as_deref());
        deployment.rollback = Some(Rollback { reason: reason.unwrap_or_default(), started_at: now, to: stable });
        self.next_start = now;
        self.say(now, &format!("rolling back to deployment {back}."));
    }

    /// Starts the next task of PRIMARY, when one is missing and none is on its way.
    fn place(&mut self, now: Moment) {
        let primary = self.primary();
        let (id, revision) = (primary.id.clone(), primary.revision);
        let own = |task: &&Task| task.started_by == id;
        let running = self.tasks.iter().filter(own).filter(|task| task.is_running()).count();
        let starting = self.tasks.iter().filter(own).any(Task::is_starting);
        let draining = self.tasks.iter().any(|task| matches!(task.stage, Stage::Draining { .. }));
        let held_back = match self.current().status {
            Status::Pending | Status::RollbackRequested | Status::StopRequested | Status::RollbackFailed => true,
            Status::InProgress
            | Status::Successful
            | Status::Stopped
            | Status::RollbackInProgress
            | Status::RollbackSuccessful => false,
        };
        if running >= self.desired || starting || draining || held_back || now < self.next_start {
            return;
        }
        let task = Task::new(self.ids.hex(32), revision, id, now, now.after(self.paced(PLACE)));
        self.say(now, &format!("has started 1 tasks: (task {}).", task.id));
        self.tasks.push(task);
    }

    /// Ends what is too much: tasks on their way up for a deployment that is no longer wanted, then one running task
    /// of an older deployment, then one of PRIMARY.
    fn release(&mut self, now: Moment) {
        let primary = self.primary().id.clone();
        let reason = || Stop {
            code: "ServiceSchedulerInitiated",
            reason: format!("Scaling activity initiated by (deployment {primary})"),
            exit: Some(0),
        };
        for task in self.tasks.iter_mut().filter(|task| task.is_starting() && task.started_by != primary) {
            task.stop = Some(reason());
            task.end(now);
        }
        if self.tasks.iter().any(|task| matches!(task.stage, Stage::Draining { .. })) {
            return;
        }
        let running = self.tasks.iter().filter(|task| task.is_running()).count();
        if running <= self.desired {
            return;
        }
        let until = now.after(self.paced(DRAIN));
        let old = self.tasks.iter().position(|task| task.is_running() && task.started_by != primary);
        if let Some(index) = old.or_else(|| self.tasks.iter().position(Task::is_running)) {
            let stop = reason();
            let task = &mut self.tasks[index];
            task.drain(now, until, stop);
            let id = task.id.clone();
            self.say(now, "has begun draining connections on 1 tasks.");
            self.say(now, &format!("has stopped 1 running tasks: (task {id})."));
        }
    }

    /// Announces a steady state, once everything has been in place for a while.
    fn settle(&mut self, now: Moment) {
        let settle = self.paced(SETTLE);
        let desired = self.desired;
        let primary = self.rollings.len() - 1;
        let id = self.rollings[primary].id.clone();
        let mut live = self.tasks.iter().filter(|task| task.stage != Stage::Stopped);
        let steady = live.clone().count() == desired && live.all(|task| task.is_running() && task.started_by == id);
        let rolling = &mut self.rollings[primary];
        if !steady {
            rolling.settled_since = None;
            return;
        }
        let since = *rolling.settled_since.get_or_insert(now);
        if rolling.rollout != Rollout::InProgress || now.since(since) < settle {
            return;
        }
        rolling.rollout = Rollout::Completed;
        rolling.reason = format!("ECS deployment {id} completed.");
        rolling.updated_at = now;
        self.stable = rolling.revision;
        self.rollings.retain(|rolling| rolling.id == id);
        let last = self.deployments.len() - 1;
        let deployment = &mut self.deployments[last];
        match deployment.status {
            Status::InProgress => {
                deployment.breaker = Breaker::MonitoringComplete;
                deployment.turn(now, Status::Successful, None);
            }
            Status::RollbackInProgress => {
                let reason = deployment.reason.clone();
                deployment.turn(now, Status::RollbackSuccessful, reason.as_deref());
            }
            Status::Pending
            | Status::Successful
            | Status::StopRequested
            | Status::Stopped
            | Status::RollbackRequested
            | Status::RollbackSuccessful
            | Status::RollbackFailed => {}
        }
        self.say(now, &format!("(deployment {id}) deployment completed."));
        self.say(now, "has reached a steady state.");
    }
}
