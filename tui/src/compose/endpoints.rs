//! Addresses that calls go to instead of the vendors' own, and whether credentials may go there: on this machine always,
//! elsewhere only when the person names the host. A variable in somebody's shell profile must not silently send tokens
//! to a stranger, so whatever is in force is also shown.

use super::ComposeError;
use crate::{
    config::{Builds, Cloud, Config, Target, Url, is_loopback},
    surroundings::Surroundings,
};

/// The vendors' own addresses, which some environments write into these variables: no override.
const VENDORS: [(&str, &str); 5] = [
    ("CLOUDSDK_API_ENDPOINT_OVERRIDES_RUN", "run.googleapis.com"),
    ("CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDBUILD", "cloudbuild.googleapis.com"),
    ("CLOUDSDK_API_ENDPOINT_OVERRIDES_ARTIFACTREGISTRY", "artifactregistry.googleapis.com"),
    ("CLOUDSDK_API_ENDPOINT_OVERRIDES_LOGGING", "logging.googleapis.com"),
    ("GITHUB_API_URL", "api.github.com"),
];

/// What the variable for all of AWS covers.
const AWS: [&str; 5] = ["ecs", "ecr", "load balancing", "logs", "sts"];

/// Every override that applies to a configuration, each of them allowed to have credentials.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overrides {
    variables: Vec<(&'static str, Url)>,
    allowed: Vec<String>,
    /// For the banner: a short name and the place, without repetition.
    shown: Vec<(String, Vec<&'static str>)>,
}

impl Overrides {
    /// Collects them. The error names the variable or the key.
    pub fn collect(config: &Config, surroundings: &Surroundings, allowed: &[String]) -> Result<Self, ComposeError> {
        let mut overrides = Self { allowed: allowed.to_vec(), ..Self::default() };
        for (_, target) in config.targets() {
            let key = |url: &Url| format!("endpoint {url} in {}", config.source.show());
            if let Some(url) = &target.endpoint {
                overrides.admit(target.cloud.word(), url, &key(url))?;
            }
            if let Some(url) = builds_endpoint(target) {
                overrides.admit("builds", url, &key(url))?;
            }
        }
        for (name, value) in &surroundings.endpoints {
            if !config.targets().any(|(_, target)| applies(name, target, surroundings.ignore_aws_endpoints)) {
                continue;
            }
            let url = Url::parse(value).ok().filter(Url::has_host);
            let Some(url) = url else {
                return Err(ComposeError::Endpoint(format!("{name} is not an address like https://host")));
            };
            let is_vendors = VENDORS.iter().any(|(of, host)| of == name && url.host_str() == Some(host));
            if is_vendors && url.scheme() == "https" {
                continue;
            }
            overrides.admit(short(name), &url, name)?;
            overrides.variables.push((name, url));
        }
        Ok(overrides)
    }

    /// The address a variable names, where it applies.
    pub fn variable(&self, name: &str) -> Option<&Url> {
        self.variables.iter().find(|(known, _)| *known == name).map(|(_, url)| url)
    }

    /// Takes in one that is in force by other means, such as a profile of the vendor's own configuration.
    pub fn admit_in_force(&mut self, what: &'static str, address: &str, from: &str) -> Result<(), ComposeError> {
        let Ok(url) = Url::parse(address) else {
            return Err(ComposeError::Endpoint(format!("{from} is not an address like https://host")));
        };
        self.admit(what, &url, from)
    }

    /// `endpoint override: 127.0.0.1:4566 (ecs, ecr)`; `None` when all calls go to the vendors.
    pub fn banner(&self) -> Option<String> {
        let places: Vec<_> =
            self.shown.iter().map(|(place, whats)| format!("{place} ({})", whats.join(", "))).collect();
        (!places.is_empty()).then(|| format!("endpoint override: {}", places.join(", ")))
    }

    fn admit(&mut self, what: &'static str, url: &Url, from: &str) -> Result<(), ComposeError> {
        let host = url.host_str().unwrap_or_default();
        let place = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        if !is_loopback(url) {
            if !self.allowed.iter().any(|allowed| allowed.eq_ignore_ascii_case(host)) {
                return Err(ComposeError::Endpoint(format!(
                    "{from} would send credentials to {host}; remove it, or allow the host: --allow-endpoint {host}"
                )));
            }
            if url.scheme() != "https" {
                return Err(ComposeError::Endpoint(format!(
                    "{from} would send credentials in the clear; only this machine may be called without https"
                )));
            }
        }
        match self.shown.iter_mut().find(|(shown, _)| *shown == place) {
            Some((_, whats)) if whats.contains(&what) || (AWS.contains(&what) && whats.contains(&"aws")) => {}
            Some((_, whats)) => whats.push(what),
            None => self.shown.push((place, vec![what])),
        }
        Ok(())
    }
}

fn builds_endpoint(target: &Target) -> Option<&Url> {
    match &target.builds {
        Some(Builds::Github { endpoint, .. } | Builds::CloudBuild { endpoint, .. }) => endpoint.as_ref(),
        None => None,
    }
}

/// Whether a variable has a say in how a target, or its builds, are called. The configuration's own word goes first.
fn applies(variable: &str, target: &Target, ignore_aws: bool) -> bool {
    let own = target.endpoint.is_some();
    match variable {
        "GITHUB_API_URL" => matches!(target.builds, Some(Builds::Github { endpoint: None, .. })),
        "CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDBUILD" => {
            matches!(target.builds, Some(Builds::CloudBuild { endpoint: None, .. }))
        }
        // The credential chain honours these whatever else is said.
        "AWS_ENDPOINT_URL_STS" | "AWS_ENDPOINT_URL_SSO" | "AWS_ENDPOINT_URL_SSO_OIDC" => {
            matches!(target.cloud, Cloud::Aws { .. })
        }
        _ => match &target.cloud {
            Cloud::Aws { .. } => variable.starts_with("AWS_") && !own && !ignore_aws,
            Cloud::Gcp { .. } => variable.starts_with("CLOUDSDK_") && !own,
        },
    }
}

fn short(variable: &str) -> &'static str {
    match variable {
        "AWS_ENDPOINT_URL_ECS" => "ecs",
        "AWS_ENDPOINT_URL_ECR" => "ecr",
        "AWS_ENDPOINT_URL_ELASTIC_LOAD_BALANCING_V2" => "load balancing",
        "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS" => "logs",
        "AWS_ENDPOINT_URL_STS" => "sts",
        "AWS_ENDPOINT_URL_SSO" => "sso",
        "AWS_ENDPOINT_URL_SSO_OIDC" => "sso-oidc",
        "CLOUDSDK_API_ENDPOINT_OVERRIDES_RUN" => "run",
        "CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDBUILD" => "cloud build",
        "CLOUDSDK_API_ENDPOINT_OVERRIDES_ARTIFACTREGISTRY" => "artifact registry",
        "CLOUDSDK_API_ENDPOINT_OVERRIDES_LOGGING" => "logging",
        "GITHUB_API_URL" => "github",
        _ => "aws",
    }
}

#[cfg(test)]
mod tests;
