//! What programs read. Every document names its schema; a number is only raised when something a reader relies on changes,
//! and fields are only added. All texts are safe to show. An error is never an empty list: it is `null` beside `error`.
//!
//! `hello-dash/status/1` and `hello-dash/check/1`:
//! ```json
//! {"schema": "hello-dash/status/1", "at": "2026-11-21T10:00:00Z", "exit": 0,
//!  "targets": [{
//!    "target": "hello/staging/aws", "service": "hello", "environment": "staging", "provider": "aws", "region": "eu-central-1",
//!    "verdict": "healthy|deploying|degraded|unhealthy|stale|unknown", "was": null, "causes": ["one line", ".."],
//!    "commit": "40 digits or null", "revision": "hello:3", "wanted": "hello:3",
//!    "rollout": {"id": "..", "state": "succeeded", "word": "SUCCESSFUL", "reason": null},
//!    "instances": {"desired": 2, "running": 2, "pending": 0}, "share": 100, "held": null,
//!    "probe": {"url": "..", "signal": "up|slow|erratic|down|unknown", "latency_ms": 4, "failures": 0,
//!              "commit": "..", "revision": "..", "instance": "..", "error": null, "age_ms": 300},
//!    "load_balancer": {"targets": [{"group": "..", "id": "10.0.0.8", "port": 8080, "state": {..}, "instance": ".."}], "error": null},
//!    "build": {"source": "GitHub Actions acme/hello", "newest": {"state": ..}, "error": null},
//!    "error": {"kind": "auth", "call": "ecs:DescribeServices", "message": "..", "hint": ".."}, "age_ms": 250}],
//!  "parity": [{"service": "hello", "environment": "staging", "same": true, "text": "same commit 9f2c1e7"}],
//!  "banner": null, "offline": false}
//! ```
//! `load_balancer` is `null` where there is none to ask. `share` is the percent of the revision in `revision`, where the cloud tells it. `same` is `null` where it is not known.
//! Ages count from when the question was sent.
//!
//! `hello-dash/services/1`: `{"schema", "at", "exit", "places": [{"provider", "region", "scope", "identity", "services": [{"name",
//! "configured", "readiness", "wanted", "instances", "url", "error"}], "error"}]}`; each account and region once.
//!
//! `hello-dash/logs/1` is one line per log line: `{"schema", "target", "id", "at", "from", "severity", "text"}`, or
//! `{"schema", "target", "error"}` where a target's logs cannot be read.
//!
//! `hello-dash/events/1` is a list of `{"at", "message", "by", "failure"}` for each target. Two sources tell it, and one may
//! fail alone: then there are items beside the error.
//!
//! `hello-dash/watch/1` is one line per change: `{"schema", "at", "target", "from", "to", "causes"}`; the first line of a
//! target says how it was found and has no `from`.

use std::time::Duration;

use hello_cloud::{Build, ErrorKind, Instances, ProviderError, Snapshot, TargetHealth, Untrusted};
use serde::Serialize;

use super::wait;
use crate::{
    app::{State, TargetState, VerdictState, parity, parity::Parity, probe::Signal, state::Group, view},
    exit::Exit,
};

/// A whole answer about the present.
#[derive(Serialize)]
pub struct Status {
    schema: &'static str,
    at: String,
    exit: u8,
    targets: Vec<Target>,
    parity: Vec<SameOrNot>,
    banner: Option<String>,
    offline: bool,
}

#[derive(Serialize)]
struct Target {
    #[serde(flatten)]
    name: Name,
    verdict: VerdictState,
    was: Option<VerdictState>,
    causes: Vec<String>,
    commit: Option<String>,
    revision: Option<String>,
    wanted: Option<String>,
    rollout: Option<Rollout>,
    instances: Option<Instances>,
    share: Option<u8>,
    held: Option<String>,
    probe: Probe,
    load_balancer: Option<LoadBalancer>,
    build: Option<Builds>,
    error: Option<Error>,
    age_ms: Option<u64>,
}

