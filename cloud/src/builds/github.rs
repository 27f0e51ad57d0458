//! GitHub Actions over its REST API. Answers are kept with their `ETag`: a 304 costs nothing of the rate limit.

use std::{
    fmt,
    sync::{Mutex, PoisonError},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use async_trait::async_trait;
use reqwest::{Response, StatusCode, Url};
use serde::Deserialize;

use crate::{
    error::{ErrorKind, LONGEST_WAIT, ProviderError, retry_after},
    gcp::http,
    model::{Build, BuildState, Commit, Reported},
    provider::BuildSource,
    retry,
    timestamp::Timestamp,
};

const CALL: &str = "actions.listWorkflowRuns";
const ATTEMPTS: u32 = 3;

/// The workflow runs of one repository.
pub struct GitHubActions {
    http: reqwest::Client,
    url: Url,
    branch: Option<String>,
    token: Option<Token>,
    label: String,
    last: Mutex<Option<Kept>>,
}

/// A token that no debug output shows.
struct Token(String);

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(..)")
    }
}

/// The last answer, for as long as GitHub says that nothing has changed.
#[derive(Clone)]
struct Kept {
    etag: String,
    limit: usize,
    builds: Vec<Build>,
}

impl GitHubActions {
    /// Makes the client; no call is made. `repository` is `owner/name`; `branch` narrows to one branch; `api_url` is
    /// `https://api.github.com` or an enterprise server's; without a `token` GitHub answers 60 times an hour. Fails on a
    /// repository or an address that is none.
    pub fn new(
        repository: &str,
        branch: Option<String>,
        api_url: &str,
        token: Option<String>,
    ) -> Result<Self, ProviderError> {
        let Some((owner, name)) = repository.split_once('/').filter(|(o, n)| !o.is_empty() && !n.is_empty()) else {
            let message = format!("{repository} is not of the form owner/name");
            return Err(ProviderError::new(ErrorKind::Unexpected, CALL, message));
        };
        let path = format!("repos/{}/{}/actions/runs", http::segment(owner), http::segment(name));
        let url = http::base(api_url, CALL)?.join(&path);
        let url = url.map_err(|error| {
            ProviderError::new(ErrorKind::Unexpected, CALL, "not a repository's address").caused_by(error)
        })?;
        Ok(Self {
            http: http::plain(CALL)?,
            url,
            branch,
            token: token.filter(|token| !token.is_empty()).map(Token),
            label: format!("GitHub Actions {repository}"),
            last: Mutex::new(None),
        })
    }

    fn kept(&self, limit: usize) -> Option<Kept> {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.clone().filter(|kept| kept.limit == limit)
    }

    async fn ask(&self, limit: usize) -> Result<Vec<Build>, ProviderError> {
        let kept = self.kept(limit);
        let size = limit.clamp(1, 100).to_string();
        let mut request = self
            .http
            .get(self.url.clone())
            .query(&[("per_page", size.as_str())])
            .header("accept", "application/vnd.github+json")
            .header("x-github-api-version", "2022-11-28");
        if let Some(branch) = &self.branch {
            request = request.query(&[("branch", branch)]);
        }
        if let Some(Token(token)) = &self.token {
            request = request.bearer_auth(token);
        }
        if let Some(kept) = &kept {
            request = request.header("if-none-match", &kept.etag);
        }
        let answer = request.send().await.map_err(|error| http::unanswered(CALL, error).error)?;
        if answer.status() == StatusCode::NOT_MODIFIED {
            let lost = || ProviderError::new(ErrorKind::Unexpected, CALL, "not modified, although nothing is kept");
            return kept.map(|kept| kept.builds).ok_or_else(lost);
        }
        if !answer.status().is_success() {
            return Err(refusal(answer, self.token.is_some()).await);
        }
        let etag = answer.headers().get("etag").and_then(|etag| etag.to_str().ok()).map(str::to_owned);
        let runs: Runs = http::decode(CALL, &http::read(CALL, answer).await?)?;
        let mut builds: Vec<_> = runs.workflow_runs.into_iter().map(map).collect();
        builds.sort_by_key(|build| std::cmp::Reverse(build.created_at));
        builds.truncate(limit);
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        *last = etag.map(|etag| Kept { etag, limit, builds: builds.clone() });
        Ok(builds)
    }
}

