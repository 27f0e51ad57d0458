//! Arguments of the commands that only look.

use std::time::Duration;

use clap::ValueEnum;
use hello_cloud::Commit;

use super::act::timeout;

/// Which targets: all, unless narrowed by service, provider and `--environment`.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
pub struct Selection {
    /// Only this service
    #[arg(value_name = "SERVICE")]
    pub service: Option<String>,
    /// Only targets on this provider
    #[arg(long, value_name = "PROVIDER", value_enum)]
    pub target: Option<ProviderName>,
}

/// A provider, as people and configuration write it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ProviderName {
    /// ECS
    Aws,
    /// Cloud Run
    Gcp,
}

impl ProviderName {
    /// The word in configuration and JSON, the same as `ProviderInfo::id`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Aws => "aws",
            Self::Gcp => "gcp",
        }
    }
}

/// Arguments of `status`.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
pub struct StatusArgs {
    /// Which targets.
    #[command(flatten)]
    pub selection: Selection,
}

/// Arguments of `builds` and `revisions`.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
pub struct ListArgs {
    /// Which targets.
    #[command(flatten)]
    pub selection: Selection,
    /// At most this many for each target, 1 to 20
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=20))]
    pub limit: u16,
}

/// Arguments of `services`.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
pub struct ServicesArgs {
    /// Which targets.
    #[command(flatten)]
    pub selection: Selection,
}

/// Arguments of `events`.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
pub struct EventsArgs {
    /// Which targets.
    #[command(flatten)]
    pub selection: Selection,
    /// At most this many for each target, 1 to 200
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=200))]
    pub limit: u16,
}

/// Arguments of `logs`.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
pub struct LogsArgs {
    /// Which targets.
    #[command(flatten)]
    pub selection: Selection,
    /// At most this many lines of each target at once, 1 to 5000
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u16).range(1..=5000))]
    pub limit: u16,
    /// Only lines of the last so long, such as 30s, 10m or 2h
    #[arg(long, value_name = "TIME", value_parser = timeout)]
    pub since: Option<Duration>,
    /// Stay, and print new lines as they come
    #[arg(long, short)]
    pub follow: bool,
}

/// Arguments of `watch`.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
pub struct WatchArgs {
    /// Which targets.
    #[command(flatten)]
    pub selection: Selection,
    /// End as soon as every target is in this state; without it, watch until stopped
    #[arg(long, value_name = "STATE", value_enum)]
    pub until: Option<Until>,
    /// How long to wait for that, such as 30s, 5m or 1h
    #[arg(long, value_name = "TIME", default_value = "5m", value_parser = timeout, requires = "until")]
    pub timeout: Duration,
    /// With serving: the commit that the service itself must name, 7 to 64 hexadecimal digits
    #[arg(long, value_name = "SHA", value_parser = commit, requires = "until", required_if_eq("until", "serving"))]
    pub commit: Option<Commit>,
    /// With serving: the deployment to follow, by the cloud's id; needs a selection of one target
    #[arg(long, value_name = "ID", requires = "commit")]
    pub deployment: Option<String>,
}

/// What `watch` can wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Until {
    /// Every target is Healthy
    Healthy,
    /// Every target answers with --commit five times in a row
    Serving,
}

/// Reads a commit.
fn commit(text: &str) -> Result<Commit, String> {
    Commit::parse(text).ok_or_else(|| format!("'{text}' is not a commit of 7 to 64 hexadecimal digits"))
}

/// Arguments of `check`.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
pub struct CheckArgs {
    /// Which targets.
    #[command(flatten)]
    pub selection: Selection,
}
