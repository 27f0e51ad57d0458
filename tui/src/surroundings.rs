//! What the process was started with, as far as hello-dash itself cares. Read once, handed down, so that everything
//! below can be tried without touching the process. The vendors' own credential chains read what they document.

use std::{env, ffi::OsString, fmt, path::PathBuf};

/// Variables that make the vendors' own tools call another address. We honour them, and ask
/// [`compose::endpoints`](crate::compose::endpoints) whether credentials may go there.
pub const ENDPOINTS: [&str; 13] = [
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_ECS",
    "AWS_ENDPOINT_URL_ECR",
    "AWS_ENDPOINT_URL_ELASTIC_LOAD_BALANCING_V2",
    "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS",
    "AWS_ENDPOINT_URL_STS",
    "AWS_ENDPOINT_URL_SSO",
    "AWS_ENDPOINT_URL_SSO_OIDC",
    "CLOUDSDK_API_ENDPOINT_OVERRIDES_RUN",
    "CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDBUILD",
    "CLOUDSDK_API_ENDPOINT_OVERRIDES_ARTIFACTREGISTRY",
    "CLOUDSDK_API_ENDPOINT_OVERRIDES_LOGGING",
    "GITHUB_API_URL",
];

/// Variables and the current folder. An empty variable counts as not set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// `HELLO_DASH_CONFIG`: the configuration to use.
    pub config: Option<OsString>,
    /// `XDG_CONFIG_HOME`: where the user's configuration lives. Counts only when absolute, as its specification says.
    pub xdg_config_home: Option<OsString>,
    /// `XDG_STATE_HOME`: where the journal lives. Counts only when absolute.
    pub xdg_state_home: Option<OsString>,
    /// `HOME`.
    pub home: Option<OsString>,
    /// `NO_COLOR`: set to anything at all means no colours.
    pub no_color: Option<OsString>,
    /// The current folder; `None` when it was removed or cannot be told.
    pub folder: Option<PathBuf>,
    /// Those of [`ENDPOINTS`] that are set, in that order. What is not UTF-8 is no address, and says so later.
    pub endpoints: Vec<(&'static str, String)>,
    /// `AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true`: the AWS ones do not count.
    pub ignore_aws_endpoints: bool,
    /// `GITHUB_TOKEN`, else `GH_TOKEN`.
    pub github_token: Option<Secret>,
}

/// A token. It is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(pub String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

impl Surroundings {
    /// Reads them from the process.
    pub fn of_process() -> Self {
        let variable = |name: &str| env::var_os(name).filter(|value| !value.is_empty());
        let text = |name: &str| variable(name).map(|value| value.to_string_lossy().into_owned());
        Self {
            config: variable("HELLO_DASH_CONFIG"),
            xdg_config_home: variable("XDG_CONFIG_HOME"),
            xdg_state_home: variable("XDG_STATE_HOME"),
            home: variable("HOME"),
            no_color: variable("NO_COLOR"),
            folder: env::current_dir().ok(),
            endpoints: ENDPOINTS.iter().filter_map(|name| Some((*name, text(name)?))).collect(),
            ignore_aws_endpoints: text("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")
                .is_some_and(|value| value.eq_ignore_ascii_case("true")),
            github_token: text("GITHUB_TOKEN").or_else(|| text("GH_TOKEN")).map(Secret),
        }
    }
}
