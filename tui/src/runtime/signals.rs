//! Signals that end the program in order, for both faces: the terminal is restored, and no child is left.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// The number of SIGHUP, also used when the terminal vanished without one.
pub const HANGUP: u8 = 1;

/// The signals listened to.
pub struct Signals {
    hangup: Signal,
    interrupt: Signal,
    quit: Signal,
    terminate: Signal,
}

impl Signals {
    /// Listens from now on; the default action (to die at once) no longer happens.
    pub fn listen() -> io::Result<Self> {
        Ok(Self {
            hangup: signal(SignalKind::hangup())?,
            interrupt: signal(SignalKind::interrupt())?,
            quit: signal(SignalKind::quit())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    /// Waits for one, and tells its number. Safe to drop and call again.
    pub async fn next(&mut self) -> u8 {
        tokio::select! {
            _ = self.hangup.recv() => HANGUP,
            _ = self.interrupt.recv() => 2,
            _ = self.quit.recv() => 3,
            _ = self.terminate.recv() => 15,
        }
    }
}
