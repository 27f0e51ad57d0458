//! One request: what is refused before the routes see it, the time it may take, the headers of its answer, and what is
//! told about it afterwards.

use std::{
    future::poll_fn,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    task::{Context, Poll},
};

use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::{
    HeaderMap, Method, Request, StatusCode, Uri, Version,
    body::{Body, Bytes, Frame, SizeHint},
    header::{
        CACHE_CONTROL, CONNECTION, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, HOST, HeaderName, HeaderValue,
        REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, TRANSFER_ENCODING, X_CONTENT_TYPE_OPTIONS,
    },
    service::Service,
};
use hyper_util::service::TowerToHyperService;
use tokio::time::{Instant, timeout_at};
use warp::{Reply, reply::Response};

use crate::{
    config::Limits,
    log::{Log, line::Exchange},
    metrics::Metrics,
    pace::Pace,
    routes::Routes,
    trace,
};

/// Status in log and metrics of a request whose client left before the answer (nginx's word for it).
const LEFT: u16 = 499;
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// What all connections of one service share.
pub struct Shared {
    pub limits: Limits,
    pub metrics: Arc<Metrics>,
    pub log: Log,
    /// The service is on its way out: answers on HTTP/1 end their connection.
    pub leaving: AtomicBool,
    serve: Box<dyn Fn(Request<Full<Bytes>>) -> Answering + Send + Sync>,
}

type Answering = Pin<Box<dyn Future<Output = Response> + Send>>;

impl Shared {
    pub fn new(routes: Routes, limits: Limits, metrics: Arc<Metrics>, log: Log) -> Self {
        let service = TowerToHyperService::new(warp::service(routes));
        let serve = Box::new(move |request| {
            let answering = service.call(request);
            Box::pin(async move {
                match answering.await {
                    Ok(response) => response,
                    Err(never) => match never {},
                }
            }) as Answering
        });
        Self { limits, metrics, log, leaving: AtomicBool::new(false), serve }
    }
}

/// What the requests of one connection share. One pointer of its own: counting the references to something that all
/// connections share would cost more than anything else done here.
pub struct Talk {
    pub shared: Arc<Shared>,
    pub pace: Arc<Pace>,
}

/// Answers one request.
pub async fn answer<B>(talk: Arc<Talk>, request: Request<B>) -> hyper::Response<Told>
where
    B: Body<Data = Bytes> + Send,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let began = Instant::now();
    let http2 = request.version() == Version::HTTP_2;
    talk.shared.metrics.begin();
    let mut visit = Visit {
        period: talk.pace.begin(http2),
        method: request.method().clone(),
        uri: request.uri().clone(),
        version: request.version(),
        trace: trace::id(request.headers()).map(Into::into),
        status: None,
        began,
        talk,
    };
    let shared = &visit.talk.shared;
    let secure = request.headers().get(&X_FORWARDED_PROTO).is_some_and(|proto| proto == "https");
    let (mut response, whole) = route(shared, request, began + shared.limits.request).await;
    if visit.method == Method::HEAD
        && let Some(length) = response.body().size_hint().exact()
    {
        response.headers_mut().insert(CONTENT_LENGTH, length.into());
        *response.body_mut() = "".into_response().into_body();
    }
    // A body that was not read to its end would be taken for the next request.
    let last = !whole || shared.leaving.load(Relaxed);
    dress(response.headers_mut(), secure, last && !http2);
    visit.status = Some(response.status().as_u16());
    response.map(|body| Told { body, _visit: visit })
}

/// The answer, and whether all of the request was read.
async fn route<B>(shared: &Shared, request: Request<B>, deadline: Instant) -> (Response, bool)
where
    B: Body<Data = Bytes> + Send,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    if request.version() == Version::HTTP_11 && request.headers().get_all(HOST).iter().count() != 1 {
        return (plain(StatusCode::BAD_REQUEST, "exactly one Host header is needed\n"), false);
    }
    let limit = shared.limits.body;
    let announced = request.body().size_hint().lower();
    if announced > limit as u64 {
        return (plain(StatusCode::PAYLOAD_TOO_LARGE, "the body is too large\n"), false);
    }
    let (head, body) = request.into_parts();
    let body = if body.is_end_stream() {
        Bytes::new()
    } else {
        match timeout_at(deadline, Limited::new(body, limit).collect()).await {
            Err(_) => return (plain(StatusCode::REQUEST_TIMEOUT, "the body took too long\n"), false),
            Ok(Ok(body)) => body.to_bytes(),
            Ok(Err(error)) if error.is::<LengthLimitError>() => {
                return (plain(StatusCode::PAYLOAD_TOO_LARGE, "the body is too large\n"), false);
            }
            Ok(Err(_)) => return (plain(StatusCode::BAD_REQUEST, "the body cannot be read\n"), false),
        }
    };
    let mut request = Request::from_parts(head, Full::new(body));
    // It has been read: what the routes see has neither.
    request.headers_mut().remove(TRANSFER_ENCODING);
    let mut answering = (shared.serve)(request);
    // Most answers are there at once; only for the others a timer is worth its price.
    if let Poll::Ready(response) = poll_fn(|cx| Poll::Ready(answering.as_mut().poll(cx))).await {
        return (response, true);
    }
    match timeout_at(deadline, answering).await {
        Ok(response) => (response, true),
        Err(_) => (plain(StatusCode::SERVICE_UNAVAILABLE, "no answer in time\n"), true),
    }
}

fn plain(status: StatusCode, text: &'static str) -> Response {
    warp::reply::with_status(text, status).into_response()
}

/// The headers of every answer. Nothing here may be cached, framed, sniffed or run.
fn dress(headers: &mut HeaderMap, secure: bool, last: bool) {
    const ALWAYS: [(HeaderName, HeaderValue); 4] = [
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'")),
        (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ];
    headers.reserve(ALWAYS.len() + 2);
    for (name, value) in ALWAYS {
        headers.insert(name, value);
    }
    if secure {
        // TLS ends in front of us; the header means something only to a client that came over it.
        headers.insert(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    if last {
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
    }
}

/// One request from its head to the end of its answer. Dropped early, it tells that the client left.
struct Visit {
    period: usize,
    method: Method,
    uri: Uri,
    version: Version,
    trace: Option<Box<str>>,
    status: Option<u16>,
    began: Instant,
    talk: Arc<Talk>,
}

impl Drop for Visit {
    fn drop(&mut self) {
        let duration = self.began.elapsed();
        let status = self.status.unwrap_or(LEFT);
        let path = self.uri.path();
        self.talk.pace.end(self.period);
        self.talk.shared.metrics.end(path, &self.method, status, duration);
        self.talk.shared.log.request(&Exchange {
            method: self.method.as_str(),
            path,
            status,
            duration,
            protocol: match self.version {
                Version::HTTP_10 => "HTTP/1.0",
                Version::HTTP_2 => "HTTP/2.0",
                _ => "HTTP/1.1",
            },
            trace: self.trace.as_deref(),
        });
    }
}

/// The body of an answer; its end is the end of the request.
pub struct Told {
    body: warp_body::Body,
    _visit: Visit,
}

/// warp does not export the name of its body.
mod warp_body {
    pub type Body = <warp::reply::Response as super::Carries>::Body;
}

/// The type of a response's body.
pub trait Carries {
    /// It.
    type Body;
}

impl<B> Carries for hyper::Response<B> {
    type Body = B;
}

impl Body for Told {
    type Data = Bytes;
    type Error = warp::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
