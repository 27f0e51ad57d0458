//! The calls of `CloudWatch` Logs.

use serde_json::{Value, json};

use super::{
    aws::{Exception, texts},
    logs_write, paging,
};
use crate::{
    clouds::logs::{Event, Group, Logs, Refusal, Stream, arn, no_stream, pattern::Pattern, search::Search},
    moment::Moment,
    site::Site,
};

/// What a call gives back.
pub type Output = Result<Value, Exception>;

impl From<Refusal> for Exception {
    fn from(Refusal(name, message): Refusal) -> Self {
        Self(name, message)
    }
}

/// Answers one call.
pub fn answer(site: &Site, name: &str, input: &Value) -> Output {
    let now = site.clock.now();
    let mut clouds = site.clouds();
    clouds.advance(now);
    let logs = &mut clouds.logs;
    match name {
        "DescribeLogGroups" => describe_groups(logs, input),
        "DescribeLogStreams" => describe_streams(logs, input),
        "FilterLogEvents" => filter(logs, input),
        "GetLogEvents" => get(logs, input),
        "ListTagsForResource" | "ListTagsLogGroup" => {
            let group = if name == "ListTagsLogGroup" { "logGroupName" } else { "resourceArn" };
            Ok(json!({"tags": logs.group(&group_name(required(input, group)?))?.tags}))
        }
        _ => logs_write::answer(logs, now, name, input).unwrap_or_else(|| Err(Exception::unknown())),
    }
}

/// A text that must be there.
pub fn required<'a>(input: &'a Value, name: &str) -> Result<&'a str, Exception> {
    let value = input[name].as_str().filter(|value| !value.is_empty());
    value.ok_or_else(|| {
        let message = format!(
            "1 validation error detected: Value null at '{name}' failed to satisfy constraint: Member must not be null"
        );
        Exception::invalid(&message)
    })
}

/// Refuses members that the call does not have.
pub fn only(input: &Value, known: &[&str]) -> Result<(), Exception> {
    match input.as_object().into_iter().flatten().find(|(name, _)| !known.contains(&name.as_str())) {
        Some((name, _)) => Err(Exception("SerializationException", format!("Unknown member '{name}'"))),
        None => Ok(()),
    }
}

/// The name in a name or an ARN, with or without `:*`.
pub fn group_name(reference: &str) -> String {
    let name = reference.split_once(":log-group:").map_or(reference, |(_, name)| name);
    name.strip_suffix(":*").unwrap_or(name).to_owned()
}

/// The group an input names, by either of two members.
fn named(input: &Value) -> Result<String, Exception> {
    match (input["logGroupName"].as_str(), input["logGroupIdentifier"].as_str()) {
        (Some(name), None) => Ok(name.to_owned()),
        (None, Some(reference)) => Ok(group_name(reference)),
        (Some(_), Some(_)) => Err(Exception::invalid("LogGroupName and LogGroupIdentifier are mutually exclusive")),
        (None, None) => Err(Exception::invalid("LogGroupName or LogGroupIdentifier must be specified")),
    }
}

fn limit(input: &Value, default: usize, most: usize) -> Result<usize, Exception> {
    match &input["limit"] {
        Value::Null => Ok(default),
        value => {
            let size = value.as_u64().and_then(|size| usize::try_from(size).ok());
            size.filter(|size| (1..=most).contains(size)).ok_or_else(|| {
                Exception::invalid(&format!(
                    "1 validation error detected: Value '{value}' at 'limit' failed to satisfy constraint: Member must \
                     have value less than or equal to {most}"
                ))
            })
        }
    }
}

fn moment(input: &Value, name: &str) -> Result<Option<Moment>, Exception> {
    match &input[name] {
        Value::Null => Ok(None),
        value => {
            let millis = value.as_i64().filter(|millis| *millis >= 0);
            millis
                .map(|millis| Some(Moment::from_millis(millis)))
                .ok_or_else(|| Exception::invalid(&format!("{name} must be milliseconds since the epoch")))
        }
    }
}

fn cut(list: &str, items: Vec<Value>, input: &Value) -> Result<paging::Page<Value>, Exception> {
    let page =
        paging::page(list, &paging::input_asks(input), items, limit(input, 50, 50)?, input["nextToken"].as_str());
    page.ok_or_else(bad_token)
}

