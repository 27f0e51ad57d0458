//! `status` and `check`: how everything is, once.

use hello_cloud::{ErrorKind, ProviderError};

use super::{
    Failure, Output, PATIENCE, json, text,
    wait::{self, Waited, wait},
};
use crate::{
    app::{State, TargetState, VerdictState, parity, view},
    exit::Exit,
    runtime::{Engine, Signals},
};

/// `status`: a table, causes below each row, parity below the table.
pub async fn status(engine: &mut Engine, signals: &mut Signals, out: &mut Output<'_>) -> Result<Exit, Failure> {
    let waited = wait(engine, signals, Some(PATIENCE), |state| json::is_complete(state).then_some(())).await?;
    if let Waited::Signal(number) = waited {
        return Ok(Exit::Signal(number));
    }
    let state = engine.state();
    let exit = exit(state);
    if out.json {
        out.json(&json::Status::of(state, "hello-dash/status/1", exit))?;
    } else {
        table(state, out)?;
    }
    hints(state, out);
    Ok(exit)
}

/// `check`: one line for each target, for monitoring.
pub async fn check(engine: &mut Engine, signals: &mut Signals, out: &mut Output<'_>) -> Result<Exit, Failure> {
    let settled = |state: &State| state.targets.iter().all(wait::is_settled).then_some(());
    if let Waited::Signal(number) = wait(engine, signals, Some(PATIENCE), settled).await? {
        return Ok(Exit::Signal(number));
    }
    let state = engine.state();
    let exit = exit(state);
    if out.json {
        out.json(&json::Status::of(state, "hello-dash/check/1", exit))?;
        return Ok(exit);
    }
    for target in &state.targets {
        out.line(&line(target))?;
    }
    hints(state, out);
    Ok(exit)
}

/// `hello/staging/aws Healthy: 9f2c1e7 hello:3, answers in 4ms`.
fn line(target: &TargetState) -> String {
    let (path, verdict) = (target.target.path(), &target.verdict);
    let detail = if verdict.causes.is_empty() {
        let (commit, revision) = (view::commit(target), view::revision(target));
        format!("{commit} {revision}, answers in {}", view::latency(target))
    } else {
        verdict.causes.join("; ")
    };
    format!("{path} {}: {detail}", verdict.state.word())
}

fn table(state: &State, out: &mut Output<'_>) -> Result<(), Failure> {
    let head = ["TARGET", "REGION", "VERDICT", "COMMIT", "REVISION", "ROLLOUT", "INSTANCES", "SHARE", "BUILD", "PROBE"];
    let mut rows = vec![text::row(head)];
    for target in &state.targets {
        let verdict = match target.verdict.was {
            Some(was) => format!("{} (was {})", target.verdict.state.word(), was.word()),
            None => target.verdict.state.word().to_owned(),
        };
        rows.push(vec![
            target.target.path(),
            target.target.info.region.clone(),
            verdict,
            view::commit(target),
            view::revision(target),
            view::rollout(target),
            view::instances(target),
            view::share(target),
            view::build(target),
            view::latency(target),
        ]);
    }
    let mut lines = text::table(&rows).into_iter();
    if let Some(head) = lines.next() {
        out.line(&head)?;
    }
    for (line, target) in lines.zip(&state.targets) {
        out.line(&line)?;
        for cause in &target.verdict.causes {
            out.line(&format!("  {cause}"))?;
        }
    }
    for group in &state.groups {
        let parity = parity::parity(state, group);
        out.line(&format!("{}/{}: {}", group.service, group.environment, parity.text()))?;
    }
    Ok(())
}

/// What to do about failed calls, each hint once, and what is special about this run.
fn hints(state: &State, out: &mut Output<'_>) {
    if let Some(banner) = &state.banner {
        out.say(banner);
    }
    for target in &state.targets {
        if let Some(error) = &target.builds.error {
            out.say(&format!("{}: {error}", target.target.path()));
        }
    }
    let mut said: Vec<&str> = Vec::new();
    let errors = state.targets.iter().flat_map(|target| [&target.snapshot.error, &target.builds.error]);
    for hint in errors.flatten().filter_map(|error| error.hint.as_deref()) {
        if !said.contains(&hint) {
            said.push(hint);
            out.say(&format!("hint: {}", hello_cloud::text::sanitize(hint)));
        }
    }
}

/// The worst target decides: Unhealthy, then not signed in, then not known, then Degraded and Deploying.
pub fn exit(state: &State) -> Exit {
    let worst = state.targets.iter().map(of_target).max_by_key(|exit| badness(*exit));
    worst.unwrap_or(Exit::NotAsked)
}

fn of_target(target: &TargetState) -> Exit {
    match target.verdict.state {
        VerdictState::Healthy => Exit::Well,
        VerdictState::Deploying | VerdictState::Degraded => Exit::Degraded,
        VerdictState::Unhealthy => Exit::Unhealthy,
        VerdictState::Stale | VerdictState::Unknown => target.snapshot.error.as_ref().map_or(Exit::NotAsked, of_error),
    }
}

/// How a run ends that a failed read keeps from its answer.
pub fn of_error(error: &ProviderError) -> Exit {
    match error.kind {
        ErrorKind::Auth | ErrorKind::Denied => Exit::Credentials,
        ErrorKind::NotFound
        | ErrorKind::Conflict
        | ErrorKind::Throttled { .. }
        | ErrorKind::Unavailable
        | ErrorKind::Timeout
        | ErrorKind::Unsupported
        | ErrorKind::Rejected
        | ErrorKind::Unexpected => Exit::NotAsked,
    }
}

/// The order in which ends of looking are worse.
pub fn badness(exit: Exit) -> u8 {
    match exit {
        Exit::Well => 0,
        Exit::Degraded => 1,
        Exit::NotAsked => 2,
        Exit::Credentials => 3,
        Exit::Unhealthy => 4,
        Exit::RolledBack
        | Exit::Superseded
        | Exit::OneTargetOnly
        | Exit::Unknown
        | Exit::Refused
        | Exit::Usage
        | Exit::Configuration
        | Exit::Defect
        | Exit::Deadline
        | Exit::Signal(_) => 5,
    }
}
