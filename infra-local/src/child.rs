//! What runs in a child process: the real service, as an instance of the stand-in.
//!
//! The child ends when its standard input ends, so it never outlives the stand-in, however that ended. Lines on standard
//! input make it sick (`answer 500`) and well (`answer well`).

use std::{env, future::Future, io};

use hello_service::{Info, Readiness, StartError, announce, listen, routes, serve, signalled};
use thiserror::Error;
use tokio::sync::oneshot;

use crate::sickness::{Sickness, layered};

/// Tells the child how its build behaves: one of the words of [`Manner`](crate::Manner).
pub const MANNER: &str = "HELLO_LOCAL_MANNER";

/// Why an instance did not run.
#[derive(Debug, Error)]
pub enum InstanceError {
    /// It does not listen.
    #[error(transparent)]
    Start(#[from] StartError),
    /// It cannot say where it listens.
    #[error("cannot write to standard output: {0}")]
    Output(#[from] io::Error),
    /// It was built to crash.
    #[error("cannot read /etc/hello/greeting: no such file")]
    Crashed,
}

/// Runs one instance until standard input ends or SIGTERM arrives, then drains. Reads `PORT` and the variables of
/// hello-service from the environment.
pub async fn run_instance() -> Result<(), InstanceError> {
    let manner = env::var(MANNER).unwrap_or_default();
    if manner == "crash" {
        return Err(InstanceError::Crashed);
    }
    let listener = listen([127, 0, 0, 1]).await?;
    let info = Info::from_env().await;
    let sickness = Sickness::default();
    let ended = listen_to_parent(sickness.clone());
    announce(&listener, &info)?;
    let readiness = Readiness::new(manner != "never-ready");
    let routes = layered(routes(info, readiness.clone()), sickness);
    serve(listener, routes, readiness, until_asked(ended)).await;
    Ok(())
}

/// Ends on the end of standard input or on a signal, whichever comes first.
async fn until_asked(input_ended: impl Future<Output = ()> + Send + 'static) {
    tokio::select! {
        () = input_ended => {}
        // Without signal handlers the default action of the signals still ends the process.
        Ok(()) = signalled() => {}
    }
}

/// Reads standard input on a thread of its own, because a blocking read cannot be cancelled.
fn listen_to_parent(sickness: Sickness) -> impl Future<Output = ()> + Send {
    let (sender, ended) = oneshot::channel::<()>();
    std::thread::spawn(move || {
        for line in io::stdin().lines().map_while(Result::ok) {
            match line.trim().strip_prefix("answer ") {
                Some("well") => sickness.set(None),
                Some(status) => sickness.set(status.parse().ok()),
                None => {}
            }
        }
        drop(sender);
    });
    async move {
        let _ = ended.await;
    }
}
