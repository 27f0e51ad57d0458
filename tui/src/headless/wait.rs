//! Drives the engine until something is so, time is up, or a signal says to leave.

use std::{future::pending, io, time::Duration};

use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    time::sleep,
};

use crate::{
    app::{State, TargetState, probe},
    runtime::{Engine, TaskFailed},
};

/// How waiting ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waited<T> {
    /// It is so.
    Done(T),
    /// Time is up.
    Late,
    /// A signal with this number came.
    Signal(u8),
}

/// The signals that ask a program to leave.
pub struct Signals {
    interrupt: Signal,
    terminate: Signal,
    hangup: Signal,
}

impl Signals {
    /// Takes them over from the system, which would end the process on the spot.
    pub fn listen() -> io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }

    /// The number of the next one. Safe to drop and call again.
    pub async fn next(&mut self) -> u8 {
        tokio::select! {
            Some(()) = self.interrupt.recv() => 2,
            Some(()) = self.terminate.recv() => 15,
            Some(()) = self.hangup.recv() => 1,
            else => pending().await,
        }
    }
}

/// Lets the engine go on until `check` has an answer. It is asked once before anything happens, and after every event.
pub async fn wait<T>(
    engine: &mut Engine,
    signals: &mut Signals,
    limit: Option<Duration>,
    mut check: impl FnMut(&State) -> Option<T>,
) -> Result<Waited<T>, TaskFailed> {
    let limit = async {
        match limit {
            Some(limit) => sleep(limit).await,
            None => pending().await,
        }
    };
    tokio::pin!(limit);
    loop {
        if let Some(answer) = check(engine.state()) {
            return Ok(Waited::Done(answer));
        }
        tokio::select! {
            event = engine.next() => engine.handle(event?),
            () = &mut limit => return Ok(Waited::Late),
            number = signals.next() => return Ok(Waited::Signal(number)),
        }
    }
}

/// Whether enough is known about a target to say how it is: the cloud has answered or failed to, and so has the service,
/// where its address is known.
pub fn is_settled(target: &TargetState) -> bool {
    let probed = target.url().is_none() || target.window.signal() != probe::Signal::Unknown;
    target.snapshot.is_settled() && probed
}

/// The same, builds included.
pub fn is_complete(target: &TargetState) -> bool {
    is_settled(target) && has_builds(target)
}

/// Whether the builds have come, could not be read, or do not exist.
pub fn has_builds(target: &TargetState) -> bool {
    target.target.builds.is_none() || target.builds.is_settled()
}
