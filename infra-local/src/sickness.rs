//! Makes an instance sick without any knob in the real service: a layer in front of its routes.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU16, Ordering},
};

use hello_service::Routes;
use warp::{Filter, Reply, http::StatusCode, path::FullPath, reply::Response};

/// What is wrong with an instance just now.
#[derive(Clone, Debug, Default)]
pub struct Sickness(Arc<Symptoms>);

#[derive(Debug, Default)]
struct Symptoms {
    /// The status every route but `/readyz` answers with: the clouds go on calling the instance ready. Zero: it is well.
    status: AtomicU16,
    /// Whether `/readyz` answers 503, which the clouds do notice.
    unready: AtomicBool,
}

impl Sickness {
    /// What every route but `/readyz` answers from now on. `None`: as written.
    pub fn set(&self, status: Option<u16>) {
        self.0.status.store(status.unwrap_or(0), Ordering::SeqCst);
    }

    /// Whether `/readyz` answers as written from now on.
    pub fn set_ready(&self, ready: bool) {
        self.0.unready.store(!ready, Ordering::SeqCst);
    }

    fn answer(&self, path: &str) -> Option<Response> {
        let status = if path == "/readyz" {
            self.0.unready.load(Ordering::SeqCst).then_some(StatusCode::SERVICE_UNAVAILABLE)?
        } else {
            StatusCode::from_u16(self.0.status.load(Ordering::SeqCst)).ok()?
        };
        Some(warp::reply::with_status("sick\n", status).into_response())
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
