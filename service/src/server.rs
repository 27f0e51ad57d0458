//! Listening, the accept loop, and draining on the way out.

use std::{
    fmt, io,
    io::Write,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use serde_json::json;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    task::JoinSet,
    time::{Instant, sleep, sleep_until},
};

use crate::{
    config::{Drain, Limits},
    connection::{Connections, Stage},
    info::Info,
    log::{Level, Log},
    metrics::Metrics,
    routes::{Readiness, Routes},
};

/// Pause after a failed accept, which mostly means that no file descriptor is free.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Bytes of answers the kernel holds for one client (it doubles the number for its own use).
#[cfg(target_os = "linux")]
const SEND_BUFFER: usize = 8 * 1024;

/// Why the service does not listen.
#[derive(Debug)]
pub struct StartError {
    address: SocketAddr,
    source: io::Error,
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot listen on {}: {}", self.address, self.source)
    }
}

impl std::error::Error for StartError {}

/// Binds `port` (0: any free one) on `host`.
pub async fn listen(host: Ipv4Addr, port: u16) -> Result<TcpListener, StartError> {
    let address = SocketAddr::from((host, port));
    TcpListener::bind(address).await.map_err(|source| StartError { address, source })
}

/// One JSON line on standard output that says where we listen and who we are: with port 0 nobody else knows.
pub fn announce(listener: &TcpListener, info: &Info) -> io::Result<()> {
    let address = listener.local_addr()?.to_string();
    let line = json!({"severity": "INFO", "message": "listening", "address": address, "info": info});
    let mut out = io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()
}

/// How the service ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drained {
    /// Every request was answered.
    Clean,
    /// So many connections were still busy at the deadline, and were cut.
    Cut(usize),
}

/// Serves routes on a listener.
#[derive(Clone, Debug)]
pub struct Server {
    /// How much one client may take.
    pub limits: Limits,
    /// How it ends.
    pub drain: Drain,
    /// Set to "not ready" when it begins to end.
    pub readiness: Readiness,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// Where its lines go.
    pub log: Log,
}

impl Server {
    /// With the usual limits, draining as on Cloud Run, and no log.
    pub fn new(readiness: Readiness, metrics: Arc<Metrics>) -> Self {
        Self { limits: Limits::default(), drain: Drain::CLOUD_RUN, readiness, metrics, log: Log::off() }
    }

    /// Serves until `shutdown` ends; then says "not ready" at once, accepts on for the notice, closes what is idle, lets
    /// running requests finish, and cuts what is left at the deadline.
    pub async fn run(self, listener: TcpListener, routes: Routes, shutdown: impl Future<Output = ()>) -> Drained {
        let Self { limits, drain, readiness, metrics, log } = self;
        let (stage, stages) = watch::channel(Stage::Open);
        let mut door = Door {
            connections: Connections::new(routes, limits, Arc::clone(&metrics), log.clone()),
            places: Arc::new(Semaphore::new(limits.connections)),
            running: JoinSet::new(),
            stage: stage.clone(),
            stages,
            limits,
            metrics,
            log: log.clone(),
        };
        tokio::select! {
            () = shutdown => {}
            never = door.keep(&listener) => match never {},
        }
        let asked = Instant::now();
        readiness.set(false);
        door.connections.leave();
        // Sent only to connections; there may be none.
        let _ = stage.send(Stage::Notice);
        log.say(Level::Info, "shutting down", &[]);
        tokio::select! {
            () = sleep_until(asked + drain.notice) => {}
            never = door.keep(&listener) => match never {},
        }
        door.clear(&listener);
        drop(listener);
        let _ = stage.send(Stage::Close);
        let hard_stop = sleep_until(asked + drain.deadline);
        let emptied = async { while door.running.join_next().await.is_some() {} };
        let done = tokio::select! {
            () = hard_stop => false,
            () = emptied => true,
        };
        if done {
            return Drained::Clean;
        }
        let left = door.running.len();
        door.connections.cut();
        door.running.shutdown().await;
        Drained::Cut(left)
    }
}

