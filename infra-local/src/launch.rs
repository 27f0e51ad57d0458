//! How instances run.

use std::path::PathBuf;

/// How instances run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Launch {
    /// As child processes: `program args..`, which must end up in [`run_instance`](crate::run_instance).
    Process {
        /// The program, usually the running one.
        program: PathBuf,
        /// Its arguments, such as the hidden subcommand.
        args: Vec<String>,
    },
    /// As tasks of this process, for tests that have no such program at hand.
    Task,
}
