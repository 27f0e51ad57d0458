//! Cloud Build over its REST API v1. Shares the way of sending, and the sign-in, with Cloud Run.

use async_trait::async_trait;
use serde::Deserialize;
use std::collections::BTreeMap;

use crate::{
    budget::Budgets,
    error::{ErrorKind, ProviderError},
    gcp::{self, Credentials, Place, Tokens, http},
    model::{Build, BuildState, Commit, Digest, Reported},
    provider::BuildSource,
    text::Untrusted,
    timestamp::Timestamp,
};

const CALL: &str = "cloudbuild.builds.list";
/// Pages of one look: builds of other repositories may fill the first ones.
const PAGES: usize = 5;

/// The builds of one project in one location.
pub struct CloudBuild {
    client: http::Client,
    place: Place,
    label: String,
}

impl CloudBuild {
    /// Makes the client; no call is made. `endpoint` replaces `https://cloudbuild.googleapis.com/`. Fails on an address
    /// that is none.
    pub fn new(
        project: impl Into<String>,
        location: impl Into<String>,
        endpoint: Option<&str>,
        credentials: &Credentials,
    ) -> Result<Self, ProviderError> {
        let place = Place { project: project.into(), region: location.into() };
        let tokens = Tokens::new(credentials);
        let turns = gcp::turns(&Budgets::default(), &place.project, endpoint);
        let client = http::Client::new(endpoint, "https://cloudbuild.googleapis.com/", tokens, turns)?;
        Ok(Self { client, label: format!("Cloud Build {}", place.project), place })
    }
}

#[async_trait]
impl BuildSource for CloudBuild {
    fn label(&self) -> &str {
        &self.label
    }

    async fn recent(&self, limit: usize) -> Result<Vec<Build>, ProviderError> {
        let path = format!("v1/{}/builds", self.place.path());
        let size = limit.clamp(1, 100).to_string();
        let mut builds: Vec<Build> = Vec::new();
        let mut token = String::new();
        for _ in 0..PAGES {
            let mut query = vec![("pageSize", size.as_str())];
            if !token.is_empty() {
                query.push(("pageToken", &token));
            }
            let page: BuildList = self.client.get(CALL, &path, &query).await?;
            for build in &page.builds {
                builds.push(map(build)?);
            }
            token = page.next_page_token;
            if token.is_empty() || builds.len() >= limit {
                break;
            }
        }
        builds.sort_by_key(|build| std::cmp::Reverse(build.created_at));
        builds.truncate(limit);
        Ok(builds)
    }
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct BuildList {
    builds: Vec<WireBuild>,
    next_page_token: String,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct WireBuild {
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

fn map(build: &WireBuild) -> Result<Build, ProviderError> {
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
        jobs: None,
    })
}

fn state(build: &WireBuild) -> Reported<BuildState> {
    let state = match build.status.as_str() {
        "PENDING" if build.approval.state == "PENDING" => BuildState::Waiting,
        "PENDING" | "QUEUED" => BuildState::Queued,
        "WORKING" => BuildState::Running,
        "SUCCESS" => BuildState::Succeeded,
        "FAILURE" | "INTERNAL_ERROR" | "TIMEOUT" | "EXPIRED" => BuildState::Failed,
        "CANCELLED" => BuildState::Cancelled,
        _ => BuildState::Unknown,
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

    fn build(json: serde_json::Value) -> Build {
        map(&serde_json::from_value(json).unwrap()).unwrap()
    }

    #[test]
    fn a_triggered_build_names_its_commit_branch_and_images() {
        let digest = format!("sha256:{}", "a".repeat(64));
        let build = build(serde_json::json!({
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
        assert_eq!(build(waiting).state.state, BuildState::Waiting);
        assert_eq!(build(serde_json::json!({"id": "b", "status": "PENDING"})).state.state, BuildState::Queued);
    }

    #[test]
    fn unknown_words_are_kept_and_missing_fields_are_none() {
        let build = build(serde_json::json!({"id": "b", "status": "PONDERING"}));
        assert_eq!((build.state.state, build.state.word.raw()), (BuildState::Unknown, "PONDERING"));
        assert_eq!((build.commit, build.created_at, build.digests.len()), (None, None, 0));
    }

    #[test]
    fn the_commit_may_come_from_the_provenance() {
        let build = build(serde_json::json!({"id": "b", "status": "FAILURE",
            "sourceProvenance": {"resolvedGitSource": {"revision": "abcdef0123"}},
            "failureInfo": {"type": "USER_BUILD_STEP", "detail": "step 2"}}));
        assert_eq!(build.commit.unwrap().as_str(), "abcdef0123");
        assert_eq!(build.state.reason.unwrap().raw(), "USER_BUILD_STEP: step 2");
    }
}
