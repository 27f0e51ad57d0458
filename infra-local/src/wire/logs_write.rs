//! The calls of `CloudWatch` Logs that change something.

use std::time::Duration;

use serde_json::{Value, json};

use super::{
    aws::{Exception, texts},
    logs::{Output, group_name, only, required},
};
use crate::{
    clouds::logs::{Logs, no_stream},
    moment::Moment,
};

/// The days an event may be kept.
const RETENTIONS: [u32; 22] =
    [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];
/// How far ahead of us the time of an event may be.
const TOO_NEW: Duration = Duration::from_hours(2);
/// How far back.
const TOO_OLD: Duration = Duration::from_hours(14 * 24);

/// Answers one call; `None` when it is none of these.
pub fn answer(logs: &mut Logs, now: Moment, name: &str, input: &Value) -> Option<Output> {
    Some(match name {
        "CreateLogGroup" => create_group(logs, now, input),
        "DeleteLogGroup" => delete_group(logs, input),
        "CreateLogStream" => create_stream(logs, now, input),
        "DeleteLogStream" => delete_stream(logs, input),
        "PutLogEvents" => put(logs, now, input),
        "PutRetentionPolicy" => retain(logs, input),
        "DeleteRetentionPolicy" => forever(logs, input),
        "TagResource" => tag(logs, input),
        "UntagResource" => untag(logs, input),
        _ => return None,
    })
}

/// A name of a group or a stream, checked.
fn name<'a>(input: &'a Value, member: &str, extra: &str) -> Result<&'a str, Exception> {
    let name = required(input, member)?;
    let fits = |letter: char| letter.is_ascii_alphanumeric() || extra.contains(letter);
    if name.len() <= 512 && name.chars().all(fits) {
        return Ok(name);
    }
    let message = format!("1 validation error detected: Value '{name}' at '{member}' failed to satisfy constraint");
    Err(Exception::invalid(&message))
}

fn add_tags(tags: &Value) -> impl Iterator<Item = (String, String)> {
    let tags = tags.as_object().into_iter().flatten();
    tags.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
}

fn create_group(logs: &mut Logs, now: Moment, input: &Value) -> Output {
    only(input, &["logGroupName", "kmsKeyId", "tags", "logGroupClass", "deletionProtectionEnabled"])?;
    let group = logs.create_group(now, name(input, "logGroupName", "_-/.#")?)?;
    group.tags.extend(add_tags(&input["tags"]));
    Ok(json!({}))
}

fn delete_group(logs: &mut Logs, input: &Value) -> Output {
    only(input, &["logGroupName"])?;
    let name = required(input, "logGroupName")?;
    logs.group(name)?;
    logs.groups.remove(name);
    Ok(json!({}))
}

fn create_stream(logs: &mut Logs, now: Moment, input: &Value) -> Output {
    only(input, &["logGroupName", "logStreamName"])?;
    let stream = required(input, "logStreamName")?;
    if stream.contains([':', '*']) {
        return Err(Exception::invalid("logStreamName must not contain ':' or '*'"));
    }
    logs.create_stream(now, required(input, "logGroupName")?, stream)?;
    Ok(json!({}))
}

fn delete_stream(logs: &mut Logs, input: &Value) -> Output {
    only(input, &["logGroupName", "logStreamName"])?;
    let group = logs.group_mut(required(input, "logGroupName")?)?;
    group.streams.remove(required(input, "logStreamName")?).ok_or_else(no_stream)?;
    Ok(json!({}))
}

/// Events must come in order; those too old or too new are left out, which the answer tells.
fn put(logs: &mut Logs, now: Moment, input: &Value) -> Output {
    only(input, &["logGroupName", "logStreamName", "logEvents", "sequenceToken", "entity"])?;
    let (group, stream) = (required(input, "logGroupName")?, required(input, "logStreamName")?);
    let mut events = Vec::new();
    for event in input["logEvents"].as_array().into_iter().flatten() {
        let at = event["timestamp"].as_i64().filter(|at| *at >= 0);
        let at = at.ok_or_else(|| Exception::invalid("timestamp must be milliseconds since the epoch"))?;
        events.push((Moment::from_millis(at), required(event, "message")?));
    }
    if !(1..=10_000).contains(&events.len()) {
        return Err(Exception::invalid("logEvents must have between 1 and 10000 entries"));
    }
    if !events.is_sorted_by_key(|(at, _)| *at) {
        let text = "Log events in a single PutLogEvents request must be in chronological order.";
        return Err(Exception::invalid(text));
    }
    let too_old = events.partition_point(|(at, _)| *at < now.before(TOO_OLD));
    let too_new = events.partition_point(|(at, _)| *at <= now.after(TOO_NEW));
    let all = events.len();
    let good = events.into_iter().take(too_new).skip(too_old);
    logs.put(now, group, stream, good)?;
    let last = logs.group(group)?.streams.get(stream).and_then(|stream| stream.events.back());
    let rejected = (too_old > 0 || too_new < all).then(|| {
        json!({
            "tooOldLogEventEndIndex": (too_old > 0).then_some(too_old),
            "tooNewLogEventStartIndex": (too_new < all).then_some(too_new),
        })
    });
    Ok(json!({
        "nextSequenceToken": format!("4903{:052}", last.map_or(0, |event| event.number)),
        "rejectedLogEventsInfo": rejected,
    }))
}

fn retain(logs: &mut Logs, input: &Value) -> Output {
    only(input, &["logGroupName", "retentionInDays"])?;
    let days = input["retentionInDays"].as_u64().and_then(|days| u32::try_from(days).ok());
    let days = days.filter(|days| RETENTIONS.contains(days));
    let days = days.ok_or_else(|| Exception::invalid("retentionInDays is not one of the periods there are"))?;
    logs.group_mut(required(input, "logGroupName")?)?.retention = Some(days);
    Ok(json!({}))
}

fn forever(logs: &mut Logs, input: &Value) -> Output {
    only(input, &["logGroupName"])?;
    logs.group_mut(required(input, "logGroupName")?)?.retention = None;
    Ok(json!({}))
}

fn tag(logs: &mut Logs, input: &Value) -> Output {
    only(input, &["resourceArn", "tags"])?;
    let group = logs.group_mut(&group_name(required(input, "resourceArn")?))?;
    group.tags.extend(add_tags(&input["tags"]));
    Ok(json!({}))
}

fn untag(logs: &mut Logs, input: &Value) -> Output {
    only(input, &["resourceArn", "tagKeys"])?;
    let keys = texts(input, "tagKeys");
    let group = logs.group_mut(&group_name(required(input, "resourceArn")?))?;
    group.tags.retain(|key, _| !keys.contains(&key.as_str()));
    Ok(json!({}))
}
