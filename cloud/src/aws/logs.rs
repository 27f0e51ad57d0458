//! The newest lines that the tasks of a service wrote, from the log group that its definition names.
//!
//! `CloudWatch` Logs gives events oldest first, so the newest are found by looking at a short while first, and further back
//! only when that was not enough.

use std::{
    collections::{HashSet, VecDeque},
    time::Duration,
};

use aws_sdk_cloudwatchlogs::{
    config::{Builder, Region},
    types::FilteredLogEvent,
};

use super::{client::Client, map};
use crate::{
    error::{ErrorKind, ProviderError},
    model::Logs,
    timestamp::Timestamp,
};

/// The call, as IAM names it.
const CALL: &str = "logs:FilterLogEvents";
/// How far back is looked, in turn.
const LOOKS: [Duration; 4] =
    [Duration::from_mins(2), Duration::from_mins(30), Duration::from_hours(6), Duration::from_hours(7 * 24)];
/// Pages of one look. A page may be empty and still be followed by others.
const PAGES: usize = 20;
/// Looking takes no longer.
const DEADLINE: Duration = Duration::from_secs(15);

/// Where a container writes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct LogPlace {
    pub container: String,
    pub group: String,
    /// Where the group is; `None` means where the service is.
    pub region: Option<String>,
    /// What the names of its streams begin with.
    pub prefix: Option<String>,
}

/// The newest lines, oldest first.
pub(super) async fn newest(
    client: &Client,
    place: &LogPlace,
    since: Option<Timestamp>,
    limit: usize,
) -> Result<Logs, ProviderError> {
    tokio::time::timeout(DEADLINE, look_back(client, place, since, limit)).await.unwrap_or_else(|_| {
        let message = format!("no complete answer within {} s", DEADLINE.as_secs());
        Err(ProviderError::new(ErrorKind::Timeout, CALL, message))
    })
}

async fn look_back(
    client: &Client,
    place: &LogPlace,
    since: Option<Timestamp>,
    limit: usize,
) -> Result<Logs, ProviderError> {
    let mut seen = HashSet::new();
    if let Some(since) = since {
        let (events, complete) = look(client, place, (since, None), limit, &mut seen).await?;
        return Ok(map::lines(&events, complete));
    }
    let now = Timestamp::now();
    let mut until = None;
    let mut found = VecDeque::new();
    for back in LOOKS {
        let from = now.before(back);
        let (mut earlier, complete) = look(client, place, (from, until), limit - found.len(), &mut seen).await?;
        earlier.append(&mut found);
        found = earlier;
        if found.len() >= limit || !complete {
            // Cut at the limit, the newest are all there.
            return Ok(map::lines(&found, complete));
        }
        until = Some(from.before(Duration::from_millis(1)));
    }
    Ok(map::lines(&found, true))
}

/// The newest events of a span, and whether all of the span was read.
async fn look(
    client: &Client,
    place: &LogPlace,
    (from, until): (Timestamp, Option<Timestamp>),
    limit: usize,
    seen: &mut HashSet<String>,
) -> Result<(VecDeque<FilteredLogEvent>, bool), ProviderError> {
    let mut events: VecDeque<FilteredLogEvent> = VecDeque::new();
    let mut token: Option<String> = None;
    for _ in 0..PAGES {
        let call = || {
            let call = client.logs.filter_log_events().log_group_name(&place.group).start_time(from.as_millis());
            let call = call.set_end_time(until.map(Timestamp::as_millis)).set_next_token(token.clone());
            let call = call.set_log_stream_name_prefix(place.prefix.clone()).customize();
            let region = place.region.clone().unwrap_or_else(|| client.region.clone());
            call.config_override(Builder::new().region(Region::new(region)))
        };
        let page = client.read(CALL, || call().send()).await?;
        for event in page.events.unwrap_or_default() {
            let is_new = event.event_id().is_none_or(|id| seen.insert(id.to_owned()));
            if is_new {
                events.push_back(event);
            }
            if events.len() > limit {
                events.pop_front();
            }
        }
        token = page.next_token;
        if token.is_none() {
            return Ok((events, true));
        }
    }
    Ok((events, false))
}

/// The place of a service's logs, where they are kept in `CloudWatch` Logs.
pub(super) fn place<'a>(places: &'a [LogPlace], main: Option<&str>) -> Result<&'a LogPlace, ProviderError> {
    let of_main = places.iter().find(|place| main.is_some_and(|main| main == place.container));
    of_main.or(places.first()).ok_or_else(|| {
        let message = "the definition does not write to CloudWatch Logs (awslogs)";
        ProviderError::new(ErrorKind::Unsupported, CALL, message)
    })
}
