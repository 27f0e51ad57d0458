//! Which addresses are in force that are not the vendor's own: signed calls go there, so somebody has to agree to each.

use aws_config::SdkConfig;

use super::Settings;

/// The services that are called: our short word, and the name that the SDK's variables and profiles are made of.
const SERVICES: [(&str, &str); 5] = [
    (super::ECS, "ECS"),
    ("ecr", "ECR"),
    ("load balancing", "Elastic Load Balancing v2"),
    ("logs", "CloudWatch Logs"),
    ("sts", "STS"),
];

/// What the settings, the environment or the profile put in place of the vendor's addresses, by the SDK's own rules.
pub(super) fn in_force(settings: &Settings, shared: &SdkConfig) -> Vec<(&'static str, String)> {
    let of = |service| settings.endpoint.clone().or_else(|| configured(shared, service));
    SERVICES.into_iter().filter_map(|(word, service)| Some((word, of(service)?))).collect()
}

/// A service's own address goes before the one for all services.
fn configured(shared: &SdkConfig, service: &str) -> Option<String> {
    let key = aws_types::service_config::ServiceConfigKey::builder();
    let key = key.service_id(service).env("AWS_ENDPOINT_URL").profile("endpoint_url").build().ok();
    let own = key.and_then(|key| shared.service_config()?.load_config(key));
    own.or_else(|| shared.endpoint_url().map(str::to_owned))
}
