//! Load balancing on AWS: load balancers, their listeners, target groups, and how healthy each target is.
//!
//! - [`group`]: target groups
//! - [`balancer`]: load balancers and listeners
//! - [`target`]: the life of one target
//! - [`follow`]: the targets that ECS registers for its tasks
//!
//! Targets registered by ECS follow their tasks; one registered by hand has nobody behind it and is never healthy.

pub mod balancer;
pub mod follow;
pub mod group;
pub mod target;

use std::collections::BTreeMap;

use balancer::{Balancer, Listener};
use follow::Seen;
use group::{Check, Group};
use target::Target;

use super::ecs::{ACCOUNT, REGION};
use crate::{ids::Ids, moment::Moment};

/// The load balancer in front of the service.
pub const BALANCER: &str = "hello";
/// The network everything lives in.
pub const VPC: &str = "vpc-0d4c3b2a190817263";
/// The subnets of the load balancer and the zone of each.
pub const SUBNETS: [(&str, char); 2] = [("subnet-0a1b2c3d4e5f60718", 'a'), ("subnet-0b2c3d4e5f6071829", 'b')];

/// `arn:aws:elasticloadbalancing:region:account:<rest>`.
pub fn arn(rest: &str) -> String {
    format!("arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:{rest}")
}

/// The target group of the service.
pub fn group_arn() -> String {
    arn("targetgroup/hello/6d0ecf831eec9f09")
}

/// Why a request is refused: the error's code and its sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal(pub &'static str, pub String);

/// Everything, each kind in the order it was made.
#[derive(Clone, Debug)]
pub struct Elb {
    /// Load balancers.
    pub balancers: Vec<Balancer>,
    /// Listeners of all of them.
    pub listeners: Vec<Listener>,
    /// Target groups.
    pub groups: Vec<Group>,
    /// Tags of all of them, by ARN.
    pub tags: BTreeMap<String, BTreeMap<String, String>>,
    ids: Ids,
}

impl Elb {
    /// One load balancer with one listener and the target group of the service.
    pub fn with_history(created_at: Moment) -> Self {
        let mut elb = Self {
            balancers: Vec::new(),
            listeners: Vec::new(),
            groups: Vec::new(),
            tags: BTreeMap::new(),
            ids: Ids::new(0xE1B2),
        };
        let check = Check { path: "/readyz".to_owned(), interval: 5, timeout: 2, healthy: 2, ..Check::default() };
        let mut group = Group::new(group_arn(), "hello".to_owned(), 8080, check);
        group.set("deregistration_delay.timeout_seconds", "5");
        elb.groups.push(group);
        let balancer = Balancer::new(arn("loadbalancer/app/hello/50dc6c495c0c9188"), BALANCER.to_owned(), created_at);
        elb.listeners.push(Listener {
            arn: arn("listener/app/hello/50dc6c495c0c9188/f2f7dc8efc522ab2"),
            balancer: balancer.arn.clone(),
            port: 80,
            protocol: "HTTP".to_owned(),
            forward: vec![(group_arn(), 1)],
        });
        elb.balancers.push(balancer);
        for arn in [group_arn(), elb.balancers[0].arn.clone(), elb.listeners[0].arn.clone()] {
            elb.tags.insert(arn, BTreeMap::from([("team".to_owned(), "hello".to_owned())]));
        }
        elb
    }

    /// When its first load balancer was made.
    pub fn began(&self) -> Moment {
        self.balancers.first().map_or_else(Moment::default, |balancer| balancer.created_at)
    }

    /// Brings every target to `now`. `seen` are the targets that ECS wants registered.
    pub fn advance(&mut self, now: Moment, seen: &[Seen]) {
        for group in &mut self.groups {
            let own: Vec<&Seen> = seen.iter().filter(|seen| seen.group == group.arn).collect();
            group.advance(now, &own);
        }
    }

    /// The group with this ARN.
    pub fn group(&self, arn: &str) -> Result<&Group, Refusal> {
        self.groups.iter().find(|group| group.arn == arn).ok_or_else(no_group)
    }

    /// The group with this ARN, to be changed.
    pub fn group_mut(&mut self, arn: &str) -> Result<&mut Group, Refusal> {
        self.groups.iter_mut().find(|group| group.arn == arn).ok_or_else(no_group)
    }

