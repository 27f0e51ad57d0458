//! `CloudWatch` Logs: groups, their streams, and the events in them.
//!
//! - [`search`]: looking through a group, a page at a time
//! - [`pattern`]: filter patterns
//!
//! What a task writes arrives through [`Logs::write`], what a client writes through [`Logs::put`]. Every stream keeps its
//! last events only.

pub mod pattern;
pub mod search;

use std::collections::{BTreeMap, VecDeque};

use super::ecs::{ACCOUNT, REGION};
use crate::moment::Moment;

/// The group that the service's task definitions name.
pub const GROUP: &str = "/ecs/hello";
/// Events kept in one stream.
const EVENTS: usize = 1000;
/// Streams kept in one group.
const STREAMS: usize = 200;
/// Bytes of one event that are kept.
const LONGEST: usize = 16 * 1024;

/// `arn:aws:logs:region:account:<rest>`.
pub fn arn(rest: &str) -> String {
    format!("arn:aws:logs:{REGION}:{ACCOUNT}:{rest}")
}

/// Why a request is refused: the exception's name and its sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal(pub &'static str, pub String);

/// One event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Rises with every event of all groups.
    pub number: u64,
    /// When it happened, as the writer says.
    pub at: Moment,
    /// When it arrived.
    pub arrived: Moment,
    /// What it says.
    pub message: String,
}

/// One stream.
#[derive(Clone, Debug)]
pub struct Stream {
    /// When it was made.
    pub created_at: Moment,
    /// The last events, by rising time, then number.
    pub events: VecDeque<Event>,
}

/// One group.
#[derive(Clone, Debug)]
pub struct Group {
    /// When it was made.
    pub created_at: Moment,
    /// Days an event is kept; none: for ever.
    pub retention: Option<u32>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// By name.
    pub streams: BTreeMap<String, Stream>,
}

impl Group {
    fn new(created_at: Moment) -> Self {
        Self { created_at, retention: None, tags: BTreeMap::new(), streams: BTreeMap::new() }
    }

    /// Bytes in it, counted as the bill does: 26 more than each message has.
    pub fn stored(&self) -> usize {
        let events = self.streams.values().flat_map(|stream| &stream.events);
        events.map(|event| event.message.len() + 26).sum()
    }
}

/// All groups.
#[derive(Clone, Debug, Default)]
pub struct Logs {
    /// By name.
    pub groups: BTreeMap<String, Group>,
    events: u64,
}

impl Logs {
    /// The group of the service, empty.
    pub fn with_history(created_at: Moment) -> Self {
        let mut group = Group::new(created_at);
        group.retention = Some(30);
        group.tags.insert("team".to_owned(), "hello".to_owned());
        Self { groups: BTreeMap::from([(GROUP.to_owned(), group)]), events: 0 }
    }

    /// A group that must exist.
    pub fn group(&self, name: &str) -> Result<&Group, Refusal> {
        self.groups.get(name).ok_or_else(no_group)
    }

    /// A group that must exist, to be changed.
    pub fn group_mut(&mut self, name: &str) -> Result<&mut Group, Refusal> {
        self.groups.get_mut(name).ok_or_else(no_group)
    }

    /// Adds a group.
    pub fn create_group(&mut self, now: Moment, name: &str) -> Result<&mut Group, Refusal> {
        if self.groups.contains_key(name) {
            return Err(exists("group"));
        }
        Ok(self.groups.entry(name.to_owned()).or_insert_with(|| Group::new(now)))
    }

    /// Adds a stream.
    pub fn create_stream(&mut self, now: Moment, group: &str, name: &str) -> Result<(), Refusal> {
        let group = self.group_mut(group)?;
        if group.streams.contains_key(name) {
            return Err(exists("stream"));
        }
        group.streams.insert(name.to_owned(), Stream { created_at: now, events: VecDeque::new() });
        while group.streams.len() > STREAMS {
            let last = |stream: &Stream| stream.events.back().map_or(stream.created_at, |event| event.at);
            let oldest = group.streams.iter().min_by_key(|(_, stream)| last(stream)).map(|(name, _)| name.clone());
            group.streams.remove(&oldest.unwrap_or_default());
        }
        Ok(())
    }

    /// Takes in a line that a container wrote; group and stream are made when they are missing.
    pub fn write(&mut self, now: Moment, group: &str, stream: &str, line: &str) {
        let streams = &mut self.groups.entry(group.to_owned()).or_insert_with(|| Group::new(now)).streams;
        if !streams.contains_key(stream) && self.create_stream(now, group, stream).is_err() {
            return;
        }
        // It was just made, or was there.
        let _ = self.put(now, group, stream, [(now, line)]);
    }

    /// Takes in events with times of their own.
    pub fn put<'a>(
        &mut self,
        now: Moment,
        group: &str,
        stream: &str,
        events: impl IntoIterator<Item = (Moment, &'a str)>,
    ) -> Result<(), Refusal> {
        let group = self.groups.get_mut(group).ok_or_else(no_group)?;
        let stream = group.streams.get_mut(stream).ok_or_else(no_stream)?;
        for (at, message) in events {
            self.events += 1;
            let mut end = message.len().min(LONGEST);
            while !message.is_char_boundary(end) {
                end -= 1;
            }
            let event = Event { number: self.events, at, arrived: now, message: message[..end].to_owned() };
            let place = stream.events.partition_point(|known| known.at <= at);
            stream.events.insert(place, event);
        }
        while stream.events.len() > EVENTS {
            stream.events.pop_front();
        }
        Ok(())
    }
}

/// The sentence for a group that is not there.
pub fn no_group() -> Refusal {
    Refusal("ResourceNotFoundException", "The specified log group does not exist.".to_owned())
}

/// The sentence for a stream that is not there.
pub fn no_stream() -> Refusal {
    Refusal("ResourceNotFoundException", "The specified log stream does not exist.".to_owned())
}

fn exists(what: &str) -> Refusal {
    Refusal("ResourceAlreadyExistsException", format!("The specified log {what} already exists"))
}

#[cfg(test)]
mod tests;
