//! The life of one target: initial, healthy, unhealthy, draining, gone.

use std::time::Duration;

use super::follow::Seen;
use crate::moment::Moment;

/// From registration to the first check.
const REGISTERING: Duration = Duration::from_millis(200);
/// How long a target answers badly until it is unhealthy. Shorter than any real group, as all of the stand-in is.
const TOLERATED: Duration = Duration::from_secs(1);

/// Who registered it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// ECS, for a task.
    Task,
    /// A client, for an address nobody listens on.
    Hand {
        /// How long no answer is waited for.
        silent_for: Duration,
    },
}

/// Where it is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Initial,
    Healthy {
        bad_since: Option<Moment>,
    },
    /// The status it answers with; `None`: nobody answers.
    Unhealthy {
        status: Option<u16>,
    },
    Draining {
        until: Moment,
    },
}

/// What the API says of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// `initial`, `healthy`, `unhealthy`, `unused` or `draining`.
    pub state: &'static str,
    /// `Elb.*` or `Target.*`; none when healthy.
    pub reason: Option<&'static str>,
    /// A sentence to go with it.
    pub description: Option<String>,
}

/// One target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Its address.
    pub id: String,
    /// Its port.
    pub port: u16,
    origin: Origin,
    since: Moment,
    checked: bool,
    gone: bool,
    phase: Phase,
}

impl Target {
    /// Just registered.
    pub fn new(id: String, port: u16, origin: Origin, now: Moment) -> Self {
        Self { id, port, origin, since: now, checked: false, gone: false, phase: Phase::Initial }
    }

    /// Whether this is its address and port.
    pub fn is(&self, id: &str, port: u16) -> bool {
        self.id == id && self.port == port
    }

    /// Whether it was taken out.
    pub fn is_draining(&self) -> bool {
        matches!(self.phase, Phase::Draining { .. })
    }

    /// Takes it out; it finishes what it has until then.
    pub fn drain(&mut self, until: Moment) {
        if !self.is_draining() {
            self.phase = Phase::Draining { until };
        }
    }

    /// Whether it can no longer be seen.
    pub fn is_gone(&self, now: Moment) -> bool {
        self.gone || matches!(self.phase, Phase::Draining { until } if now >= until)
    }

    /// Brings it to `now`. `seen`: what ECS says of its task, if it still has one. `until`: when it would have drained.
    pub fn advance(&mut self, now: Moment, seen: Option<&Seen>, until: Moment) {
        let age = now.since(self.since);
        self.checked |= age >= REGISTERING;
        match (self.origin, seen) {
            (Origin::Hand { silent_for }, _) => {
                if self.phase == Phase::Initial && age >= silent_for {
                    self.phase = Phase::Unhealthy { status: None };
                }
            }
            // The task was told to go: its target drains, and ends with it.
            (Origin::Task, Some(seen)) if seen.leaving => self.drain(until),
            (Origin::Task, None) if self.is_draining() => self.gone = true,
            // The task ended unasked: its connections drain like any other's.
            (Origin::Task, None) => self.drain(until),
            (Origin::Task, Some(seen)) => self.check(now, age, seen),
        }
    }

    fn check(&mut self, now: Moment, age: Duration, seen: &Seen) {
        self.phase = match self.phase {
            Phase::Initial | Phase::Unhealthy { .. } if seen.ready && seen.serving => {
                Phase::Healthy { bad_since: None }
            }
            Phase::Initial if !seen.ready && age >= TOLERATED => Phase::Unhealthy { status: Some(503) },
            Phase::Healthy { .. } if seen.ready => Phase::Healthy { bad_since: None },
            Phase::Healthy { bad_since: Some(since) } if now.since(since) >= TOLERATED => {
                Phase::Unhealthy { status: Some(503) }
            }
            Phase::Healthy { bad_since } => Phase::Healthy { bad_since: bad_since.or(Some(now)) },
            phase @ (Phase::Initial | Phase::Unhealthy { .. } | Phase::Draining { .. }) => phase,
        };
    }

    /// What the API says of it. `in_use`: whether any load balancer sends requests to its group.
    pub fn health(&self, in_use: bool) -> Health {
        let said = |state, reason, description: &str| Health {
            state,
            reason: Some(reason),
            description: Some(description.to_owned()),
        };
        match self.phase {
            Phase::Draining { .. } => {
                said("draining", "Target.DeregistrationInProgress", "Target deregistration is in progress")
            }
            _ if !in_use => {
                let text = "Target group is not configured to receive traffic from the load balancer";
                said("unused", "Target.NotInUse", text)
            }
            Phase::Initial if !self.checked => {
                said("initial", "Elb.RegistrationInProgress", "Target registration is in progress")
            }
            Phase::Initial => said("initial", "Elb.InitialHealthChecking", "Initial health checks in progress"),
            Phase::Healthy { .. } => Health { state: "healthy", reason: None, description: None },
            Phase::Unhealthy { status: None } => said("unhealthy", "Target.Timeout", "Request timed out"),
            Phase::Unhealthy { status: Some(status) } => {
                let text = format!("Health checks failed with these codes: [{status}]");
                said("unhealthy", "Target.ResponseCodeMismatch", &text)
            }
        }
    }
}
