//! Listening, and draining on the way out.

use std::{env, fmt, future::Future, io, io::Write, net::SocketAddr, time::Duration};

use serde_json::json;
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
    sync::oneshot,
    time::timeout,
};

use crate::{
    info::Info,
    routes::{Readiness, Routes},
};

/// How long running requests may take to end after the shutdown began. Cloud Run kills after 10 s.
pub const DRAIN: Duration = Duration::from_secs(8);
/// Used when `PORT` is not set.
const DEFAULT_PORT: u16 = 8080;

/// Why the service does not listen.
#[derive(Debug)]
pub enum StartError {
    /// `PORT` is not a port number.
    Port(String),
    /// The port cannot be had.
    Bind(SocketAddr, io::Error),
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Port(value) => write!(f, "PORT must be a number from 0 to 65535, not {value:?}"),
            Self::Bind(address, error) => write!(f, "cannot listen on {address}: {error}"),
        }
    }
}

impl std::error::Error for StartError {}

/// Binds the port named by `PORT` (0: any free one; unset: 8080) on `host`.
pub async fn listen(host: [u8; 4]) -> Result<TcpListener, StartError> {
    let port = match env::var_os("PORT") {
        None => DEFAULT_PORT,
        Some(value) => {
            let value = value.to_string_lossy();
            value.parse().map_err(|_| StartError::Port(value.chars().take(40).collect()))?
        }
    };
    let address = SocketAddr::from((host, port));
    TcpListener::bind(address).await.map_err(|error| StartError::Bind(address, error))
}

/// One JSON line on standard output that says where we listen and who we are: with port 0 nobody else knows.
pub fn announce(listener: &TcpListener, info: &Info) -> io::Result<()> {
    let line = json!({"message": "listening", "address": listener.local_addr()?.to_string(), "info": info});
    let mut out = io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()
}

/// One JSON line on standard error. A log that cannot be written is not worth ending for.
pub(crate) fn log(message: &str, error: &str) {
    let _ = writeln!(io::stderr().lock(), "{}", json!({"message": message, "error": error}));
}

/// Serves until `shutdown` ends, then says "not ready" at once, lets running requests finish, and gives up on them
/// after [`DRAIN`]. Returns whether all of them finished.
pub async fn serve(
    listener: TcpListener,
    routes: Routes,
    readiness: Readiness,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> bool {
    let (began, draining) = oneshot::channel();
    let stop = async move {
        shutdown.await;
        readiness.set(false);
        let _ = began.send(());
    };
    let server = warp::serve(routes).incoming(listener).graceful(stop).run();
    tokio::pin!(server);
    tokio::select! {
        () = &mut server => true,
        _ = draining => timeout(DRAIN, server).await.is_ok(),
    }
}

/// Ends when the process is asked to end: SIGTERM (the clouds) or SIGINT (a person).
pub async fn signalled() -> io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}
