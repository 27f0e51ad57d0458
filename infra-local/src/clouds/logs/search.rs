//! Looking through the streams of a group, a page at a time. A page ends when it is full, or when enough events have been
//! looked at: then it may be empty and still have a successor, as real ones do.

use super::{Event, Group, pattern::Pattern};
use crate::moment::Moment;

/// Events looked at for one page.
const LOOKED_AT: usize = 250;

/// What is asked for.
#[derive(Clone, Debug, Default)]
pub struct Search<'a> {
    /// Only these streams; none: all.
    pub streams: Vec<&'a str>,
    /// Only streams that begin so.
    pub prefix: Option<&'a str>,
    /// Not earlier.
    pub from: Option<Moment>,
    /// Not later.
    pub until: Option<Moment>,
    /// What messages must say.
    pub pattern: Pattern,
    /// Most events of a page.
    pub limit: usize,
    /// Go on behind this event: its time and number.
    pub after: Option<(Moment, u64)>,
}

/// A page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found<'a> {
    /// Stream and event, by rising time.
    pub events: Vec<(&'a str, &'a Event)>,
    /// Where to go on; `None`: all has been looked at.
    pub next: Option<(Moment, u64)>,
}

impl Group {
    /// One page of what is asked for.
    pub fn search<'a>(&'a self, search: &Search<'_>) -> Found<'a> {
        let meant = |name: &str| {
            (search.streams.is_empty() || search.streams.contains(&name))
                && search.prefix.is_none_or(|prefix| name.starts_with(prefix))
        };
        let streams = self.streams.iter().filter(|(name, _)| meant(name));
        let mut events: Vec<(&str, &Event)> = streams
            .flat_map(|(name, stream)| stream.events.iter().map(move |event| (name.as_str(), event)))
            .filter(|(_, event)| {
                search.from.is_none_or(|from| event.at >= from)
                    && search.until.is_none_or(|until| event.at <= until)
                    && search.after.is_none_or(|after| (event.at, event.number) > after)
            })
            .collect();
        events.sort_unstable_by_key(|(_, event)| (event.at, event.number));
        let total = events.len();
        let (mut found, mut looked_at, mut last) = (Vec::new(), 0, None);
        for (name, event) in events {
            if found.len() >= search.limit || looked_at >= LOOKED_AT {
                break;
            }
            looked_at += 1;
            last = Some((event.at, event.number));
            if search.pattern.fits(&event.message) {
                found.push((name, event));
            }
        }
        Found { events: found, next: last.filter(|_| looked_at < total) }
    }
}
