//! What `init` takes.

use std::{ffi::OsString, path::PathBuf};

/// Where the parts come from, and where they go.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
pub struct InitArgs {
    /// A Terraform folder of one environment, or a file with its `terraform output -json`; may be repeated
    #[arg(long, required = true, value_name = "DIR_OR_JSON")]
    pub from: Vec<PathBuf>,
    /// The file to write, - for stdout [default: the user's own configuration]
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Write over a file that is there
    #[arg(long)]
    pub force: bool,
    /// The program to ask about a folder
    #[arg(long, value_name = "PROGRAM", default_value = "terraform")]
    pub terraform: OsString,
}
