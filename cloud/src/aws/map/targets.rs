//! Target health: from the balancer's words to ours, and from addresses to tasks.

use aws_sdk_ecs::types::{Attachment, Container, Task};
use aws_sdk_elasticloadbalancingv2::types::{TargetDescription, TargetHealthDescription, TargetHealthReasonEnum};

use super::{Parts, last};
use crate::{
    model::{InstanceId, Reported, Section, TargetHealth, TargetState},
    text::Untrusted,
};

/// Every target of every group, the unhealthy first.
pub(super) fn section(parts: &Parts) -> Section<Option<Vec<TargetHealth>>> {
    let Some(groups) = parts.targets.as_ref().map_err(Clone::clone)? else { return Ok(None) };
    let running = parts.tasks.as_ref().map(|(running, _)| running.as_slice()).unwrap_or_default();
    let mut targets: Vec<_> =
        groups.iter().flat_map(|(arn, said)| said.iter().map(|said| target(group_name(arn), said, running))).collect();
    let rank = |target: &TargetHealth| match target.state.state {
        TargetState::Unhealthy => 0,
        TargetState::Unknown | TargetState::Unused => 1,
        TargetState::Initial => 2,
        TargetState::Draining => 3,
        TargetState::Healthy => 4,
    };
    targets.sort_by(|a, b| (rank(a), &a.group, &a.id, a.port).cmp(&(rank(b), &b.group, &b.id, b.port)));
    Ok(Some(targets))
}

fn target(group: &str, said: &TargetHealthDescription, running: &[Task]) -> TargetHealth {
    let id = said.target().and_then(|target| target.id()).unwrap_or_default();
    let port = said.target().and_then(TargetDescription::port).and_then(|port| u16::try_from(port).ok());
    let health = said.target_health();
    let word = health.and_then(|health| health.state()).map_or("", |state| state.as_str());
    let state = match word {
        "healthy" => TargetState::Healthy,
        "initial" => TargetState::Initial,
        "unhealthy" => TargetState::Unhealthy,
        "draining" | "unhealthy.draining" => TargetState::Draining,
        "unused" => TargetState::Unused,
        _ => TargetState::Unknown,
    };
    let code = health.and_then(|health| health.reason()).map(TargetHealthReasonEnum::as_str);
    let prose = health.and_then(|health| health.description()).filter(|prose| !prose.is_empty());
    let reason = match (code, prose) {
        (Some(code), Some(prose)) => Some(format!("{code}: {prose}")),
        (Some(only), None) | (None, Some(only)) => Some(only.to_owned()),
        (None, None) => None,
    };
    TargetHealth {
        group: group.into(),
        id: Untrusted::new(id),
        port,
        state: Reported::new(state, word).because(reason),
        instance: running
            .iter()
            .find(|task| has_address(task, id))
            .and_then(|task| task.task_arn())
            .map(last)
            .map(InstanceId::new),
    }
}

/// `hello` of `arn:aws:elasticloadbalancing:..:targetgroup/hello/0123`.
fn group_name(arn: &str) -> &str {
    arn.split('/').nth(1).unwrap_or(arn)
}

fn has_address(task: &Task, address: &str) -> bool {
    let of_containers = task.containers().iter().flat_map(Container::network_interfaces);
    let mut of_containers = of_containers.filter_map(|interface| interface.private_ipv4_address());
    let details = task.attachments().iter().flat_map(Attachment::details);
    let mut attached = details.filter(|detail| detail.name() == Some("privateIPv4Address")).filter_map(|d| d.value());
    !address.is_empty() && (of_containers.any(|own| own == address) || attached.any(|own| own == address))
}
