//! What was understood, in words: the answer of `hello-dash config check`.

use std::fmt::Write as _;

use super::{Builds, Cloud, Config, Environment, Target, Url};
use crate::duration;

/// One block per environment and service, ending with a line break. Everything in it passed the check, so it is safe to
/// show.
pub fn report(config: &Config) -> String {
    let mut text = format!("source       {}\n", config.source.show());
    if config.source.is_restricted() {
        text.push_str("restricted   writable, endpoint and profile are refused here; every environment is read-only\n");
    }
    for environment in &config.environments {
        let _ = writeln!(text, "environment  {}: {}", environment.name, may(environment));
    }
    for service in &config.services {
        let interval = duration::show(service.interval);
        let _ = writeln!(text, "service      {}: probe {}, read every {interval}", service.name, service.probe);
        for target in &service.targets {
            let _ = writeln!(text, "  target     {}", describe(target));
        }
    }
    for endpoint in config.endpoints() {
        let _ = writeln!(text, "endpoint     {endpoint}: calls go here instead of the vendor's own address");
    }
    text
}

/// What may be done in an environment.
fn may(environment: &Environment) -> &'static str {
    match (environment.writable, environment.protected) {
        (false, _) => "read-only",
        (true, false) => "writable",
        (true, true) => "writable, protected: changes need the service's name typed",
    }
}

fn describe(target: &Target) -> String {
    let scope = match &target.cloud {
        Cloud::Aws { cluster, profile: None } => format!("cluster {cluster}"),
        Cloud::Aws { cluster, profile: Some(profile) } => format!("cluster {cluster}, profile {profile}"),
        Cloud::Gcp { project } => format!("project {project}"),
    };
    let url = target.url.as_ref().map_or("its own url", Url::as_str);
    let builds = match &target.builds {
        None => "no builds".to_owned(),
        Some(Builds::Github { repository, branch: None, .. }) => format!("builds of github {repository}"),
        Some(Builds::Github { repository, branch: Some(branch), .. }) => {
            format!("builds of github {repository}, branch {branch}")
        }
        Some(Builds::CloudBuild { project, region, .. }) => format!("builds of cloud_build {project}, {region}"),
    };
    let Target { environment, cloud, region, cloud_service, .. } = target;
    format!("{} {} {region} {cloud_service} ({scope}): {url}; {builds}", environment.name, cloud.word())
}
