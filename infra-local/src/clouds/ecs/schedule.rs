//! What happens as time passes: tasks come up and go down.

use std::{collections::BTreeSet, time::Duration};

use super::{
    deployment::{ServiceDeployment, Status},
    service::{Life, Service},
    task::{Stage, Stop},
};
use crate::moment::Moment;

/// Least milliseconds of good answers before a task behind a load balancer counts as healthy.
const HEALTHY_AFTER: u64 = 1000;
/// Most milliseconds a task may take to become healthy.
const GRACE: u64 = 2000;
/// Milliseconds a running task may answer badly. Longer than a target needs to be called unhealthy, so that one can see it.
const UNHEALTHY: u64 = 3000;
/// Milliseconds from a failed task to the next try.
const BACK_OFF: u64 = 1400;
/// How long stopped tasks can be seen.
const STOPPED_KEPT: Duration = Duration::from_hours(1);
/// How long a deployment can be seen, as with ECS. The newest one always can.
const HISTORY: Duration = Duration::from_hours(90 * 24);
/// After this long the same message may be said again.
const SAID_AGAIN: Duration = Duration::from_hours(6);

impl Service {
    /// Brings everything to `now`. `ringing` are the alarms that are in alarm.
    pub(super) fn advance(&mut self, now: Moment, ringing: &BTreeSet<String>) {
        if matches!(self.life, Life::Inactive { .. }) {
            return;
        }
        self.tasks.retain(|task| task.stopped_at.is_none_or(|at| now.since(at) < STOPPED_KEPT));
        let old = |deployment: &ServiceDeployment| {
            deployment.status.is_settled() && now.since(deployment.created_at) >= HISTORY
        };
        while self.deployments.len() > 1 && self.deployments.first().is_some_and(old) {
            self.deployments.remove(0);
        }
        self.advance_tasks(now);
        self.advance_deployments(now, ringing);
        self.place(now);
        self.release(now);
        self.settle(now);
        if self.life == Life::Draining && self.tasks.iter().all(|task| !task.is_live()) {
            self.life = Life::Inactive { since: now };
        }
        if !self.is_moving() && self.is_full() && now.since(self.steady_said) >= SAID_AGAIN {
            self.say_steady(now);
        }
    }

    pub(super) fn say_steady(&mut self, now: Moment) {
        self.steady_said = now;
        self.say(now, "has reached a steady state.");
    }

    fn advance_tasks(&mut self, now: Moment) {
        let (healthy_after, grace) = (self.paced(HEALTHY_AFTER), self.paced(GRACE));
        let unhealthy = self.paced(UNHEALTHY);
        let (half_place, half_drain) =
            (self.paced(super::placement::PLACE) / 2, self.paced(super::placement::DRAIN) / 2);
        let (mut failed, mut sick) = (Vec::new(), Vec::new());
        for index in 0..self.tasks.len() {
            let revision = &self.revisions[self.tasks[index].revision];
            let missing = revision.containers.iter().find(|pinned| pinned.digest.is_none());
            let missing = missing.map(|pinned| pinned.image.clone());
            let checked = self.is_checked(&self.tasks[index]);
            let task = &mut self.tasks[index];
            let exited = task.exited;
            match task.stage {
                Stage::Pending { until } if now >= until => match missing {
                    None => task.stage = Stage::Activating { since: now },
                    Some(image) => {
                        let reason = format!(
                            "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve \
                             ref {image}: {image}: not found"
                        );
                        task.stop = Some(Stop { code: "TaskFailedToStart", reason, exit: None });
                        task.end(now);
                        failed.push(index);
                    }
                },
                Stage::Pending { until } => task.late |= now.after(half_place) >= until,
                Stage::Activating { .. } | Stage::Running if exited.is_some() => {
                    let reason = "Essential container in task exited".to_owned();
                    task.stop = Some(Stop { code: "EssentialContainerExited", reason, exit: exited.flatten() });
                    task.end(now);
                    failed.push(index);
                }
                Stage::Activating { .. } if !checked && task.started_at.is_some() => {
                    task.stage = Stage::Running;
                    self.rose(now, index);
                }
                Stage::Activating { since } if checked && task.ready && now.since(since) >= healthy_after => {
                    task.stage = Stage::Running;
                    self.rose(now, index);
                }
                Stage::Activating { since } if checked && !task.ready && now.since(since) >= grace => {
                    let stop = self.sick_stop();
                    let task = &mut self.tasks[index];
                    task.stop = Some(stop);
                    task.end(now);
                    failed.push(index);
                }
                Stage::Running if checked && task.unready_since.is_some_and(|at| now.since(at) >= unhealthy) => {
                    sick.push(index);
                }
                Stage::Draining { until } if now >= until || exited.is_some() => task.end(now),
                Stage::Draining { until } => task.late |= now.after(half_drain) >= until,
                Stage::Activating { .. } | Stage::Running | Stage::Stopped => {}
            }
        }
        for index in failed {
            self.failed(now, index);
        }
        for index in sick {
            self.sickened(now, index);
        }
    }

