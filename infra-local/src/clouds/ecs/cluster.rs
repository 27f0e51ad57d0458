//! Clusters.

use serde_json::Value;

use super::arn;
use crate::moment::Moment;

/// A cluster.
#[derive(Clone, Debug)]
pub struct Cluster {
    /// Its name.
    pub name: String,
    /// False once deleted: it can still be described.
    pub active: bool,
    /// What was given when it was made, in members of the API's `Cluster`.
    pub given: Value,
    /// The API's `tags`.
    pub tags: Vec<Value>,
    /// When it was made.
    pub created_at: Moment,
}

impl Cluster {
    /// Its ARN.
    pub fn arn(&self) -> String {
        cluster_arn(&self.name)
    }
}

/// The ARN of the cluster with this name.
pub fn cluster_arn(name: &str) -> String {
    arn(&format!("cluster/{name}"))
}
