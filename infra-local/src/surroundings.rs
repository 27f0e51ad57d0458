//! What a client needs to find the stand-in: environment variables, a file of application default credentials, and a
//! configuration of hello-dash. All keys and tokens are made up and good for nothing else.

use std::path::Path;

use serde_json::{Value, json};

use crate::{
    clouds::{
        ecs::REGION,
        repository::REPOSITORY,
        run::{LOCATION, PROJECT},
    },
    instance::Provider,
    site::Site,
    wire::REFRESH_TOKEN,
};

/// Application default credentials of a person, with the stand-in's token endpoint.
pub fn adc(site: &Site) -> Value {
    json!({
        "type": "authorized_user",
        "client_id": "stand-in.apps.googleusercontent.com",
        "client_secret": "stand-in-secret",
        "refresh_token": REFRESH_TOKEN,
        "quota_project_id": PROJECT,
        "token_uri": format!("http://{}/token", site.address),
    })
}

/// A configuration of hello-dash for both targets.
pub fn config(site: &Site) -> String {
    let url = site.public_url(Provider::Aws);
    format!(
        r#"[environment.local]
writable = true

[service.hello]

[[service.hello.target]]
environment = "local"
provider = "aws"
region = "{REGION}"
cluster = "hello"
url = "{url}"
builds = {{ github = "{REPOSITORY}" }}

[[service.hello.target]]
environment = "local"
provider = "gcp"
region = "{LOCATION}"
project = "{PROJECT}"
builds = {{ cloud_build = "{LOCATION}" }}
"#
    )
}

/// The variables; the two files lie in `folder`.
pub fn variables(site: &Site, adc: &Path, config: &Path) -> Vec<(String, String)> {
    let base = format!("http://{}", site.address);
    let google = format!("{base}/");
    [
        // A proxy of the user's must not catch calls to this machine.
        ("NO_PROXY", "127.0.0.1,localhost".to_owned()),
        ("no_proxy", "127.0.0.1,localhost".to_owned()),
        ("AWS_ENDPOINT_URL", base.clone()),
        ("AWS_ACCESS_KEY_ID", "AKIASTANDINSTANDIN00".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "stand-in-secret-access-key".to_owned()),
        // Set so that a session token of the user's own never arrives here.
        ("AWS_SESSION_TOKEN", "stand-in-session-token".to_owned()),
        ("AWS_REGION", REGION.to_owned()),
        ("AWS_DEFAULT_REGION", REGION.to_owned()),
        ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "false".to_owned()),
        ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
        ("GOOGLE_APPLICATION_CREDENTIALS", adc.display().to_string()),
        ("CLOUDSDK_API_ENDPOINT_OVERRIDES_RUN", google.clone()),
        ("CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDBUILD", google.clone()),
        ("CLOUDSDK_API_ENDPOINT_OVERRIDES_ARTIFACTREGISTRY", google.clone()),
        ("CLOUDSDK_API_ENDPOINT_OVERRIDES_LOGGING", google),
        ("GITHUB_API_URL", base),
        ("GITHUB_TOKEN", "stand-in-github-token".to_owned()),
        ("HELLO_DASH_CONFIG", config.display().to_string()),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect()
}
