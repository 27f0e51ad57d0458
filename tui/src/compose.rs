//! The composition root: the one place that names concrete clouds. Everything above it asks `Capabilities`, never "is it
//! AWS".
//!
//! - [`endpoints`]: which addresses replace the vendors' own, and whether credentials may go there
//! - `clouds`: from the configuration to adapters
//! - [`demo`]: the same for the stand-in, with nothing of the user's

mod clouds;
pub mod demo;
pub mod endpoints;

use std::path::PathBuf;

use hello_cloud::{ProviderError, text::sanitize};
use thiserror::Error;

use crate::{
    Exit,
    app::{self, State},
    config::Config,
    runtime::{Connection, Engine, Journal, World, probe::Prober},
    surroundings::Surroundings,
};

/// Everything an [`Engine`] needs, connected but not yet asked anything.
pub struct Session {
    /// In the order of the configuration.
    pub targets: Vec<app::Target>,
    /// One for each target, in the same order.
    pub connections: Vec<Connection>,
    /// What must stay in sight: overridden endpoints, stand-in, read-only.
    pub banner: Option<String>,
    /// Where changes are written down.
    pub journal: PathBuf,
}

impl Session {
    /// Starts asking.
    pub fn engine(self) -> Result<Engine, ComposeError> {
        let prober = Prober::new().map_err(ComposeError::Prober)?;
        let world = World { connections: self.connections.into(), prober, journal: Journal::at(self.journal) };
        Ok(Engine::new(State::new(self.targets, self.banner), world))
    }
}

/// Nothing could be set up. One line, safe to show.
#[derive(Debug, Error)]
pub enum ComposeError {
    /// Credentials would go where they must not.
    #[error("{0}")]
    Endpoint(String),
    /// An adapter does not take what the configuration or the surroundings say.
    #[error("{0}")]
    Provider(ProviderError),
    /// This machine's TLS cannot be set up.
    #[error("https cannot be set up: {}", sanitize(&.0.to_string()))]
    Prober(reqwest::Error),
    /// The stand-in did not start.
    #[error("the stand-in did not start: {}", sanitize(.0))]
    StandIn(String),
    /// There is no such scenario; the text names those there are.
    #[error("{}", sanitize(.0))]
    Scenario(String),
    /// A person's own scenario cannot be read; the text names the file and the line.
    #[error("{}", sanitize(.0))]
    ScenarioFile(String),
}

impl ComposeError {
    /// How a run that meets it ends.
    pub fn exit(&self) -> Exit {
        match self {
            Self::Endpoint(_) | Self::Provider(_) | Self::ScenarioFile(_) => Exit::Configuration,
            Self::Prober(_) | Self::StandIn(_) => Exit::NotAsked,
            Self::Scenario(_) => Exit::Usage,
        }
    }
}

/// Connects every target of a configuration with the credentials of its surroundings. No call is made: missing credentials
/// show in the first read. `allowed` are the hosts of `--allow-endpoint`.
pub async fn connect(
    config: &Config,
    surroundings: &Surroundings,
    allowed: &[String],
) -> Result<Session, ComposeError> {
    let mut overrides = endpoints::Overrides::collect(config, surroundings, allowed)?;
    let (targets, connections) = clouds::connect(config, surroundings, &mut overrides).await?;
    let restricted = config.source.is_restricted();
    let read_only = restricted.then(|| "read-only: the configuration came with the repository".to_owned());
    let banner: Vec<_> = overrides.banner().into_iter().chain(read_only).collect();
    let banner = (!banner.is_empty()).then(|| banner.join(" · "));
    Ok(Session { targets, connections, banner, journal: journal(surroundings) })
}

/// `$XDG_STATE_HOME/hello-dash/journal.jsonl`, else below `~/.local/state`.
fn journal(surroundings: &Surroundings) -> PathBuf {
    let absolute = |path: &std::ffi::OsString| Some(PathBuf::from(path)).filter(|path| path.is_absolute());
    let home = || surroundings.home.as_ref().and_then(absolute).map(|home| home.join(".local/state"));
    let state = surroundings.xdg_state_home.as_ref().and_then(absolute).or_else(home);
    // Without a home there is nowhere to write, and a change must not go without a journal: a place below a device can
    // never be made, so that every change is refused with a line that names it, while looking goes on.
    state.unwrap_or_else(|| PathBuf::from("/dev/null")).join("hello-dash/journal.jsonl")
}
