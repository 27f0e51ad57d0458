//! The stand-in, and the shipped adapters connected to it: addresses and keys come from the stand-in alone, so that nothing
//! of the user's is needed or touched.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use hello_cloud::{
    Budgets, BuildSource, Provider, ProviderError, aws,
    builds::{CloudBuild, GitHubActions, Only},
    gcp,
};
use hello_local::{Launch, Options, Scenario, StandIn};

use super::{ComposeError, Session, clouds};
use crate::{
    cli::Selection,
    config::{Builds, Cloud, Config, Source, Target},
    selection,
};

/// Nothing is far away here, and a demo should move.
const INTERVAL: Duration = Duration::from_secs(2);
/// The hidden subcommand that our own program is started with for every instance.
const INSTANCE: &str = "serve-instance";

/// A scenario by its name, or one of a person's own by its file.
pub fn scenario(word: Option<&str>) -> Result<Scenario, ComposeError> {
    let word = word.unwrap_or(Scenario::default_name());
    if word.contains('/') || Path::new(word).extension().is_some_and(|end| end == "toml") {
        return Scenario::from_file(Path::new(word)).map_err(|error| ComposeError::ScenarioFile(error.to_string()));
    }
    Scenario::named(word).map_err(|error| ComposeError::Scenario(error.to_string()))
}

/// Starts the stand-in, whose instances are processes of this very program. Port 0 means any free one.
pub async fn start(scenario: Scenario, port: u16) -> Result<StandIn, ComposeError> {
    let failed = |error: &dyn std::error::Error| ComposeError::StandIn(error.to_string());
    let program = std::env::current_exe().map_err(|error| failed(&error))?;
    let launch = Launch::Process { program, args: vec![INSTANCE.to_owned()] };
    StandIn::start(Options { scenario, launch, port }).await.map_err(|error| failed(&error))
}

/// Connects to a stand-in.
pub async fn connect(stand_in: &StandIn, environment: Option<&str>) -> Result<Session, ComposeError> {
    let config = Config::read(&stand_in.config(), Source::StandIn);
    let config = config.map_err(|error| ComposeError::StandIn(error.to_string()))?;
    let narrowed = selection::narrow(config, environment, &Selection::default());
    let mut config = narrowed.map_err(|error| ComposeError::Scenario(error.to_string()))?;
    for service in &mut config.services {
        service.interval = INTERVAL;
    }
    let access = Access::of(stand_in);
    let (mut targets, mut connections) = (Vec::new(), Vec::new());
    for (service, target) in config.targets() {
        let provider = access.provider(target).await.map_err(ComposeError::Provider)?;
        let builds = target.builds.as_ref().map(|builds| access.source(builds)).transpose();
        let builds = builds.map_err(ComposeError::Provider)?;
        clouds::add(&mut targets, &mut connections, service, target, provider, builds);
    }
    let banner = Some(format!("stand-in {}: nothing here is a real cloud", stand_in.address()));
    Ok(Session { targets, connections, banner, journal: access.folder.join("journal.jsonl") })
}

/// How the stand-in is reached.
struct Access {
    endpoint: String,
    keys: aws::Keys,
    google: gcp::Credentials,
    github: Option<String>,
    folder: PathBuf,
    budgets: Budgets,
}

impl Access {
    fn of(stand_in: &StandIn) -> Self {
        let environment = stand_in.environment();
        let variable = |name: &str| environment.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
        let folder = variable("HELLO_DASH_CONFIG").map(PathBuf::from).unwrap_or_default();
        Self {
            endpoint: format!("http://{}", stand_in.address()),
            keys: aws::Keys {
                id: variable("AWS_ACCESS_KEY_ID").unwrap_or_default(),
                secret: variable("AWS_SECRET_ACCESS_KEY").unwrap_or_default(),
            },
            google: gcp::Credentials::Json(stand_in.adc()),
            github: variable("GITHUB_TOKEN"),
            folder: folder.parent().map(PathBuf::from).unwrap_or_default(),
            budgets: Budgets::default(),
        }
    }

    async fn provider(&self, target: &Target) -> Result<Arc<dyn Provider>, ProviderError> {
        Ok(match &target.cloud {
            Cloud::Aws { cluster, profile: _ } => Arc::new(
                aws::Ecs::new(aws::Settings {
                    region: target.region.clone(),
                    cluster: cluster.clone(),
                    profile: None,
                    endpoint: Some(self.endpoint.clone()),
                    credentials: Some(self.keys.clone()),
                    budgets: self.budgets.clone(),
                    http: None,
                })
                .await,
            ),
            Cloud::Gcp { project } => Arc::new(gcp::CloudRun::new(gcp::Settings {
                project: project.clone(),
                region: target.region.clone(),
                run: Some(self.endpoint.clone()),
                artifacts: Some(self.endpoint.clone()),
                logging: Some(self.endpoint.clone()),
                credentials: self.google.clone(),
                budgets: self.budgets.clone(),
            })?),
        })
    }

    fn source(&self, builds: &Builds) -> Result<Arc<dyn BuildSource>, ProviderError> {
        Ok(match builds {
            Builds::Github { repository, branch, endpoint: _ } => {
                let source = GitHubActions::new(repository, branch.clone(), &self.endpoint, self.github.clone())?;
                Arc::new(source.sharing(&self.budgets))
            }
            Builds::CloudBuild { project, region, trigger, branch, endpoint: _ } => {
                let only = Only { trigger: trigger.clone(), branch: branch.clone() };
                let source = CloudBuild::new(project, region, Some(&self.endpoint), &self.google)?;
                Arc::new(source.only(only).sharing(&self.budgets))
            }
        })
    }
}
