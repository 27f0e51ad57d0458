//! The conclusion about a target: one state, first match wins, and always the causes behind it. Never a score.
//!
//! Healthy rests on fresh facts of both planes: what the cloud reports and what the service itself answers. A plane that is
//! silent too long makes the verdict Stale, and it is never green then.

use std::time::Duration;

use hello_cloud::{DeploymentState, Readiness, Snapshot, TargetState as TargetHealth, Untrusted, text::sanitize};
use serde::Serialize;

use super::{
    event::Now,
    probe::{Failure, Signal},
    target::TargetState,
    view,
};

/// A rollout that takes longer than this is trouble.
const PROGRESS_DEADLINE: Duration = Duration::from_mins(10);
/// A conclusion this old is worth nothing.
const FORGOTTEN: Duration = Duration::from_mins(15);

/// What a target is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum VerdictState {
    Healthy,
    Deploying,
    Degraded,
    Unhealthy,
    /// Was something, but the facts are too old to say so now.
    Stale,
    #[default]
    Unknown,
}

impl VerdictState {
    /// The word on the screen.
    pub fn word(self) -> &'static str {
        match self {
            Self::Healthy => "Healthy",
            Self::Deploying => "Deploying",
            Self::Degraded => "Degraded",
            Self::Unhealthy => "Unhealthy",
            Self::Stale => "Stale",
            Self::Unknown => "Unknown",
        }
    }

    /// The order in which states are worse for whoever is responsible; the worst counts for a whole.
    pub fn badness(self) -> u8 {
        match self {
            Self::Healthy => 0,
            Self::Deploying => 1,
            Self::Degraded => 2,
            Self::Unknown => 3,
            Self::Stale => 4,
            Self::Unhealthy => 5,
        }
    }
}

/// A state and why.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Verdict {
    pub state: VerdictState,
    /// What it was when the facts were still fresh; only with Stale.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub was: Option<VerdictState>,
    /// One line each, the most telling first; safe to show.
    pub causes: Vec<String>,
}

/// Concludes. `offline` means that nothing answers anywhere, so that a failing probe says nothing about the service.
pub fn conclude(target: &TargetState, offline: bool, now: Now) -> Verdict {
    let mut causes = Vec::new();
    let control = plane(target.snapshot.age(now.mono), target.patience());
    let probe_known = target.window.signal() != Signal::Unknown;
    let probe = if probe_known { plane(target.probing.age(now.mono), target.patience()) } else { Plane::Never };

    let down = !offline && probe == Plane::Fresh && target.window.signal() == Signal::Down;
    let broken = control == Plane::Fresh && nothing_serves(target);
    if down {
        causes.push(probe_trouble(target));
    }
    if broken {
        causes.push(nothing_serves_cause(target));
    }
    if offline {
        causes.push("neither the clouds nor the services answer: this machine may be offline".into());
    }
    if control != Plane::Fresh || target.snapshot.error.is_some() {
        causes.extend(control_trouble(target, now));
    }

    if (down || broken) && (control != Plane::Never || probe == Plane::Fresh) {
        if target.running_deployment().is_some() && control == Plane::Fresh {
            causes.push("during a deployment".into());
        }
        return Verdict { state: VerdictState::Unhealthy, was: None, causes };
    }
    if control == Plane::Never || probe == Plane::Never {
        if control != Plane::Never && target.url().is_none() {
            causes.push("no address to probe: set url for this target".into());
        } else if probe == Plane::Never && control == Plane::Fresh {
            causes.push(probe_wait(target));
        }
        if causes.is_empty() {
            causes.push("first answers are on their way".into());
        }
        return Verdict { state: VerdictState::Unknown, was: None, causes };
    }
    if control != Plane::Fresh || probe != Plane::Fresh {
        return stale(target, now, causes);
    }
    let (state, more) = judge_fresh(target, now);
    causes.splice(0..0, more);
    Verdict { state, was: None, causes }
}

/// How a plane stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Plane {
    Never,
    Fresh,
    Old,
}

fn plane(age: Option<Duration>, patience: Duration) -> Plane {
    match age {
        None => Plane::Never,
        Some(age) if age <= patience => Plane::Fresh,
        Some(_) => Plane::Old,
    }
}