fn bad_token() -> Exception {
    Exception::invalid("The specified nextToken is invalid.")
}

fn describe_groups(logs: &Logs, input: &Value) -> Output {
    let known = [
        "logGroupNamePrefix",
        "logGroupNamePattern",
        "nextToken",
        "limit",
        "includeLinkedAccounts",
        "logGroupClass",
        "accountIdentifiers",
        "logGroupIdentifiers",
    ];
    only(input, &known)?;
    let (prefix, part) = (input["logGroupNamePrefix"].as_str(), input["logGroupNamePattern"].as_str());
    let meant = |name: &str| {
        prefix.is_none_or(|prefix| name.starts_with(prefix)) && part.is_none_or(|part| name.contains(part))
    };
    let groups = logs.groups.iter().filter(|(name, _)| meant(name));
    let page = cut("groups", groups.map(|(name, group)| group_json(name, group)).collect(), input)?;
    Ok(json!({"logGroups": page.items, "nextToken": page.next}))
}

fn group_json(name: &str, group: &Group) -> Value {
    json!({
        "logGroupName": name,
        "creationTime": group.created_at.as_millis(),
        "retentionInDays": group.retention,
        "metricFilterCount": 0,
        "arn": arn(&format!("log-group:{name}:*")),
        "logGroupArn": arn(&format!("log-group:{name}")),
        "logGroupClass": "STANDARD",
        "storedBytes": group.stored(),
    })
}

fn describe_streams(logs: &Logs, input: &Value) -> Output {
    let known =
        ["logGroupName", "logGroupIdentifier", "logStreamNamePrefix", "orderBy", "descending", "nextToken", "limit"];
    only(input, &known)?;
    let name = named(input)?;
    let group = logs.group(&name)?;
    let prefix = input["logStreamNamePrefix"].as_str();
    let streams = group.streams.iter().filter(|(name, _)| prefix.is_none_or(|prefix| name.starts_with(prefix)));
    let mut streams: Vec<(&String, &Stream)> = streams.collect();
    match input["orderBy"].as_str() {
        None | Some("LogStreamName") => {}
        Some("LastEventTime") if prefix.is_some() => {
            return Err(Exception::invalid("Cannot order by LastEventTime with a logStreamNamePrefix."));
        }
        Some("LastEventTime") => {
            streams.sort_by_key(|(_, stream)| stream.events.back().map(|event| event.at));
        }
        Some(other) => return Err(Exception::invalid(&format!("orderBy must not be '{other}'"))),
    }
    if input["descending"].as_bool() == Some(true) {
        streams.reverse();
    }
    let shown = streams.into_iter().map(|(stream, known)| stream_json(&name, stream, known)).collect();
    let page = cut("streams", shown, input)?;
    Ok(json!({"logStreams": page.items, "nextToken": page.next}))
}

fn stream_json(group: &str, name: &str, stream: &Stream) -> Value {
    json!({
        "logStreamName": name,
        "creationTime": stream.created_at.as_millis(),
        "firstEventTimestamp": stream.events.front().map(|event| event.at.as_millis()),
        "lastEventTimestamp": stream.events.back().map(|event| event.at.as_millis()),
        "lastIngestionTime": stream.events.iter().map(|event| event.arrived.as_millis()).max(),
        "uploadSequenceToken": format!("4903{:052}", stream.events.back().map_or(0, |event| event.number)),
        "arn": arn(&format!("log-group:{group}:log-stream:{name}")),
        "storedBytes": 0,
    })
}

/// An event's place as 56 digits: its time, then its number.
fn place(event: (Moment, u64)) -> String {
    format!("{:021}{:035}", event.0.as_millis(), event.1)
}

fn read_place(digits: &str) -> Option<(Moment, u64)> {
    let (at, number) = digits.split_at_checked(21).filter(|(_, number)| number.len() == 35)?;
    Some((Moment::from_millis(at.parse().ok()?), number.parse().ok()?))
}

