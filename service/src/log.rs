//! Lines of JSON on standard output, in the field names that Cloud Logging reads (`severity`, `httpRequest`, `time`,
//! `logging.googleapis.com/trace`) and `CloudWatch` Logs Insights finds by itself (`httpRequest.status`, `trace_id`).
//!
//! A line is written by a thread of its own, so that neither a request nor the end of the process ever waits for a slow
//! reader. What does not fit into the buffer is dropped and counted.

use std::{
    io,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use tokio::time::Instant;

mod clock;
mod digits;
pub mod line;

use clock::Clock;
use line::{Exchange, Line};

use crate::metrics::{Metrics, Route};

/// Bytes that may wait for the reader of standard output.
const BUFFER: usize = 1 << 20;
/// Least time between two writes: under load many lines share one system call.
const BREATH: Duration = Duration::from_millis(10);

/// How much is logged; each level includes those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Nothing.
    Off,
    /// Requests that we failed (5xx), and our own failures.
    Error,
    /// Requests that the client failed (4xx), and oddities.
    Warn,
    /// Every request.
    Info,
    /// Every connection that did not end well.
    Debug,
}

impl Level {
    /// The value of `HELLO_LOG`.
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "off" => Some(Self::Off),
            "error" => Some(Self::Error),
            "warn" => Some(Self::Warn),
            "info" => Some(Self::Info),
            "debug" => Some(Self::Debug),
            _ => None,
        }
    }

    /// Cloud Logging's word.
    fn severity(self) -> &'static str {
        match self {
            Self::Off => "DEFAULT",
            Self::Error => "ERROR",
            Self::Warn => "WARNING",
            Self::Info => "INFO",
            Self::Debug => "DEBUG",
        }
    }
}

/// Where lines go. Clones write to the same place.
#[derive(Clone, Debug)]
pub struct Log {
    level: Level,
    /// Google Cloud project: with it, Cloud Logging links a line to its trace.
    project: Option<Arc<str>>,
    queue: Arc<Queue>,
    /// Counts the lines that are dropped.
    metrics: Arc<Metrics>,
}

#[derive(Debug, Default)]
struct Queue {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    waiting: String,
    clock: Clock,
    /// Lines dropped since this was last told.
    dropped: u64,
    /// A write is under way.
    writing: bool,
    /// The reader is gone; lines are thrown away.
    gone: bool,
}

impl Log {
    /// Writes nothing.
    pub fn off() -> Self {
        Self { level: Level::Off, project: None, queue: Arc::default(), metrics: Arc::default() }
    }

    /// Writes to `output` from a thread that lives as long as the process.
    pub fn new(level: Level, output: impl io::Write + Send + 'static) -> io::Result<Self> {
        let log = Self { level, ..Self::off() };
        let queue = Arc::clone(&log.queue);
        thread::Builder::new().name("log".to_owned()).spawn(move || queue.write_to(output))?;
        Ok(log)
    }

    /// Names traces in this Google Cloud project.
    #[must_use]
    pub fn with_project(self, project: Option<String>) -> Self {
        Self { project: project.map(Into::into), ..self }
    }

    /// Counts the lines that are dropped there.
    #[must_use]
    pub fn with_metrics(self, metrics: Arc<Metrics>) -> Self {
        Self { metrics, ..self }
    }

    /// Whether a line of this level would be written.
    pub fn wants(&self, level: Level) -> bool {
        level <= self.level
    }

    /// A line of our own, with what else is known about it.
    pub fn say(&self, level: Level, message: &str, detail: &[(&str, &str)]) {
        if self.wants(level) {
            self.push(|text, clock| {
                Line::new(text, clock, Instant::now(), level.severity(), message).details(detail).end();
            });
        }
    }

    /// The line of one request.
    pub fn request(&self, exchange: &Exchange<'_>) {
        let level = match exchange.status {
            // Not being ready is what was asked about, and no error: every way out says so.
            503 if exchange.path == Route::Readyz.word() => Level::Info,
            500.. => Level::Error,
            400.. => Level::Warn,
            _ => Level::Info,
        };
        if self.wants(level) {
            self.push(|text, clock| exchange.write(text, clock, level.severity(), self.project.as_deref()));
        }
    }

    fn push(&self, write: impl FnOnce(&mut String, &mut Clock)) {
        if !self.queue.push(write) {
            self.metrics.lost_line();
        }
    }

    /// Waits until everything is written, or for `patience`: nobody should live longer for a log.
    pub fn flush(&self, patience: Duration) {
        let until = Instant::now() + patience;
        let mut state = self.queue.lock();
        while !state.gone && (state.writing || !state.waiting.is_empty()) {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            state = self.queue.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

impl Queue {
    /// A panic while holding it leaves at worst half a line behind.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether there was room for the line, and somebody to read it.
    fn push(&self, write: impl FnOnce(&mut String, &mut Clock)) -> bool {
        let mut state = self.lock();
        if state.gone {
            return false;
        }
        if state.waiting.len() >= BUFFER {
            state.dropped += 1;
            return false;
        }
        let first = state.waiting.is_empty();
        let State { waiting, clock, .. } = &mut *state;
        write(waiting, clock);
        drop(state);
        if first {
            self.changed.notify_all();
        }
        true
    }

    fn write_to(&self, mut output: impl io::Write) {
        let mut lines = String::new();
        loop {
            {
                let mut state = self.lock();
                while state.waiting.is_empty() {
                    state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
                }
                std::mem::swap(&mut state.waiting, &mut lines);
                state.writing = true;
                let dropped = std::mem::take(&mut state.dropped);
                if dropped > 0 {
                    let told = "lines dropped: standard output is too slow";
                    Line::new(&mut lines, &mut state.clock, Instant::now(), Level::Warn.severity(), told)
                        .details(&[("dropped", &dropped.to_string())])
                        .end();
                }
            }
            let result = output.write_all(lines.as_bytes()).and_then(|()| output.flush());
            lines.clear();
            let mut state = self.lock();
            state.writing = false;
            // Nobody is left who could be told.
            state.gone = result.is_err();
            let gone = state.gone;
            if gone {
                state.waiting = String::new();
            }
            drop(state);
            self.changed.notify_all();
            if gone {
                return;
            }
            thread::sleep(BREATH);
        }
    }
}

#[cfg(test)]
mod tests;