    /// Which checks a task of the service fails.
    fn checks(&self) -> String {
        if self.is_balanced() {
            format!("failed ELB health checks in (target-group {})", self.target_group())
        } else {
            "failed container health checks".to_owned()
        }
    }

    fn sick_stop(&self) -> Stop {
        Stop { code: "ServiceSchedulerInitiated", reason: format!("Task {}", self.checks()), exit: Some(143) }
    }

    /// A running task answers badly for too long: it goes, another one comes in its place.
    fn sickened(&mut self, now: Moment, index: usize) {
        let (id, started_by) = (self.tasks[index].id.clone(), self.tasks[index].started_by.clone());
        let message = format!("(task {id}) {}.", self.checks());
        self.say(now, &message);
        let until = now.after(self.paced(super::placement::DRAIN));
        let stop = self.sick_stop();
        self.drain(now, until, &[index], &stop);
        self.count(now, &started_by);
    }

    /// The name that messages give the target group: its ARN.
    pub(super) fn target_group(&self) -> String {
        self.wished().settings["loadBalancers"][0]["targetGroupArn"].as_str().unwrap_or_default().to_owned()
    }

    /// A task became healthy.
    fn rose(&mut self, now: Moment, index: usize) {
        if self.is_balanced() {
            let group = self.target_group();
            self.say(now, &format!("registered 1 targets in (target-group {group})"));
        }
        let id = self.tasks[index].started_by.clone();
        if let Some(rolling) = self.rollings.iter_mut().find(|rolling| rolling.id == id) {
            rolling.failed = 0;
            rolling.updated_at = now;
        }
        let current = self.current_mut();
        if current.rolling == id
            && current.status == Status::InProgress
            && current.rules.breaker.is_some_and(|rule| rule.resets)
        {
            current.failures = 0;
        }
    }

    /// A task ended although it should not have: tell, count, wait before the next try.
    fn failed(&mut self, now: Moment, index: usize) {
        let task = &self.tasks[index];
        let (id, started_by) = (task.id.clone(), task.started_by.clone());
        let reason = task.stop.as_ref().map(|stop| stop.reason.clone()).unwrap_or_default();
        self.say(now, &format!("(task {id}) stopped: {reason}."));
        self.count(now, &started_by);
    }

    /// One failure more of a rolling deployment; the next try waits.
    fn count(&mut self, now: Moment, started_by: &str) {
        self.next_start = now.after(self.paced(BACK_OFF));
        let Some(rolling) = self.rollings.iter_mut().find(|rolling| rolling.id == started_by) else { return };
        rolling.failed += 1;
        rolling.updated_at = now;
        let current = self.current_mut();
        if current.rolling == started_by && current.status == Status::InProgress {
            current.failures += 1;
            current.updated_at = now;
        }
    }
}
