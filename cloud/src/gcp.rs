//! Cloud Run over its REST API v2, behind the [`Provider`] trait. Plain HTTP, because the call a dashboard exists for
//! (`forceNewRevision` on a service) is missing from the vendor's own client crates.
//!
//! - `auth`: access tokens, from the vendor's own credential chain
//! - `http`: one way to send: token, deadline, capped body, errors by kind, retries for reads only
//! - `wire`: the JSON shapes, lenient: absent is default, unknown words are kept
//! - `observe`: which calls make a snapshot
//! - `map`: from the wire to the model, pure
//! - `logging`: what Cloud Logging tells: lines of instances, who did what
//! - `summaries`: all services, as many to a call as it answers
//! - `identity`: who the credentials are
//! - `change`: what a change sends, once, and how its outcome is found
//! - `aims`: what the changes we started were after
//! - `images`: what Artifact Registry says of tags and digests

mod aims;
mod auth;
mod change;
pub(crate) mod http;
mod identity;
mod images;
mod logging;
mod map;
mod observe;
mod summaries;
pub(crate) mod wire;

use std::fmt;

use async_trait::async_trait;
use serde_json::Value;

pub(crate) use auth::Tokens;
pub(crate) use logging::quote;

use crate::{
    budget::{Allowance, Budgets},
    change::{Change, Order, Preview, StartError, Started},
    error::ProviderError,
    model::{Capabilities, DeploymentId, Identity, Logs, ProviderInfo, Snapshot, Summary},
    provider::Provider,
    retry::Turns,
    timestamp::Timestamp,
};

/// How to sign in to Google Cloud.
#[derive(Clone, Default)]
pub enum Credentials {
    /// Application Default Credentials: `GOOGLE_APPLICATION_CREDENTIALS`, gcloud's file, the metadata server.
    #[default]
    Default,
    /// The text of a credentials file: an authorized user or a service account.
    Json(Value),
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Default => "Default",
            Self::Json(_) => "Json(..)",
        })
    }
}

/// Where the services of one project and region are, and how to sign in.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The project's id.
    pub project: String,
    /// The region, as Google writes it: `europe-west1`.
    pub region: String,
    /// Replaces `https://run.googleapis.com/`.
    pub run: Option<String>,
    /// Replaces `https://artifactregistry.googleapis.com/`.
    pub artifacts: Option<String>,
    /// Replaces `https://logging.googleapis.com/`.
    pub logging: Option<String>,
    /// How to sign in.
    pub credentials: Credentials,
    /// How often the project may be asked; shared by whoever shares the project.
    pub budgets: Budgets,
}

/// What a project answers every second without complaint: far below the 3000 reads a minute and region of Cloud Run,
/// because others ask as well.
const PROJECT: Allowance = Allowance { rate: 20.0, burst: 60.0 };
/// Cloud Logging answers 60 reads a minute to a whole project.
const LOGGING: Allowance = Allowance { rate: 0.5, burst: 20.0 };

/// The turns of a project. Behind another address it is another project, whatever its name.
pub(crate) fn turns(budgets: &Budgets, project: &str, address: Option<&str>) -> Turns {
    let address = address.unwrap_or_default().trim_end_matches('/');
    Turns::new(budgets, &format!("gcp:{project} {address}"), PROJECT)
}

/// Cloud Run services of one project in one region.
pub struct CloudRun {
    info: ProviderInfo,
    run: http::Client,
    artifacts: http::Client,
    logging: http::Client,
    credentials: Credentials,
    told: logging::Events,
    place: Place,
    aims: aims::Aims,
}

/// Where services live: `projects/P/locations/R`.
pub(crate) struct Place {
    pub project: String,
    pub region: String,
}

impl Place {
    /// The path of the place below an API version.
    pub fn path(&self) -> String {
        format!("projects/{}/locations/{}", http::segment(&self.project), http::segment(&self.region))
    }
}

impl CloudRun {
    /// Makes the clients. No call is made: missing credentials show in the first one, as `Auth`. Fails on an address that
    /// is none, and on credentials that cannot be read.
    pub fn new(settings: Settings) -> Result<Self, ProviderError> {
        let tokens = Tokens::new(&settings.credentials);
        let turns = turns(&settings.budgets, &settings.project, settings.run.as_deref());
        let client = |address: Option<&str>, default, turns| http::Client::new(address, default, tokens.clone(), turns);
        let run = client(settings.run.as_deref(), "https://run.googleapis.com/", turns.clone())?;
        let artifacts = settings.artifacts.as_deref();
        let artifacts = client(artifacts, "https://artifactregistry.googleapis.com/", turns)?;
        let logging = settings.logging.as_deref();
        let key = format!("gcp:{} logs {}", settings.project, logging.unwrap_or_default());
        let turns = Turns::new(&settings.budgets, &key, LOGGING);
        let logging = client(logging, "https://logging.googleapis.com/", turns)?;
        let info = ProviderInfo {
            label: "Cloud Run",
            id: "gcp",
            region: settings.region.clone(),
            scope: format!("project {}", settings.project),
            capabilities: Capabilities { stop: false, hold: true, instances: false, sleeps: true },
            endpoint: settings.run,
        };
        let place = Place { project: settings.project, region: settings.region };
        let (told, aims) = (logging::Events::default(), aims::Aims::default());
        Ok(Self { info, run, artifacts, logging, credentials: settings.credentials, told, place, aims })
    }
}

#[async_trait]
impl Provider for CloudRun {
    fn info(&self) -> &ProviderInfo {
        &self.info
    }

    async fn services(&self) -> Result<Vec<String>, ProviderError> {
        summaries::names(&self.run, &self.place).await
    }

    async fn summaries(&self) -> Result<Vec<Summary>, ProviderError> {
        summaries::summaries(&self.run, &self.place).await
    }

    async fn identity(&self) -> Result<Identity, ProviderError> {
        identity::identity(&self.credentials, &self.place.project).await
    }

    async fn logs(&self, service: &str, since: Option<Timestamp>, limit: usize) -> Result<Logs, ProviderError> {
        logging::lines(&self.logging, &self.place, service, since, limit).await
    }

    async fn observe(&self, service: &str, follow: Option<&DeploymentId>) -> Result<Snapshot, ProviderError> {
        observe::observe(self, service, follow).await
    }

    fn preview(&self, service: &str, change: &Change, snapshot: &Snapshot) -> Preview {
        change::preview(&self.place, service, change, snapshot)
    }

    async fn start(&self, service: &str, order: &Order) -> Result<Started, StartError> {
        change::start(&self.run, &self.place, &self.aims, service, order).await
    }
}
