//! From Cloud Build's JSON to the model, pure.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::CALL;
use crate::{
    error::{ErrorKind, ProviderError},
    model::{Build, BuildState, Commit, Digest, Job, Reported, Section, Step},
    text::Untrusted,
    timestamp::Timestamp,
};

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct BuildList {
    pub builds: Vec<WireBuild>,
    pub next_page_token: String,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct WireBuild {
    id: String,
    status: String,
    status_detail: String,
    create_time: String,
    finish_time: String,
    log_url: String,
    substitutions: BTreeMap<String, String>,
    source_provenance: Provenance,
    results: Results,
    approval: Approval,
    failure_info: FailureInfo,
    start_time: String,
    steps: Vec<WireStep>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireStep {
    id: String,
    name: String,
    status: String,
    timing: TimeSpan,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct TimeSpan {
    start_time: String,
    end_time: String,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Provenance {
    resolved_repo_source: RepoSource,
    resolved_git_source: GitSource,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct RepoSource {
    commit_sha: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct GitSource {
    revision: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Results {
    images: Vec<BuiltImage>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct BuiltImage {
    digest: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Approval {
    state: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct FailureInfo {
    r#type: String,
    detail: String,
}

/// A build. One without an id is an error: nobody could ask for it.
pub(super) fn build(build: &WireBuild) -> Result<Build, ProviderError> {
    if build.id.is_empty() {
        return Err(ProviderError::new(ErrorKind::Unexpected, CALL, "a build without an id"));
    }
    let substituted = |name: &str| build.substitutions.get(name).map(String::as_str).filter(|text| !text.is_empty());
    let provenance = &build.source_provenance;
    let commit = [
        substituted("COMMIT_SHA"),
        Some(provenance.resolved_repo_source.commit_sha.as_str()),
        Some(provenance.resolved_git_source.revision.as_str()),
    ];
    let text = |value: &str| (!value.is_empty()).then(|| Untrusted::from(value));
    let title = substituted("TRIGGER_NAME").or(substituted("REPO_NAME")).unwrap_or(&build.id);
    Ok(Build {
        id: build.id.clone(),
        attempt: 1,
        title: title.into(),
        commit: commit.into_iter().flatten().find_map(Commit::parse),
        branch: substituted("BRANCH_NAME").map(Untrusted::from),
        state: state(build),
        created_at: Timestamp::parse(&build.create_time),
        finished_at: Timestamp::parse(&build.finish_time),
        digests: build.results.images.iter().filter_map(|image| Digest::parse(&image.digest)).collect(),
        url: text(&build.log_url),
        jobs: jobs(build),
    })
}

/// Cloud Build knows steps only: they are one job. They come with every build, but only some need a look.
fn jobs(build: &WireBuild) -> Option<Section<Vec<Job>>> {
    let state = state(build);
    if !state.state.needs_a_look() || build.steps.is_empty() {
        return None;
    }
    let steps = build.steps.iter().map(|step| Step {
        // The name is the image it runs in.
        name: if step.id.is_empty() { step.name.as_str() } else { step.id.as_str() }.into(),
        state: Reported::new(word(&step.status), step.status.as_str()),
        started_at: Timestamp::parse(&step.timing.start_time),
        finished_at: Timestamp::parse(&step.timing.end_time),
    });
    Some(Ok(vec![Job {
        id: build.id.clone(),
        name: "steps".into(),
        state,
        started_at: Timestamp::parse(&build.start_time),
        finished_at: Timestamp::parse(&build.finish_time),
        steps: steps.collect(),
        url: None,
    }]))
}

fn word(status: &str) -> BuildState {
    match status {
        "PENDING" | "QUEUED" => BuildState::Queued,
        "WORKING" => BuildState::Running,
        "SUCCESS" => BuildState::Succeeded,
        "FAILURE" | "INTERNAL_ERROR" | "TIMEOUT" | "EXPIRED" => BuildState::Failed,
        "CANCELLED" => BuildState::Cancelled,
        _ => BuildState::Unknown,
    }
}

fn state(build: &WireBuild) -> Reported<BuildState> {
    let state = match build.status.as_str() {
        "PENDING" if build.approval.state == "PENDING" => BuildState::Waiting,
        status => word(status),
    };
    let info = &build.failure_info;
    let reason = match (info.r#type.is_empty(), info.detail.is_empty()) {
        (false, false) => format!("{}: {}", info.r#type, info.detail),
        (false, true) => info.r#type.clone(),
        (true, false) => info.detail.clone(),
        (true, true) => build.status_detail.clone(),
    };
    Reported::new(state, build.status.as_str()).because(Some(reason))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(json: serde_json::Value) -> Build {
        build(&serde_json::from_value(json).unwrap()).unwrap()
    }

    #[test]
    fn a_triggered_build_names_its_commit_branch_and_images() {
        let digest = format!("sha256:{}", "a".repeat(64));
        let build = seen(serde_json::json!({
            "id": "b1", "status": "SUCCESS", "createTime": "2026-11-20T10:00:00Z", "finishTime": "2026-11-20T10:01:00.5Z",
            "substitutions": {"COMMIT_SHA": "0123456789abcdef0123456789abcdef01234567", "BRANCH_NAME": "main",
                              "TRIGGER_NAME": "hello"},
            "results": {"images": [{"name": "x", "digest": digest}]},
        }));
        assert_eq!(build.state.state, BuildState::Succeeded);
        assert_eq!(build.commit.unwrap().short(), "0123456");
        assert_eq!(build.branch.unwrap().raw(), "main");
        assert_eq!(build.digests[0].as_str(), digest);
        assert_eq!(build.title.raw(), "hello");
    }

    #[test]
    fn a_pending_build_may_wait_for_a_person() {
        let waiting = serde_json::json!({"id": "b", "status": "PENDING", "approval": {"state": "PENDING"}});
        assert_eq!(seen(waiting).state.state, BuildState::Waiting);
        assert_eq!(seen(serde_json::json!({"id": "b", "status": "PENDING"})).state.state, BuildState::Queued);
    }

    #[test]
    fn unknown_words_are_kept_and_missing_fields_are_none() {
        let build = seen(serde_json::json!({"id": "b", "status": "PONDERING"}));
        assert_eq!((build.state.state, build.state.word.raw()), (BuildState::Unknown, "PONDERING"));
        assert_eq!((build.commit, build.created_at, build.digests.len()), (None, None, 0));
    }

    #[test]
    fn the_commit_may_come_from_the_provenance() {
        let build = seen(serde_json::json!({"id": "b", "status": "FAILURE",
            "sourceProvenance": {"resolvedGitSource": {"revision": "abcdef0123"}},
            "failureInfo": {"type": "USER_BUILD_STEP", "detail": "step 2"}}));
        assert_eq!(build.commit.unwrap().as_str(), "abcdef0123");
        assert_eq!(build.state.reason.unwrap().raw(), "USER_BUILD_STEP: step 2");
    }

    #[test]
    fn the_steps_of_a_build_that_failed_are_its_job() {
        let failed = serde_json::json!({"id": "b", "status": "FAILURE", "steps": [
            {"id": "test", "name": "rust", "status": "SUCCESS", "timing": {"startTime": "2026-11-20T10:00:00Z"}},
            {"name": "gcr.io/kaniko", "status": "FAILURE"}, {"id": "push", "status": "QUEUED"}]});
        let jobs = seen(failed.clone()).jobs.unwrap().unwrap();
        let steps: Vec<_> = jobs[0].steps.iter().map(|step| (step.name.raw(), step.state.state)).collect();
        assert_eq!(steps[1], ("gcr.io/kaniko", BuildState::Failed));
        assert_eq!(jobs[0].telling_step().unwrap().name.raw(), "gcr.io/kaniko");
        let well = serde_json::json!({"id": "b", "status": "SUCCESS", "steps": failed["steps"]});
        assert_eq!(seen(well).jobs, None);
    }
}
