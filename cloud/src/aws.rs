//! ECS through the vendor's SDK, behind the [`Provider`] trait. The adapter in one page: settings, the struct, and which
//! file answers which question.
//!
//! - `client`: how calls are made: turns of the account's budget, deadlines, retries for reads and none for writes
//! - `endpoints`: which addresses are in force; `body_limit`: how much of an answer is read
//! - `calls`: the calls of ECS that read, paging and batches in one place
//! - `observe`: which calls make a snapshot, side by side where they do not depend on each other
//! - `map`: from the SDK's types to the model, pure
//! - `change`: what a change sends, once, and how its outcome is found
//! - `preview`: the same in words, told without a call
//! - `balancing`: what load balancers say of their targets; `logs`: what tasks wrote
//! - `summaries`: all services in batches; `identity`: who is signed in
//! - `images`: what ECR says of tags and digests
//! - `error`: from the SDK's errors to ours

mod balancing;
mod body_limit;
mod calls;
mod change;
mod client;
mod clock;
mod endpoints;
mod error;
mod identity;
mod images;
mod logs;
mod map;
mod observe;
mod preview;
mod sign_in;
mod summaries;

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use aws_sdk_ecs::config::SharedHttpClient;
use tokio::sync::Mutex;

use client::Client;
use observe::Kept;

use crate::{
    budget::Budgets,
    change::{Change, Order, Preview, StartError, Started},
    error::{ErrorKind, ProviderError},
    model::{Capabilities, DeploymentId, Identity, Logs, ProviderInfo, Snapshot, Summary},
    provider::Provider,
    timestamp::Timestamp,
};

const ECS: &str = "ecs";

/// Where one cluster is and how to sign in.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The region, as AWS writes it: `eu-central-1`.
    pub region: String,
    /// The cluster's name or ARN.
    pub cluster: String,
    /// The profile of the shared AWS configuration; `None` leaves the choice to the SDK's own chain.
    pub profile: Option<String>,
    /// Replaces the address of every AWS call. With `None` the SDK's chain and `AWS_ENDPOINT_URL*` apply.
    pub endpoint: Option<String>,
    /// Fixed keys instead of the SDK's chain; for the stand-in.
    pub credentials: Option<Keys>,
    /// How often the account may be asked; shared by whoever shares the account.
    pub budgets: Budgets,
    /// Answers AWS calls in place of the network; for tests that script every byte.
    pub http: Option<SharedHttpClient>,
}

/// An access key pair.
#[derive(Clone)]
pub struct Keys {
    /// The access key id.
    pub id: String,
    /// The secret access key.
    pub secret: String,
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys").finish_non_exhaustive()
    }
}

/// One ECS cluster in one region.
pub struct Ecs {
    info: ProviderInfo,
    endpoints: Vec<(&'static str, String)>,
    settings: Settings,
    /// The clients; `None` after a rejected sign-in, so that the next call reads the credentials anew.
    client: Mutex<Option<Arc<Client>>>,
    kept: Kept,
}

impl Ecs {
    /// Reads the shared AWS configuration and makes the clients. No call is made, and nothing fails here: missing
    /// credentials show in the first call, as `Auth`.
    pub async fn new(settings: Settings) -> Self {
        let client = Client::new(&settings).await;
        let info = ProviderInfo {
            label: "ECS",
            id: "aws",
            region: settings.region.clone(),
            scope: format!("cluster {}", settings.cluster),
            capabilities: Capabilities { stop: true, hold: false, instances: true, sleeps: false },
            endpoint: client.endpoints.iter().find(|(service, _)| *service == ECS).map(|(_, url)| url.clone()),
        };
        let endpoints = client.endpoints.clone();
        Self { info, endpoints, settings, client: Mutex::new(Some(Arc::new(client))), kept: Kept::default() }
    }

    /// The addresses in force that are not the vendor's own, by service (`ecs`, `ecr`, `load balancing`, `logs`, `sts`), however they came to be: settings,
    /// environment, profile. Signed calls go there. The services that only hand out credentials are not among them.
    pub fn endpoints(&self) -> &[(&'static str, String)] {
        &self.endpoints
    }

    /// The clients. What reads the configuration anew must find the same endpoints: those were agreed to.
    async fn client(&self) -> Result<Arc<Client>, ProviderError> {
        let mut kept = self.client.lock().await;
        if let Some(client) = kept.as_ref() {
            return Ok(Arc::clone(client));
        }
        let client = Arc::new(Client::new(&self.settings).await);
        if client.endpoints != self.endpoints {
            let message = "the AWS configuration names another endpoint than at the start: start again";
            return Err(ProviderError::new(ErrorKind::Unexpected, "settings", message));
        }
        *kept = Some(Arc::clone(&client));
        Ok(client)
    }

    /// The SDK reads files of credentials once. Somebody who signs in again should not have to start us again.
    async fn forget_if_unsigned(&self, error: Option<&ProviderError>) {
        if error.is_some_and(|error| error.kind == ErrorKind::Auth) {
            *self.client.lock().await = None;
        }
    }
}

#[async_trait]
impl Provider for Ecs {
    fn info(&self) -> &ProviderInfo {
        &self.info
    }

    async fn services(&self) -> Result<Vec<String>, ProviderError> {
        let services = self.client().await?.services().await;
        self.forget_if_unsigned(services.as_ref().err()).await;
        services
    }

    async fn summaries(&self) -> Result<Vec<Summary>, ProviderError> {
        let summaries = summaries::summaries(&*self.client().await?).await;
        self.forget_if_unsigned(summaries.as_ref().err()).await;
        summaries
    }

    async fn identity(&self) -> Result<Identity, ProviderError> {
        let client = self.client().await?;
        let identity = identity::identity(&client).await;
        self.forget_if_unsigned(identity.as_ref().err()).await;
        if let Ok(identity) = &identity {
            client.belongs_to(&self.settings, identity.account.raw());
        }
        identity
    }

    async fn logs(&self, service: &str, since: Option<Timestamp>, limit: usize) -> Result<Logs, ProviderError> {
        let client = self.client().await?;
        let logs = observe::logs(&client, &self.kept, service, since, limit.max(1)).await;
        self.forget_if_unsigned(logs.as_ref().err()).await;
        logs
    }

    async fn observe(&self, service: &str, follow: Option<&DeploymentId>) -> Result<Snapshot, ProviderError> {
        let snapshot = observe::observe(&*self.client().await?, &self.kept, service, follow).await;
        self.forget_if_unsigned(snapshot.as_ref().err()).await;
        snapshot
    }

    fn preview(&self, service: &str, change: &Change, snapshot: &Snapshot) -> Preview {
        preview::preview(&self.settings, &self.info, service, change, snapshot)
    }

    async fn start(&self, service: &str, order: &Order) -> Result<Started, StartError> {
        let client = self.client().await.map_err(StartError::Refused)?;
        let started = change::start(&client, &self.kept, service, order).await;
        if let Err(StartError::Refused(error) | StartError::Unknown(error)) = &started {
            self.forget_if_unsigned(Some(error)).await;
        }
        started
    }
}