/// Which target, in every document about targets.
#[derive(Clone, Serialize)]
pub struct Name {
    target: String,
    service: String,
    environment: String,
    provider: &'static str,
    region: String,
}

#[derive(Serialize)]
struct Rollout {
    id: String,
    state: hello_cloud::DeploymentState,
    word: String,
    reason: Option<String>,
}

#[derive(Serialize)]
struct Probe {
    url: Option<String>,
    signal: &'static str,
    latency_ms: Option<u64>,
    failures: usize,
    commit: Option<String>,
    revision: Option<String>,
    instance: Option<String>,
    error: Option<String>,
    age_ms: Option<u64>,
}

#[derive(Serialize)]
struct LoadBalancer {
    targets: Option<Vec<TargetHealth>>,
    error: Option<Error>,
}

#[derive(Serialize)]
struct Builds {
    source: String,
    newest: Option<Build>,
    error: Option<Error>,
}

/// A failed call.
#[derive(Serialize)]
pub struct Error {
    #[serde(flatten)]
    kind: ErrorKind,
    call: &'static str,
    message: String,
    hint: Option<String>,
}

#[derive(Serialize)]
struct SameOrNot {
    service: String,
    environment: String,
    same: Option<bool>,
    text: String,
}

impl From<&ProviderError> for Error {
    fn from(error: &ProviderError) -> Self {
        Self { kind: error.kind, call: error.call, message: error.message.show(), hint: error.hint.clone() }
    }
}

impl Name {
    /// The names of a target.
    pub fn of(target: &TargetState) -> Self {
        let target = &target.target;
        Self {
            target: target.path(),
            service: target.service.clone(),
            environment: target.environment.clone(),
            provider: target.info.id,
            region: target.info.region.clone(),
        }
    }
}

impl Status {
    /// Everything known now. `schema` is the name without its prefix.
    pub fn of(state: &State, schema: &'static str, exit: Exit) -> Self {
        Self {
            schema,
            at: state.now.wall.to_rfc3339(),
            exit: exit.code(),
            targets: state.targets.iter().map(|target| of_target(state, target)).collect(),
            parity: state.groups.iter().map(|group| same_or_not(state, group)).collect(),
            banner: state.banner.clone(),
            offline: state.offline,
        }
    }
}

fn of_target(state: &State, target: &TargetState) -> Target {
    let seen = target.seen();
    let serving = seen.and_then(|seen| seen.serving.first());
    Target {
        name: Name::of(target),
        verdict: target.verdict.state,
        was: target.verdict.was,
        causes: target.verdict.causes.clone(),
        commit: target.commit().map(ToString::to_string),
        revision: Some(view::revision(target)).filter(|name| name != view::NOTHING),
        wanted: seen.and_then(|seen| seen.wanted.as_ref()).map(|id| view::revision_name(target, id)),
        rollout: seen.and_then(|seen| seen.current.as_ref()).map(|current| Rollout {
            id: hello_cloud::text::sanitize(current.id.as_str()),
            state: current.state.state,
            word: current.state.word.show(),
            reason: current.state.reason.as_ref().map(Untrusted::show),
        }),
        instances: seen.and_then(|seen| seen.instances),
        share: serving.and_then(|serving| serving.share),
        held: seen.and_then(|seen| seen.hold.as_ref()).map(|hold| view::revision_name(target, &hold.revision)),
        probe: probe(state, target),
        load_balancer: seen.and_then(|seen| load_balancer(seen)),
        build: target.target.builds.clone().map(|source| Builds {
            source,
            newest: target.builds.value().and_then(|builds| builds.first()).cloned(),
            error: target.builds.error.as_ref().map(Error::from),
        }),
        error: target.snapshot.error.as_ref().map(Error::from),
        age_ms: target.snapshot.age(state.now.mono).map(millis),
    }
}

