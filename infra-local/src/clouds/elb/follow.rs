//! The targets that ECS registers: one for each task that has a process, in the target group of the service.

use crate::clouds::ecs::{
    Ecs,
    service::Service,
    task::{Stage, Task},
};

/// A target as ECS wants it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// ARN of the target group.
    pub group: String,
    /// Address of the task.
    pub address: String,
    /// Port of the container.
    pub port: u16,
    /// Whether the task counts as running.
    pub serving: bool,
    /// Whether its check is answered well.
    pub ready: bool,
    /// Whether the task was told to go.
    pub leaving: bool,
}

/// The targets of all tasks: one in each target group of the task's revision.
pub fn of_tasks(ecs: &Ecs) -> Vec<Seen> {
    ecs.tasks().flat_map(|(service, task)| of_task(service, task)).collect()
}

fn of_task(service: &Service, task: &Task) -> Vec<Seen> {
    let (serving, leaving) = match task.stage {
        Stage::Pending { .. } | Stage::Stopped => return Vec::new(),
        Stage::Activating { .. } => (false, false),
        Stage::Running => (true, false),
        Stage::Draining { .. } => (false, true),
    };
    let balancers = service.revisions[task.revision].settings["loadBalancers"].as_array().into_iter().flatten();
    let seen = |balancer: &serde_json::Value| {
        let group = balancer["targetGroupArn"].as_str()?.to_owned();
        let port = balancer["containerPort"].as_u64().and_then(|port| u16::try_from(port).ok())?;
        Some(Seen { group, address: task.address(), port, serving, ready: task.ready, leaving })
    };
    balancers.filter_map(seen).collect()
}
