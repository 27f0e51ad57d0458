//! Service deployments (the history), service revisions (what each ran), and rolling deployments (`deployments[]`).

use serde_json::Value;

use super::{Key, arn, rules::Rules};
use crate::moment::Moment;

/// One container of a service revision.
#[derive(Clone, Debug)]
pub struct Pinned {
    /// Name of the container.
    pub container: String,
    /// Its image as written in the task definition.
    pub image: String,
    /// What the image was resolved to; `None` when the registry has none.
    pub digest: Option<String>,
}

/// What one deployment pinned: a task definition and the digests its tags meant then. The first container is the one
/// that serves.
#[derive(Clone, Debug)]
pub struct ServiceRevision {
    /// Whose it is.
    pub key: Key,
    /// Last part of its ARN.
    pub number: String,
    /// `family:number` of the task definition.
    pub definition: String,
    /// All containers, at least one.
    pub containers: Vec<Pinned>,
    /// Whether a container has a health check.
    pub checked: bool,
    /// What else belongs to a revision, in members of the API's `ServiceRevision`.
    pub settings: Value,
    /// When it was made.
    pub created_at: Moment,
}

impl ServiceRevision {
    /// Its ARN.
    pub fn arn(&self) -> String {
        arn(&format!("service-revision/{}/{}", self.key, self.number))
    }

    /// Name of the container that serves.
    pub fn container(&self) -> &str {
        self.containers.first().map_or("", |pinned| &pinned.container)
    }

    /// Image of the container that serves, as written.
    pub fn image(&self) -> &str {
        self.containers.first().map_or("", |pinned| &pinned.image)
    }

    /// What that image was resolved to; `None` when the registry has none.
    pub fn digest(&self) -> Option<&str> {
        self.containers.first()?.digest.as_deref()
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

/// What the breaker of a deployment did, or its alarms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Breaker {
    /// Watches.
    Monitoring,
    /// Had nothing to do.
    MonitoringComplete,
    /// Went off.
    Triggered,
    /// Is not there.
    Disabled,
}

impl Breaker {
    /// ECS's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Monitoring => "MONITORING",
            Self::MonitoringComplete => "MONITORING_COMPLETE",
            Self::Triggered => "TRIGGERED",
            Self::Disabled => "DISABLED",
        }
    }
}

/// How far a deployment under way is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// Looks what is to be done.
    Reconcile,
    /// Before the new tasks.
    PreScaleUp,
    /// New tasks come up.
    ScaleUp,
    /// After the new tasks.
    PostScaleUp,
    /// Test traffic goes to the new tasks.
    TestShift,
    /// After that.
    PostTestShift,
    /// Requests go to the new tasks, at once or by and by.
    ProductionShift,
    /// After that.
    PostProductionShift,
    /// Everything is watched.
    Bake,
    /// The old tasks go.
    CleanUp,
}

impl Step {
    /// ECS's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Reconcile => "RECONCILE_SERVICE",
            Self::PreScaleUp => "PRE_SCALE_UP",
            Self::ScaleUp => "SCALE_UP",
            Self::PostScaleUp => "POST_SCALE_UP",
            Self::TestShift => "TEST_TRAFFIC_SHIFT",
            Self::PostTestShift => "POST_TEST_TRAFFIC_SHIFT",
            Self::ProductionShift => "PRODUCTION_TRAFFIC_SHIFT",
            Self::PostProductionShift => "POST_PRODUCTION_TRAFFIC_SHIFT",
            Self::Bake => "BAKE_TIME",
            Self::CleanUp => "CLEAN_UP",
        }
    }

    /// What comes after it.
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::Reconcile => Self::PreScaleUp,
            Self::PreScaleUp => Self::ScaleUp,
            Self::ScaleUp => Self::PostScaleUp,
            Self::PostScaleUp => Self::TestShift,
            Self::TestShift => Self::PostTestShift,
            Self::PostTestShift => Self::ProductionShift,
            Self::ProductionShift => Self::PostProductionShift,
            Self::PostProductionShift => Self::Bake,
            Self::Bake | Self::CleanUp => Self::CleanUp,
        }
    }
}

/// What became of a place where a deployment waits for a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waiting {
    /// Nobody came yet.
    AwaitingAction,
    /// Somebody let it go on.
    Succeeded,
    /// Somebody sent it back.
    Failed,
    /// Nobody came in time.
    TimedOut,
}

impl Waiting {
    /// ECS's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::AwaitingAction => "AWAITING_ACTION",
            Self::Succeeded => "SUCCEEDED",
            Self::Failed => "FAILED",
            Self::TimedOut => "TIMED_OUT",
        }
    }
}

/// A place where a deployment waited or waits for a person.
#[derive(Clone, Debug)]
pub struct Hold {
    /// Names it towards `ContinueServiceDeployment`.
    pub id: String,
    /// The step it holds up.
    pub step: Step,
    /// What became of it.
    pub waiting: Waiting,
    /// Until when it waits.
    pub expires_at: Moment,
    /// Whether the deployment goes on when nobody came.
    pub goes_on: bool,
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
    /// Whose it is.
    pub key: Key,
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
    /// What its alarms did.
    pub alarms: Breaker,
    /// The alarms that went off.
    pub rang: Vec<String>,
    /// How it goes, as it was when it was asked for.
    pub rules: Rules,
    /// How far it is while it is under way.
    pub step: Step,
    /// Since when.
    pub step_since: Moment,
    /// Percent of the requests that go to the new tasks. Only where old and new stand side by side.
    pub production: f64,
    /// Percent of the test traffic that goes to the new tasks.
    pub test: f64,
    /// Where it waited or waits for a person.
    pub holds: Vec<Hold>,
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
        arn(&format!("service-deployment/{}/{}", self.key, self.id))
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
