//! Short texts derived from the state, the same on the screen and in a pipe. Everything returned is safe to show.

use std::time::Duration;

use hello_cloud::{Build, BuildState, Deployment, DeploymentState, RevisionId, Untrusted, text::sanitize};

use super::{
    operation::{Operation, Outcome, STREAK, StepState},
    probe::Answer,
    state::State,
    target::TargetState,
};

/// What stands where nothing is known.
pub const NOTHING: &str = "-";

/// A duration in one unit: `850ms`, `3s`, `4m`, `2h`, `5d`.
pub fn short(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3600 => format!("{}m", seconds / 60),
        3600..86_400 => format!("{}h", seconds / 3600),
        _ => format!("{}d", seconds / 86_400),
    }
}

/// A latency: `4ms`, `1.20s`.
pub fn millis(duration: Duration) -> String {
    let millis = duration.as_millis();
    if millis < 1000 { format!("{millis}ms") } else { format!("{:.2}s", duration.as_secs_f64()) }
}

/// What the service said it is: `hello:3 · 9f2c1e7`.
pub fn answer(answer: &Answer) -> String {
    let revision = answer.revision.as_ref().map(Untrusted::show);
    let commit = answer.commit.as_ref().map(|commit| commit.short().to_owned());
    match (revision, commit) {
        (Some(revision), Some(commit)) => format!("{revision} · {commit}"),
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => "something that names neither revision nor commit".into(),
    }
}

/// How far a deployment is, without saying of what: `in progress 1/2, 1 failed`.
pub fn deployment_word(deployment: &Deployment) -> String {
    let mut text = state_word(deployment.state.state).to_owned();
    if deployment.state.state == DeploymentState::Unknown {
        text = deployment.state.word.show();
    }
    if let Some(i) = deployment.instances.filter(|_| !deployment.state.state.is_settled()) {
        text = format!("{text} {}/{}", i.running, i.desired);
    }
    match deployment.failed {
        Some(failed) if failed > 0 => format!("{text}, {failed} failed"),
        Some(_) | None => text,
    }
}

/// Our word for the state of a deployment.
pub fn state_word(state: DeploymentState) -> &'static str {
    match state {
        DeploymentState::Pending => "pending",
        DeploymentState::Progressing => "in progress",
        DeploymentState::Succeeded => "succeeded",
        DeploymentState::RollingBack => "rolling back",
        DeploymentState::RolledBack => "rolled back",
        DeploymentState::Stopping => "stopping",
        DeploymentState::Stopped => "stopped",
        DeploymentState::Failed => "failed",
        DeploymentState::Unknown => "unknown",
    }
}

/// A running deployment as a cause: `deploying hello:4: in progress 1/2`.
pub fn deployment_progress(target: &TargetState, deployment: &Deployment) -> String {
    let to = deployment.to.as_ref().map(|to| revision_name(target, to));
    let to = to.map(|to| format!("{to}: ")).unwrap_or_default();
    format!("{to}{}", deployment_word(deployment))
}

/// The name of a revision of a target, or its id where the name is not known.
pub fn revision_name(target: &TargetState, id: &RevisionId) -> String {
    let revision = target.seen().and_then(|seen| seen.revision(id));
    revision.map_or_else(|| sanitize(id.as_str()), |revision| revision.name.show())
}

/// The commit that serves, in seven digits.
pub fn commit(target: &TargetState) -> String {
    target.commit().map_or_else(|| NOTHING.into(), |commit| commit.short().to_owned())
}

/// The revision that serves: what the service says, else what the cloud says.
pub fn revision(target: &TargetState) -> String {
    let said = target.answer().and_then(|answer| answer.revision.as_ref()).map(Untrusted::show);
    let known = || target.main_revision().map(|revision| revision.name.show());
    said.or_else(known).unwrap_or_else(|| NOTHING.into())
}

