//! Makes an instance sick without any knob in the real service: a layer in front of its routes.

use std::sync::{
    Arc,
    atomic::{AtomicU16, Ordering},
};

use hello_service::Routes;
use warp::{Filter, Reply, http::StatusCode, path::FullPath, reply::Response};

/// The status every route but `/readyz` answers with, while the instance is sick: the clouds go on calling it ready.
#[derive(Clone, Debug, Default)]
pub struct Sickness(Arc<AtomicU16>);

impl Sickness {
    /// From now on. `None`: well.
    pub fn set(&self, status: Option<u16>) {
        self.0.store(status.unwrap_or(0), Ordering::SeqCst);
    }

    fn answer(&self, path: &str) -> Option<Response> {
        let status = StatusCode::from_u16(self.0.load(Ordering::SeqCst)).ok()?;
        (path != "/readyz").then(|| warp::reply::with_status("sick\n", status).into_response())
    }
}

/// These routes, as far as the instance is well.
pub fn layered(routes: Routes, sickness: Sickness) -> Routes {
    warp::path::full()
        .and_then(move |path: FullPath| {
            let answer = sickness.answer(path.as_str());
            async move { answer.ok_or_else(warp::reject::not_found) }
        })
        .or(routes)
        .unify()
        .boxed()
}
