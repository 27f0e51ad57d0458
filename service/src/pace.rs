//! How a connection is getting on: what it waits for, and since when. The reader and writer around the socket and the
//! requests tell [`Pace`]; the one who drives the connection asks [`Watch`] when to cut it.

use std::{
    io,
    pin::Pin,
    sync::atomic::{
        AtomicBool, AtomicU64, AtomicUsize,
        Ordering::{Acquire, Relaxed, Release},
    },
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::Instant,
};

use crate::{config::Limits, metrics::End};

/// How long the client may take to close after we did, and to finish a head that had only begun when we were asked to end.
const GOODBYE: Duration = Duration::from_secs(1);
/// Bytes thrown away at once while waiting for the client to close.
const SINK: usize = 4096;

/// What a connection has told so far. All of it is written by tasks of the same connection; no order between the fields
/// is relied on, but for one: who sees that a request ended sees when.
#[derive(Debug)]
pub struct Pace {
    start: Instant,
    /// When a request last ended, in nanoseconds since the start. It is known anyway; asking the clock again for each
    /// request is not cheap.
    last: AtomicU64,
    /// Requests begun.
    begun: AtomicU64,
    /// Requests running, by the parity of the watch period they began in.
    running: [AtomicUsize; 2],
    period: AtomicUsize,
    /// Bytes arrived since the last request began.
    heard: AtomicBool,
    /// The client does not take what we write.
    stuck: AtomicBool,
    http2: AtomicBool,
    /// We have closed our side.
    closing: AtomicBool,
}

/// What the connection waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Its first request.
    Fresh,
    /// The rest of a head.
    Head,
    /// Us.
    Busy,
    /// The next request; how many there were.
    Idle(u64),
    /// The client's end.
    Closing,
}

impl Pace {
    /// Of a connection accepted now.
    pub fn new(now: Instant) -> Self {
        Self {
            start: now,
            last: AtomicU64::new(0),
            begun: AtomicU64::new(0),
            running: [AtomicUsize::new(0), AtomicUsize::new(0)],
            period: AtomicUsize::new(0),
            heard: AtomicBool::new(false),
            stuck: AtomicBool::new(false),
            http2: AtomicBool::new(false),
            closing: AtomicBool::new(false),
        }
    }

    /// A request begins; what it returns belongs to [`Pace::end`].
    pub fn begin(&self, http2: bool) -> usize {
        let period = self.period.load(Relaxed) & 1;
        self.running[period].fetch_add(1, Relaxed);
        self.begun.fetch_add(1, Relaxed);
        self.heard.store(false, Relaxed);
        if http2 {
            self.http2.store(true, Relaxed);
        }
        period
    }

    /// It ended.
    pub fn end(&self, period: usize, now: Instant) {
        let nanos = now.saturating_duration_since(self.start).as_nanos();
        self.last.store(u64::try_from(nanos).unwrap_or(u64::MAX), Relaxed);
        self.heard.store(false, Relaxed);
        self.running[period & 1].fetch_sub(1, Release);
    }

    fn last(&self) -> Instant {
        self.start + Duration::from_nanos(self.last.load(Relaxed))
    }

    /// Whether a request has shown that the client speaks HTTP/2.
    pub fn http2(&self) -> bool {
        self.http2.load(Relaxed)
    }

    /// Whether a request may be on its way: none has come, or a head has begun.
    pub fn expects(&self) -> bool {
        matches!(self.phase(), Phase::Fresh | Phase::Head)
    }

    fn phase(&self) -> Phase {
        let begun = self.begun.load(Relaxed);
        if self.closing.load(Relaxed) {
            Phase::Closing
        } else if self.running.iter().any(|running| running.load(Acquire) > 0) {
            Phase::Busy
        } else if begun == 0 {
            Phase::Fresh
        } else if self.heard.load(Relaxed) && !self.http2() {
            // On HTTP/2 a byte may be a ping, which begins nothing.
            Phase::Head
        } else {
            Phase::Idle(begun)
        }
    }
}

/// Turns a [`Pace`] into a deadline. Looked at after each poll of the connection, so it costs a few loads, and the clock
/// only when something changed.
#[derive(Debug)]
pub struct Watch {
    phase: Phase,
    deadline: Instant,
    stuck_until: Option<Instant>,
    /// The service is on its way out: nothing new may begin after this.
    last_call: Option<Instant>,
    /// Others wait for a place: who is idle keeps it no longer than a head may take.
    crowded: bool,
}

impl Watch {
    /// Of a connection accepted now.
    pub fn new(limits: &Limits, now: Instant) -> Self {
        Self { phase: Phase::Fresh, deadline: now + limits.header, stuck_until: None, last_call: None, crowded: false }
    }

    /// The service is on its way out: who has not finished a head soon will not be heard.
    pub fn hurry(&mut self, now: Instant) {
        self.last_call = Some(now + GOODBYE);
    }