#[async_trait]
impl BuildSource for GitHubActions {
    fn label(&self) -> &str {
        &self.label
    }

    async fn recent(&self, limit: usize) -> Result<Vec<Build>, ProviderError> {
        let mut attempt = 1;
        loop {
            match self.ask(limit).await {
                // A rate limit lasts for minutes: that is for the caller's schedule.
                Err(error)
                    if matches!(error.kind, ErrorKind::Unavailable | ErrorKind::Timeout) && attempt < ATTEMPTS =>
                {
                    tokio::time::sleep(retry::jitter(Duration::from_millis(200) * attempt)).await;
                    attempt += 1;
                }
                answer => return answer,
            }
        }
    }
}

async fn refusal(answer: Response, signed: bool) -> ProviderError {
    let status = answer.status();
    let header = |name: &str| answer.headers().get(name)?.to_str().ok();
    let number = |name: &str| header(name)?.trim().parse::<u64>().ok();
    let spent = number("x-ratelimit-remaining") == Some(0);
    let reset = number("x-ratelimit-reset").filter(|_| spent).map(until);
    let after = header("retry-after").and_then(retry_after).or(reset);
    let limited = status == StatusCode::TOO_MANY_REQUESTS || (status == StatusCode::FORBIDDEN && after.is_some());
    let said: Refusal = match http::read(CALL, answer).await {
        Ok(body) => serde_json::from_slice(&body).unwrap_or_default(),
        Err(_) => Refusal::default(),
    };
    let message = if said.message.is_empty() { format!("HTTP status {}", status.as_u16()) } else { said.message };
    let kind = match status.as_u16() {
        _ if limited => ErrorKind::Throttled { retry_after: after },
        401 => ErrorKind::Auth,
        403 => ErrorKind::Denied,
        404 => ErrorKind::NotFound,
        500..=599 => ErrorKind::Unavailable,
        _ => ErrorKind::Unexpected,
    };
    let error = ProviderError::new(kind, CALL, message);
    match kind {
        ErrorKind::Auth => error.hint("set GITHUB_TOKEN to a token that is still good"),
        ErrorKind::Denied => error.hint("the token needs read access to Actions of the repository"),
        ErrorKind::NotFound if !signed => error.hint("a private repository needs a token: set GITHUB_TOKEN"),
        ErrorKind::Throttled { .. } if !signed => {
            error.hint("with a token GitHub allows far more calls: set GITHUB_TOKEN")
        }
        ErrorKind::NotFound
        | ErrorKind::Throttled { .. }
        | ErrorKind::Conflict
        | ErrorKind::Unavailable
        | ErrorKind::Timeout
        | ErrorKind::Unsupported
        | ErrorKind::Unexpected => error,
    }
}

/// How long until a time in seconds since the epoch, at most [`LONGEST_WAIT`].
fn until(epoch: u64) -> Duration {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Duration::from_secs(epoch).saturating_sub(now).min(LONGEST_WAIT)
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Refusal {
    message: String,
}

#[derive(Deserialize)]
struct Runs {
    workflow_runs: Vec<Run>,
}

#[derive(Deserialize)]
struct Run {
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

fn map(run: Run) -> Build {
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
        let build = map(serde_json::from_value(run).unwrap());
        assert_eq!((build.id.as_str(), build.attempt), ("7", 2));
        assert_eq!((build.branch, build.finished_at), (None, None));
    }

    #[test]
    fn a_repository_needs_an_owner_and_a_name() {
        assert!(GitHubActions::new("hello", None, "https://api.github.com", None).is_err());
        assert!(GitHubActions::new("acme/hello", None, "not an address", None).is_err());
        assert!(GitHubActions::new("acme/hello", None, "https://api.github.com", None).is_ok());
    }
}