/// What moves: the running deployment, the hold, or how the last deployment ended.
pub fn rollout(target: &TargetState) -> String {
    let Some(seen) = target.seen() else { return NOTHING.into() };
    match &seen.current {
        Some(current) if !current.state.state.is_settled() => deployment_word(current),
        _ if seen.hold.is_some() => "HELD".into(),
        Some(current) => state_word(current.state.state).into(),
        None => NOTHING.into(),
    }
}

/// `2/2`, or how many should run where only that is known.
pub fn instances(target: &TargetState) -> String {
    match target.seen().and_then(|seen| seen.instances) {
        Some(instances) => format!("{}/{}", instances.running, instances.desired),
        None => NOTHING.into(),
    }
}

/// `100%`, or `90/10%` while split.
pub fn share(target: &TargetState) -> String {
    let Some(seen) = target.seen() else { return NOTHING.into() };
    let shares: Vec<_> = seen.serving.iter().filter_map(|s| s.share).filter(|share| *share > 0).collect();
    if shares.is_empty() {
        return NOTHING.into();
    }
    format!("{}%", shares.iter().map(ToString::to_string).collect::<Vec<_>>().join("/"))
}

/// The newest build: `succeeded 9f2c1e7`.
pub fn build(target: &TargetState) -> String {
    match target.builds.value().and_then(|builds| builds.first()) {
        Some(build) => {
            let commit = build.commit.as_ref().map(|commit| format!(" {}", commit.short())).unwrap_or_default();
            format!("{}{commit}", build_word(build))
        }
        None if target.builds.error.is_some() => "error".into(),
        None => NOTHING.into(),
    }
}

/// Our word for the state of a build; the source's own where we have none.
pub fn build_word(build: &Build) -> String {
    match build.state.state {
        BuildState::Queued => "queued".into(),
        BuildState::Waiting => "waiting".into(),
        BuildState::Running => "running".into(),
        BuildState::Succeeded => "succeeded".into(),
        BuildState::Failed => "failed".into(),
        BuildState::Cancelled => "cancelled".into(),
        BuildState::Unknown => build.state.word.show(),
    }
}

/// The last probe: its latency, or that it failed.
pub fn latency(target: &TargetState) -> String {
    match target.window.last() {
        Some(probe) if probe.result.is_ok() => millis(probe.latency),
        Some(_) => "failed".into(),
        None => NOTHING.into(),
    }
}

/// The age of the older of the two planes.
pub fn age(state: &State, target: &TargetState) -> String {
    let now = state.now.mono;
    match (target.snapshot.age(now), target.probing.age(now)) {
        (Some(control), Some(probe)) => short(control.max(probe)),
        (Some(one), None) | (None, Some(one)) => short(one),
        (None, None) => NOTHING.into(),
    }
}

/// One line on how a step is going.
pub fn step(state: &StepState) -> String {
    match state {
        StepState::Waiting => "waiting".into(),
        StepState::Starting { .. } => "sending".into(),
        StepState::Following { progress, .. } => progress.clone(),
        StepState::Verifying { streak, said, .. } => {
            let said = said.as_ref().map(|said| format!(", answers {said}")).unwrap_or_default();
            format!("verifying {streak}/{STREAK}{said}")
        }
        StepState::Ended(outcome) => outcome_text(outcome),
    }
}

/// An outcome in one line.
pub fn outcome_text(outcome: &Outcome) -> String {
    match outcome.note() {
        Some(note) => format!("{}: {note}", outcome.word()),
        None => outcome.word().into(),
    }
}

/// What an operation is about: `rollback hello/staging on ECS, Cloud Run`.
pub fn operation_title(state: &State, operation: &Operation) -> String {
    let targets = operation.steps.iter().filter_map(|step| state.targets.get(step.target));
    let labels: Vec<_> = targets.clone().map(|t| t.target.info.label).collect();
    let environment = targets.clone().next().map(|t| t.target.environment.clone()).unwrap_or_default();
    format!("{} {}/{environment} on {}", operation.kind.word(), operation.service, labels.join(", "))
}
