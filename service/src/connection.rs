//! One connection: HTTP/1.1, or HTTP/2 without TLS for who begins with its preface (Cloud Run does, when asked to).

use std::{convert::Infallible, future::poll_fn, pin::pin, sync::Arc, task::Poll};

use hyper::service::service_fn;
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto::Builder,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::watch,
    time::{Instant, sleep_until},
};

use crate::{
    config::Limits,
    log::Log,
    metrics::{End, Metrics},
    pace::{Pace, Paced, Watch},
    request::{Shared, Talk, answer},
    routes::Routes,
};

/// Where the service is on its way out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stage {
    /// It serves.
    #[default]
    Open,
    /// Still open for who has not noticed; each answer ends its connection.
    Notice,
    /// Idle connections are closed, and others as soon as they are idle.
    Close,
}

/// Serves connections with the same routes and limits.
#[derive(Clone)]
pub struct Connections {
    shared: Arc<Shared>,
    builder: Arc<Builder<TokioExecutor>>,
}

impl Connections {
    /// With these routes and limits, counted and logged.
    pub fn new(routes: Routes, limits: Limits, metrics: Arc<Metrics>, log: Log) -> Self {
        let mut builder = Builder::new(TokioExecutor::new());
        // Deadlines of a connection are ours (see `pace`): hyper's own runs between requests too, so that it can either be
        // short for a slow head or long for an idle balancer.
        // No `pipeline_flush`: with it, hyper 1.12 never sends its 400 and 431 while bytes of the bad request are buffered.
        builder.http1().header_read_timeout(None).max_buf_size(limits.head);
        builder
            .http2()
            .timer(TokioTimer::new())
            .max_concurrent_streams(limits.streams)
            .max_header_list_size(u32::try_from(limits.head).unwrap_or(u32::MAX))
            .max_pending_accept_reset_streams(20)
            .max_local_error_reset_streams(64)
            .max_send_buf_size(16 * 1024);
        Self { shared: Arc::new(Shared::new(routes, limits, metrics, log)), builder: Arc::new(builder) }
    }

    /// From now on answers end their connection.
    pub fn leave(&self) {
        self.shared.leaving.store(true, std::sync::atomic::Ordering::Relaxed);
    }

    /// Serves one until it ends or is cut. `None`: it ended well.
    pub async fn serve<IO>(&self, io: IO, mut stage: watch::Receiver<Stage>) -> Option<End>
    where
        IO: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let shared = &self.shared;
        let pace = Arc::new(Pace::default());
        let talk = Arc::new(Talk { shared: Arc::clone(shared), pace: Arc::clone(&pace) });
        let service = service_fn(|request| {
            let answer = answer(Arc::clone(&talk), request);
            async move { Ok::<_, Infallible>(answer.await) }
        });
        let io = TokioIo::new(Paced { io, pace: Arc::clone(&pace) });
        let mut connection = pin!(self.builder.serve_connection(io, service));
        let limits = &shared.limits;
        let mut watch = Watch::new(limits, Instant::now());
        let mut alarm = pin!(sleep_until(Instant::now() + limits.header));
        loop {
            let until_end = poll_fn(|cx| {
                if let Poll::Ready(result) = connection.as_mut().poll(cx) {
                    return Poll::Ready(result.err().map(|_| End::Broken));
                }
                // An alarm that is early costs one look; only one that is late would be wrong.
                let until = watch.look(&pace, limits, Instant::now);
                if until < alarm.deadline() {
                    alarm.as_mut().reset(until);
                }
                while alarm.as_mut().poll(cx).is_ready() {
                    if let Some(end) = watch.judge(&pace, limits, Instant::now()) {
                        return Poll::Ready(Some(end));
                    }
                    alarm.as_mut().reset(watch.look(&pace, limits, Instant::now));
                }
                Poll::Pending
            });
            tokio::select! {
                biased;
                end = until_end => {
                    if let Some(end) = end && shared.log.wants(crate::log::Level::Debug) {
                        shared.log.say(crate::log::Level::Debug, "connection ended", &[("reason", &format!("{end:?}"))]);
                    }
                    return end;
                }
                changed = stage.changed() => {
                    let now = if changed.is_ok() { *stage.borrow_and_update() } else { Stage::Close };
                    match now {
                        // GOAWAY tells an HTTP/2 client which requests were not seen, so nothing is lost by saying it early.
                        Stage::Notice if pace.http2() => connection.as_mut().graceful_shutdown(),
                        Stage::Open | Stage::Notice => {}
                        Stage::Close => {
                            connection.as_mut().graceful_shutdown();
                            watch.hurry(Instant::now());
                            if changed.is_err() {
                                // Nobody is left to change it.
                                stage = watch::channel(Stage::Close).1;
                            }
                        }
                    }
                }
            }
        }
    }
}
