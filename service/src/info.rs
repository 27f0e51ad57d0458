//! Who answers: the commit the image was built from, and the revision and instance the cloud runs it as.

use std::env;

use serde::Serialize;

use crate::{
    log::{Level, Log},
    metadata,
};

/// What `/version` answers. `None` is written as `null`: not known, which is not the same as empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Info {
    /// Always `hello`, so that a probe can tell this service from a stranger on the same port.
    pub service: &'static str,
    /// The commit it was built from; `unknown` for a build that was not told.
    pub commit: String,
    /// The version of the service; `unknown` for a build that was not told.
    pub version: String,
    /// When it was built, RFC 3339.
    pub built_at: Option<String>,
    /// The revision that runs it: `hello:3` (ECS family and number), `hello-00003-abc` (Cloud Run).
    pub revision: Option<String>,
    /// The copy that answers: the ECS task id, the Cloud Run instance id.
    pub instance: Option<String>,
    /// `aws`, `gcp`, or not known.
    pub provider: Option<&'static str>,
    /// The region it runs in.
    pub region: Option<String>,
    /// The Google Cloud project, for the names of traces in the log. Nobody's business outside.
    #[serde(skip)]
    pub project: Option<String>,
}

impl Info {
    /// Reads the environment, and asks the platform's metadata endpoint once for what the environment does not say, when
    /// `metadata` allows it. What cannot be learned is `None`; a failed call is logged and does not keep the service from
    /// starting. Takes a second at most.
    pub async fn learn(metadata: bool, log: &Log) -> Self {
        let variable = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
        let mut info = Self::from_variables(&variable);
        if !metadata {
            return info;
        }
        match info.provider {
            Some("aws") => {
                match metadata::ecs::task(&variable("ECS_CONTAINER_METADATA_URI_V4").unwrap_or_default()).await {
                    Ok(task) => {
                        info.revision = task.revision;
                        info.instance = info.instance.or(task.instance);
                    }
                    Err(error) => log.say(Level::Error, "ECS task metadata not read", &[("error", &error)]),
                }
            }
            Some("gcp") => {
                let host = variable("GCE_METADATA_HOST").unwrap_or_else(|| metadata::google::HOST.to_owned());
                match metadata::google::instance(&host).await {
                    Ok(instance) => {
                        info.region = info.region.or(instance.region);
                        info.instance = info.instance.or(instance.id);
                        info.project = instance.project;
                    }
                    Err(error) => log.say(Level::Error, "Cloud Run metadata not read", &[("error", &error)]),
                }
            }
            _ => {}
        }
        info
    }

    /// The part that needs no call. `variable` looks one up.
    fn from_variables(variable: &dyn Fn(&str) -> Option<String>) -> Self {
        let provider = if variable("K_SERVICE").is_some() {
            Some("gcp")
        } else if variable("ECS_CONTAINER_METADATA_URI_V4").is_some() {
            Some("aws")
        } else {
            None
        };
        let unknown = || "unknown".to_owned();
        Self {
            service: "hello",
            commit: variable("HELLO_COMMIT").or(baked(option_env!("HELLO_COMMIT"))).unwrap_or_else(unknown),
            version: variable("HELLO_VERSION").or(baked(option_env!("HELLO_VERSION"))).unwrap_or_else(unknown),
            built_at: variable("HELLO_BUILT_AT").or(baked(option_env!("HELLO_BUILT_AT"))),
            revision: variable("K_REVISION"),
            instance: variable("HELLO_INSTANCE"),
            provider,
            region: variable("HELLO_REGION").or_else(|| variable("AWS_REGION")),
            project: None,
        }
    }
}

/// A value given at build time.
fn baked(value: Option<&str>) -> Option<String> {
    value.filter(|value| !value.is_empty()).map(ToOwned::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Info {
        Info::from_variables(&|name| {
            variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn cloud_run_is_known_by_its_variables() {
        let info = read(&[("K_SERVICE", "hello"), ("K_REVISION", "hello-00003-abc"), ("HELLO_REGION", "europe-west1")]);
        assert_eq!(info.provider, Some("gcp"));
        assert_eq!(info.revision.as_deref(), Some("hello-00003-abc"));
        assert_eq!(info.region.as_deref(), Some("europe-west1"));
    }

    #[test]
    fn ecs_takes_its_region_from_aws() {
        let info =
            read(&[("ECS_CONTAINER_METADATA_URI_V4", "http://169.254.170.2/v4/x"), ("AWS_REGION", "eu-central-1")]);
        assert_eq!(info.provider, Some("aws"));
        assert_eq!(info.revision, None);
        assert_eq!(info.region.as_deref(), Some("eu-central-1"));
    }

    #[test]
    fn what_is_not_known_is_null() {
        let info = serde_json::to_value(read(&[])).unwrap();
        assert_eq!(info["commit"], "unknown");
        assert!(info["provider"].is_null() && info["revision"].is_null() && info["instance"].is_null());
    }
}