fn load_balancer(seen: &Snapshot) -> Option<LoadBalancer> {
    match &seen.targets {
        Ok(targets) => targets.clone().map(|targets| LoadBalancer { targets: Some(targets), error: None }),
        Err(error) => Some(LoadBalancer { targets: None, error: Some(error.into()) }),
    }
}

fn probe(state: &State, target: &TargetState) -> Probe {
    let last = target.window.last();
    let answer = target.answer();
    Probe {
        url: target.url().map(|url| hello_cloud::text::sanitize(&url)),
        signal: signal(target.window.signal()),
        latency_ms: last.filter(|probe| probe.result.is_ok()).map(|probe| millis(probe.latency)),
        failures: target.window.failures_in_a_row(),
        commit: answer.and_then(|answer| answer.commit.as_ref()).map(ToString::to_string),
        revision: answer.and_then(|answer| answer.revision.as_ref()).map(Untrusted::show),
        instance: answer
            .and_then(|answer| answer.instance.as_ref())
            .map(|instance| hello_cloud::text::sanitize(instance.as_str())),
        error: last.and_then(|probe| probe.result.as_ref().err()).map(|failure| failure.text().to_owned()),
        age_ms: target.probing.age(state.now.mono).map(millis),
    }
}

fn signal(signal: Signal) -> &'static str {
    match signal {
        Signal::Unknown => "unknown",
        Signal::Up => "up",
        Signal::Slow => "slow",
        Signal::Erratic => "erratic",
        Signal::Down => "down",
    }
}

fn same_or_not(state: &State, group: &Group) -> SameOrNot {
    let parity = parity::parity(state, group);
    let same = match &parity {
        Parity::Same(_) => Some(true),
        Parity::Ahead { .. } | Parity::Differ(_) => Some(false),
        Parity::Unknown(_) | Parity::Alone(_) => None,
    };
    let (service, environment) = (group.service.clone(), group.environment.clone());
    SameOrNot { service, environment, same, text: parity.text() }
}

/// A duration in whole milliseconds.
pub fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// A list of something for each target: `hello-dash/builds/1`, `hello-dash/revisions/1`, `hello-dash/events/1`.
#[derive(Serialize)]
pub struct Lists<T> {
    /// Which document it is.
    pub schema: &'static str,
    /// RFC 3339, UTC.
    pub at: String,
    /// The number this run ends with.
    pub exit: u8,
    /// One for each target.
    pub targets: Vec<List<T>>,
}

/// What one target has. `items` is `null` when it is not known; then there is an error.
#[derive(Serialize)]
pub struct List<T> {
    /// Which target.
    #[serde(flatten)]
    pub name: Name,
    /// Where it was read.
    pub source: Option<String>,
    /// Newest first.
    pub items: Option<Vec<T>>,
    /// Why there are none.
    pub error: Option<Error>,
}

/// One line of `hello-dash/watch/1`.
#[derive(Serialize)]
pub struct Change<'a> {
    /// Which document it is.
    pub schema: &'static str,
    /// RFC 3339, UTC.
    pub at: String,
    /// Which target.
    #[serde(flatten)]
    pub name: Name,
    /// What it was; `null` in the first line of a target.
    pub from: Option<VerdictState>,
    /// What it is.
    pub to: VerdictState,
    /// Why.
    pub causes: &'a [String],
}

/// One line of `hello-dash/serving/1`: how waiting for a commit ended on a target.
#[derive(Serialize)]
pub struct Served<'a> {
    /// Which document it is.
    pub schema: &'static str,
    /// Which target.
    #[serde(flatten)]
    pub name: Name,
    /// What was to be served, as it was asked for.
    pub commit: &'a str,
    /// What was followed.
    pub deployment: Option<String>,
    /// `verified`, `rolled back`, `superseded`, `failed`, `timed out`, `outcome unknown`, `refused`, `not asked`.
    pub outcome: &'static str,
    /// Why.
    pub note: Option<&'a str>,
}

/// Whether a document about everything may be made already.
pub fn is_complete(state: &State) -> bool {
    state.targets.iter().all(wait::is_complete)
}
