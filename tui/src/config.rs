//! Which services, environments and targets there are. One TOML file says so; nothing is asked of a cloud to find out.
//!
//! - `location`: which file, and [`Source`], which is also how far it is trusted
//! - `file`: its text, whatever is at that path
//! - `document`, `table`: reading TOML with the place of every value kept, so that a problem names file, line and key
//! - `environment`, `service`, `target`, `builds`: the keys; `value`: what may stand in them
//! - [`example`]: one to start from; [`report`]: what was understood, for `config check`
//!
//! A file found in a repository came with somebody's code, so it is *restricted*: it may say what to look at, never
//! where credentials are sent, whose credentials are used, or that something may be changed. Its URLs must be https,
//! because the probe runs in the user's network: plain http could be aimed at whatever listens on this machine or at a
//! metadata service. Loopback gains nothing there, as a stand-in needs an `endpoint` anyway.

mod builds;
mod document;
mod environment;
mod error;
pub mod example;
mod file;
mod location;
mod nearest;
pub mod report;
mod service;
mod table;
mod target;
mod value;

use std::{path::Path, time::Duration};

pub use reqwest::Url;
use serde::{Serialize, Serializer};

pub use self::{
    error::{ConfigError, Problem},
    location::{Source, locate, user_file},
    value::is_loopback,
};
use crate::surroundings::Surroundings;

/// The configuration as it was understood. Names are unique in their place, and every target's environment is declared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Config {
    /// Where it came from.
    pub source: Source,
    /// In the order of the file.
    pub environments: Vec<Environment>,
    /// In the order of the file; at least one, each with at least one target.
    pub services: Vec<Service>,
}

/// Staging, production.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Environment {
    /// 1 to 63 of a-z, 0-9 and -.
    pub name: String,
    /// Whether anything in it may be changed. Never true in a configuration from a repository.
    pub writable: bool,
    /// Whether a change needs the service's name typed.
    pub protected: bool,
}

/// The long-lived thing with a URL, under one name on all its targets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Service {
    /// 1 to 63 of a-z, 0-9 and -.
    pub name: String,
    /// The path asked for health, with its leading slash; joins to a target's URL without leaving its host.
    pub probe: String,
    /// How often its targets are read, 1 second to 10 minutes. In JSON: seconds.
    #[serde(rename = "interval_seconds", serialize_with = "seconds")]
    pub interval: Duration,
    /// In the order of the file; at least one.
    pub targets: Vec<Target>,
}

/// One service on one provider in one region.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Target {
    /// The environment it belongs to, with what may be done there.
    pub environment: Environment,
    /// Which cloud, and what only that cloud needs.
    #[serde(flatten)]
    pub cloud: Cloud,
    /// As the cloud writes it.
    pub region: String,
    /// The service's name in the cloud.
    #[serde(rename = "service")]
    pub cloud_service: String,
    /// What people reach. Always there for AWS; Cloud Run tells its own, which this replaces.
    #[serde(serialize_with = "url")]
    pub url: Option<Url>,
    /// Where calls go instead of the vendor's own address.
    #[serde(serialize_with = "url")]
    pub endpoint: Option<Url>,
    /// Where its images are built, where that is known.
    pub builds: Option<Builds>,
}

/// A provider, and what only that provider needs.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(tag = "provider", rename_all = "lowercase")]
pub enum Cloud {
    /// ECS.
    Aws {
        /// The cluster's name.
        cluster: String,
        /// The profile of the vendor's own configuration to sign in with; the default chain without.
        profile: Option<String>,
    },
    /// Cloud Run.
    Gcp {
        /// The project's id.
        project: String,
    },
}

impl Cloud {
    /// The word in configuration, on the command line and in JSON.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Aws { .. } => "aws",
            Self::Gcp { .. } => "gcp",
        }
    }
}

/// Where a target's images are built.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(tag = "source", rename_all = "snake_case")]
pub enum Builds {
    /// GitHub Actions.
    Github {
        /// `owner/name`.
        repository: String,
        /// Only builds of this branch.
        branch: Option<String>,
        /// Where calls go instead of GitHub's own address.
        #[serde(serialize_with = "url")]
        endpoint: Option<Url>,
    },
    /// Cloud Build.
    CloudBuild {
        /// The project it runs in; by default the target's own.
        project: String,
        /// `global` or a region.
        region: String,
        /// Only builds that this trigger starts: its id.
        trigger: Option<String>,
        /// Only builds of this branch.
        branch: Option<String>,
        /// Where calls go instead of Google's own address.
        #[serde(serialize_with = "url")]
        endpoint: Option<Url>,
    },
}

impl Config {
    /// Finds and reads the configuration. `flag` is `--config`.
    pub fn load(flag: Option<&Path>, surroundings: &Surroundings) -> Result<Self, ConfigError> {
        let source = locate(flag, surroundings)?;
        let text = file::read(&source)?;
        Self::read(&text, source)
    }

    /// Reads a configuration from its text, restricted as its source asks. All problems are told at once.
    pub fn read(text: &str, source: Source) -> Result<Self, ConfigError> {
        document::read(text, source)
    }

    /// Every target with its service, in the order of the file.
    pub fn targets(&self) -> impl Iterator<Item = (&Service, &Target)> {
        self.services.iter().flat_map(|service| service.targets.iter().map(move |target| (service, target)))
    }

    /// Every address that calls go to instead of a vendor's own, without repetition.
    pub fn endpoints(&self) -> Vec<&Url> {
        let mut endpoints: Vec<&Url> = Vec::new();
        for (_, target) in self.targets() {
            let of_builds = match &target.builds {
                Some(Builds::Github { endpoint, .. } | Builds::CloudBuild { endpoint, .. }) => endpoint.as_ref(),
                None => None,
            };
            for endpoint in target.endpoint.as_ref().into_iter().chain(of_builds) {
                if !endpoints.contains(&endpoint) {
                    endpoints.push(endpoint);
                }
            }
        }
        endpoints
    }
}

fn seconds<S: Serializer>(span: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(span.as_secs())
}

#[expect(clippy::ref_option, reason = "the signature serde asks for")]
fn url<S: Serializer>(url: &Option<Url>, serializer: S) -> Result<S::Ok, S::Error> {
    url.as_ref().map(Url::as_str).serialize(serializer)
}

#[cfg(test)]
mod tests;
