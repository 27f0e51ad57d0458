//! The public address of the service on one provider: a reverse proxy over the instances that are ready. ECS round
//! robin, or by weight while a deployment moves the traffic; Cloud Run by share of traffic. There a request for `TAG---` in
//! front of the host goes to the revision with that tag, and one for a service that sleeps waits until an instance has
//! started.

use std::{
    convert::Infallible,
    io,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use http_body_util::{BodyExt, Full, combinators::UnsyncBoxBody};
use hyper::{
    Request, Response, StatusCode,
    body::{Bytes, Incoming},
    header::{CONNECTION, HOST, HeaderValue, USER_AGENT},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpListener, task::JoinSet};

use crate::{
    clouds::entries::line::Answered,
    fetch,
    instance::{InstanceId, Provider},
    site::Site,
};

type Body = UnsyncBoxBody<Bytes, hyper::Error>;

/// Longest wait for an instance to start, and between two looks.
const COLD_START: Duration = Duration::from_secs(10);
const LOOK: Duration = Duration::from_millis(20);

/// Serves until dropped.
pub async fn balance(listener: TcpListener, provider: Provider, site: Arc<Site>) {
    let turn = Arc::new(AtomicU64::new(0));
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        // A failed accept concerns one connection only, or passes (out of file descriptors).
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            continue;
        };
        let (site, turn) = (Arc::clone(&site), Arc::clone(&turn));
        connections.spawn(async move {
            let service = service_fn(move |request| {
                let (site, turn) = (Arc::clone(&site), turn.fetch_add(1, Ordering::Relaxed));
                async move { Ok::<_, Infallible>(forward(&site, provider, turn, request).await) }
            });
            // How a connection ends is the client's business.
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

/// An instance that is ready, and where it listens.
type Candidate = (InstanceId, SocketAddr);

/// Candidates in the order they should be tried.
fn candidates(site: &Site, provider: Provider, tag: Option<&str>, turn: u64) -> Vec<Candidate> {
    let routed = match tag {
        Some(tag) => site.clouds().run.routed_to(tag),
        None => site.clouds().routed(provider),
    };
    let fleet = site.fleet();
    let ready = |id: &InstanceId| {
        let address = fleet.get(id).filter(|live| live.ready).and_then(|live| live.address);
        address.map(|address| (id.clone(), address))
    };
    let pick = |len: usize| usize::try_from(turn % len.max(1) as u64).unwrap_or(0);
    match provider {
        Provider::Aws => {
            let mut known: Vec<(Candidate, u32)> =
                routed.iter().filter_map(|(id, weight)| Some((ready(id)?, *weight))).collect();
            let first = if known.windows(2).all(|pair| pair[0].1 == pair[1].1) {
                pick(known.len())
            } else {
                weighed(&known, turn)
            };
            if !known.is_empty() {
                known.rotate_left(first);
            }
            known.into_iter().map(|(candidate, _)| candidate).collect()
        }
        Provider::Gcp => {
            // 37 and 100 have no common divisor: a hundred requests in a row meet every percent once.
            let percent = turn.wrapping_mul(37) % 100;
            let mut sum = 0;
            let chosen = routed.iter().find(|(_, share)| {
                sum += u64::from(*share);
                percent < sum
            });
            chosen.and_then(|(id, _)| ready(id)).into_iter().collect()
        }
    }
}

/// Index of the one whose turn it is, each as often as its weight says.
fn weighed(known: &[(Candidate, u32)], turn: u64) -> usize {
    let total: u64 = known.iter().map(|(_, weight)| u64::from(*weight)).sum();
    // 61 803 and 100 000 have no common divisor: so many requests in a row meet every place once.
    let place = turn.wrapping_mul(61_803) % 100_000 * total / 100_000;
    let mut sum = 0;
    let chosen = known.iter().position(|(_, weight)| {
        sum += u64::from(*weight);
        place < sum
    });
    chosen.unwrap_or(0)
}

/// The tag in front of the host, where there is one.
fn tag_of(host: &str) -> Option<&str> {
    host.split_once("---").map(|(tag, _)| tag)
}

/// Candidates, once there is one or none can be waited for.
async fn awake(site: &Site, provider: Provider, tag: Option<&str>, turn: u64) -> Vec<Candidate> {
    let deadline = Instant::now() + COLD_START;
    loop {
        let now = site.clock.now();
        let asleep = site.clouds().knock(now, provider, tag);
        let found = candidates(site, provider, tag, turn);
        if !found.is_empty() || !asleep || Instant::now() >= deadline {
            return found;
        }
        site.wake.notify_one();
        tokio::time::sleep(LOOK).await;
    }
}

async fn forward(site: &Site, provider: Provider, turn: u64, request: Request<Incoming>) -> Response<Body> {
    let begun = Instant::now();
    let asked = described(site, provider, &request);
    let host = request.headers().get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    // Services beside the one with processes have such names, and nobody who could answer.
    if provider == Provider::Gcp && host.split(':').next().is_some_and(|host| host.ends_with(".localhost")) {
        return plain(StatusCode::NOT_FOUND, "this service has no instances\n");
    }
    let tag = tag_of(host).filter(|_| provider == Provider::Gcp);
    for (id, address) in awake(site, provider, tag, turn).await {
        // Nothing has been sent before the connection stands, so trying the next one is safe.
        let Ok(stream) = fetch::connect(address).await else { continue };
        let answer = match pass_on(stream, request).await {
            Ok(response) => response.map(BodyExt::boxed_unsync),
            Err(error) if error.kind() == io::ErrorKind::TimedOut => {
                plain(StatusCode::GATEWAY_TIMEOUT, "no answer in time\n")
            }
            Err(_) => plain(StatusCode::BAD_GATEWAY, "the instance hung up\n"),
        };
        if let Some(asked) = asked {
            let answered = Answered { status: answer.status().as_u16(), latency: begun.elapsed(), ..asked };
            site.clouds().answered(site.clock.now(), &id, &answered);
        }
        return answer;
    }
    plain(StatusCode::SERVICE_UNAVAILABLE, "no instance is ready\n")
}

/// The request as Cloud Run logs it; ECS logs none.
fn described(site: &Site, provider: Provider, request: &Request<Incoming>) -> Option<Answered> {
    if provider != Provider::Gcp {
        return None;
    }
    let agent = request.headers().get(USER_AGENT).and_then(|agent| agent.to_str().ok());
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    Some(Answered {
        method: request.method().to_string(),
        url: format!("{}{path}", site.public_url(provider)),
        status: 0,
        latency: Duration::ZERO,
        user_agent: agent.unwrap_or_default().to_owned(),
    })
}

async fn pass_on(stream: tokio::net::TcpStream, mut request: Request<Incoming>) -> io::Result<Response<Incoming>> {
    // One request a connection towards the instance; towards the client the connection lives on.
    request.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    let mut response = fetch::send(stream, request).await?;
    response.headers_mut().remove(CONNECTION);
    Ok(response)
}

fn plain(status: StatusCode, text: &'static str) -> Response<Body> {
    let body = Full::new(Bytes::from_static(text.as_bytes())).map_err(|never| match never {}).boxed_unsync();
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response
}
