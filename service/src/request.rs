//! One request: what is refused before the routes see it, the time it may take, the headers of its answer, and what is
//! told about it afterwards.

use std::{
    cell::RefCell,
    convert::Infallible,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    task::{Context, Poll, Waker, ready},
    thread,
};

use http_body_util::{BodyExt, Empty, Full, LengthLimitError, Limited};
use hyper::{
    HeaderMap, Method, Request, StatusCode, Version,
    body::{Body, Bytes, Frame, Incoming, SizeHint},
    header::{
        CACHE_CONTROL, CONNECTION, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, HOST, HeaderName, HeaderValue,
        REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, TRANSFER_ENCODING, X_CONTENT_TYPE_OPTIONS,
    },
};
use tokio::time::{Instant, Sleep, sleep_until, timeout_at};
use tower_service::Service;
use warp::{Reply, reply::Response};

use crate::{
    config::Limits,
    log::{
        Log,
        line::{Exchange, LONGEST},
    },
    metrics::{Metrics, Route},
    pace::Pace,
    trace,
};

/// Status of a request that we cut ourselves, at the deadline of the way out.
const CUT: u16 = 503;
/// Status in log and metrics of a request whose client left before the answer (nginx's word for it).
const LEFT: u16 = 499;
/// The same of one whose route panicked, so that it was never answered.
const BROKE: u16 = 500;
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// What all connections of one service share.
pub struct Shared {
    pub limits: Limits,
    pub metrics: Arc<Metrics>,
    pub log: Log,
    /// The service is on its way out: answers on HTTP/1 end their connection.
    pub leaving: AtomicBool,
    /// Every place is taken, and others wait for one.
    pub crowded: AtomicBool,
    /// The time is over: what still runs is cut by us, and no client left.
    pub cutting: AtomicBool,
}

/// What the requests of one connection share. One pointer of its own: counting the references to something that all
/// connections share would cost more than anything else done here.
pub struct Talk {
    pub shared: Arc<Shared>,
    pub pace: Arc<Pace>,
}

/// The routes as warp serves them: for a request whose body was read, and for one without a body, which needs no memory
/// for it.
pub trait Routing: Served<Full<Bytes>> + Served<Empty<Bytes>> + Clone + Send + 'static {}

impl<S: Served<Full<Bytes>> + Served<Empty<Bytes>> + Clone + Send + 'static> Routing for S {}

/// The routes for requests with this kind of body.
pub trait Served<B>: Service<Request<B>, Response = Response, Error = Infallible, Future: Send> {}

impl<S: Service<Request<B>, Response = Response, Error = Infallible, Future: Send>, B> Served<B> for S {}

/// Where the requests of one connection are taken in.
pub struct Desk<S> {
    talk: Arc<Talk>,
    routes: RefCell<S>,
}

impl<S: Routing> Desk<S> {
    /// Answered by these routes.
    pub fn new(talk: Arc<Talk>, routes: S) -> Self {
        Self { talk, routes: RefCell::new(routes) }
    }
}

