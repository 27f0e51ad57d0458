//! What is counted. Labels come from closed sets, so no client can make the answer of `/metrics` grow.

use std::{
    sync::atomic::{AtomicI64, AtomicU64, AtomicUsize, Ordering::Relaxed},
    time::Duration,
};

use hyper::Method;

mod text;

/// Upper bounds of the latency histogram, in microseconds.
const BOUNDS: [u64; 12] = [100, 250, 500, 1_000, 2_500, 5_000, 10_000, 50_000, 100_000, 500_000, 1_000_000, 5_000_000];

/// A label set: each variant has a place in the table and a word in the text.
macro_rules! label {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[expect(missing_docs, reason = "each is its word")]
        pub enum $name { $($variant),+ }

        impl $name {
            const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// As it is written.
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }
    };
}

label!(
    /// The route that was asked for.
    Route { Root = "/", Hello = "/hello", Healthz = "/healthz", Readyz = "/readyz", Version = "/version", Metrics = "/metrics", Other = "other" }
);
label!(
    /// How it was asked for.
    Verb { Get = "GET", Head = "HEAD", Other = "other" }
);
label!(
    /// What was answered.
    Code { Ok = "200", BadRequest = "400", NotFound = "404", NotAllowed = "405", Timeout = "408", TooLarge = "413", HeadTooLarge = "431", Left = "499", Broke = "500", Unready = "503", Other = "other" }
);
label!(
    /// Why a connection was cut by us, or broke.
    End { Header = "header", Idle = "idle", Stuck = "stuck", Stalled = "stalled", Lingering = "lingering", Broken = "broken" }
);

impl Route {
    /// The route with this path.
    pub fn of(path: &str) -> Self {
        Self::ALL.iter().copied().find(|route| route.word() == path).unwrap_or(Self::Other)
    }
}

impl Verb {
    fn of(method: &Method) -> Self {
        match *method {
            Method::GET => Self::Get,
            Method::HEAD => Self::Head,
            _ => Self::Other,
        }
    }
}

impl Code {
    fn of(status: u16) -> Self {
        match status {
            200 => Self::Ok,
            400 => Self::BadRequest,
            404 => Self::NotFound,
            405 => Self::NotAllowed,
            408 => Self::Timeout,
            413 => Self::TooLarge,
            431 => Self::HeadTooLarge,
            499 => Self::Left,
            500 => Self::Broke,
            503 => Self::Unready,
            _ => Self::Other,
        }
    }
}

const ROUTES: usize = Route::ALL.len();
const VERBS: usize = Verb::ALL.len();
const CODES: usize = Code::ALL.len();

/// Places to count requests in.
const SHARDS: usize = 8;

/// What one thread in so many counts of requests. Cores that count in the same place wait for each other, so it has cache
/// lines of its own.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Shard {
    requests: [[[AtomicU64; CODES]; VERBS]; ROUTES],
    buckets: [AtomicU64; BOUNDS.len() + 1],
    /// Sum of all latencies, in microseconds.
    sum: AtomicU64,
    begun: AtomicU64,
}

impl Shard {
    /// The place of this thread.
    fn place() -> usize {
        static THREADS: AtomicUsize = AtomicUsize::new(0);
        thread_local! {
            static PLACE: usize = THREADS.fetch_add(1, Relaxed) % SHARDS;
        }
        PLACE.with(|place| *place)
    }
}

/// The counters of one service. Shared by everything that serves.
#[derive(Debug, Default)]
pub struct Metrics {
    shards: [Shard; SHARDS],
    connections: AtomicI64,
    accepted: AtomicU64,
    refused: AtomicU64,
    panics: AtomicU64,
    lines_lost: AtomicU64,
    ends: [AtomicU64; End::ALL.len()],
}

impl Metrics {
    /// A request arrived.
    pub fn begin(&self) {
        self.shards[Shard::place()].begun.fetch_add(1, Relaxed);
    }

    /// It ended with this status (499: the client left).
    pub fn end(&self, route: Route, method: &Method, status: u16, duration: Duration) {
        let shard = &self.shards[Shard::place()];
        shard.requests[route as usize][Verb::of(method) as usize][Code::of(status) as usize].fetch_add(1, Relaxed);
        let micros = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
        let bucket = BOUNDS.iter().position(|bound| micros <= *bound).unwrap_or(BOUNDS.len());
        shard.buckets[bucket].fetch_add(1, Relaxed);
        shard.sum.fetch_add(micros, Relaxed);
    }

    /// Bytes that were no request, or the head of one that was too large, were refused with this status. It was never
    /// answered by a route, and so has no latency.
    pub fn unread(&self, status: u16) {
        let shard = &self.shards[Shard::place()];
        let place = &shard.requests[Route::Other as usize][Verb::Other as usize][Code::of(status) as usize];
        place.fetch_add(1, Relaxed);
    }

    /// A connection was accepted.
    pub fn opened(&self) {
        self.connections.fetch_add(1, Relaxed);
        self.accepted.fetch_add(1, Relaxed);
    }

    /// It ended; `end` when it was cut or broke.
    pub fn closed(&self, end: Option<End>) {
        self.connections.fetch_sub(1, Relaxed);
        if let Some(end) = end {
            self.ends[end as usize].fetch_add(1, Relaxed);
        }
    }

    /// A connection could not be accepted.
    pub fn refused(&self) {
        self.refused.fetch_add(1, Relaxed);
    }

    /// A task panicked.
    pub fn panicked(&self) {
        self.panics.fetch_add(1, Relaxed);
    }

    /// A line of the log was dropped.
    pub fn lost_line(&self) {
        self.lines_lost.fetch_add(1, Relaxed);
    }

    /// Tasks that panicked so far.
    pub fn panics(&self) -> u64 {
        self.panics.load(Relaxed)
    }

    /// Connections open now.
    pub fn connections(&self) -> i64 {
        self.connections.load(Relaxed)
    }

    /// Requests being answered now.
    pub fn in_flight(&self) -> u64 {
        // Ended ones first: one that ends in between must not be missing from those that began.
        let ended = self.total(|shard| shard.buckets.iter().map(|bucket| bucket.load(Relaxed)).sum());
        self.total(|shard| shard.begun.load(Relaxed)).saturating_sub(ended)
    }

    fn total(&self, count: impl Fn(&Shard) -> u64) -> u64 {
        self.shards.iter().map(count).sum()
    }

    /// Connections that ended in this way so far.
    pub fn ended(&self, end: End) -> u64 {
        self.ends[end as usize].load(Relaxed)
    }
}
