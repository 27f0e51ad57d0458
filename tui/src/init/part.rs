//! One environment's `hello_dash` output.

use std::collections::BTreeMap;

use hello_cloud::text::{cut, sanitize};
use serde::Deserialize;
use serde_json::Value;

/// A part of a configuration. What it may not say has no field here, so that it is refused by name.
#[derive(Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub(super) struct Part {
    pub(super) environment: BTreeMap<String, Environment>,
    pub(super) service: BTreeMap<String, Service>,
}

#[derive(Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub(super) struct Environment {
    pub(super) protected: bool,
}

#[derive(Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub(super) struct Service {
    pub(super) target: Vec<Target>,
}

/// As in the configuration. What a provider needs, and what the values may be, is checked there.
#[derive(Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub(super) struct Target {
    pub(super) environment: String,
    pub(super) provider: String,
    pub(super) region: String,
    pub(super) cluster: Option<String>,
    pub(super) project: Option<String>,
    pub(super) service: Option<String>,
    pub(super) url: Option<String>,
    /// Keys and values of `builds`; `None` where a value is null, which is the same as no key.
    pub(super) builds: Option<BTreeMap<BuildKey, Option<String>>>,
}

/// The keys of `builds`.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "snake_case")]
pub(super) enum BuildKey {
    Github,
    Branch,
    #[serde(rename = "cloud_build")]
    CloudRegion,
    Project,
}

impl BuildKey {
    /// The key in the configuration.
    pub(super) fn key(self) -> &'static str {
        match self {
            Self::Github => "github",
            Self::Branch => "branch",
            Self::CloudRegion => "cloud_build",
            Self::Project => "project",
        }
    }
}

/// Reads the answer of `terraform output -json`, or of `terraform output -json hello_dash`. The error is one line, safe to
/// show.
pub(super) fn read(outputs: &[u8]) -> Result<Part, String> {
    let said = |error: serde_json::Error| cut(&sanitize(&error.to_string()), 300);
    let outputs: Value = serde_json::from_slice(outputs).map_err(|error| format!("not JSON: {}", said(error)))?;
    let part = match outputs.get("hello_dash") {
        Some(output) => output.get("value").cloned().ok_or("its output hello_dash has no value")?,
        None if outputs.get("service").is_some() => outputs,
        None => return Err("has no output hello_dash: apply it first (terraform apply)".to_owned()),
    };
    serde_json::from_value(part).map_err(|error| format!("its output hello_dash is not as expected: {}", said(error)))
}
