//! Arguments of the commands that change something.

use std::time::Duration;

use super::look::Selection;
use crate::duration;

/// Arguments of every command that changes something.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
pub struct ActArgs {
    /// Which targets.
    #[command(flatten)]
    pub selection: Selection,
    /// Do it without asking; needed where there is no terminal
    #[arg(long)]
    pub yes: bool,
    /// Stay until the outcome is known and the service itself answers with the expected revision
    #[arg(long, conflicts_with = "dry_run")]
    pub wait: bool,
    /// How long to wait, such as 30s, 10m or 1h
    #[arg(long, value_name = "TIME", default_value = "10m", value_parser = timeout, requires = "wait")]
    pub timeout: Duration,
    /// Say what would be done, and change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// The service's name again, which a protected environment asks for
    #[arg(long, value_name = "SERVICE")]
    pub confirm: Option<String>,
}

/// Arguments of `rollback`.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
pub struct RollbackArgs {
    /// What every change takes.
    #[command(flatten)]
    pub act: ActArgs,
    /// Return to this revision instead of the newest one that served well; needs a selection of one target
    #[arg(long, value_name = "REVISION")]
    pub to: Option<String>,
}

/// Reads how long to wait: 1 second to 24 hours.
pub(super) fn timeout(text: &str) -> Result<Duration, String> {
    let span = duration::parse(text)?;
    let limits = Duration::from_secs(1)..=Duration::from_hours(24);
    if limits.contains(&span) { Ok(span) } else { Err(format!("{} is not between 1s and 24h", duration::show(span))) }
}
