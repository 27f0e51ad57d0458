//! Drives the engine until something is so, time is up, or a signal says to leave.

use std::{future::pending, time::Duration};

use tokio::time::sleep;

use crate::{
    app::{State, TargetState, probe},
    runtime::{Engine, Signals, TaskFailed},
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