fn filter(logs: &Logs, input: &Value) -> Output {
    let known = [
        "logGroupName",
        "logGroupIdentifier",
        "logStreamNames",
        "logStreamNamePrefix",
        "startTime",
        "endTime",
        "filterPattern",
        "nextToken",
        "limit",
        "interleaved",
        "unmask",
    ];
    only(input, &known)?;
    let group = logs.group(&named(input)?)?;
    let (streams, prefix) = (texts(input, "logStreamNames"), input["logStreamNamePrefix"].as_str());
    if !streams.is_empty() && prefix.is_some() {
        return Err(Exception::invalid("LogStreamNamePrefix and LogStreamNames are mutually exclusive."));
    }
    if streams.len() > 100 {
        return Err(Exception::invalid("logStreamNames must have at most 100 entries"));
    }
    if streams.iter().any(|name| !group.streams.contains_key(*name)) {
        return Err(no_stream().into());
    }
    let pattern = Pattern::read(input["filterPattern"].as_str().unwrap_or_default());
    let search = Search {
        streams,
        prefix,
        from: moment(input, "startTime")?,
        until: moment(input, "endTime")?,
        pattern: pattern.ok_or_else(|| Exception::invalid("Invalid filter pattern"))?,
        limit: limit(input, 10_000, 10_000)?,
        after: match input["nextToken"].as_str() {
            None => None,
            Some(token) => Some(token.strip_prefix("Bxkq6k").and_then(read_place).ok_or_else(bad_token)?),
        },
    };
    let found = group.search(&search);
    let events: Vec<Value> = found.events.iter().map(|(stream, event)| filtered_json(stream, event)).collect();
    Ok(json!({
        "events": events,
        "searchedLogStreams": [],
        "nextToken": found.next.map(|next| format!("Bxkq6k{}", place(next))),
    }))
}

fn filtered_json(stream: &str, event: &Event) -> Value {
    json!({
        "logStreamName": stream,
        "timestamp": event.at.as_millis(),
        "message": event.message,
        "ingestionTime": event.arrived.as_millis(),
        "eventId": place((event.at, event.number)),
    })
}

fn get(logs: &Logs, input: &Value) -> Output {
    let known = [
        "logGroupName",
        "logGroupIdentifier",
        "logStreamName",
        "startTime",
        "endTime",
        "nextToken",
        "limit",
        "startFromHead",
        "unmask",
    ];
    only(input, &known)?;
    let group = logs.group(&named(input)?)?;
    let stream = group.streams.get(required(input, "logStreamName")?).ok_or_else(no_stream)?;
    let (from, until) = (moment(input, "startTime")?, moment(input, "endTime")?);
    let limit = limit(input, 10_000, 10_000)?;
    let token = input["nextToken"].as_str();
    let edge = match token {
        None => None,
        Some(token) => {
            let middle = token.strip_suffix("/s").and_then(|token| token.split_at_checked(2)).ok_or_else(bad_token)?;
            let place = read_place(middle.1).ok_or_else(bad_token)?;
            match middle.0 {
                "f/" => Some((true, place)),
                "b/" => Some((false, place)),
                _ => return Err(bad_token()),
            }
        }
    };
    let mut events: Vec<&Event> = stream
        .events
        .iter()
        .filter(|event| {
            let place = (event.at, event.number);
            from.is_none_or(|from| event.at >= from)
                && until.is_none_or(|until| event.at < until)
                && edge.is_none_or(|(forward, edge)| if forward { place > edge } else { place < edge })
        })
        .collect();
    let forward = edge.map_or(input["startFromHead"].as_bool() == Some(true), |(forward, _)| forward);
    if forward {
        events.truncate(limit);
    } else {
        events.drain(..events.len().saturating_sub(limit));
    }
    // Behind the last event, and before the first one: where there is none, the place that was asked for.
    let here = edge.map_or((Moment::default(), 0), |(_, place)| place);
    let of = |event: Option<&&Event>| event.map_or(here, |event| (event.at, event.number));
    let shown: Vec<Value> = events
        .iter()
        .map(|event| {
            json!({"timestamp": event.at.as_millis(), "message": event.message, "ingestionTime": event.arrived.as_millis()})
        })
        .collect();
    Ok(json!({
        "events": shown,
        "nextForwardToken": format!("f/{}/s", place(of(events.last()))),
        "nextBackwardToken": format!("b/{}/s", place(of(events.first()))),
    }))
}