    /// Hears whether others wait for a place. Call it before [`Watch::look`].
    pub fn crowd(&mut self, crowded: bool, pace: &Pace, limits: &Limits) {
        if crowded != self.crowded {
            self.crowded = crowded;
            if matches!(self.phase, Phase::Idle(_)) {
                self.deadline = pace.last() + self.idle(limits);
            }
        }
    }

    fn idle(&self, limits: &Limits) -> Duration {
        if self.crowded { limits.idle.min(limits.header) } else { limits.idle }
    }

    /// When to look again at the latest.
    pub fn look(&mut self, pace: &Pace, limits: &Limits, now: impl Fn() -> Instant) -> Instant {
        let phase = pace.phase();
        if phase != self.phase {
            self.phase = phase;
            self.deadline = match phase {
                Phase::Fresh | Phase::Head => now() + limits.header,
                Phase::Busy => now() + limits.request + limits.write,
                Phase::Idle(_) => pace.last() + self.idle(limits),
                Phase::Closing => now() + GOODBYE,
            };
        }
        match (pace.stuck.load(Relaxed), self.stuck_until) {
            (false, Some(_)) => {
                self.stuck_until = None;
                if matches!(phase, Phase::Idle(_)) {
                    // Its answer has only now left: to the balancer the pause begins here.
                    self.deadline = now() + self.idle(limits);
                }
            }
            (true, None) => self.stuck_until = Some(now() + limits.write),
            (false, None) | (true, Some(_)) => {}
        }
        let last_call = if phase == Phase::Busy { None } else { self.last_call };
        [self.stuck_until, last_call].into_iter().flatten().fold(self.deadline, Instant::min)
    }

    /// Whether time is up, and why. Call it after [`Watch::look`].
    pub fn judge(&mut self, pace: &Pace, limits: &Limits, now: Instant) -> Option<End> {
        if self.stuck_until.is_some_and(|until| until <= now) {
            return Some(End::Stuck);
        }
        let called = self.phase != Phase::Busy && self.last_call.is_some_and(|last_call| last_call <= now);
        if now < self.deadline && !called {
            return None;
        }
        match self.phase {
            Phase::Closing => Some(End::Lingering),
            Phase::Fresh | Phase::Head => Some(End::Header),
            Phase::Idle(_) => Some(End::Idle),
            Phase::Busy => {
                // Requests have their own deadline, but their answers may stay: an HTTP/2 client can leave the window shut.
                // What began before the last look has had a whole period of request and write deadline.
                let before = (pace.period.load(Relaxed) + 1) & 1;
                if pace.running[before].load(Relaxed) > 0 {
                    return Some(End::Stalled);
                }
                pace.period.store(before, Relaxed);
                self.deadline = now + limits.request + limits.write;
                None
            }
        }
    }
}

/// The socket, telling its [`Pace`].
#[derive(Debug)]
pub struct Paced<IO> {
    /// The socket.
    pub io: IO,
    /// Who is told.
    pub pace: std::sync::Arc<Pace>,
}

impl<IO: AsyncRead + Unpin> AsyncRead for Paced<IO> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let result = Pin::new(&mut self.io).poll_read(cx, buffer);
        if buffer.filled().len() > before {
            self.pace.heard.store(true, Relaxed);
        }
        result
    }
}

impl<IO> Paced<IO> {
    fn wrote(&self, result: Poll<io::Result<usize>>, wanted: usize) -> Poll<io::Result<usize>> {
        let stuck = match &result {
            Poll::Pending => true,
            Poll::Ready(Ok(written)) => *written < wanted,
            Poll::Ready(Err(_)) => false,
        };
        self.pace.stuck.store(stuck, Relaxed);
        result
    }
}

impl<IO: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Paced<IO> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.io).poll_write(cx, bytes);
        self.wrote(result, bytes.len())
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.io).poll_write_vectored(cx, slices);
        self.wrote(result, slices.iter().map(|slice| slice.len()).sum())
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    /// Closes our side, and then waits for the client's: closing with bytes unread resets the connection, and the client
    /// would lose the answer that says what was wrong with them. The watch ends the wait.
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.pace.closing.load(Relaxed) {
            ready!(Pin::new(&mut self.io).poll_shutdown(cx))?;
            self.pace.closing.store(true, Relaxed);
        }
        loop {
            let mut sink = [0; SINK];
            let mut sink = ReadBuf::new(&mut sink);
            match ready!(Pin::new(&mut self.io).poll_read(cx, &mut sink)) {
                Ok(()) if !sink.filled().is_empty() => {}
                // What the client does now is no concern of the answer we sent.
                Ok(()) | Err(_) => return Poll::Ready(Ok(())),
            }
        }
    }
}

#[cfg(test)]
mod tests;
