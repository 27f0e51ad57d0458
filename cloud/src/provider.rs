//! The two traits that everything above this crate talks to.

use async_trait::async_trait;

use crate::{
    change::{Change, Order, Preview, StartError, Started},
    error::ProviderError,
    model::{Build, DeploymentId, Identity, Logs, ProviderInfo, Snapshot, Summary},
    timestamp::Timestamp,
};

/// A cloud that runs services, in one account or project and one region.
///
/// Reads are retried inside with back-off, within a deadline of their own; **a write is sent once**. Implementations hold
/// no state that a snapshot depends on, except caches of what the cloud guarantees never to change.
#[async_trait]
pub trait Provider: Send + Sync {
    /// What it is, where it is, what it can do. Known without a call.
    fn info(&self) -> &ProviderInfo;

    /// The names of all services here, in no particular order, every page of them.
    async fn services(&self) -> Result<Vec<String>, ProviderError>;

    /// All services here with how each one stands, in no particular order, in as few calls as the cloud's batches allow.
    async fn summaries(&self) -> Result<Vec<Summary>, ProviderError>;

    /// As whom calls are made. Does not change while the program runs, unless somebody signs in anew: ask once.
    async fn identity(&self) -> Result<Identity, ProviderError>;

    /// The newest lines that the instances of a service wrote, at most `limit`, oldest first; with `since` only lines from
    /// that moment on. `Unsupported` where the service's logs are kept somewhere we do not read.
    async fn logs(&self, service: &str, since: Option<Timestamp>, limit: usize) -> Result<Logs, ProviderError>;

    /// Everything one screen needs about a service, once. Parts that fail alone are errors in their section; the whole
    /// fails only when the service itself could not be read. A deployment in `follow` is part of the snapshot for as
    /// long as the cloud knows it, also where the cloud's history would not list it.
    async fn observe(&self, service: &str, follow: Option<&DeploymentId>) -> Result<Snapshot, ProviderError>;

    /// What `start` would send for this change, told without a call.
    fn preview(&self, service: &str, change: &Change, snapshot: &Snapshot) -> Preview;

    /// Starts a change, once. Re-reads the fingerprint just before and refuses with `Conflict` when it differs.
    async fn start(&self, service: &str, order: &Order) -> Result<Started, StartError>;
}

/// A place where images are built.
#[async_trait]
pub trait BuildSource: Send + Sync {
    /// What to call it on the screen: `GitHub Actions acme/hello`.
    fn label(&self) -> &str;

    /// The newest builds, newest first, at most `limit`. The newest that failed or is under way comes with its jobs, where
    /// the source has them.
    async fn recent(&self, limit: usize) -> Result<Vec<Build>, ProviderError>;
}
