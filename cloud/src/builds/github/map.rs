//! From GitHub's JSON to the model, pure. Fields may be null, and words are open.

use serde::Deserialize;

use crate::{
    model::{Build, BuildState, Commit, Job, Reported, Step},
    timestamp::Timestamp,
};

#[derive(Deserialize)]
pub(super) struct Runs {
    pub workflow_runs: Vec<Run>,
}

#[derive(Deserialize)]
pub(super) struct Run {
    id: u64,
    #[serde(default, rename = "run_attempt")]
    attempt: Option<u32>,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    display_title: Option<String>,
    #[serde(default)]
    head_branch: Option<String>,
    #[serde(default)]
    head_sha: Option<String>,
    #[serde(default)]
    status: Option<String>,
    #[serde(default)]
    conclusion: Option<String>,
    #[serde(default)]
    created_at: Option<String>,
    #[serde(default)]
    updated_at: Option<String>,
    #[serde(default)]
    html_url: Option<String>,
}

/// A run.
pub(super) fn build(run: Run) -> Build {
    let state = state(run.status.as_deref(), run.conclusion.as_deref());
    // GitHub has no time of ending; the last change of an ended run is its end.
    let ended = run.status.as_deref() == Some("completed");
    Build {
        id: run.id.to_string(),
        attempt: run.attempt.unwrap_or(1),
        title: run.display_title.or(run.name).unwrap_or_default().into(),
        commit: run.head_sha.as_deref().and_then(Commit::parse),
        branch: run.head_branch.map(Into::into),
        state,
        created_at: run.created_at.as_deref().and_then(Timestamp::parse),
        finished_at: run.updated_at.as_deref().filter(|_| ended).and_then(Timestamp::parse),
        digests: Vec::new(),
        url: run.html_url.map(Into::into),
        jobs: None,
    }
}

/// Green needs completed *and* success: a skipped or neutral run built nothing.
fn state(status: Option<&str>, conclusion: Option<&str>) -> Reported<BuildState> {
    let state = match (status, conclusion) {
        (Some("completed"), Some("success")) => BuildState::Succeeded,
        (Some("completed"), Some("failure" | "timed_out" | "startup_failure")) => BuildState::Failed,
        (Some("completed"), Some("cancelled" | "skipped" | "stale" | "neutral")) => BuildState::Cancelled,
        (Some("completed"), Some("action_required")) | (Some("waiting"), _) => BuildState::Waiting,
        (Some("in_progress"), _) => BuildState::Running,
        (Some("queued" | "requested" | "pending"), _) => BuildState::Queued,
        (Some(_) | None, _) => BuildState::Unknown,
    };
    let word = match (status, conclusion) {
        (Some("completed"), Some(conclusion)) => conclusion,
        (Some(status), _) => status,
        (None, _) => "",
    };
    Reported::new(state, word)
}

#[derive(Deserialize)]
pub(super) struct Jobs {
    #[serde(default)]
    pub total_count: usize,
    pub jobs: Vec<WireJob>,
}

#[derive(Deserialize)]
pub(super) struct WireJob {
    id: u64,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    status: Option<String>,
    #[serde(default)]
    conclusion: Option<String>,
    #[serde(default)]
    started_at: Option<String>,
    #[serde(default)]
    completed_at: Option<String>,
    #[serde(default)]
    html_url: Option<String>,
    #[serde(default)]
    steps: Option<Vec<WireStep>>,
}

#[derive(Deserialize)]
struct WireStep {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    number: i64,
    #[serde(default)]
    status: Option<String>,
    #[serde(default)]
    conclusion: Option<String>,
    #[serde(default)]
    started_at: Option<String>,
    #[serde(default)]
    completed_at: Option<String>,
}

/// A job with its steps in order.
pub(super) fn job(job: WireJob) -> Job {
    let mut steps = job.steps.unwrap_or_default();
    steps.sort_by_key(|step| step.number);
    let at = |text: Option<String>| text.as_deref().and_then(Timestamp::parse);
    Job {
        id: job.id.to_string(),
        name: job.name.unwrap_or_default().into(),
        state: state(job.status.as_deref(), job.conclusion.as_deref()),
        started_at: at(job.started_at),
        finished_at: at(job.completed_at),
        steps: steps
            .into_iter()
            .map(|step| Step {
                name: step.name.unwrap_or_default().into(),
                state: state(step.status.as_deref(), step.conclusion.as_deref()),
                started_at: at(step.started_at),
                finished_at: at(step.completed_at),
            })
            .collect(),
        url: job.html_url.map(Into::into),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_completed_and_success_is_green() {
        for (status, conclusion, expected) in [
            (Some("completed"), Some("success"), BuildState::Succeeded),
            (Some("completed"), Some("skipped"), BuildState::Cancelled),
            (Some("completed"), Some("startup_failure"), BuildState::Failed),
            (Some("completed"), Some("brand_new"), BuildState::Unknown),
            (Some("completed"), None, BuildState::Unknown),
            (Some("in_progress"), Some("success"), BuildState::Running),
            (Some("waiting"), None, BuildState::Waiting),
            (None, None, BuildState::Unknown),
        ] {
            assert_eq!(state(status, conclusion).state, expected, "{status:?} {conclusion:?}");
        }
    }

    #[test]
    fn nullable_fields_may_be_null_or_missing() {
        let run = serde_json::json!({"id": 7, "name": null, "head_branch": null, "head_sha": "abcdef1", "status": "queued",
            "conclusion": null, "run_attempt": 2, "created_at": "2026-11-20T10:00:00Z"});
        let seen = build(serde_json::from_value(run).unwrap());
        assert_eq!((seen.id.as_str(), seen.attempt), ("7", 2));
        assert_eq!((seen.branch, seen.finished_at), (None, None));
    }

    #[test]
    fn a_job_tells_its_steps_in_order_and_the_one_that_failed() {
        let seen = job(serde_json::from_value(serde_json::json!({"id": 9, "name": "test", "status": "completed",
            "conclusion": "failure", "started_at": "2026-11-20T10:00:00Z", "completed_at": "2026-11-20T10:01:00Z",
            "steps": [{"name": "upload", "number": 3, "status": "completed", "conclusion": "skipped"},
                      {"name": "cargo test", "number": 2, "status": "completed", "conclusion": "failure"},
                      {"name": "checkout", "number": 1, "status": "completed", "conclusion": "success"}]}))
        .unwrap());
        assert_eq!(seen.steps.iter().map(|s| s.name.raw()).collect::<Vec<_>>(), ["checkout", "cargo test", "upload"]);
        assert_eq!(seen.telling_step().unwrap().name.raw(), "cargo test");
        assert_eq!((seen.id.as_str(), seen.state.state), ("9", BuildState::Failed));
        let bare = job(serde_json::from_value(serde_json::json!({"id": 9, "steps": null})).unwrap());
        assert_eq!((bare.state.state, bare.steps.len()), (BuildState::Unknown, 0));
    }
}
