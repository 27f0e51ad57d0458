//! Service deployments (the history), service revisions (what each ran), and rolling deployments (`deployments[]`).

use super::{CLUSTER, SERVICE, arn};
use crate::moment::Moment;

/// What one deployment pinned: a task definition and the digest its tag meant then.
#[derive(Clone, Debug)]
pub struct ServiceRevision {
    /// Last part of its ARN.
    pub number: String,
    /// `family:number` of the task definition.
    pub definition: String,
    /// Name of the container that serves.
    pub container: String,
    /// Its image as written in the task definition.
    pub image: String,
    /// What the image was resolved to; `None` when the registry had none.
    pub digest: Option<String>,
    /// When it was made.
    pub created_at: Moment,
}

impl ServiceRevision {
    /// Its ARN.
    pub fn arn(&self) -> String {
        arn(&format!("service-revision/{CLUSTER}/{SERVICE}/{}", self.number))
    }
}

/// The status of a service deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Accepted.
    Pending,
    /// Tasks are being replaced.
    InProgress,
    /// All tasks replaced.
    Successful,
    /// A newer one takes over.
    StopRequested,
    /// A newer one took over.
    Stopped,
    /// Somebody, or the breaker, wants the old revision back.
    RollbackRequested,
    /// The old revision comes back.
    RollbackInProgress,
    /// The old revision is back.
    RollbackSuccessful,
    /// The old revision did not come back.
    RollbackFailed,
}

impl Status {
    /// ECS's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::InProgress => "IN_PROGRESS",
            Self::Successful => "SUCCESSFUL",
            Self::StopRequested => "STOP_REQUESTED",
            Self::Stopped => "STOPPED",
            Self::RollbackRequested => "ROLLBACK_REQUESTED",
            Self::RollbackInProgress => "ROLLBACK_IN_PROGRESS",
            Self::RollbackSuccessful => "ROLLBACK_SUCCESSFUL",
            Self::RollbackFailed => "ROLLBACK_FAILED",
        }
    }

    /// Whether it will not change any more.
    pub fn is_settled(self) -> bool {
        match self {
            Self::Successful | Self::Stopped | Self::RollbackSuccessful | Self::RollbackFailed => true,
            Self::Pending
            | Self::InProgress
            | Self::StopRequested
            | Self::RollbackRequested
            | Self::RollbackInProgress => false,
        }
    }
}

/// What the breaker of a deployment did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Breaker {
    /// Watches.
    Monitoring,
    /// Had nothing to do.
    MonitoringComplete,
    /// Went off.
    Triggered,
}

impl Breaker {
    /// ECS's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Monitoring => "MONITORING",
            Self::MonitoringComplete => "MONITORING_COMPLETE",
            Self::Triggered => "TRIGGERED",
        }
    }
}

/// The way back of a deployment.
#[derive(Clone, Debug)]
pub struct Rollback {
    /// Why.
    pub reason: String,
    /// Since when.
    pub started_at: Moment,
    /// Index of the service revision it goes back to.
    pub to: usize,
}

/// One entry of the history.
#[derive(Clone, Debug)]
pub struct ServiceDeployment {
    /// Last part of its ARN.
    pub id: String,
    /// How far it is.
    pub status: Status,
    /// Why it is so.
    pub reason: Option<String>,
    /// Indices of the service revisions it replaces, with the tasks each had then.
    pub sources: Vec<(usize, usize)>,
    /// Index of the service revision it brings.
    pub target: usize,
    /// The rolling deployment that carries it out: `ecs-svc/..`.
    pub rolling: String,
    /// What the breaker did.
    pub breaker: Breaker,
    /// Failed tasks, as the breaker counts them.
    pub failures: usize,
    /// The way back, once it was taken.
    pub rollback: Option<Rollback>,
    /// Asked for.
    pub created_at: Moment,
    /// Tasks began to be replaced.
    pub started_at: Option<Moment>,
    /// Ended well or rolled back.
    pub finished_at: Option<Moment>,
    /// Somebody asked to stop it.
    pub stopped_at: Option<Moment>,
    /// Last change.
    pub updated_at: Moment,
}

impl ServiceDeployment {
    /// Its ARN.
    pub fn arn(&self) -> String {
        arn(&format!("service-deployment/{CLUSTER}/{SERVICE}/{}", self.id))
    }

    /// Moves on.
    pub fn turn(&mut self, now: Moment, status: Status, reason: Option<&str>) {
        self.status = status;
        self.reason = reason.map(ToOwned::to_owned);
        self.updated_at = now;
        if status.is_settled() {
            self.finished_at = Some(now);
        }
    }
}

/// How far a rolling deployment is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rollout {
    /// Tasks are being replaced.
    InProgress,
    /// Steady.
    Completed,
    /// The breaker gave up on it.
    Failed,
}

impl Rollout {
    /// ECS's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::InProgress => "IN_PROGRESS",
            Self::Completed => "COMPLETED",
            Self::Failed => "FAILED",
        }
    }
}

/// One entry of `deployments[]`.
#[derive(Clone, Debug)]
pub struct Rolling {
    /// `ecs-svc/` and digits.
    pub id: String,
    /// Index of its service revision.
    pub revision: usize,
    /// How far it is.
    pub rollout: Rollout,
    /// Why.
    pub reason: String,
    /// Failed tasks in a row.
    pub failed: usize,
    /// Made.
    pub created_at: Moment,
    /// Last change.
    pub updated_at: Moment,
    /// When everything was in place, while that has not been announced yet.
    pub settled_since: Option<Moment>,
}
