//! What a load balancer says of the addresses it sends requests to. "Target" here is the balancer's word: an address and
//! a port, not a target of hello-dash.

use serde::Serialize;

use super::{InstanceId, Reported};
use crate::text::Untrusted;

/// One address behind a load balancer, as the balancer's own check sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TargetHealth {
    /// The group it belongs to, by the name people gave it.
    pub group: Untrusted,
    /// The cloud's id: an address, or the machine's id.
    pub id: Untrusted,
    /// Its port, where there is one.
    pub port: Option<u16>,
    /// What the balancer's check says, and why.
    pub state: Reported<TargetState>,
    /// The instance at this address, where the addresses of the instances are known.
    pub instance: Option<InstanceId>,
}

/// How a balancer sees a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TargetState {
    /// Gets requests.
    Healthy,
    /// Being registered, or not yet checked often enough.
    Initial,
    /// Fails its check.
    Unhealthy,
    /// Leaving: requests under way are still answered.
    Draining,
    /// Registered, but no request can reach it: no listener, a stopped instance, a zone that is off.
    Unused,
    /// A word we do not know, or no check at all.
    Unknown,
}