impl<S: Routing> hyper::service::Service<Request<Incoming>> for Desk<S> {
    type Response = hyper::Response<Told>;
    type Error = Infallible;
    type Future = Answer<<S as Service<Request<Empty<Bytes>>>>::Future>;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        let began = Instant::now();
        let http2 = request.version() == Version::HTTP_2;
        let said = Said::of(request.headers());
        let route = Route::of(request.uri().path());
        self.talk.shared.metrics.begin();
        let visit = Visit {
            period: self.talk.pace.begin(http2),
            method: request.method().clone(),
            route,
            path: if route == Route::Other { shortened(request.uri().path()) } else { Box::default() },
            version: request.version(),
            trace: if said.traced { trace::id(request.headers()).map(Into::into) } else { None },
            status: None,
            began,
            talk: Arc::clone(&self.talk),
        };
        let limits = &self.talk.shared.limits;
        let refuse = |status, text| Course::There { answer: Some(plain(status, text)), whole: false };
        // warp takes `/hello/` for `/hello`. Rules in front of us that name a path do not.
        let strays = route == Route::Other && Route::of(request.uri().path().trim_end_matches('/')) != Route::Other;
        let course = if strays {
            refuse(StatusCode::NOT_FOUND, "not found\n")
        } else if request.version() == Version::HTTP_11 && said.hosts != 1 {
            refuse(StatusCode::BAD_REQUEST, "exactly one Host header is needed\n")
        } else if request.body().size_hint().lower() > limits.body as u64 {
            refuse(StatusCode::PAYLOAD_TOO_LARGE, "the body is too large\n")
        } else if request.body().is_end_stream() {
            let answering = Box::pin(self.routes.borrow_mut().call(request.map(|_| Empty::new())));
            let course = Course::Routes { answering, deadline: began + limits.request, alarm: None };
            // On HTTP/2 it has a task of its own, which is the one to break if it breaks.
            if http2 { course } else { course.at_once() }
        } else {
            let deadline = began + limits.request;
            let routes = self.routes.borrow().clone();
            Course::WithBody { answering: Box::pin(with_body(routes, request, limits.body, deadline)) }
        };
        Answer { course, visit: Some(visit), secure: said.secure }
    }
}

/// What the headers say that matters before the routes see them. Read in one pass: looking each up would cost more.
struct Said {
    hosts: usize,
    /// The client came over TLS to whoever is in front of us.
    secure: bool,
    /// There may be a trace.
    traced: bool,
}

impl Said {
    fn of(headers: &HeaderMap) -> Self {
        let mut hosts = 0;
        let mut secure = None;
        let mut traced = false;
        for (name, value) in headers {
            if name == HOST {
                hosts += 1;
            } else if name == X_FORWARDED_PROTO {
                // The first one counts.
                secure.get_or_insert(value == "https");
            } else if trace::named_by(name) {
                traced = true;
            }
        }
        Self { hosts, secure: secure.unwrap_or(false), traced }
    }
}

/// The answer to one request.
pub struct Answer<F> {
    course: Course<F>,
    visit: Option<Visit>,
    secure: bool,
}

/// How a request is answered.
enum Course<F> {
    /// By the routes, in time.
    Routes { answering: Pin<Box<F>>, deadline: Instant, alarm: Option<Pin<Box<Sleep>>> },
    /// By the routes, when its body has come.
    WithBody { answering: Pin<Box<dyn Future<Output = (Response, bool)> + Send>> },
    /// It is there; and whether all of the request was read.
    There { answer: Option<Response>, whole: bool },
}

impl<F: Future<Output = Result<Response, Infallible>>> Course<F> {
    /// Asks the routes now, and most answer now. As long as a request lives, hyper cannot read on into the buffer it came
    /// in, and would take another one for each request.
    fn at_once(mut self) -> Self {
        if let Self::Routes { answering, .. } = &mut self
            && let Poll::Ready(Ok(answer)) = answering.as_mut().poll(&mut Context::from_waker(Waker::noop()))
        {
            return Self::There { answer: Some(answer), whole: true };
        }
        // Whoever waits is asked again, and then knows whom to wake.
        self
    }

    /// The answer, and whether all of the request was read.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<(Response, bool)> {
        match self {
            Self::Routes { answering, deadline, alarm } => match answering.as_mut().poll(cx) {
                Poll::Ready(Ok(answer)) => Poll::Ready((answer, true)),
                Poll::Ready(Err(never)) => match never {},
                Poll::Pending => {
                    // Most answers are there at once; only for the others a timer is worth its price.
                    ready!(alarm.get_or_insert_with(|| Box::pin(sleep_until(*deadline))).as_mut().poll(cx));
                    Poll::Ready((late(), true))
                }
            },
            Self::WithBody { answering } => answering.as_mut().poll(cx),
            // A future that is done is not asked again.
            Self::There { answer, whole } => {
                answer.take().map_or(Poll::Pending, |answer| Poll::Ready((answer, *whole)))
            }
        }
    }
}

