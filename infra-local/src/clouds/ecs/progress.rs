//! How deployments move on: from one status to the next, back when they fail, and to their end.

use std::collections::BTreeSet;

use super::{
    deployment::{Breaker, Rollback, Rollout, ServiceDeployment, Status, Step},
    service::Service,
    task::Task,
};
use crate::moment::Moment;

/// Milliseconds from accepting a deployment to its first task, and between the steps of a stop.
pub(super) const STEP: u64 = 400;
/// Milliseconds everything must be in place before a deployment has ended.
const SETTLE: u64 = 600;
/// Milliseconds a minute of watching takes: the stand-in's rollouts are about as much faster than real ones.
pub(super) const MINUTE: u64 = 2000;

impl Service {
    pub(super) fn advance_deployments(&mut self, now: Moment, ringing: &BTreeSet<String>) {
        let step = self.paced(STEP);
        for deployment in &mut self.deployments {
            let due = now.since(deployment.updated_at) >= step;
            match deployment.status {
                Status::Pending if due => {
                    deployment.started_at = Some(now);
                    let side_by_side = deployment.rules.side_by_side();
                    deployment.enter(now, if side_by_side { Step::Reconcile } else { Step::ScaleUp });
                    deployment.turn(now, Status::InProgress, None);
                }
                Status::StopRequested if due => {
                    let reason = deployment.reason.clone();
                    deployment.turn(now, Status::Stopped, reason.as_deref());
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
        let threshold = self.threshold();
        let current = self.current();
        let due = now.since(current.updated_at) >= step;
        match current.status {
            Status::InProgress if current.rules.breaker.is_some() && current.failures >= threshold => {
                self.break_off(now);
            }
            Status::InProgress => {
                if !self.ring(now, ringing) && self.current().rules.side_by_side() {
                    self.shift(now);
                }
            }
            Status::RollbackRequested if due => self.roll_back(now),
            Status::RollbackInProgress if self.primary().failed >= threshold => {
                let reason = "Rollback failed: tasks failed to start.";
                self.current_mut().turn(now, Status::RollbackFailed, Some(reason));
                let id = self.primary().id.clone();
                self.fail_one(now, &id, "ECS deployment circuit breaker: tasks failed to start.");
            }
            Status::Pending
            | Status::Successful
            | Status::StopRequested
            | Status::Stopped
            | Status::RollbackRequested
            | Status::RollbackInProgress
            | Status::RollbackSuccessful
            | Status::RollbackFailed => {}
        }
    }

    /// The breaker goes off.
    fn break_off(&mut self, now: Moment) {
        let current = self.current_mut();
        current.breaker = Breaker::Triggered;
        let (rolling, back) = (current.rolling.clone(), current.rules.breaker.is_some_and(|rule| rule.rollback));
        self.say(now, &format!("(deployment {rolling}) deployment failed: tasks failed to start."));
        let why = "ECS deployment circuit breaker: tasks failed to start.";
        self.give_up(now, back, "circuit breaker threshold breach", why);
    }

    /// Looks at the alarms of the deployment under way; true when one went off.
    fn ring(&mut self, now: Moment, ringing: &BTreeSet<String>) -> bool {
        let current = self.current_mut();
        let Some((names, back)) = current.rules.alarms.clone() else { return false };
        let rang: Vec<String> = names.into_iter().filter(|name| ringing.contains(name)).collect();
        if rang.is_empty() {
            return false;
        }
        current.alarms = Breaker::Triggered;
        current.rang = rang;
        let rolling = current.rolling.clone();
        self.say(now, &format!("(deployment {rolling}) deployment failed: alarm detected."));
        self.give_up(now, back, "a CloudWatch alarm", "ECS deployment alarm: alarm detected.");
        true
    }

    /// The deployment under way has failed: it goes back, or stays where it is.
    fn give_up(&mut self, now: Moment, back: bool, cause: &str, why: &str) {
        if back {
            let reason = format!("Service deployment rolled back because of {cause}.");
            self.current_mut().turn(now, Status::RollbackRequested, Some(&reason));
            return;
        }
        let reason = format!("Service deployment stopped because of {cause}.");
        let current = self.current_mut();
        current.stopped_at = Some(now);
        current.turn(now, Status::Stopped, Some(&reason));
        self.fail_rolling(now, why);
    }

    /// The rolling deployment of the current one has failed.
    pub(super) fn fail_rolling(&mut self, now: Moment, why: &str) {
        let id = self.current().rolling.clone();
        self.fail_one(now, &id, why);
    }

    /// A rolling deployment has failed: it starts no task any more.
    fn fail_one(&mut self, now: Moment, id: &str, why: &str) {
        if let Some(rolling) = self.rollings.iter_mut().find(|rolling| rolling.id == id) {
            (rolling.rollout, rolling.updated_at, rolling.reason) = (Rollout::Failed, now, why.to_owned());
        }
    }

    /// The newest deployment goes back to the last revision that served well. No service revision is made for that.
    fn roll_back(&mut self, now: Moment) {
        let current = self.current();
        let (failed, reason) = (current.rolling.clone(), current.reason.clone().unwrap_or_default());
        let cause = match (current.breaker, current.alarms) {
            (Breaker::Triggered, _) => "ECS deployment circuit breaker: tasks failed to start.",
            (_, Breaker::Triggered) => "ECS deployment alarm: alarm detected.",
            _ => "ECS deployment stopped.",
        };
        let Some(stable) = self.stable else {
            let none = format!("{reason} There is no earlier service revision to go back to.");
            self.current_mut().turn(now, Status::RollbackFailed, Some(&none));
            self.fail_rolling(now, &format!("{cause} There is nothing to go back to."));
            return;
        };
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
        self.fail_rolling(now, &format!("{cause} Rolling back to deployment {back}."));
        let current = self.current_mut();
        current.enter(now, Step::CleanUp);
        (current.production, current.test) = (0.0, 0.0);
        current.turn(now, Status::RollbackInProgress, Some(&reason));
        current.rollback = Some(Rollback { reason, started_at: now, to: stable });
        self.next_start = now;
        self.say(now, &format!("rolling back to deployment {back}."));
    }

    /// Announces the end of a deployment, once everything has been in place for a while.
    pub(super) fn settle(&mut self, now: Moment) {
        let settle = self.paced(SETTLE);
        let desired = self.target();
        let primary = self.rollings.len() - 1;
        let id = self.rollings[primary].id.clone();
        let mut live = self.tasks.iter().filter(|task| task.is_live());
        let steady =
            live.clone().count() == desired && live.all(|task| Task::is_running(task) && task.started_by == id);
        let rolling = &mut self.rollings[primary];
        if !steady {
            rolling.settled_since = None;
            return;
        }
        let since = *rolling.settled_since.get_or_insert(now);
        if rolling.rollout != Rollout::InProgress || now.since(since) < settle {
            return;
        }
        let bake = self.current().rules.bake;
        let bake = self.paced(bake.saturating_mul(MINUTE));
        let current = self.current_mut();
        match current.status {
            Status::InProgress if current.rules.side_by_side() => {
                if current.step != Step::CleanUp {
                    return;
                }
            }
            Status::InProgress => {
                if current.step != Step::Bake {
                    current.enter(now, Step::Bake);
                }
                if now.since(current.step_since) < bake {
                    return;
                }
            }
            Status::RollbackInProgress => {}
            Status::Pending
            | Status::Successful
            | Status::StopRequested
            | Status::Stopped
            | Status::RollbackRequested
            | Status::RollbackSuccessful
            | Status::RollbackFailed => return,
        }
        self.complete(now, &id);
    }

    fn complete(&mut self, now: Moment, id: &str) {
        let primary = self.rollings.len() - 1;
        let rolling = &mut self.rollings[primary];
        rolling.rollout = Rollout::Completed;
        rolling.reason = format!("ECS deployment {id} completed.");
        rolling.updated_at = now;
        self.stable = Some(rolling.revision);
        self.rollings.retain(|rolling| rolling.id == id);
        let current = self.current_mut();
        if current.status == Status::InProgress {
            current.end_watch();
            if current.rules.side_by_side() {
                current.production = 100.0;
            }
            current.turn(now, Status::Successful, None);
        } else {
            current.end_watch();
            let reason = current.reason.clone();
            current.turn(now, Status::RollbackSuccessful, reason.as_deref());
        }
        self.say(now, &format!("(deployment {id}) deployment completed."));
        self.say_steady(now);
    }
}

impl ServiceDeployment {
    /// Enters a step.
    pub(super) fn enter(&mut self, now: Moment, step: Step) {
        self.step = step;
        self.step_since = now;
        self.updated_at = now;
    }

    /// Breaker and alarms have nothing to watch any more.
    fn end_watch(&mut self) {
        for watch in [&mut self.breaker, &mut self.alarms] {
            if *watch == Breaker::Monitoring {
                *watch = Breaker::MonitoringComplete;
            }
        }
    }
}
