//! How a connection is getting on: what it waits for, and since when. The reader and writer around the socket and the
//! requests tell [`Pace`]; the one who drives the connection asks [`Watch`] when to cut it.

use std::{
    io,
    pin::Pin,
    sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed},
    task::{Context, Poll},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::Instant,
};

use crate::{config::Limits, metrics::End};

/// What a connection has told so far. All of it is written by tasks of the same connection; no order between the fields
/// is relied on.
#[derive(Debug, Default)]
pub struct Pace {
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
}

impl Pace {
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
    pub fn end(&self, period: usize) {
        self.heard.store(false, Relaxed);
        self.running[period & 1].fetch_sub(1, Relaxed);
    }

    /// Whether a request has shown that the client speaks HTTP/2.
    pub fn http2(&self) -> bool {
        self.http2.load(Relaxed)
    }

    fn phase(&self) -> Phase {
        let begun = self.begun.load(Relaxed);
        if self.running.iter().any(|running| running.load(Relaxed) > 0) {
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
}

impl Watch {
    /// Of a connection accepted now.
    pub fn new(limits: &Limits, now: Instant) -> Self {
        Self { phase: Phase::Fresh, deadline: now + limits.header, stuck_until: None }
    }

    /// When to look again at the latest.
    pub fn look(&mut self, pace: &Pace, limits: &Limits, now: impl Fn() -> Instant) -> Instant {
        let phase = pace.phase();
        if phase != self.phase {
            self.phase = phase;
            self.deadline = now()
                + match phase {
                    Phase::Fresh | Phase::Head => limits.header,
                    Phase::Busy => limits.request + limits.write,
                    Phase::Idle(_) => limits.idle,
                };
        }
        match (pace.stuck.load(Relaxed), self.stuck_until) {
            (false, None) => {}
            (false, Some(_)) => self.stuck_until = None,
            (true, None) => self.stuck_until = Some(now() + limits.write),
            (true, Some(_)) => {}
        }
        self.stuck_until.map_or(self.deadline, |until| until.min(self.deadline))
    }

    /// Whether time is up, and why. Call it after [`Watch::look`].
    pub fn judge(&mut self, pace: &Pace, limits: &Limits, now: Instant) -> Option<End> {
        if self.stuck_until.is_some_and(|until| until <= now) {
            return Some(End::Stuck);
        }
        if now < self.deadline {
            return None;
        }
        match self.phase {
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

impl<IO: AsyncWrite + Unpin> AsyncWrite for Paced<IO> {
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

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests;
