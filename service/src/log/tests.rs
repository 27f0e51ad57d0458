//! Lines are JSON whatever is in them, levels hold, and a stuck reader stops nobody.

use std::sync::mpsc;

use proptest::prelude::*;
use serde_json::Value;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::*;

/// Collects what is written.
#[derive(Clone, Default)]
struct Paper(Arc<Mutex<Vec<u8>>>);

impl io::Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Paper {
    fn lines(&self) -> Vec<Value> {
        let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

fn exchange(path: &str, status: u16) -> Exchange<'_> {
    Exchange {
        method: "GET",
        path,
        status,
        ended: Instant::now(),
        duration: Duration::from_micros(1_002_003),
        protocol: "HTTP/1.1",
        trace: Some("0af7651916cd43dd8448eb211c80319c"),
    }
}

#[test]
fn a_request_has_the_fields_of_both_clouds() {
    let paper = Paper::default();
    let log = Log::new(Level::Info, paper.clone()).unwrap().with_project(Some("acme".to_owned()));
    log.request(&exchange("/hello", 200));
    log.flush(Duration::from_secs(5));
    let line = &paper.lines()[0];
    assert_eq!(line["severity"], "INFO");
    assert_eq!(line["httpRequest"]["requestMethod"], "GET");
    assert_eq!(line["httpRequest"]["requestUrl"], "/hello");
    assert_eq!(line["httpRequest"]["status"], 200);
    assert_eq!(line["httpRequest"]["latency"], "1.002003s");
    assert_eq!(line["duration_us"], 1_002_003);
    assert_eq!(line["trace_id"], "0af7651916cd43dd8448eb211c80319c");
    assert_eq!(line["logging.googleapis.com/trace"], "projects/acme/traces/0af7651916cd43dd8448eb211c80319c");
    let time = line["time"].as_str().unwrap();
    assert!(OffsetDateTime::parse(time, &Rfc3339).is_ok(), "{time}");
}

#[test]
fn levels_hold() {
    for (level, expected) in [(Level::Off, 0), (Level::Error, 1), (Level::Warn, 2), (Level::Info, 3)] {
        let paper = Paper::default();
        let log = Log::new(level, paper.clone()).unwrap();
        for status in [200, 404, 503] {
            log.request(&exchange("/", status));
        }
        log.flush(Duration::from_secs(5));
        assert_eq!(paper.lines().len(), expected, "{level:?}");
    }
}

#[test]
fn what_could_move_a_cursor_is_visible() {
    let mut text = String::new();
    exchange("/\u{1b}[2J\u{202e}\u{200b}\"}\r\n\u{1f600}", 404).write(
        &mut text,
        &mut Clock::default(),
        "WARNING",
        None,
    );
    assert!(text.trim_end().bytes().all(|byte| matches!(byte, b' '..=b'~')), "{text:?}");
    assert!(text.contains(r"\u001b[2J\u202e\u200b"));
}

/// A reader that takes nothing until it is told to.
struct Stuck(mpsc::Receiver<()>, Paper);

impl io::Write for Stuck {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // After the sender is gone everything is taken.
        let _ = self.0.recv();
        self.1.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_stuck_reader_costs_lines_and_not_memory_or_time() {
    let (open, closed) = mpsc::channel();
    let paper = Paper::default();
    let metrics = Arc::new(Metrics::default());
    let log = Log::new(Level::Info, Stuck(closed, paper.clone())).unwrap().with_metrics(Arc::clone(&metrics));
    for _ in 0..20_000 {
        log.request(&exchange("/hello", 200));
    }
    assert!(log.queue.lock().waiting.len() <= BUFFER + 1024);
    let began = Instant::now();
    log.flush(Duration::from_millis(50));
    assert!(began.elapsed() < Duration::from_secs(5));
    drop(open);
    log.flush(Duration::from_secs(5));
    log.say(Level::Info, "after", &[]);
    log.flush(Duration::from_secs(5));
    let lines = paper.lines();
    let told = lines.iter().find_map(|line| line["dropped"].as_str()).expect("the loss is told");
    let told = told.parse::<u64>().unwrap();
    assert!(told > 10_000);
    let text = metrics.text(&crate::Info::default());
    assert!(text.contains(&format!("hello_log_lines_dropped_total {told}\n")), "{text}");
    assert_eq!(lines.last().unwrap()["message"], "after");
}

proptest! {
    #[test]
    fn every_line_is_json_of_visible_ascii(path in any::<String>(), method in any::<String>()) {
        let mut text = String::new();
        Exchange { method: &method, ..exchange(&path, 404) }.write(&mut text, &mut Clock::default(), "WARNING", None);
        prop_assert_eq!(text.matches('\n').count(), 1);
        prop_assert!(text.trim_end_matches('\n').bytes().all(|byte| matches!(byte, b' '..=b'~')));
        let line: Value = serde_json::from_str(&text).unwrap();
        let url = line["httpRequest"]["requestUrl"].as_str().unwrap();
        prop_assert!(url == path || url.strip_suffix("...").is_some_and(|kept| path.starts_with(kept)));
    }
}