    /// The load balancer with this ARN.
    pub fn balancer(&self, arn: &str) -> Result<&Balancer, Refusal> {
        self.balancers.iter().find(|balancer| balancer.arn == arn).ok_or_else(no_balancer)
    }

    /// The load balancer with this ARN, to be changed.
    pub fn balancer_mut(&mut self, arn: &str) -> Result<&mut Balancer, Refusal> {
        self.balancers.iter_mut().find(|balancer| balancer.arn == arn).ok_or_else(no_balancer)
    }

    /// The load balancers that send requests to a group.
    pub fn balancers_of(&self, group: &str) -> Vec<&str> {
        let listeners = self.listeners.iter().filter(|listener| listener.forwards_to(group));
        let mut arns: Vec<&str> = listeners.map(|listener| listener.balancer.as_str()).collect();
        arns.sort_unstable();
        arns.dedup();
        arns
    }

    /// The health of every target of a group, registered or draining.
    pub fn health<'a>(&'a self, group: &'a Group) -> impl Iterator<Item = (&'a Target, target::Health)> + 'a {
        let in_use = !self.balancers_of(&group.arn).is_empty();
        group.targets.iter().map(move |target| (target, target.health(in_use)))
    }

    /// Adds a target group; its ARN.
    pub fn create_group(&mut self, name: &str, port: u16, check: Check) -> Result<String, Refusal> {
        if self.groups.iter().any(|group| group.name == name) {
            let message = format!("A target group with the same name '{name}' exists, but with different settings");
            return Err(Refusal("DuplicateTargetGroupName", message));
        }
        let arn = arn(&format!("targetgroup/{name}/{}", self.ids.hex(16)));
        self.groups.push(Group::new(arn.clone(), name.to_owned(), port, check));
        Ok(arn)
    }

    /// Removes a target group that no listener names.
    pub fn delete_group(&mut self, arn: &str) -> Result<(), Refusal> {
        if self.listeners.iter().any(|listener| listener.forwards_to(arn)) {
            let message = format!("Target group '{arn}' is currently in use by a listener or a rule");
            return Err(Refusal("ResourceInUse", message));
        }
        self.groups.retain(|group| group.arn != arn);
        self.tags.remove(arn);
        Ok(())
    }

    /// Adds a load balancer; its ARN.
    pub fn create_balancer(&mut self, now: Moment, name: &str, internal: bool) -> Result<String, Refusal> {
        if self.balancers.iter().any(|balancer| balancer.name == name) {
            let message = "A load balancer with the same name exists, but with different settings".to_owned();
            return Err(Refusal("DuplicateLoadBalancerName", message));
        }
        let arn = arn(&format!("loadbalancer/app/{name}/{}", self.ids.hex(16)));
        let balancer = Balancer { internal, ..Balancer::new(arn.clone(), name.to_owned(), now) };
        self.balancers.push(balancer);
        Ok(arn)
    }

    /// Removes a load balancer and its listeners; one that is not there is gone already.
    pub fn delete_balancer(&mut self, arn: &str) {
        self.balancers.retain(|balancer| balancer.arn != arn);
        self.listeners.retain(|listener| listener.balancer != arn);
        self.tags.remove(arn);
    }

    /// Adds a listener; its ARN.
    pub fn create_listener(
        &mut self,
        balancer: &str,
        port: u16,
        protocol: &str,
        forward: Vec<(String, u32)>,
    ) -> Result<String, Refusal> {
        self.balancer(balancer)?;
        for (group, _) in &forward {
            self.group(group)?;
        }
        if self.listeners.iter().any(|listener| listener.balancer == balancer && listener.port == port) {
            let message = format!("A listener already exists on this port for this load balancer '{balancer}'");
            return Err(Refusal("DuplicateListener", message));
        }
        let arn = format!("{}/{}", balancer.replacen(":loadbalancer/", ":listener/", 1), self.ids.hex(16));
        let listener =
            Listener { arn: arn.clone(), balancer: balancer.to_owned(), port, protocol: protocol.to_owned(), forward };
        self.listeners.push(listener);
        Ok(arn)
    }
}

fn no_group() -> Refusal {
    Refusal("TargetGroupNotFound", "One or more target groups not found".to_owned())
}

fn no_balancer() -> Refusal {
    Refusal("LoadBalancerNotFound", "One or more load balancers not found".to_owned())
}
