//! Being asked to end. The process may be PID 1, where signals without a handler do nothing.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// SIGTERM (the clouds) and SIGINT (a person), from now on.
#[derive(Debug)]
pub struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// Installs the handlers.
    pub fn new() -> io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    /// Ends when the next one arrives. Cancel-safe.
    pub async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// Ends when the process is asked to end.
pub async fn signalled() -> io::Result<()> {
    Signals::new()?.next().await;
    Ok(())
}
