//! Starting and ending the stand-in.

use std::{collections::BTreeMap, fs, io, net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use serde_json::Value;
use tempfile::TempDir;
use thiserror::Error;
use tokio::{
    net::TcpListener,
    sync::oneshot,
    task::{JoinError, JoinHandle},
    time::{Instant, sleep},
};

use crate::{
    balancer::balance,
    clock::Clock,
    clouds::Clouds,
    control::Control,
    driver::drive,
    fault::Faults,
    instance::Provider,
    launch::Launch,
    scenario::Scenario,
    site::{Answers, Site},
    surroundings, wire,
};

/// Longest wait for the first instances.
const READY: Duration = Duration::from_secs(10);
/// Between two looks at them.
const LOOK: Duration = Duration::from_millis(5);

/// How to start.
#[derive(Clone, Debug)]
pub struct Options {
    /// What happens.
    pub scenario: Scenario,
    /// How instances run.
    pub launch: Launch,
    /// Port of the wire faces on 127.0.0.1; 0: any free one.
    pub port: u16,
}

/// Why the stand-in does not run. One line.
#[derive(Debug, Error)]
pub enum StandInError {
    /// The port cannot be had.
    #[error("cannot listen on 127.0.0.1:{port}: {source}")]
    Bind {
        /// As asked for.
        port: u16,
        /// Why.
        source: io::Error,
    },
    /// The folder for the credentials file cannot be written.
    #[error("cannot write the files of the stand-in: {0}")]
    Files(#[source] io::Error),
    /// The first instances did not come up.
    #[error("the first instances did not become ready: {0}")]
    Instances(String),
    /// A defect of ours: the instances were killed.
    #[error("the stand-in broke: {0}")]
    Broken(#[source] JoinError),
}

/// Running stand-in clouds. Dropping it kills every instance and removes its folder; [`StandIn::stop`] drains first.
#[derive(Debug)]
pub struct StandIn {
    site: Arc<Site>,
    stop: Option<oneshot::Sender<()>>,
    driver: JoinHandle<()>,
    servers: Vec<JoinHandle<()>>,
    adc_file: PathBuf,
    config_file: PathBuf,
    folder: TempDir,
}

impl StandIn {
    /// Starts both clouds and returns once their first instances are ready.
    pub async fn start(options: Options) -> Result<Self, StandInError> {
        let Options { scenario, launch, port } = options;
        let listener = bind(port).await?;
        let (aws, gcp) = (bind(0).await?, bind(0).await?);
        let local =
            |listener: &TcpListener| listener.local_addr().map_err(|source| StandInError::Bind { port, source });
        let public = BTreeMap::from([(Provider::Aws, local(&aws)?), (Provider::Gcp, local(&gcp)?)]);
        let address = local(&listener)?;
        let clock = Clock::start();
        let clouds = Clouds::new(&scenario.world, clock.origin());
        let mut faults = Faults::default();
        for fault in scenario.faults {
            faults.add(clock.origin(), fault);
        }
        let answers = Answers { scripted: scenario.answers, ..Answers::default() };
        let site = Arc::new(Site::new(clock, scenario.name, address, public, clouds, faults, answers));
        let folder = tempfile::Builder::new().prefix("hello-local-").tempdir().map_err(StandInError::Files)?;
        let (adc_file, config_file) = (folder.path().join("adc.json"), folder.path().join("hello-dash.toml"));
        fs::write(&adc_file, surroundings::adc(&site).to_string()).map_err(StandInError::Files)?;
        fs::write(&config_file, surroundings::config(&site)).map_err(StandInError::Files)?;
        let servers = vec![
            tokio::spawn(wire::listen(listener, Arc::clone(&site))),
            tokio::spawn(balance(aws, Provider::Aws, Arc::clone(&site))),
            tokio::spawn(balance(gcp, Provider::Gcp, Arc::clone(&site))),
        ];
        let (stop, stopped) = oneshot::channel();
        let driver = tokio::spawn(drive(Arc::clone(&site), launch, stopped));
        let stand_in = Self { site, stop: Some(stop), driver, servers, adc_file, config_file, folder };
        stand_in.until_ready().await?;
        Ok(stand_in)
    }

    async fn until_ready(&self) -> Result<(), StandInError> {
        let deadline = Instant::now() + READY;
        loop {
            let up = [Provider::Aws, Provider::Gcp].into_iter().all(|provider| {
                let routed = self.site.clouds().routed(provider);
                let fleet = self.site.fleet();
                !routed.is_empty() && routed.iter().all(|(id, _)| fleet.get(id).is_some_and(|live| live.ready))
            });
            if up {
                return Ok(());
            }
            // Trouble of our own (no such program, no ports left) does not pass by waiting.
            let problem = self.site.problems().into_iter().next();
            if problem.is_some() || Instant::now() >= deadline {
                return Err(StandInError::Instances(problem.unwrap_or_else(|| "they do not answer".to_owned())));
            }
            sleep(LOOK).await;
        }
    }

    /// The address of the wire faces and of the control.
    pub fn address(&self) -> SocketAddr {
        self.site.address
    }

    /// Public address of the service on ECS.
    pub fn aws_url(&self) -> String {
        self.site.public_url(Provider::Aws)
    }

    /// Public address of the service on Cloud Run.
    pub fn gcp_url(&self) -> String {
        self.site.public_url(Provider::Gcp)
    }

    /// The variables that point any client at the stand-in.
    pub fn environment(&self) -> Vec<(String, String)> {
        surroundings::variables(&self.site, &self.adc_file, &self.config_file)
    }

    /// Application default credentials for the stand-in, as in the file that `GOOGLE_APPLICATION_CREDENTIALS` names.
    pub fn adc(&self) -> Value {
        surroundings::adc(&self.site)
    }

    /// Text of the configuration that `HELLO_DASH_CONFIG` names.
    pub fn config(&self) -> String {
        surroundings::config(&self.site)
    }

    /// A handle for looking and for trouble.
    pub fn control(&self) -> Control {
        Control::new(Arc::clone(&self.site))
    }

    /// Drains and ends every instance, waits for them, and removes the folder.
    pub async fn stop(mut self) -> Result<(), StandInError> {
        self.stop.take();
        let driven = (&mut self.driver).await;
        self.hush();
        let removed = fs::remove_dir_all(self.folder.path());
        driven.map_err(StandInError::Broken)?;
        removed.map_err(StandInError::Files)
    }

    fn hush(&self) {
        for server in &self.servers {
            server.abort();
        }
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        self.driver.abort();
        self.hush();
    }
}

async fn bind(port: u16) -> Result<TcpListener, StandInError> {
    TcpListener::bind(("127.0.0.1", port)).await.map_err(|source| StandInError::Bind { port, source })
}
