//! How AWS is called: clients that are asked through one way of reading (turns of the account's budget, deadline, again
//! after a passing failure), one client for writes, which are sent once, bodies capped.

use std::time::Duration;

use aws_config::{BehaviorVersion, Region};
use aws_sdk_ecs::{
    config::{Credentials, http::HttpResponse, retry::RetryConfig, timeout::TimeoutConfig},
    error::{ProvideErrorMetadata, SdkError},
};

use super::{
    Settings,
    body_limit::BodyLimit,
    endpoints,
    error::{self, Failure},
};
use crate::{
    budget::Allowance,
    error::ProviderError,
    retry::{self, Turns},
};

/// What an account answers every second without complaint: ECS allows its clusters 20 reads a second after a burst of 50,
/// and the neighbours have limits of their own.
const ACCOUNT: Allowance = Allowance { rate: 20.0, burst: 100.0 };

/// The clients for one cluster. Clones share connections and credentials.
#[derive(Clone)]
pub(super) struct Client {
    pub ecs: aws_sdk_ecs::Client,
    pub registry: aws_sdk_ecr::Client,
    pub balancing: aws_sdk_elasticloadbalancingv2::Client,
    pub logs: aws_sdk_cloudwatchlogs::Client,
    pub sts: aws_sdk_sts::Client,
    pub cluster: String,
    pub region: String,
    /// What to do when nobody is signed in.
    pub sign_in: String,
    /// The addresses in force that are not the vendor's, by service.
    pub endpoints: Vec<(&'static str, String)>,
    turns: Turns,
}

impl Client {
    pub async fn new(settings: &Settings) -> Self {
        // Reads are tried again by `ask`, which knows the budget; the SDK's own retries would not. Writes never are. What
        // fetches credentials keeps its own retries.
        let once = RetryConfig::standard().with_max_attempts(1);
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(2))
            .operation_attempt_timeout(Duration::from_secs(5))
            .operation_timeout(Duration::from_secs(10))
            .build();
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .region(Region::new(settings.region.clone()))
            .timeout_config(timeouts);
        if let Some(profile) = &settings.profile {
            loader = loader.profile_name(profile);
        }
        if let Some(endpoint) = &settings.endpoint {
            loader = loader.endpoint_url(endpoint);
        }
        if let Some(keys) = &settings.credentials {
            loader = loader.credentials_provider(Credentials::new(&keys.id, &keys.secret, None, None, "settings"));
        }
        if let Some(http) = &settings.http {
            loader = loader.http_client(http.clone());
        }
        let shared = loader.load().await;
        let ecs = aws_sdk_ecs::config::Builder::from(&shared).retry_config(once.clone()).interceptor(BodyLimit);
        let registry = aws_sdk_ecr::config::Builder::from(&shared).retry_config(once.clone()).interceptor(BodyLimit);
        let balancing = aws_sdk_elasticloadbalancingv2::config::Builder::from(&shared)
            .retry_config(once.clone())
            .interceptor(BodyLimit);
        let logs =
            aws_sdk_cloudwatchlogs::config::Builder::from(&shared).retry_config(once.clone()).interceptor(BodyLimit);
        let sts = aws_sdk_sts::config::Builder::from(&shared).retry_config(once.clone()).interceptor(BodyLimit);
        let endpoints = endpoints::in_force(settings, &shared);
        Self {
            ecs: aws_sdk_ecs::Client::from_conf(ecs.build()),
            registry: aws_sdk_ecr::Client::from_conf(registry.build()),
            balancing: aws_sdk_elasticloadbalancingv2::Client::from_conf(balancing.build()),
            logs: aws_sdk_cloudwatchlogs::Client::from_conf(logs.build()),
            sts: aws_sdk_sts::Client::from_conf(sts.build()),
            cluster: settings.cluster.clone(),
            region: settings.region.clone(),
            sign_in: sign_in(settings.profile.as_deref()),
            turns: Turns::new(&settings.budgets, &key(settings, &sign_in_name(settings), &endpoints), ACCOUNT),
            endpoints,
        }
    }

    /// Reads: `send` is called for every attempt.
    pub async fn ask<T, E, F>(&self, call: &'static str, send: impl Fn() -> F) -> Result<T, Failure>
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    {
        let once = || async { send().await.map_err(|error| error::read(call, &self.sign_in, error)) };
        let attempt = || async {
            match once().await {
                // By now the SDK knows how far the clocks differ.
                Err(failure) if failure.skewed => once().await,
                end => end,
            }
        };
        retry::read(&self.turns, call, attempt).await
    }

    /// The same where nothing but the error matters.
    pub async fn read<T, E, F>(&self, call: &'static str, send: impl Fn() -> F) -> Result<T, ProviderError>
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    {
        self.ask(call, send).await.map_err(|failure| failure.error)
    }

    /// Writes, once, without waiting for the budget.
    pub async fn write<T, E, F>(&self, call: &'static str, sent: F) -> Result<T, Failure>
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    {
        self.turns.spend();
        let answer = sent.await.map_err(|error| error::read(call, &self.sign_in, error));
        answer.inspect_err(|failure| self.turns.heard(&failure.error))
    }

    /// The same clients for one observation, which counts its own waits.
    pub fn observing(&self) -> Self {
        Self { turns: self.turns.anew(), ..self.clone() }
    }

    pub fn turns(&self) -> &Turns {
        &self.turns
    }

    /// Draws from the budget of this account from now on, with every other sign-in to it.
    pub fn belongs_to(&self, settings: &Settings, account: &str) {
        self.turns.join(&key(settings, account, &self.endpoints));
    }
}

/// Which budget: AWS limits an account in a region. Behind another address it is another account, whatever its number.
fn key(settings: &Settings, account: &str, endpoints: &[(&str, String)]) -> String {
    let address = endpoints.first().map_or("", |(_, url)| url.trim_end_matches('/'));
    format!("aws:{account} {} {address}", settings.region)
}

/// Who signs in, until the account is known.
fn sign_in_name(settings: &Settings) -> String {
    match (&settings.credentials, &settings.profile) {
        (Some(keys), _) => format!("key {}", keys.id),
        (None, Some(profile)) => format!("profile {profile}"),
        (None, None) => "default".to_owned(),
    }
}

fn sign_in(profile: Option<&str>) -> String {
    match profile {
        Some(profile) => crate::shell::command(["aws", "sso", "login", "--profile", profile]),
        None => "aws sso login, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY".to_owned(),
    }
}
