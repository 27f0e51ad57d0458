//! One connection: HTTP/1.1, or HTTP/2 without TLS for who begins with its preface (Cloud Run does, when asked to).

use std::{
    convert::Infallible,
    error::Error,
    future::{pending, poll_fn},
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    task::Poll,
};

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
    bell::Bell,
    config::Limits,
    log::{Level, Log},
    metrics::{End, Metrics},
    pace::{Pace, Paced, Watch},
    request::{Desk, Shared, Talk},
    routes::Routes,
};

const BAD_REQUEST: u16 = 400;
/// Also of a target that is too long, which hyper answers with 414.
const HEAD_TOO_LARGE: u16 = 431;

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
    routes: Routes,
    builder: Arc<Builder<TokioExecutor>>,
}

impl Connections {
    /// With these routes and limits, counted and logged.
    pub fn new(routes: Routes, limits: Limits, metrics: Arc<Metrics>, log: Log) -> Self {
        let mut builder = Builder::new(TokioExecutor::new());
        // Deadlines of a connection are ours (see `pace`): hyper's own runs between requests too, so that it can either be
        // short for a slow head or long for an idle balancer.
        // Head and body in one piece: our bodies are short, and copying one costs less than telling the kernel of two places.
        // No `pipeline_flush`: with it, hyper 1.12 never sends its 400 and 431 while bytes of the bad request are buffered.
        builder.http1().header_read_timeout(None).max_buf_size(limits.head).writev(false);
        builder
            .http2()
            .timer(TokioTimer::new())
            .max_concurrent_streams(limits.streams)
            .max_header_list_size(u32::try_from(limits.head).unwrap_or(u32::MAX))
            .max_pending_accept_reset_streams(20)
            .max_local_error_reset_streams(64)
            .max_send_buf_size(16 * 1024);
        let shared = Shared {
            limits,
            metrics,
            log,
            leaving: AtomicBool::new(false),
            crowded: AtomicBool::new(false),
            cutting: AtomicBool::new(false),
        };
        Self { shared: Arc::new(shared), routes, builder: Arc::new(builder) }
    }

    /// From now on answers end their connection.
    pub fn leave(&self) {
        self.shared.leaving.store(true, Relaxed);
    }

    /// Whether others wait for a place; whether that is news. The connections have to be woken to hear of it.
    pub fn crowd(&self, crowded: bool) -> bool {
        self.shared.crowded.swap(crowded, Relaxed) != crowded
    }

    /// From now on a request that ends without an answer was cut by us.
    pub fn cut(&self) {
        self.shared.cutting.store(true, Relaxed);
    }

    /// Serves one until it ends or is cut. `None`: it ended well.
    pub async fn serve<IO>(&self, io: IO, mut stages: watch::Receiver<Stage>) -> Option<End>
    where
        IO: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let shared = &self.shared;
        let limits = &shared.limits;
        let now = Instant::now();
        let pace = Arc::new(Pace::new(now));
        let talk = Arc::new(Talk { shared: Arc::clone(shared), pace: Arc::clone(&pace) });
        let desk = Desk::new(talk, warp::service(self.routes.clone()));
        let io = TokioIo::new(Paced { io, pace: Arc::clone(&pace) });
        let mut connection = pin!(self.builder.serve_connection(io, desk));
        let mut watch = Watch::new(limits, now);
        let mut bell = Bell::new();
        let mut alarm = pin!(sleep_until(now + limits.header));
        let mut news = pin!(news(stages.clone()));
        let mut stage = Stage::Open;
        let mut told = false;
        let end = poll_fn(|cx| {
            bell.hang(cx.waker());
            loop {
                if let Poll::Ready(result) = connection.as_mut().poll(cx) {
                    return Poll::Ready(result.err().map(|error| {
                        tell_unread(shared, &*error);
                        End::Broken
                    }));
                }
                // Told earlier, hyper would close on a request that is on its way; the watch ends the wait for it.
                if stage == Stage::Close && !told && !pace.expects() {
                    told = true;
                    connection.as_mut().graceful_shutdown();
                    continue;
                }
                // An alarm that is early costs one look; only one that is late would be wrong.
                watch.crowd(shared.crowded.load(Relaxed), &pace, limits);
                let until = watch.look(&pace, limits, Instant::now);
                let earlier = until < alarm.deadline();
                if earlier {
                    alarm.as_mut().reset(until);
                }
                if !bell.rang() && !earlier {
                    return Poll::Pending;
                }
                while alarm.as_mut().poll(&mut bell.context()).is_ready() {
                    if let Some(end) = watch.judge(&pace, limits, Instant::now()) {
                        return Poll::Ready(Some(end));
                    }
                    alarm.as_mut().reset(watch.look(&pace, limits, Instant::now));
                }
                let Poll::Pending = news.as_mut().poll(&mut bell.context());
                let before = std::mem::replace(&mut stage, said(&mut stages));
                if stage == before {
                    return Poll::Pending;
                }
                match stage {
                    // GOAWAY tells an HTTP/2 client which requests were not seen, so nothing is lost by saying it early.
                    Stage::Notice if pace.http2() => connection.as_mut().graceful_shutdown(),
                    Stage::Open | Stage::Notice => {}
                    Stage::Close => watch.hurry(Instant::now()),
                }
            }
        })
        .await;
        if let Some(end) = end
            && shared.log.wants(Level::Debug)
        {
            shared.log.say(Level::Debug, "connection ended", &[("reason", &format!("{end:?}"))]);
        }
        end
    }
}

/// hyper answers bytes that are no request, and heads that are too large, without us: they are counted and logged here.
fn tell_unread(shared: &Shared, error: &(dyn Error + 'static)) {
    let Some(error) = error.downcast_ref::<hyper::Error>().filter(|error| error.is_parse()) else { return };
    let status = if error.is_parse_too_large() { HEAD_TOO_LARGE } else { BAD_REQUEST };
    shared.metrics.unread(status);
    shared.log.say(
        Level::Warn,
        "a request that cannot be read",
        &[("status", &status.to_string()), ("error", &error.to_string())],
    );
}

/// Wakes its task with each new stage. There is never a last one.
async fn news(mut stages: watch::Receiver<Stage>) -> Infallible {
    while stages.changed().await.is_ok() {}
    pending().await
}

/// The stage as it is now; when nobody is left to say it, it is over.
fn said(stages: &mut watch::Receiver<Stage>) -> Stage {
    if stages.has_changed().is_ok() { *stages.borrow_and_update() } else { Stage::Close }
}
