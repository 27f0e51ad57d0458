//! The targets that ECS registers: one for each task that has a process, in the target group of the service.

use crate::{
    clouds::ecs::{Ecs, task::Stage},
    ids::seed_of,
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

/// The address of a task's network interface.
pub fn address_of(task: &str) -> String {
    let [.., third, fourth] = seed_of(task).to_be_bytes();
    format!("10.0.{third}.{}", fourth.clamp(10, 250))
}

/// The targets of all tasks.
pub fn of_tasks(ecs: &Ecs) -> Vec<Seen> {
    let seen = |task: &crate::clouds::ecs::task::Task| {
        let (serving, leaving) = match task.stage {
            Stage::Pending { .. } | Stage::Stopped => return None,
            Stage::Activating { .. } => (false, false),
            Stage::Running => (true, false),
            Stage::Draining { .. } => (false, true),
        };
        let address = address_of(&task.id);
        Some(Seen { group: super::group_arn(), address, port: 8080, serving, ready: task.ready, leaving })
    };
    ecs.tasks.iter().filter_map(seen).collect()
}
