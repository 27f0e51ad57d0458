//! GitHub Actions over its REST API: the newest workflow runs, and the jobs of the one that needs a look.
//!
//! - `ask`: conditional requests, the token's budget, refusals by kind
//! - `map`: from JSON to the model, pure

mod ask;
mod map;

use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;

use self::ask::Client;
use crate::{
    budget::Budgets,
    error::{ErrorKind, ProviderError},
    gcp::http,
    model::{Build, Job, Section},
    provider::BuildSource,
};

const CALL: &str = "actions.listWorkflowRuns";
const JOBS: &str = "actions.listJobsForWorkflowRun";
/// Pages of jobs, a hundred each.
const PAGES: usize = 3;

/// The workflow runs of one repository.
pub struct GitHubActions {
    client: Client,
    /// The path of the repository's runs.
    path: String,
    branch: Option<String>,
    label: String,
    /// The jobs of a run that has ended, by id and attempt: they do not change any more.
    ended: Mutex<Option<(String, u32, Vec<Job>)>>,
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
        Ok(Self {
            client: Client::new(CALL, api_url, token)?,
            path: format!("repos/{}/{}/actions/runs", http::segment(owner), http::segment(name)),
            branch,
            label: format!("GitHub Actions {repository}"),
            ended: Mutex::new(None),
        })
    }

    /// Draws from these budgets: one token is one budget, however many repositories it is used for.
    #[must_use]
    pub fn sharing(self, budgets: &Budgets) -> Self {
        Self { client: self.client.sharing(budgets), ..self }
    }

    async fn jobs(&self, build: &Build) -> Section<Vec<Job>> {
        let is_it = |(id, attempt, _): &&(String, u32, Vec<Job>)| *id == build.id && *attempt == build.attempt;
        let kept = self.ended.lock().unwrap_or_else(PoisonError::into_inner).as_ref().filter(is_it).cloned();
        if let Some((_, _, jobs)) = kept {
            return Ok(jobs);
        }
        let path = format!("{}/{}/jobs", self.path, http::segment(&build.id));
        let mut jobs = Vec::new();
        for page in 1..=PAGES {
            let page = page.to_string();
            let query = [("filter", "latest"), ("per_page", "100"), ("page", page.as_str())];
            let answer: map::Jobs = self.client.get(JOBS, &path, &query).await?;
            let is_last = answer.jobs.is_empty();
            jobs.extend(answer.jobs.into_iter().map(map::job));
            if is_last || jobs.len() >= answer.total_count {
                break;
            }
        }
        if build.state.state.is_ended() {
            let ended = (build.id.clone(), build.attempt, jobs.clone());
            *self.ended.lock().unwrap_or_else(PoisonError::into_inner) = Some(ended);
        }
        Ok(jobs)
    }
}

#[async_trait]
impl BuildSource for GitHubActions {
    fn label(&self) -> &str {
        &self.label
    }

    async fn recent(&self, limit: usize) -> Result<Vec<Build>, ProviderError> {
        let size = limit.clamp(1, 100).to_string();
        let mut query = vec![("per_page", size.as_str())];
        query.extend(self.branch.as_deref().map(|branch| ("branch", branch)));
        let runs: map::Runs = self.client.get(CALL, &self.path, &query).await?;
        let mut builds: Vec<_> = runs.workflow_runs.into_iter().map(map::build).collect();
        builds.sort_by_key(|build| std::cmp::Reverse(build.created_at));
        builds.truncate(limit);
        if let Some(build) = builds.iter_mut().find(|build| build.state.state.needs_a_look()) {
            build.jobs = Some(self.jobs(build).await);
        }
        Ok(builds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repository_needs_an_owner_and_a_name() {
        assert!(GitHubActions::new("hello", None, "https://api.github.com", None).is_err());
        assert!(GitHubActions::new("acme/hello", None, "not an address", None).is_err());
        assert!(GitHubActions::new("acme/hello", None, "https://api.github.com", None).is_ok());
    }
}
