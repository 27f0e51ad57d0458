//! The life of one task.

use super::arn;
use crate::{ids::seed_of, moment::Moment};

/// Where a task is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Placed; its process starts at the given time.
    Pending {
        /// When the process starts.
        until: Moment,
    },
    /// The process should run; the load balancer waits for it to be ready.
    Activating {
        /// When the process was asked for.
        since: Moment,
    },
    /// Healthy and in the load balancer.
    Running,
    /// Out of the load balancer, finishing what it has.
    Draining {
        /// When the process ends.
        until: Moment,
    },
    /// Over.
    Stopped,
}

/// Why a task ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stop {
    /// ECS's closed word.
    pub code: &'static str,
    /// ECS's sentence.
    pub reason: String,
    /// Exit code of the container, where it ran.
    pub exit: Option<i32>,
}

/// One task.
#[derive(Clone, Debug)]
pub struct Task {
    /// Name of its cluster.
    pub cluster: String,
    /// Last part of its ARN.
    pub id: String,
    /// Index of its service revision.
    pub revision: usize,
    /// The rolling deployment that started it: `ecs-svc/..`.
    pub started_by: String,
    /// Where it is in its life.
    pub stage: Stage,
    /// When it was placed.
    pub created_at: Moment,
    /// When its process listened.
    pub started_at: Option<Moment>,
    /// When it was asked to end.
    pub stopping_at: Option<Moment>,
    /// When it had ended.
    pub stopped_at: Option<Moment>,
    /// Why it ended or is ending.
    pub stop: Option<Stop>,
    /// Whether it is in the second half of its stage: out of provisioning, or out of deactivating.
    pub late: bool,
    /// Whether `/readyz` answers 200.
    pub ready: bool,
    /// Since when it no longer does, although it did.
    pub unready_since: Option<Moment>,
    /// Set when the process ended by itself.
    pub exited: Option<Option<i32>>,
}

impl Task {
    /// A task that has just been placed.
    pub fn new(
        cluster: &str,
        id: String,
        revision: usize,
        started_by: String,
        created_at: Moment,
        until: Moment,
    ) -> Self {
        Self {
            cluster: cluster.to_owned(),
            id,
            revision,
            started_by,
            stage: Stage::Pending { until },
            created_at,
            started_at: None,
            stopping_at: None,
            stopped_at: None,
            stop: None,
            late: false,
            ready: false,
            unready_since: None,
            exited: None,
        }
    }

    /// Its ARN.
    pub fn arn(&self) -> String {
        arn(&format!("task/{}/{}", self.cluster, self.id))
    }

    /// Private address of its network interface.
    pub fn address(&self) -> String {
        let [.., third, fourth] = seed_of(&self.id).to_be_bytes();
        format!("10.0.{third}.{}", fourth.clamp(10, 250))
    }

    /// Whether it should have a process.
    pub fn wants_process(&self) -> bool {
        match self.stage {
            Stage::Activating { .. } | Stage::Running | Stage::Draining { .. } => self.exited.is_none(),
            Stage::Pending { .. } | Stage::Stopped => false,
        }
    }

    /// Whether the load balancer knows it. It sends requests to those of them that are ready.
    pub fn is_registered(&self) -> bool {
        match self.stage {
            Stage::Running => true,
            Stage::Pending { .. } | Stage::Activating { .. } | Stage::Draining { .. } | Stage::Stopped => false,
        }
    }

    /// Whether it is on its way up.
    pub fn is_starting(&self) -> bool {
        match self.stage {
            Stage::Pending { .. } | Stage::Activating { .. } => true,
            Stage::Running | Stage::Draining { .. } | Stage::Stopped => false,
        }
    }

    /// Whether it counts as running.
    pub fn is_running(&self) -> bool {
        self.stage == Stage::Running
    }

    /// ECS's word for where it is.
    pub fn last_status(&self) -> &'static str {
        match self.stage {
            Stage::Pending { .. } => {
                if self.late {
                    "PENDING"
                } else {
                    "PROVISIONING"
                }
            }
            Stage::Activating { .. } => {
                if self.started_at.is_some() {
                    "ACTIVATING"
                } else {
                    "PENDING"
                }
            }
            Stage::Running => "RUNNING",
            Stage::Draining { .. } => {
                if self.late {
                    "STOPPING"
                } else {
                    "DEACTIVATING"
                }
            }
            Stage::Stopped => "STOPPED",
        }
    }

    /// ECS's word for where it should be.
    pub fn desired_status(&self) -> &'static str {
        match self.stage {
            Stage::Pending { .. } | Stage::Activating { .. } | Stage::Running => "RUNNING",
            Stage::Draining { .. } | Stage::Stopped => "STOPPED",
        }
    }

    /// The process listens.
    pub fn process_started(&mut self, now: Moment) {
        self.started_at.get_or_insert(now);
    }

    /// Leaves the load balancer and ends at `until`.
    pub fn drain(&mut self, now: Moment, until: Moment, stop: Stop) {
        self.stage = Stage::Draining { until };
        self.late = false;
        self.stopping_at = Some(now);
        self.stop = Some(stop);
    }

    /// Whether it has not ended.
    pub fn is_live(&self) -> bool {
        self.stage != Stage::Stopped
    }

    /// Has ended.
    pub fn end(&mut self, now: Moment) {
        self.stage = Stage::Stopped;
        self.ready = false;
        self.stopping_at.get_or_insert(now);
        self.stopped_at = Some(now);
    }
}
