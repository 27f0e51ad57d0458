//! The wire faces, all on one address: what the vendors' own clients send is answered as the vendor would.
//!
//! - [`call`]: which call a request is
//! - [`reply`]: answers and errors in each vendor's shape
//! - [`aws`], [`ecs`], [`ecr`], [`logs`]: JSON 1.1
//! - [`query`], [`elb`], [`sts`]: forms and XML
//! - [`signature`]: what all of AWS wants to see
//! - [`google`], [`run`], [`cloud_build`], [`artifact_registry`], [`token`]: REST with Google's conventions
//! - [`github`]: REST with GitHub's
//! - [`metadata`]: the ECS task metadata endpoint, for our own instances

mod artifact_registry;
mod aws;
mod call;
mod cloud_build;
mod cloud_build_json;
mod code_build;
mod ecr;
mod ecr_image;
mod ecs;
mod elb;
mod elb_json;
mod elb_write;
mod filter;
mod github;
mod github_change;
mod github_jobs;
mod github_json;
mod google;
mod google_metadata;
mod logging;
mod logs;
mod logs_write;
mod metadata;
mod paging;
mod query;
mod reply;
mod run;
mod run_json;
mod signature;
mod stream;
mod sts;
mod token;

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use call::{Api, Call};
use http_body_util::{BodyExt, Limited};
use hyper::{
    HeaderMap, Method, Request, Response,
    body::{Bytes, Incoming},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use reply::Body;
pub(crate) use reply::Reply;
use stream::Stream;
pub(crate) use token::REFRESH_TOKEN;
use tokio::{net::TcpListener, task::JoinSet};

use crate::{
    control,
    fault::{Kind, Party},
    moment::Moment,
    site::Site,
};

/// Largest body read, in bytes.
const LARGEST: usize = 1024 * 1024;

/// A request, read.
pub(crate) struct Asked {
    pub method: Method,
    pub path: String,
    pub query: Vec<(String, String)>,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Asked {
    /// The value of a query parameter; an empty one counts as absent.
    pub fn query(&self, name: &str) -> Option<&str> {
        let found = self.query.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// The text of a header; an unreadable one counts as absent.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Whether the request names this thing, as a whole word of its path, its query or its body.
    pub fn names(&self, target: &str) -> bool {
        let word = |letter: char| letter.is_alphanumeric() || matches!(letter, '-' | '_');
        let within = |text: &str| {
            text.match_indices(target).any(|(at, found)| {
                let before = text[..at].chars().next_back();
                let after = text[at + found.len()..].chars().next();
                !before.is_some_and(word) && !after.is_some_and(word)
            })
        };
        within(&self.path)
            || self.query.iter().any(|(_, value)| within(value))
            || within(&String::from_utf8_lossy(&self.body))
    }

    /// The body as JSON; an empty one is `{}`.
    pub fn json(&self) -> Result<serde_json::Value, serde_json::Error> {
        if self.body.is_empty() { Ok(serde_json::json!({})) } else { serde_json::from_slice(&self.body) }
    }
}

/// Serves until dropped.
pub(crate) async fn listen(listener: TcpListener, site: Arc<Site>) {
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        // A failed accept concerns one connection only, or passes (out of file descriptors).
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(Duration::from_millis(20)).await;
            continue;
        };
        let (site, stream) = (Arc::clone(&site), Stream::new(stream));
        let hang_up = stream.hang_up();
        connections.spawn(async move {
            let service = service_fn(move |request| {
                let (site, hang_up) = (Arc::clone(&site), Arc::clone(&hang_up));
                async move { respond(&site, &hang_up, request).await }
            });
            // How a connection ends is the client's business.
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

/// An error closes the connection without an answer.
async fn respond(site: &Arc<Site>, hang_up: &AtomicBool, request: Request<Incoming>) -> io::Result<Response<Body>> {
    let (head, body) = request.into_parts();
    let body = Limited::new(body, LARGEST).collect().await.map_err(io::Error::other)?.to_bytes();
    let asked = Asked {
        method: head.method,
        path: head.uri.path().to_owned(),
        query: call::parse_query(head.uri.query().unwrap_or_default()),
        headers: head.headers,
        body,
    };
    if let Some(path) = asked.path.strip_prefix("/_local/") {
        return Ok(control::answer(site, path, &asked).into_response());
    }
    if let Some(path) = asked.path.strip_prefix("/ecs-metadata/v4/") {
        return Ok(metadata::answer(site, path).into_response());
    }
    let Some(call) = Call::of(&asked) else {
        if asked.headers.contains_key("x-amz-target") {
            return Ok(aws::unknown_service().into_response());
        }
        if let Some((name, version)) = query::operation(&asked) {
            let message = format!("Could not find operation {name} for version {version}");
            return Ok(query::error(query::ELB, "0", 400, "InvalidAction", &message).into_response());
        }
        return Ok(Reply::text(404, "hello-dash stand-in: nothing of any cloud is served here\n").into_response());
    };
    site.count(call.party, &call.name, call.write);
    let number = site.replies.fetch_add(1, Ordering::Relaxed);
    let now = site.clock.now();
    let fate = site.faults().fate(now, call.party, &call.name, |target| asked.names(target));
    if !fate.latency.is_zero() {
        tokio::time::sleep(fate.latency).await;
    }
    // A skewed clock is the vendor's: it judges signatures by it and shows it.
    let theirs = site.clock.now().shifted(fate.skew);
    let reset = || {
        hang_up.store(true, Ordering::Relaxed);
        Err(io::ErrorKind::ConnectionReset.into())
    };
    let reply = match fate.trouble {
        Some(Kind::Off) => return Err(io::ErrorKind::ConnectionReset.into()),
        Some(Kind::ResetBefore) => return reset(),
        Some(kind @ (Kind::Endless | Kind::Malformed)) => {
            let done = if call.write { Some(answer(site, &call, &asked, number, theirs).await) } else { None };
            match done.filter(|done| !done.is_ok()) {
                // Only who says 200 has done it.
                Some(refused) => refused,
                None if kind == Kind::Malformed => Reply::raw(200, call.content_type(), call.malformed()),
                None => {
                    site.wake.notify_one();
                    return Ok(reply::endless(call.content_type()));
                }
            }
        }
        Some(kind @ (Kind::Throttle { .. } | Kind::Error { .. } | Kind::Denied | Kind::Expired)) => {
            trouble(&call, number, kind)
        }
        None | Some(Kind::Latency { .. } | Kind::ClockSkew { .. } | Kind::ResetAfter | Kind::Truncated) => {
            answer(site, &call, &asked, number, theirs).await
        }
    };
    if call.write {
        site.wake.notify_one();
    }
    let reply = call.finish(site, number, reply);
    let reply = if fate.skew == 0 { reply } else { reply.header("date", theirs.http_date()) };
    match fate.trouble {
        Some(Kind::ResetAfter) => reset(),
        Some(Kind::Truncated) => Ok(reply.into_truncated()),
        _ => Ok(reply.into_response()),
    }
}

async fn answer(site: &Arc<Site>, call: &Call, asked: &Asked, number: u64, now: Moment) -> Reply {
    if let Some(refused) = call.refuse_stranger(asked, number, now) {
        return refused;
    }
    let (name, id) = (&call.name, request_id(number));
    match &call.api {
        Api::Ecs => aws::answer(asked, |input| ecs::answer(site, name, input)),
        Api::Ecr => aws::answer(asked, |input| ecr::answer(site, name, input)),
        Api::Logs => aws::answer(asked, |input| logs::answer(site, name, input)),
        Api::CodeBuild => aws::answer(asked, |input| code_build::answer(site, name, input)),
        Api::Elb => query::answer(query::ELB, name, &id, asked, |input| elb::answer(site, name, input)),
        Api::Sts => query::answer(query::STS, name, &id, asked, |input| sts::answer(name, input)),
        Api::Run => run::answer(site, asked).await,
        Api::CloudBuild => cloud_build::answer(site, asked),
        Api::ArtifactRegistry => artifact_registry::answer(site, asked),
        Api::Logging => logging::answer(site, asked),
        Api::Token => token::answer(asked),
        Api::GoogleMetadata => google_metadata::answer(asked),
        Api::Github => github::answer(site, asked),
    }
}

/// How AWS names a request.
fn request_id(number: u64) -> String {
    format!("00000000-0000-4000-a000-{number:012x}")
}

fn trouble(call: &Call, number: u64, kind: Kind) -> Reply {
    match call.party {
        Party::Aws => aws::trouble(call, number, kind),
        Party::Gcp => google::trouble(call, kind),
        Party::Github => github::trouble(kind),
    }
}
