//! The deadlines of a connection, with time as a number.

use std::time::Duration;

use super::*;

fn limits() -> Limits {
    Limits {
        header: Duration::from_secs(5),
        idle: Duration::from_secs(65),
        request: Duration::from_secs(5),
        write: Duration::from_secs(10),
        ..Limits::default()
    }
}

/// A connection that is looked at once a second.
struct Run {
    pace: Pace,
    watch: Watch,
    start: Instant,
    now: Instant,
}

impl Run {
    fn new() -> Self {
        let start = Instant::now();
        Self { pace: Pace::new(start), watch: Watch::new(&limits(), start), start, now: start }
    }

    fn look(&mut self) -> Option<End> {
        let now = self.now;
        self.watch.look(&self.pace, &limits(), || now);
        self.watch.judge(&self.pace, &limits(), now)
    }

    /// Lets time pass; when it is cut, why and after how many seconds since the start.
    fn pass(&mut self, seconds: u64) -> Option<(End, u64)> {
        for _ in 0..seconds {
            if let Some(end) = self.look() {
                return Some((end, (self.now - self.start).as_secs()));
            }
            self.now += Duration::from_secs(1);
        }
        None
    }
}

#[test]
fn silence_and_a_slow_first_head_end_after_the_header_deadline() {
    assert_eq!(Run::new().pass(100), Some((End::Header, 5)));
    let mut run = Run::new();
    for _ in 0..5 {
        assert_eq!(run.pass(1), None);
        run.pace.heard.store(true, Relaxed);
    }
    assert_eq!(run.pass(1), Some((End::Header, 5)));
}

#[test]
fn between_requests_there_is_the_time_of_a_balancer() {
    let mut run = Run::new();
    for _ in 0..3 {
        let period = run.pace.begin(false, run.now);
        run.look();
        run.pace.end(period, run.now);
        assert_eq!(run.pass(64), None);
    }
    // Not one second less, counted from the last request.
    assert_eq!(run.pass(1), None);
    assert_eq!(run.pass(10), Some((End::Idle, 2 * 64 + 65)));
}

#[test]
fn a_head_that_began_must_end() {
    let mut run = Run::new();
    let period = run.pace.begin(false, run.now);
    run.pace.end(period, run.now);
    assert_eq!(run.pass(30), None);
    run.pace.heard.store(true, Relaxed);
    assert_eq!(run.pass(30), Some((End::Header, 35)));
}

#[test]
fn a_ping_on_http2_begins_nothing_and_saves_nothing() {
    let mut run = Run::new();
    let period = run.pace.begin(true, run.now);
    run.pace.end(period, run.now);
    for _ in 0..64 {
        assert_eq!(run.pass(1), None);
        run.pace.heard.store(true, Relaxed);
    }
    assert_eq!(run.pass(10), Some((End::Idle, 65)));
}

#[test]
fn who_does_not_take_the_answer_is_cut() {
    let mut run = Run::new();
    let period = run.pace.begin(false, run.now);
    run.pace.end(period, run.now);
    run.pace.stuck.store(true, Relaxed);
    assert_eq!(run.pass(9), None);
    run.pace.stuck.store(false, Relaxed);
    assert_eq!(run.pass(1), None);
    run.pace.stuck.store(true, Relaxed);
    assert_eq!(run.pass(30), Some((End::Stuck, 20)));
}

#[test]
fn an_answer_that_stays_is_cut_however_busy_the_others_are() {
    let mut run = Run::new();
    let _stays = run.pace.begin(true, run.now);
    let mut cut = None;
    for _ in 0..100 {
        let period = run.pace.begin(true, run.now);
        run.pace.end(period, run.now);
        cut = run.pass(1);
        if cut.is_some() {
            break;
        }
    }
    // After one to two periods of request and write deadline.
    assert_eq!(cut, Some((End::Stalled, 30)));
}

#[test]
fn a_connection_that_is_always_busy_with_quick_requests_is_not_cut() {
    let mut run = Run::new();
    let mut before = run.pace.begin(true, run.now);
    for _ in 0..1000 {
        let next = run.pace.begin(true, run.now);
        assert_eq!(run.pass(1), None);
        run.pace.end(before, run.now);
        before = next;
    }
}

#[test]
fn on_the_way_out_nobody_begins_late_and_nobody_busy_is_hurried() {
    let mut run = Run::new();
    run.watch.hurry(run.now);
    assert_eq!(run.pass(9), Some((End::Header, 1)));
    let mut run = Run::new();
    let _period = run.pace.begin(false, run.now);
    run.watch.hurry(run.now);
    assert_eq!(run.pass(9), None);
}

#[test]
fn a_client_that_does_not_close_after_us_is_not_waited_for() {
    let mut run = Run::new();
    run.pace.closing.store(true, Relaxed);
    assert_eq!(run.pass(9), Some((End::Lingering, 1)));
}
