//! What can be asked of the service.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use warp::{Filter, Reply, filters::BoxedFilter, http::StatusCode, reply::Response};

use crate::info::Info;

/// All routes, ready to serve or to be combined with others.
pub type Routes = BoxedFilter<(Response,)>;

/// Whether new requests are welcome. Shared between the routes and the one who shuts the service down.
#[derive(Clone, Debug)]
pub struct Readiness(Arc<AtomicBool>);

impl Readiness {
    /// Ready from the start, or not yet.
    pub fn new(ready: bool) -> Self {
        Self(Arc::new(AtomicBool::new(ready)))
    }

    /// From now on `/readyz` says so.
    pub fn set(&self, ready: bool) {
        self.0.store(ready, Ordering::SeqCst);
    }

    /// What `/readyz` would say.
    pub fn get(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

/// `GET`: `/` and `/hello` greet, `/healthz` answers while the process lives, `/readyz` 200 or 503 by `readiness`,
/// `/version` is `info` as JSON.
pub fn routes(info: Info, readiness: Readiness) -> Routes {
    let info = Arc::new(info);
    let greeting = warp::path::end().or(warp::path!("hello")).unify().map(|| "Hello world\n".into_response());
    let alive = warp::path!("healthz").map(|| "ok\n".into_response());
    let ready = warp::path!("readyz").map(move || {
        if readiness.get() {
            "ready\n".into_response()
        } else {
            warp::reply::with_status("shutting down\n", StatusCode::SERVICE_UNAVAILABLE).into_response()
        }
    });
    let version = warp::path!("version").map(move || warp::reply::json(&*info).into_response());
    warp::get().and(greeting.or(alive).unify().or(ready).unify().or(version).unify()).boxed()
}
