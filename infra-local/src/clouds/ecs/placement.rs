//! Which tasks start and which end.
//!
//! A rolling deployment stays within the minimum and the maximum of the service and moves in waves of at most half the
//! wanted tasks, so that one can watch it. Where old and new stand side by side, both sides are kept full.

use super::{
    deployment::{Rollout, Status, Step},
    service::{Life, Service},
    task::{Stage, Stop, Task},
};
use crate::moment::Moment;

/// Milliseconds to place a task and pull its image.
pub(super) const PLACE: u64 = 800;
/// Milliseconds a task stays out of the load balancer before it ends.
pub(super) const DRAIN: u64 = 800;

/// One side of a deployment: who starts its tasks, from which revision, and how many there should be.
struct Side {
    id: String,
    revision: usize,
    tasks: usize,
}

impl Service {
    /// How many tasks there should be just now.
    pub(super) fn target(&self) -> usize {
        if self.life == Life::Active { self.desired } else { 0 }
    }

    fn wave(&self) -> usize {
        (self.desired / 2).max(1)
    }

    /// The old side that is kept full until the traffic has moved.
    fn kept(&self) -> Option<Side> {
        let (green, _) = self.shares()?;
        let stable = self.stable?;
        let rolling = self.rollings.iter().rfind(|rolling| rolling.revision == stable && rolling.id != green)?;
        Some(Side { id: rolling.id.clone(), revision: rolling.revision, tasks: self.target() })
    }

    fn live(&self, id: &str) -> usize {
        let own = self.tasks.iter().filter(|task| task.started_by == id);
        own.filter(|task| task.is_running() || task.is_starting()).count()
    }

    /// Starts tasks that are missing.
    pub(super) fn place(&mut self, now: Moment) {
        let current = self.current();
        let (status, step) = (current.status, current.step);
        let held_back = match status {
            Status::Pending | Status::RollbackRequested | Status::StopRequested => true,
            Status::InProgress
            | Status::Successful
            | Status::Stopped
            | Status::RollbackInProgress
            | Status::RollbackSuccessful
            | Status::RollbackFailed => self.primary().rollout == Rollout::Failed,
        };
        if now < self.next_start || self.life != Life::Active {
            return;
        }
        let side_by_side = self.shares().is_some();
        if let Some(kept) = self.kept() {
            self.start_some(now, &kept, usize::MAX);
        }
        if held_back || (side_by_side && step < Step::ScaleUp) {
            return;
        }
        let primary = self.primary();
        let own = Side { id: primary.id.clone(), revision: primary.revision, tasks: self.target() };
        let room = if side_by_side || self.rollings.len() == 1 {
            usize::MAX
        } else {
            let (_, most) = self.current().rules.bounds(self.desired);
            most.saturating_sub(self.tasks.iter().filter(|task| task.is_live()).count())
        };
        let draining = self.tasks.iter().any(|task| matches!(task.stage, Stage::Draining { .. }));
        if side_by_side || !draining {
            self.start_some(now, &own, room);
        }
    }

    fn start_some(&mut self, now: Moment, side: &Side, room: usize) {
        if self.tasks.iter().any(|task| task.started_by == side.id && task.is_starting()) {
            return;
        }
        let missing = side.tasks.saturating_sub(self.live(&side.id)).min(room).min(self.wave());
        if missing == 0 {
            return;
        }
        let until = now.after(self.paced(PLACE));
        let mut named = Vec::new();
        for _ in 0..missing {
            let task = Task::new(&self.key.cluster, self.ids.hex(32), side.revision, side.id.clone(), now, until);
            named.push(format!("(task {})", task.id));
            self.tasks.push(task);
        }
        self.say(now, &format!("has started {missing} tasks: {}.", named.join(" ")));
    }

    /// Ends what is too much: tasks on their way up for a deployment that is no longer wanted, then running ones of
    /// older deployments, then of PRIMARY.
    pub(super) fn release(&mut self, now: Moment) {
        let primary = self.primary().id.clone();
        let kept = self.kept();
        let is_kept = |task: &Task| kept.as_ref().is_some_and(|side| task.started_by == side.id);
        let reason = || Stop {
            code: "ServiceSchedulerInitiated",
            reason: format!("Scaling activity initiated by (deployment {primary})"),
            exit: Some(0),
        };
        let mut ended = Vec::new();
        for (index, task) in self.tasks.iter().enumerate() {
            let unwanted = task.started_by != primary && !is_kept(task);
            if task.is_starting() && (unwanted || self.target() == 0) {
                ended.push(index);
            }
        }
        for index in ended {
            let stop = reason();
            let task = &mut self.tasks[index];
            task.stop = Some(stop);
            task.end(now);
        }
        if self.tasks.iter().any(|task| matches!(task.stage, Stage::Draining { .. })) {
            return;
        }
        let indices = |of: &dyn Fn(&Task) -> bool| -> Vec<usize> {
            let running = self.tasks.iter().enumerate().filter(|(_, task)| task.is_running() && of(task));
            running.map(|(index, _)| index).collect()
        };
        let (old, own) = (
            indices(&|task| task.started_by != primary && !is_kept(task)),
            indices(&|task| task.started_by == primary),
        );
        let surplus = |running: usize| running.saturating_sub(self.target());
        let going: Vec<usize> = if let Some(side) = &kept {
            // Superseded tasks go at once; each side loses what is more than wanted.
            let blue = indices(&|task| task.started_by == side.id);
            let (from_blue, from_own) = (surplus(blue.len()), surplus(own.len()));
            old.into_iter().chain(blue.into_iter().take(from_blue)).chain(own.into_iter().take(from_own)).collect()
        } else if let Some(winner) = self.winner() {
            // Who gets no requests any more goes at once; before the winner has a task, the others still answer.
            let (own, lost) = (indices(&|task| task.started_by == winner), indices(&|task| task.started_by != winner));
            let surplus = surplus(own.len());
            let lost = if own.is_empty() && self.target() > 0 { Vec::new() } else { lost };
            lost.into_iter().chain(own.into_iter().take(surplus)).collect()
        } else {
            let running = old.len() + own.len();
            let (least, _) = self.current().rules.bounds(self.target());
            // Below the wanted number only for tasks that somebody replaces.
            let replaced = self.current().status == Status::InProgress;
            let floor = if replaced { least } else { self.target() };
            let from_old = running.saturating_sub(floor).min(old.len());
            let from_own = surplus(running).saturating_sub(from_old).min(own.len());
            old.into_iter().take(from_old).chain(own.into_iter().take(from_own)).take(self.wave()).collect()
        };
        let until = now.after(self.paced(DRAIN));
        self.drain(now, until, &going, &reason());
    }

    pub(super) fn drain(&mut self, now: Moment, until: Moment, going: &[usize], stop: &Stop) {
        if going.is_empty() {
            return;
        }
        let mut named = Vec::new();
        for index in going {
            let task = &mut self.tasks[*index];
            task.drain(now, until, stop.clone());
            named.push(format!("(task {})", task.id));
        }
        let count = going.len();
        if self.is_balanced() {
            let group = self.target_group();
            self.say(now, &format!("deregistered {count} targets in (target-group {group})"));
            self.say(now, &format!("has begun draining connections on {count} tasks."));
        }
        self.say(now, &format!("has stopped {count} running tasks: {}.", named.join(" ")));
    }
}