/// Lets connections in.
struct Door {
    connections: Connections,
    places: Arc<Semaphore>,
    running: JoinSet<()>,
    stage: watch::Sender<Stage>,
    stages: watch::Receiver<Stage>,
    limits: Limits,
    metrics: Arc<Metrics>,
    log: Log,
}

impl Door {
    /// Accepts for ever. Cancel-safe.
    async fn keep(&mut self, listener: &TcpListener) -> std::convert::Infallible {
        loop {
            self.reap();
            // A place first: who does not fit waits in the kernel and costs us nothing.
            self.crowd();
            let Ok(place) = Arc::clone(&self.places).acquire_owned().await else {
                // Nobody closes it.
                std::future::pending().await
            };
            match listener.accept().await {
                Ok((stream, _)) => self.admit(stream, place),
                Err(error) => {
                    self.metrics.refused();
                    self.log.say(Level::Error, "cannot accept", &[("error", &error.to_string())]);
                    sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }

    /// While every place is taken, idle connections go sooner; with a tenth of the places free again they may stay.
    fn crowd(&self) {
        let free = self.places.available_permits();
        let news = match free {
            0 => self.connections.crowd(true),
            _ if free > self.limits.connections / 10 => self.connections.crowd(false),
            _ => false,
        };
        if news {
            // Wakes every connection with the stage it knows.
            self.stage.send_modify(|_| {});
        }
    }

    /// Takes in those the kernel has already accepted: closing the listener would reset them.
    fn clear(&mut self, listener: &TcpListener) {
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        while let Ok(place) = Arc::clone(&self.places).try_acquire_owned() {
            let std::task::Poll::Ready(Ok((stream, _))) = listener.poll_accept(&mut context) else { return };
            self.admit(stream, place);
        }
    }

    fn admit(&mut self, stream: TcpStream, place: OwnedSemaphorePermit) {
        prepare(&stream, self.limits.write);
        let (connections, stages, metrics) = (self.connections.clone(), self.stages.clone(), Arc::clone(&self.metrics));
        metrics.opened();
        self.running.spawn(async move {
            let counted = Counted { metrics, end: None };
            serve(connections, stream, stages, counted).await;
            drop(place);
        });
    }

    /// Forgets connections that ended. One that panicked took only itself along.
    fn reap(&mut self) {
        while let Some(result) = self.running.try_join_next() {
            if let Err(error) = result
                && error.is_panic()
            {
                self.metrics.panicked();
                self.log.say(Level::Error, "a connection panicked", &[("error", &error.to_string())]);
            }
        }
    }
}

async fn serve(connections: Connections, stream: TcpStream, stages: watch::Receiver<Stage>, mut counted: Counted) {
    counted.end = connections.serve(stream, stages).await;
}

/// Counts the end of a connection, also of one that is cut from outside.
struct Counted {
    metrics: Arc<Metrics>,
    end: Option<crate::metrics::End>,
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.metrics.closed(self.end);
    }
}

/// Small answers leave at once, and the kernel gives up on a client that takes nothing of what is in its buffer. An old
/// kernel that knows neither serves all the same.
fn prepare(stream: &TcpStream, patience: Duration) {
    let _ = stream.set_nodelay(true);
    #[cfg(target_os = "linux")]
    {
        let patience = u32::try_from(patience.as_millis()).unwrap_or(u32::MAX);
        let _ = rustix::net::sockopt::set_tcp_user_timeout(stream, patience);
        // A few answers fit. With the kernel's megabytes, many could be asked for and taken in byte by byte unseen.
        let _ = rustix::net::sockopt::set_socket_send_buffer_size(stream, SEND_BUFFER);
    }
    #[cfg(not(target_os = "linux"))]
    let _ = patience;
}