impl<F: Future<Output = Result<Response, Infallible>>> Future for Answer<F> {
    type Output = Result<hyper::Response<Told>, Infallible>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        // All that must not move is in boxes.
        let this = self.get_mut();
        let (mut response, whole) = ready!(this.course.poll(cx));
        let Some(mut visit) = this.visit.take() else { return Poll::Pending };
        if visit.method == Method::HEAD
            && let Some(length) = response.body().size_hint().exact()
        {
            response.headers_mut().insert(CONTENT_LENGTH, length.into());
            *response.body_mut() = "".into_response().into_body();
        }
        // A body that was not read to its end would be taken for the next request.
        let last = !whole || visit.talk.shared.leaving.load(Relaxed);
        dress(response.headers_mut(), this.secure, last && visit.version != Version::HTTP_2);
        visit.status = Some(response.status().as_u16());
        Poll::Ready(Ok(response.map(|body| Told { body, _visit: visit })))
    }
}

/// Reads the body, then asks the routes. The answer, and whether all of the request was read.
async fn with_body<S: Routing>(
    mut routes: S,
    request: Request<Incoming>,
    limit: usize,
    deadline: Instant,
) -> (Response, bool) {
    let (head, body) = request.into_parts();
    let body = match timeout_at(deadline, Limited::new(body, limit).collect()).await {
        Err(_) => return (plain(StatusCode::REQUEST_TIMEOUT, "the body took too long\n"), false),
        Ok(Ok(body)) => body.to_bytes(),
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            return (plain(StatusCode::PAYLOAD_TOO_LARGE, "the body is too large\n"), false);
        }
        Ok(Err(_)) => return (plain(StatusCode::BAD_REQUEST, "the body cannot be read\n"), false),
    };
    let mut request = Request::from_parts(head, Full::new(body));
    // It has been read: what the routes see has neither.
    request.headers_mut().remove(TRANSFER_ENCODING);
    match timeout_at(deadline, routes.call(request)).await {
        Ok(Ok(response)) => (response, true),
        Ok(Err(never)) => match never {},
        Err(_) => (late(), true),
    }
}

fn late() -> Response {
    plain(StatusCode::SERVICE_UNAVAILABLE, "no answer in time\n")
}

fn plain(status: StatusCode, text: &'static str) -> Response {
    warp::reply::with_status(text, status).into_response()
}

/// As much of a path as the log keeps, and a little, so that it can mark the cut: many requests may be held at once, and
/// a path may be long.
fn shortened(path: &str) -> Box<str> {
    path.get(..path.floor_char_boundary(LONGEST + 4)).unwrap_or_default().into()
}

/// The headers of every answer. Nothing here may be cached, framed, sniffed or run.
fn dress(headers: &mut HeaderMap, secure: bool, last: bool) {
    const ALWAYS: [(HeaderName, HeaderValue); 4] = [
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'")),
        (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ];
    // Six headers are what fits without growing, so there is no need to reserve.
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
    route: Route,
    /// Of another route than ours.
    path: Box<str>,
    version: Version,
    trace: Option<Box<str>>,
    status: Option<u16>,
    began: Instant,
    talk: Arc<Talk>,
}

impl Drop for Visit {
    fn drop(&mut self) {
        let ended = Instant::now();
        let duration = ended.saturating_duration_since(self.began);
        let broke = self.status.is_none() && thread::panicking();
        let ours = self.talk.shared.cutting.load(Relaxed);
        let status = self.status.unwrap_or(match (broke, ours) {
            (true, _) => BROKE,
            (false, true) => CUT,
            (false, false) => LEFT,
        });
        let path = if self.route == Route::Other { &*self.path } else { self.route.word() };
        self.talk.pace.end(self.period, ended);
        if broke && self.version == Version::HTTP_2 {
            // It broke in a task of its own, that nobody waits for. Others break the connection, and are counted with it.
            self.talk.shared.metrics.panicked();
        }
        self.talk.shared.metrics.end(self.route, &self.method, status, duration);
        self.talk.shared.log.request(&Exchange {
            method: self.method.as_str(),
            path,
            status,
            ended,
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
