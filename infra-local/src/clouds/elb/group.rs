//! Target groups.

use std::{collections::BTreeMap, time::Duration};

use super::{
    follow::Seen,
    target::{Origin, Target},
};
use crate::moment::Moment;

/// How targets are checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// `HTTP`.
    pub protocol: String,
    /// A number, or `traffic-port`.
    pub port: String,
    /// What is asked.
    pub path: String,
    /// The statuses that are good, such as `200-299`.
    pub matcher: String,
    /// Seconds between two checks.
    pub interval: u32,
    /// Seconds to answer.
    pub timeout: u32,
    /// Good answers in a row until a target is healthy.
    pub healthy: u32,
    /// Bad answers in a row until it no longer is.
    pub unhealthy: u32,
}

impl Default for Check {
    /// What a new group has.
    fn default() -> Self {
        Self {
            protocol: "HTTP".to_owned(),
            port: "traffic-port".to_owned(),
            path: "/".to_owned(),
            matcher: "200".to_owned(),
            interval: 30,
            timeout: 5,
            healthy: 5,
            unhealthy: 2,
        }
    }
}

/// One target group, of targets that are addresses.
#[derive(Clone, Debug)]
pub struct Group {
    /// Its ARN.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// `HTTP` or `HTTPS`.
    pub protocol: String,
    /// Port of targets that name none.
    pub port: u16,
    /// `ip`, `instance` or `lambda`.
    pub kind: String,
    /// The network its targets are in.
    pub vpc: String,
    /// How targets are checked.
    pub check: Check,
    /// Its settings, as texts.
    pub attributes: BTreeMap<String, String>,
    /// Registered and draining ones, in the order they were registered.
    pub targets: Vec<Target>,
}

impl Group {
    /// A group without targets, with the settings that new ones have.
    pub fn new(arn: String, name: String, port: u16, check: Check) -> Self {
        let attributes = [
            ("deregistration_delay.timeout_seconds", "300"),
            ("load_balancing.algorithm.anomaly_mitigation", "off"),
            ("load_balancing.algorithm.type", "round_robin"),
            ("load_balancing.cross_zone.enabled", "use_load_balancer_configuration"),
            ("slow_start.duration_seconds", "0"),
            ("stickiness.app_cookie.cookie_name", ""),
            ("stickiness.app_cookie.duration_seconds", "86400"),
            ("stickiness.enabled", "false"),
            ("stickiness.lb_cookie.duration_seconds", "86400"),
            ("stickiness.type", "lb_cookie"),
            ("target_group_health.dns_failover.minimum_healthy_targets.count", "1"),
            ("target_group_health.dns_failover.minimum_healthy_targets.percentage", "off"),
            ("target_group_health.unhealthy_state_routing.minimum_healthy_targets.count", "1"),
            ("target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage", "off"),
        ];
        let attributes = attributes.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
        Self {
            arn,
            name,
            protocol: "HTTP".to_owned(),
            port,
            kind: "ip".to_owned(),
            vpc: super::VPC.to_owned(),
            check,
            attributes,
            targets: Vec::new(),
        }
    }

    /// Changes a setting; false when there is no such one.
    pub fn set(&mut self, key: &str, value: &str) -> bool {
        let Some(known) = self.attributes.get_mut(key) else { return false };
        value.clone_into(known);
        true
    }

    /// How long a target that was taken out still finishes what it has.
    pub fn delay(&self) -> Duration {
        let seconds = self.attributes.get("deregistration_delay.timeout_seconds").and_then(|text| text.parse().ok());
        Duration::from_secs(seconds.unwrap_or(300))
    }

    /// Registers a target by hand; one that drains comes back.
    pub fn register(&mut self, now: Moment, id: &str, port: Option<u16>) {
        let port = port.unwrap_or(self.port);
        let timeout = Duration::from_secs(u64::from(self.check.interval) * u64::from(self.check.unhealthy));
        if !self.targets.iter().any(|target| target.is(id, port) && !target.is_draining()) {
            self.targets.retain(|target| !target.is(id, port));
            self.targets.push(Target::new(id.to_owned(), port, Origin::Hand { silent_for: timeout }, now));
        }
    }

    /// Takes a target out; one that is not there is out already.
    pub fn deregister(&mut self, now: Moment, id: &str, port: Option<u16>) {
        let until = now.after(self.delay());
        for target in &mut self.targets {
            if target.id == id && port.is_none_or(|port| port == target.port) {
                target.drain(until);
            }
        }
    }

    /// Brings every target to `now`; `seen` are those that ECS wants in this group.
    pub fn advance(&mut self, now: Moment, seen: &[&Seen]) {
        for seen in seen {
            if !self.targets.iter().any(|target| target.is(&seen.address, seen.port)) && !seen.leaving {
                self.targets.push(Target::new(seen.address.clone(), seen.port, Origin::Task, now));
            }
        }
        let until = now.after(self.delay());
        for target in &mut self.targets {
            let seen = seen.iter().find(|seen| target.is(&seen.address, seen.port));
            target.advance(now, seen.copied(), until);
        }
        self.targets.retain(|target| !target.is_gone(now));
    }
}
