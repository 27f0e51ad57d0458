//! What can be asked of the service.

use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use hyper::body::Bytes;
use warp::{
    Filter, Rejection, Reply,
    filters::BoxedFilter,
    http::{
        HeaderValue, Method, StatusCode,
        header::{ALLOW, CONTENT_TYPE, VARY},
    },
    reply::Response,
};

use crate::{info::Info, metrics::Metrics};

mod accept;

use accept::Preference;

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

/// GET and HEAD: `/` and `/hello` greet (text, or JSON for who prefers it), `/healthz` answers while the process lives,
/// `/readyz` 200 or 503 by `readiness`, `/version` is `info` as JSON, `/metrics` is `metrics` in Prometheus' text.
/// Another method is 405, another path 404.
pub fn routes(info: Info, readiness: Readiness, metrics: Arc<Metrics>) -> Routes {
    // Who answers does not change, and neither does its JSON. Shared, because warp clones closures for each request.
    let who = Bytes::from(serde_json::to_string(&info).unwrap_or_else(|_| "{}".to_owned()));
    let info = Arc::new(info);
    let greeting = warp::path!("hello").or(warp::path::end()).unify().and(preference()).and(warp::method()).map(
        |prefers_json: bool, method| {
            let mut response = looked_at(&method, || {
                if prefers_json {
                    typed("application/json", "{\"message\":\"Hello world\"}\n")
                } else {
                    "Hello world\n".into_response()
                }
            });
            response.headers_mut().insert(VARY, HeaderValue::from_static("accept"));
            response
        },
    );
    let alive = at(warp::path!("healthz"), || "ok\n".into_response());
    let ready = at(warp::path!("readyz"), move || {
        if readiness.get() {
            "ready\n".into_response()
        } else {
            warp::reply::with_status("not ready\n", StatusCode::SERVICE_UNAVAILABLE).into_response()
        }
    });
    let version = at(warp::path!("version"), move || typed("application/json", hyper::Response::new(who.clone())));
    let numbers = at(warp::path!("metrics"), move || typed("text/plain; version=0.0.4", metrics.text(&info)));
    let nothing = warp::any().map(|| warp::reply::with_status("not found\n", StatusCode::NOT_FOUND).into_response());
    // The first route costs nothing for the others; those it has to carry along are behind one pointer.
    let others = alive.or(ready).unify().or(version).unify().or(numbers).unify().or(nothing).unify().boxed();
    greeting.or(others).unify().boxed()
}

/// Whether the client prefers JSON. What cannot be read prefers nothing.
fn preference() -> impl Filter<Extract = (bool,), Error = Infallible> + Clone {
    let said = warp::header::optional::<Preference>("accept");
    said.or(warp::any().map(|| None)).unify().map(|said: Option<Preference>| said.is_some_and(|said| said.json))
}

/// `answer` for those who look at this path.
fn at(
    path: impl Filter<Extract = (), Error = Rejection> + Clone + Send + Sync + 'static,
    answer: impl Fn() -> Response + Clone + Send + Sync + 'static,
) -> impl Filter<Extract = (Response,), Error = Rejection> + Clone {
    path.and(warp::method()).map(move |method| looked_at(&method, &answer))
}

/// Looking is all that can be done here. What HEAD must not carry is taken away where the answer is sent.
fn looked_at(method: &Method, answer: impl Fn() -> Response) -> Response {
    if *method == Method::GET || *method == Method::HEAD {
        return answer();
    }
    let response = warp::reply::with_status("method not allowed\n", StatusCode::METHOD_NOT_ALLOWED);
    warp::reply::with_header(response, ALLOW, "GET, HEAD").into_response()
}

fn typed(kind: &'static str, body: impl Reply) -> Response {
    let mut response = body.into_response();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}