fn stale(target: &TargetState, now: Now, mut causes: Vec<String>) -> Verdict {
    let oldest = target.snapshot.age(now.mono).max(target.probing.age(now.mono)).unwrap_or_default();
    if target.probing.age(now.mono) > Some(target.patience()) {
        let asked = target.probing.age(now.mono).unwrap_or_default();
        causes.push(format!("the service was last asked {} ago", view::short(asked)));
    }
    let was = match target.verdict.state {
        VerdictState::Stale | VerdictState::Unknown => target.verdict.was,
        fresh => Some(fresh),
    };
    let state = if oldest > FORGOTTEN { VerdictState::Unknown } else { VerdictState::Stale };
    Verdict { state, was, causes }
}

/// Both planes are fresh, and the service is not down.
fn judge_fresh(target: &TargetState, now: Now) -> (VerdictState, Vec<String>) {
    let mut causes = Vec::new();
    if let Some(deployment) = target.running_deployment() {
        let since = deployment.created_at.map(|at| now.wall.since(at));
        let text = view::deployment_progress(target, deployment);
        if since.is_none_or(|since| since <= PROGRESS_DEADLINE) {
            return (VerdictState::Deploying, vec![text]);
        }
        causes.push(format!("{text}, for {} now", view::short(since.unwrap_or_default())));
    }
    causes.extend(degraded(target));
    let state = if causes.is_empty() { VerdictState::Healthy } else { VerdictState::Degraded };
    (state, causes)
}

fn degraded(target: &TargetState) -> Vec<String> {
    let mut causes = Vec::new();
    let Some(seen) = target.seen() else { return causes };
    match target.window.signal() {
        Signal::Slow => causes.push(format!("slow: p95 {}", view::millis(target.window.p95().unwrap_or_default()))),
        Signal::Erratic => {
            causes.push(format!(
                "{} of the last {} probes failed",
                target.window.failures(),
                target.window.iter().len()
            ));
        }
        Signal::Up | Signal::Down | Signal::Unknown => {}
    }
    if let Some(instances) = seen.instances.filter(|i| i.running < i.desired) {
        causes.push(format!("{} of {} instances run", instances.running, instances.desired));
    }
    causes.extend(balancer_trouble(seen));
    if let Some(last) = seen.current.as_ref().filter(|d| d.state.state.is_settled()) {
        let reason = last.state.reason.as_ref().map(|reason| format!(": {}", reason.show())).unwrap_or_default();
        match last.state.state {
            DeploymentState::RolledBack => causes.push(format!("the last deployment was rolled back{reason}")),
            DeploymentState::Failed => {
                let serving = target.main_revision().map(|r| format!(", still serving {}", r.name.show()));
                causes.push(format!("the last deployment failed{}{reason}", serving.unwrap_or_default()));
            }
            DeploymentState::Stopped => causes.push(format!("the last deployment was stopped{reason}")),
            DeploymentState::Pending
            | DeploymentState::Progressing
            | DeploymentState::Succeeded
            | DeploymentState::RollingBack
            | DeploymentState::Stopping
            | DeploymentState::Unknown => {}
        }
    }
    if let Some(hold) = &seen.hold {
        let name = seen.revision(&hold.revision).map_or_else(|| sanitize(hold.revision.as_str()), |r| r.name.show());
        causes.push(format!("held on {name}: newer revisions get no traffic"));
    }
    if seen.readiness.state == Readiness::Partly && causes.is_empty() {
        let reason = seen.readiness.reason.as_ref().map_or_else(|| seen.readiness.word.show(), Untrusted::show);
        causes.push(format!("the newest change does not serve: {reason}"));
    }
    if seen.readiness.state == Readiness::Unknown {
        let word = Some(seen.readiness.word.show()).filter(|word| !word.is_empty());
        causes.push(format!("the cloud does not say that it is ready ({})", word.as_deref().unwrap_or("no word")));
    }
    causes.extend(wrong_answer(target));
    causes
}

