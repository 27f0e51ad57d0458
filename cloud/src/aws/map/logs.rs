//! Events of `CloudWatch` Logs, as lines; and where a definition writes them.

use std::collections::VecDeque;

use aws_sdk_cloudwatchlogs::types::FilteredLogEvent;
use aws_sdk_ecs::types::ContainerDefinition;

use super::last;
use crate::{
    aws::logs::LogPlace,
    model::{LogLine, Logs},
    secret::drop_secrets,
    text::{LIMIT, Untrusted},
    timestamp::Timestamp,
};

/// Where a container writes to; `None` unless it is `CloudWatch` Logs. The region becomes part of the address that is
/// called: nothing but a region may pass.
pub(super) fn place(container: &ContainerDefinition) -> Option<LogPlace> {
    let configuration = container.log_configuration()?;
    if configuration.log_driver().as_str() != "awslogs" {
        return None;
    }
    let option = |name: &str| configuration.options()?.get(name).filter(|value| !value.is_empty()).cloned();
    let is_region = |region: &String| region.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    let region = option("awslogs-region");
    if region.as_ref().is_some_and(|region| !is_region(region)) {
        return None;
    }
    let name = container.name().unwrap_or_default();
    Some(LogPlace {
        container: name.to_owned(),
        group: option("awslogs-group")?,
        region,
        // Streams are called prefix/container/task.
        prefix: option("awslogs-stream-prefix").map(|prefix| format!("{prefix}/{name}/")),
    })
}

/// The lines, in the order of time.
pub(in crate::aws) fn lines(events: &VecDeque<FilteredLogEvent>, complete: bool) -> Logs {
    let mut lines: Vec<_> = events.iter().map(line).collect();
    lines.sort_by_key(|line| line.at);
    Logs { lines, complete }
}

fn line(event: &FilteredLogEvent) -> LogLine {
    let stream = event.log_stream_name().unwrap_or_default();
    let text: String = event.message().unwrap_or_default().trim_end().chars().take(LIMIT * 2).collect();
    LogLine {
        id: event.event_id().unwrap_or_default().to_owned(),
        at: event.timestamp().map(Timestamp::from_millis),
        from: (!stream.is_empty()).then(|| Untrusted::from(last(stream))),
        severity: None,
        text: drop_secrets(&text).into(),
    }
}
