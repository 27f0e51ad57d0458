//! The command line: types, help, and nothing else. What a command does is written where it is done.

mod act;
mod help;
mod init;
mod look;

use std::{ffi::OsString, path::PathBuf};

use clap::{CommandFactory, Parser, Subcommand, error::ErrorKind};

pub use self::{
    act::{ActArgs, RollbackArgs},
    init::InitArgs,
    look::{
        CheckArgs, EventsArgs, ListArgs, LogsArgs, ProviderName, Selection, ServicesArgs, StatusArgs, Until, WatchArgs,
    },
};
use crate::{exit::Exit, surroundings::Surroundings};

/// One terminal screen over AWS ECS and GCP Cloud Run: what is built, deployed and healthy, and one key to redeploy it or
/// roll it back. Without a command it opens the dashboard.
#[derive(Clone, Debug, PartialEq, Eq, Parser)]
#[command(name = "hello-dash", bin_name = "hello-dash", version, max_term_width = 100, after_help = help::TOP, after_long_help = help::top_long())]
pub struct Arguments {
    /// Options of every command.
    #[command(flatten)]
    pub global: Global,
    /// What to do; the dashboard when nothing is said.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// Options that every command takes, before or after its name.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
#[command(next_help_heading = "Options of every command")]
pub struct Global {
    /// The configuration to read, and no other.
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        help = "Read this configuration, and no other [also: HELLO_DASH_CONFIG]"
    )]
    pub config: Option<PathBuf>,
    /// Only targets of this environment
    #[arg(long, global = true, value_name = "NAME")]
    pub environment: Option<String>,
    /// Print JSON for programs instead of text for people
    #[arg(long, global = true)]
    pub json: bool,
    /// Draw with ASCII characters only
    #[arg(long, global = true)]
    pub ascii: bool,
    /// No colours; [`Global::colors`] also asks the variable.
    #[arg(long, global = true, help = "No colours [also: NO_COLOR]")]
    pub no_color: bool,
    /// Let a configured endpoint on this host have credentials; may be repeated
    #[arg(long, global = true, value_name = "HOST")]
    pub allow_endpoint: Vec<String>,
    /// Plants a panic after this many milliseconds on the screen, for the tests of what it leaves behind.
    #[cfg(debug_assertions)]
    #[arg(long, global = true, hide = true, value_name = "MS")]
    pub panic_after: Option<u64>,
}

impl Global {
    /// Whether colours may be used, as far as the person said.
    pub fn colors(&self, surroundings: &Surroundings) -> bool {
        !self.no_color && surroundings.no_color.is_none()
    }
}

/// What can be done without the dashboard.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub enum Command {
    /// Show what is deployed, with its verdict and causes
    #[command(after_help = help::STATUS, after_long_help = help::long(help::STATUS))]
    Status(StatusArgs),
    /// List builds, newest first
    #[command(after_help = help::BUILDS, after_long_help = help::long(help::BUILDS))]
    Builds(ListArgs),
    /// List revisions, newest first, and say which one a rollback would return to
    #[command(after_help = help::REVISIONS, after_long_help = help::long(help::REVISIONS))]
    Revisions(ListArgs),
    /// List every service of the accounts and regions where the targets are, and as whom they were asked
    #[command(after_help = help::SERVICES, after_long_help = help::long(help::SERVICES))]
    Services(ServicesArgs),
    /// List what the clouds wrote down and why instances ended, newest first
    #[command(after_help = help::EVENTS, after_long_help = help::long(help::EVENTS))]
    Events(EventsArgs),
    /// Print the newest lines that the instances wrote, both clouds in one stream
    #[command(after_help = help::LOGS, after_long_help = help::long(help::LOGS))]
    Logs(LogsArgs),
    /// Start a new deployment of the same definition
    #[command(after_help = help::REDEPLOY, after_long_help = help::long(help::REDEPLOY))]
    Redeploy(ActArgs),
    /// Return to an earlier revision
    #[command(after_help = help::ROLLBACK, after_long_help = help::long(help::ROLLBACK))]
    Rollback(RollbackArgs),
    /// Release held traffic, so that it follows the newest revision again
    #[command(after_help = help::RELEASE, after_long_help = help::long(help::RELEASE))]
    Release(ActArgs),
    /// Watch health: full screen on a terminal, else one line per change
    #[command(after_help = help::WATCH, after_long_help = help::long(help::WATCH))]
    Watch(WatchArgs),
    /// Measure health once and end with its exit code
    #[command(after_help = help::CHECK, after_long_help = help::long(help::CHECK))]
    Check(CheckArgs),
    /// Open the dashboard on stand-in clouds that run the real service: no account, no configuration
    #[command(after_help = help::DEMO, after_long_help = help::long(help::DEMO))]
    Demo {
        /// What the stand-in plays: a name, or a file of your own (FILE.toml) [default: steady]
        #[arg(long, value_name = "SCENARIO")]
        scenario: Option<String>,
    },
    /// Run the stand-in clouds alone, and print the environment that points any client at them
    #[command(after_help = help::LOCAL, after_long_help = help::long(help::LOCAL))]
    Local {
        /// What the stand-in plays: a name, or a file of your own (FILE.toml) [default: steady]
        #[arg(long, value_name = "SCENARIO")]
        scenario: Option<String>,
        /// The port to listen on, on loopback [default: a free one]
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
        port: Option<u16>,
    },
    /// Write the configuration from what Terraform made
    #[command(after_help = help::INIT, after_long_help = help::long(help::INIT))]
    Init(InitArgs),
    /// Check the configuration, or print an example
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Serve one instance for a stand-in; started by the stand-in only
    #[command(hide = true)]
    ServeInstance,
}

/// What can be done with the configuration.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub enum ConfigCommand {
    /// Say what the configuration was found to mean, or what is wrong with it
    #[command(after_help = help::CONFIG_CHECK, after_long_help = help::long(help::CONFIG_CHECK))]
    Check,
    /// Print a commented example
    #[command(after_help = help::CONFIG_EXAMPLE, after_long_help = help::long(help::CONFIG_EXAMPLE))]
    Example,
}

/// The command line was answered by itself: help, the version, or what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The whole text, without colours, ending with a line break.
    pub text: String,
    /// Well for help and version, which go to stdout; Usage otherwise, which goes to stderr.
    pub exit: Exit,
}

/// Reads the command line, the program's name first.
pub fn parse(arguments: impl IntoIterator<Item = impl Into<OsString> + Clone>) -> Result<Arguments, Answer> {
    let arguments = Arguments::try_parse_from(arguments).map_err(|error| answer(&error))?;
    if arguments.command.is_none() && arguments.global.json {
        let why = "the dashboard has no JSON; name a command, such as: hello-dash status --json";
        return Err(answer(&Arguments::command().error(ErrorKind::MissingSubcommand, why)));
    }
    if let Some(Command::Watch(WatchArgs { until: Some(Until::Healthy), commit: Some(_), .. })) = arguments.command {
        let why = "the argument '--commit <SHA>' needs '--until serving'";
        return Err(answer(&Arguments::command().error(ErrorKind::ArgumentConflict, why)));
    }
    Ok(arguments)
}

fn answer(error: &clap::Error) -> Answer {
    let exit = match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Exit::Well,
        // Clap's kinds are open; whatever is not an answer is a complaint.
        _ => Exit::Usage,
    };
    Answer { text: error.render().to_string(), exit }
}

#[cfg(test)]
mod tests;