/// Instances that the load balancer finds ill get no requests, and so our probe does not meet them.
fn balancer_trouble(seen: &Snapshot) -> Option<String> {
    let targets = seen.targets.as_ref().ok()?.as_ref()?;
    let in_use = |state| !matches!(state, TargetHealth::Draining | TargetHealth::Unused);
    let targets: Vec<_> = targets.iter().filter(|target| in_use(target.state.state)).collect();
    let ill: Vec<_> = targets.iter().filter(|target| target.state.state == TargetHealth::Unhealthy).collect();
    let reason = ill.first()?.state.reason.as_ref().map(|reason| format!(": {}", reason.show())).unwrap_or_default();
    Some(format!("the load balancer finds {} of {} instances unhealthy{reason}", ill.len(), targets.len()))
}

/// The service answers well, but as something the cloud does not know to serve.
fn wrong_answer(target: &TargetState) -> Option<String> {
    let seen = target.seen()?;
    let answer = target.window.last()?.result.as_ref().ok()?;
    let serving: Vec<_> = seen.serving.iter().filter_map(|serving| seen.revision(&serving.revision)).collect();
    if serving.is_empty() || seen.revisions.is_err() {
        return None;
    }
    let (said, known) = match (&answer.revision, &answer.commit) {
        (Some(said), _) => (said.show(), serving.iter().any(|revision| revision.name == *said)),
        (None, Some(commit)) => {
            let known = serving.iter().any(|r| r.commit.as_ref().is_none_or(|c| c.matches(commit)));
            (commit.short().to_owned(), known)
        }
        (None, None) => return None,
    };
    (!known).then(|| format!("the service answers as {said}, which should not serve"))
}

fn nothing_serves(target: &TargetState) -> bool {
    let Some(seen) = target.seen() else { return false };
    let sleeps = target.target.info.capabilities.sleeps;
    let none_run = seen.instances.is_some_and(|i| i.desired > 0 && i.running == 0) && !sleeps;
    none_run || seen.readiness.state == Readiness::NotReady
}

fn nothing_serves_cause(target: &TargetState) -> String {
    let Some(seen) = target.seen() else { return String::new() };
    let reason = seen.failures.as_ref().ok().and_then(|failures| failures.first()).map(|f| f.message.show());
    let reason = reason.or_else(|| seen.readiness.reason.as_ref().map(Untrusted::show));
    let what = match seen.instances {
        Some(instances) => format!("0 of {} instances run", instances.desired),
        None => format!("nothing is ready ({})", seen.readiness.word.show()),
    };
    reason.map_or_else(|| what.clone(), |reason| format!("{what}: {reason}"))
}

fn probe_trouble(target: &TargetState) -> String {
    let n = target.window.failures_in_a_row();
    match target.window.last().map(|probe| &probe.result) {
        Some(Err(failure)) => format!("{n} probes in a row failed: {}", failure.text()),
        Some(Ok(_)) | None => "not yet up again after failing".into(),
    }
}

fn probe_wait(target: &TargetState) -> String {
    match target.window.last().map(|probe| &probe.result) {
        Some(Err(failure)) => format!("checking: {}", failure.text()),
        Some(Ok(_)) => "one good answer of two".into(),
        None => "the service has not answered yet".into(),
    }
}

fn control_trouble(target: &TargetState, now: Now) -> Option<String> {
    let age = target.snapshot.age(now.mono);
    match (&target.snapshot.error, age) {
        (Some(error), Some(age)) => Some(format!("not read for {}: {error}", view::short(age))),
        (Some(error), None) => Some(error.to_string()),
        (None, Some(age)) if age > target.patience() => {
            let waiting = target.snapshot.in_flight.map(|(_, since)| now.mono.saturating_sub(since));
            let waiting = waiting.map(|w| format!(": no answer for {}", view::short(w))).unwrap_or_default();
            Some(format!("not read for {}{waiting}", view::short(age)))
        }
        (None, _) => None,
    }
}

/// Whether nothing at all answers: every target's last probe found nothing, and every cloud's last read found nobody.
pub fn is_offline(targets: &[TargetState]) -> bool {
    let unreachable = |target: &TargetState| {
        let probe = target.window.last().map(|probe| &probe.result);
        let cloud = target.snapshot.error.as_ref().map(|error| error.kind);
        matches!(probe, Some(Err(Failure::Unreachable(_))))
            && matches!(cloud, Some(hello_cloud::ErrorKind::Unavailable | hello_cloud::ErrorKind::Timeout))
    };
    !targets.is_empty() && targets.iter().all(unreachable)
}
