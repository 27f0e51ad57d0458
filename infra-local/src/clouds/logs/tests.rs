use std::time::Duration;

use super::{pattern::Pattern, search::Search, *};

fn at(millis: u64) -> Moment {
    Moment::from_millis(1_790_000_000_000).after(Duration::from_millis(millis))
}

#[test]
fn a_task_writes_into_a_stream_of_its_own() {
    let mut logs = Logs::with_history(at(0));
    logs.write(at(5), GROUP, "hello/hello/a1", "one");
    logs.write(at(6), GROUP, "hello/hello/b2", "two");
    let group = logs.group(GROUP).unwrap();
    assert_eq!(group.streams.keys().collect::<Vec<_>>(), ["hello/hello/a1", "hello/hello/b2"]);
    assert_eq!(group.stored(), 58);
    assert_eq!(logs.group("/ecs/nope").unwrap_err().0, "ResourceNotFoundException");
    assert_eq!(logs.create_group(at(7), GROUP).unwrap_err().0, "ResourceAlreadyExistsException");
}

#[test]
fn a_stream_keeps_its_last_events_in_order_of_time() {
    let mut logs = Logs::default();
    logs.create_group(at(0), "g").unwrap();
    logs.create_stream(at(0), "g", "s").unwrap();
    logs.put(at(9), "g", "s", [(at(2), "late"), (at(1), "early")]).unwrap();
    let texts = |logs: &Logs| -> Vec<String> {
        logs.groups["g"].streams["s"].events.iter().map(|event| event.message.clone()).collect()
    };
    assert_eq!(texts(&logs), ["early", "late"]);
    for number in 0..2000 {
        logs.write(at(10 + number), "g", "s", &number.to_string());
    }
    assert_eq!((texts(&logs).len(), texts(&logs)[0].as_str()), (EVENTS, "1000"));
    logs.write(at(5000), "g", "s", &"ä".repeat(LONGEST));
    assert_eq!(logs.groups["g"].streams["s"].events.back().unwrap().message.len(), LONGEST);
}

#[test]
fn a_group_keeps_the_streams_that_were_written_last() {
    let mut logs = Logs::default();
    for number in 0..STREAMS as u64 + 3 {
        logs.write(at(number), "g", &format!("s{number:04}"), "x");
    }
    let names: Vec<&String> = logs.groups["g"].streams.keys().collect();
    assert_eq!((names.len(), names[0].as_str()), (STREAMS, "s0003"));
}

#[test]
fn a_rare_pattern_takes_pages_that_are_empty_and_every_event_is_met_once() {
    let mut logs = Logs::default();
    for number in 0..900 {
        let message = if number % 400 == 399 { "rare" } else { "common" };
        logs.write(at(number / 3), "g", &format!("s{}", number % 3), message);
    }
    let group = logs.group("g").unwrap();
    let pages = |pattern: &str, limit: usize| {
        let mut search = Search { pattern: Pattern::read(pattern).unwrap(), limit, ..Search::default() };
        let mut pages = Vec::new();
        loop {
            let found = group.search(&search);
            pages.push(found.events.len());
            search.after = found.next;
            if search.after.is_none() {
                return pages;
            }
        }
    };
    assert_eq!(pages("rare", 100), [0, 1, 0, 1], "empty pages have successors");
    assert_eq!(pages("", 10_000).iter().sum::<usize>(), 900);
    assert_eq!(pages("common", 7).iter().sum::<usize>(), 898);
    let search = Search { from: Some(at(10)), until: Some(at(11)), limit: 100, ..Search::default() };
    assert_eq!(group.search(&search).events.len(), 6, "both ends belong to it");
    let search = Search { streams: vec!["s1"], prefix: Some("s"), limit: 1000, ..Search::default() };
    assert!(group.search(&search).events.iter().all(|(name, _)| *name == "s1"));
}
