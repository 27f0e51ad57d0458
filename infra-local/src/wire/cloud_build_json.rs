//! What Cloud Build knows, in its JSON. Defaults are left out on the way.

use serde_json::{Value, json};

use crate::{
    clouds::{
        builds::{
            Build, Outcome, Progress,
            attempt::Gate,
            part::{PARTS, Part, State},
        },
        images::ARTIFACT_REGISTRY,
        repository::{BRANCH, REPOSITORY},
        run::{LOCATION, PROJECT},
    },
    moment::Moment,
};

/// Id of the only trigger.
pub const TRIGGER: &str = "5e1b7c0a-9d43-4f6e-8a21-c07d3b94e615";

fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Success => "SUCCESS",
        Outcome::Failure => "FAILURE",
        Outcome::Cancelled => "CANCELLED",
        Outcome::TimedOut => "TIMEOUT",
    }
}

fn span(from: Option<Moment>, until: Option<Moment>, now: Moment) -> Value {
    let from = from.filter(|from| *from <= now);
    let until = until.filter(|until| *until <= now && from.is_some());
    match from {
        None => Value::Null,
        Some(from) => json!({"startTime": from.rfc3339(), "endTime": until.map(Moment::rfc3339)}),
    }
}

fn step_json(build: &Build, part: Part, now: Moment) -> Value {
    let view = build.attempt().part(part, now);
    let status = match view.state {
        State::Ahead | State::Queued | State::Waiting => Some("QUEUED"),
        State::Running => Some("WORKING"),
        State::Ended(outcome) => Some(word(outcome)),
        State::Skipped => Some("CANCELLED"),
    };
    let (id, name, entrypoint, args) = match part {
        Part::Test => ("test", "rust:1.95", Some("cargo"), json!(["test", "--workspace"])),
        Part::Image => {
            let image = format!("{ARTIFACT_REGISTRY}:{}", build.commit.sha);
            ("image", "gcr.io/cloud-builders/docker", None, json!(["build", "-t", image, "."]))
        }
    };
    json!({
        "id": id,
        "name": name,
        "entrypoint": entrypoint,
        "args": args,
        "status": status,
        "timing": span(view.starts_at, view.ends_at, now),
    })
}

fn approval_json(build: &Build, waits: bool) -> Value {
    let attempt = build.attempt();
    if attempt.gate != Some(Gate::Before) {
        return Value::Null;
    }
    let result = attempt.decision.as_ref().map(|decision| {
        json!({
            "approverAccount": decision.by,
            "approvalTime": decision.at.rfc3339(),
            "decision": if decision.approved { "APPROVED" } else { "REJECTED" },
            "comment": decision.comment,
        })
    });
    let state = match &attempt.decision {
        Some(decision) if decision.approved => "APPROVED",
        Some(_) => "REJECTED",
        None if waits => "PENDING",
        None => "CANCELLED",
    };
    json!({"state": state, "config": {"approvalRequired": true}, "result": result})
}

/// A build.
pub fn build_json(build: &Build, now: Moment) -> Value {
    let progress = build.progress(now);
    let status = match progress {
        Progress::Waiting => "PENDING",
        Progress::Queued => "QUEUED",
        Progress::Running => "WORKING",
        Progress::Ended(outcome) => word(outcome),
    };
    let line = build.attempt().line();
    let reached = |moment: Option<Moment>| moment.filter(|moment| *moment <= now).map(Moment::rfc3339);
    let image = format!("{ARTIFACT_REGISTRY}:{}", build.commit.sha);
    let steps: Vec<Value> = PARTS.into_iter().map(|part| step_json(build, part, now)).collect();
    let pushed = (progress == Progress::Ended(Outcome::Success)).then(|| {
        let push = span(line.ends_at, line.ends_at, now);
        json!({"images": [{"name": image, "digest": build.digest(), "pushTiming": push}], "buildStepImages": ["", ""]})
    });
    let failure = (progress == Progress::Ended(Outcome::Failure)).then(|| {
        json!({"type": "USER_BUILD_STEP", "detail": "Build step failure: build step 0 \"rust:1.95\" failed: step exited with non-zero status: 101"})
    });
    let origin = format!("https://github.com/{REPOSITORY}.git");
    json!({
        "name": format!("projects/{PROJECT}/locations/{LOCATION}/builds/{}", build.id),
        "id": build.id,
        "projectId": PROJECT,
        "status": status,
        "source": {"gitSource": {"url": origin, "revision": build.commit.sha}},
        "sourceProvenance": {"resolvedGitSource": {"url": origin, "revision": build.commit.sha}},
        "createTime": build.created_at.rfc3339(),
        "startTime": reached(line.starts_at),
        "finishTime": reached(line.ends_at),
        "timeout": "600s",
        "queueTtl": "3600s",
        "steps": steps,
        "timing": {"BUILD": span(line.starts_at, line.ends_at, now)},
        "images": [image],
        "artifacts": {"images": [image]},
        "results": pushed,
        "failureInfo": failure,
        "approval": approval_json(build, progress == Progress::Waiting),
        "buildTriggerId": TRIGGER,
        "serviceAccount": format!("projects/{PROJECT}/serviceAccounts/hello-build@{PROJECT}.iam.gserviceaccount.com"),
        "options": {"logging": "CLOUD_LOGGING_ONLY"},
        "substitutions": {
            "COMMIT_SHA": build.commit.sha,
            "SHORT_SHA": build.commit.sha.get(..7),
            "REVISION_ID": build.commit.sha,
            "BRANCH_NAME": BRANCH,
            "REF_NAME": BRANCH,
            "REPO_NAME": "hello",
            "REPO_FULL_NAME": REPOSITORY,
            "TRIGGER_NAME": "hello-main",
        },
        "logUrl": format!(
            "https://console.cloud.google.com/cloud-build/builds;region={LOCATION}/{}?project={PROJECT}", build.id
        ),
        "tags": ["hello"],
    })
}

/// The operation of a build.
pub fn operation_json(build: &Build, now: Moment) -> Value {
    let shown = build_json(build, now);
    let ended = match build.progress(now) {
        Progress::Ended(outcome) => Some(outcome),
        _ => None,
    };
    let mut any = shown.clone();
    any["@type"] = json!("type.googleapis.com/google.devtools.cloudbuild.v1.Build");
    let failure = |outcome| json!({"code": 13, "message": format!("Build failed; check build logs for details: {}", word(outcome))});
    json!({
        "name": format!("operations/build/{PROJECT}/{}", build.id),
        "metadata": {
            "@type": "type.googleapis.com/google.devtools.cloudbuild.v1.BuildOperationMetadata",
            "build": shown,
        },
        "done": ended.is_some(),
        "response": (ended == Some(Outcome::Success)).then_some(any),
        "error": ended.filter(|outcome| *outcome != Outcome::Success).map(failure),
    })
}

/// The trigger.
pub fn trigger_json(now: Moment) -> Value {
    let (owner, name) = REPOSITORY.split_once('/').unwrap_or_default();
    json!({
        "id": TRIGGER,
        "resourceName": format!("projects/{PROJECT}/locations/{LOCATION}/triggers/{TRIGGER}"),
        "name": "hello-main",
        "description": "Builds every push to main",
        "createTime": now.before(std::time::Duration::from_hours(24 * 90)).rfc3339(),
        "github": {"owner": owner, "name": name, "push": {"branch": format!("^{BRANCH}$")}},
        "filename": "cloudbuild.yaml",
        "tags": ["hello"],
        "serviceAccount": format!("projects/{PROJECT}/serviceAccounts/hello-build@{PROJECT}.iam.gserviceaccount.com"),
    })
}
