//! What runs in a child process: the real service, as an instance of the stand-in.
//!
//! The child ends when its standard input ends, so it never outlives the stand-in, however that ended. Lines on standard
//! input make it sick (`answer 500`, `ready no`) and well (`answer well`, `ready yes`).

use std::{env, future::Future, io, net::Ipv4Addr, sync::Arc, time::Duration};

use hello_service::{
    Config, ConfigError, Drain, Info, Log, Metrics, Readiness, Server, StartError, announce, listen, routes, signalled,
};
use thiserror::Error;
use tokio::sync::oneshot;

use crate::sickness::{Sickness, layered};

/// Tells the child how its build behaves: one of the words of [`Manner`](crate::Manner).
pub const MANNER: &str = "HELLO_LOCAL_MANNER";

/// Longest wait for the log at the end.
const LAST_WORDS: Duration = Duration::from_millis(200);

/// Why an instance did not run.
#[derive(Debug, Error)]
pub enum InstanceError {
    /// A variable of hello-service cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
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
    let config = Config::from_env()?;
    let listener = listen(Ipv4Addr::LOCALHOST, config.port).await?;
    let info = Info::learn(config.metadata, &Log::off()).await;
    let sickness = Sickness::default();
    let ended = listen_to_parent(sickness.clone());
    announce(&listener, &info)?;
    // Behind the announcement, which must be the first line.
    let log = Log::new(config.level, io::stdout())?;
    let readiness = Readiness::new(manner != "never-ready");
    let metrics = Arc::new(Metrics::default());
    let routes = layered(routes(info, readiness.clone(), Arc::clone(&metrics)), sickness);
    // The balancer in front is ours and tries the next instance when this one is gone: no notice is needed.
    let server = Server { drain: Drain::AT_ONCE, log: log.clone(), ..Server::new(readiness, metrics) };
    server.run(listener, routes, until_asked(ended)).await;
    log.flush(LAST_WORDS);
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
            match line.trim().split_once(' ') {
                Some(("answer", "well")) => sickness.set(None),
                Some(("answer", status)) => sickness.set(status.parse().ok()),
                Some(("ready", word)) => sickness.set_ready(word == "yes"),
                _ => {}
            }
        }
        drop(sender);
    });
    async move {
        let _ = ended.await;
    }
}
