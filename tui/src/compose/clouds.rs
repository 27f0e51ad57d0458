//! From the configuration to adapters: one connection per target.

use std::sync::Arc;

use hello_cloud::{
    Budgets, BuildSource, Provider, ProviderError, aws,
    builds::{CloudBuild, GitHubActions, Only},
    gcp,
};

use super::{ComposeError, endpoints::Overrides};
use crate::{
    app,
    config::{Builds, Cloud, Config, Service, Target, Url},
    runtime::Connection,
    surroundings::Surroundings,
};

const GITHUB: &str = "https://api.github.com";

/// Makes the adapters. What the AWS SDK finds by itself (an `endpoint_url` in a profile) is held to the same rule as what
/// we were told.
pub(super) async fn connect(
    config: &Config,
    surroundings: &Surroundings,
    overrides: &mut Overrides,
) -> Result<(Vec<app::Target>, Vec<Connection>), ComposeError> {
    let mut targets = Vec::new();
    let mut connections = Vec::new();
    // One account is one budget, however many targets are in it.
    let budgets = Budgets::default();
    for (service, target) in config.targets() {
        let provider: Arc<dyn Provider> = match &target.cloud {
            Cloud::Aws { cluster, profile } => {
                let ecs = aws::Ecs::new(aws::Settings {
                    region: target.region.clone(),
                    cluster: cluster.clone(),
                    profile: profile.clone(),
                    endpoint: text(target.endpoint.as_ref()),
                    credentials: None,
                    budgets: budgets.clone(),
                    http: None,
                });
                let ecs = ecs.await;
                for (what, endpoint) in ecs.endpoints() {
                    overrides.admit_in_force(what, endpoint, "the AWS configuration's endpoint_url")?;
                }
                Arc::new(ecs)
            }
            Cloud::Gcp { project } => {
                let variable = |name| target.endpoint.as_ref().or_else(|| overrides.variable(name));
                let run = gcp::CloudRun::new(gcp::Settings {
                    project: project.clone(),
                    region: target.region.clone(),
                    run: text(variable("CLOUDSDK_API_ENDPOINT_OVERRIDES_RUN")),
                    artifacts: text(variable("CLOUDSDK_API_ENDPOINT_OVERRIDES_ARTIFACTREGISTRY")),
                    logging: text(variable("CLOUDSDK_API_ENDPOINT_OVERRIDES_LOGGING")),
                    credentials: gcp::Credentials::Default,
                    budgets: budgets.clone(),
                });
                Arc::new(run.map_err(ComposeError::Provider)?)
            }
        };
        let token = surroundings.github_token.as_ref().map(|token| token.0.clone());
        let builds = target.builds.as_ref().map(|builds| source(builds, token, overrides, &budgets)).transpose();
        add(&mut targets, &mut connections, service, target, provider, builds.map_err(ComposeError::Provider)?);
    }
    Ok((targets, connections))
}

fn source(
    builds: &Builds,
    token: Option<String>,
    overrides: &Overrides,
    budgets: &Budgets,
) -> Result<Arc<dyn BuildSource>, ProviderError> {
    let or = |endpoint: &Option<Url>, name| text(endpoint.as_ref().or_else(|| overrides.variable(name)));
    Ok(match builds {
        Builds::Github { repository, branch, endpoint } => {
            let api = or(endpoint, "GITHUB_API_URL");
            let api = api.as_deref().unwrap_or(GITHUB);
            Arc::new(GitHubActions::new(repository, branch.clone(), api, token)?.sharing(budgets))
        }
        Builds::CloudBuild { project, region, trigger, branch, endpoint } => {
            let api = or(endpoint, "CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDBUILD");
            let only = Only { trigger: trigger.clone(), branch: branch.clone() };
            let source = CloudBuild::new(project, region, api.as_deref(), &gcp::Credentials::Default)?;
            Arc::new(source.only(only).sharing(budgets))
        }
    })
}

/// Adds a target and its connection, which must stay in the same order.
pub(super) fn add(
    targets: &mut Vec<app::Target>,
    connections: &mut Vec<Connection>,
    service: &Service,
    target: &Target,
    provider: Arc<dyn Provider>,
    builds: Option<Arc<dyn BuildSource>>,
) {
    targets.push(app::Target {
        service: service.name.clone(),
        environment: target.environment.name.clone(),
        info: provider.info().clone(),
        url: text(target.url.as_ref()),
        probe_path: service.probe.clone(),
        interval: service.interval,
        writable: target.environment.writable,
        protected: target.environment.protected,
        builds: builds.as_ref().map(|source| source.label().to_owned()),
    });
    connections.push(Connection { provider, service: target.cloud_service.clone(), builds });
}

fn text(url: Option<&Url>) -> Option<String> {
    url.map(ToString::to_string)
}
