//! Cloud Build over its REST API v1. Shares the way of sending, the sign-in and the project's budget with Cloud Run.

pub(crate) mod fuzz;
mod map;

use async_trait::async_trait;

use crate::{
    budget::Budgets,
    error::{ErrorKind, ProviderError},
    gcp::{self, Credentials, Place, Tokens, http},
    model::Build,
    provider::BuildSource,
};

const CALL: &str = "cloudbuild.builds.list";
/// Pages of one look: builds of other repositories may fill the first ones.
const PAGES: usize = 5;

/// The builds of one project in one location.
pub struct CloudBuild {
    client: http::Client,
    place: Place,
    label: String,
    endpoint: Option<String>,
    only: Only,
}

/// Which builds are meant; every one, unless something is named.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Only {
    /// The id of the trigger that starts them. Asked for, so that builds of others cost no page.
    pub trigger: Option<String>,
    /// The branch they build. Left out when they arrive: the API has no word for the branch of every kind of source.
    pub branch: Option<String>,
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
        let label = format!("Cloud Build {}", place.project);
        Ok(Self { client, label, place, endpoint: endpoint.map(str::to_owned), only: Only::default() })
    }

    /// Draws from these budgets: one project is one budget.
    #[must_use]
    pub fn sharing(self, budgets: &Budgets) -> Self {
        let turns = gcp::turns(budgets, &self.place.project, self.endpoint.as_deref());
        Self { client: self.client.taking(&turns), ..self }
    }

    fn not_found_yet(&self) -> ProviderError {
        let message = format!("no such build in {PAGES} pages, and there are more");
        let error = ProviderError::new(ErrorKind::Unexpected, CALL, message);
        match self.only.trigger {
            Some(_) => error,
            None => error.hint("name the trigger that starts them: then builds of others are not among the pages"),
        }
    }

    /// Only these builds.
    #[must_use]
    pub fn only(self, only: Only) -> Self {
        Self { only, ..self }
    }
}

#[async_trait]
impl BuildSource for CloudBuild {
    fn label(&self) -> &str {
        &self.label
    }

    async fn recent(&self, limit: usize) -> Result<Vec<Build>, ProviderError> {
        let path = format!("v1/{}/builds", self.place.path());
        // Where some are left out on arrival, a page of just as many would not do.
        let size = if self.only.branch.is_some() { 100 } else { limit.clamp(1, 100) }.to_string();
        let filter = self.only.trigger.as_ref().map(|id| format!("trigger_id={}", gcp::quote(id)));
        let mut builds: Vec<Build> = Vec::new();
        let mut token = String::new();
        for _ in 0..PAGES {
            let mut query = vec![("pageSize", size.as_str())];
            query.extend(filter.as_deref().map(|filter| ("filter", filter)));
            if !token.is_empty() {
                query.push(("pageToken", &token));
            }
            let page: map::BuildList = self.client.get(CALL, &path, &query).await?;
            for build in &page.builds {
                builds.push(map::build(build)?);
            }
            if let Some(branch) = &self.only.branch {
                builds.retain(|build| build.branch.as_ref().is_some_and(|of| of.raw() == branch));
            }
            token = page.next_page_token;
            if token.is_empty() || builds.len() >= limit {
                break;
            }
        }
        // Newest come first: what was found is the newest there is. Nothing found in a part is not nothing.
        if builds.is_empty() && !token.is_empty() {
            return Err(self.not_found_yet());
        }
        builds.sort_by_key(|build| std::cmp::Reverse(build.created_at));
        builds.truncate(limit);
        // One is enough to look at.
        let mut looked = builds.iter_mut().filter(|build| build.jobs.is_some());
        looked.next();
        looked.for_each(|build| build.jobs = None);
        Ok(builds)
    }
}
