//! The second face: the same engine without a screen. Data goes to stdout, talk to stderr; `hint:` lines say how to go on;
//! what programs rely on is in [`json`] and in [`Exit`](crate::Exit).
//!
//! - [`services`], [`logs`]: what is beside the targets: everything that runs there, and what it wrote
//! - [`status`], [`builds`], [`revisions`], [`events`]: look once; `check` is `status` in one line per target
//! - [`act`]: redeploy and rollback: planned, agreed to, sent, followed
//! - [`watch`]: one line per change of verdict; [`serving`]: until a commit is served
//! - [`local`]: the stand-in alone
//! - [`absent`]: which services there are, when one is not
//! - [`config`]: what the configuration says
//! - [`wait`]: drives the engine until something is so
//! - [`text`]: tables; [`json`]: the schemas

pub mod absent;
pub mod act;
pub mod builds;
pub mod config;
pub mod events;
pub mod json;
pub mod local;
pub mod logs;
pub mod output;
pub mod plan;
pub mod revisions;
pub mod services;
pub mod serving;
pub mod status;
pub mod text;
pub mod wait;
pub mod watch;

use std::{io, time::Duration};

use thiserror::Error;

use crate::runtime::TaskFailed;

pub use output::Output;

/// How long a face that looks once waits for answers.
pub const PATIENCE: Duration = Duration::from_secs(15);

/// A face cannot go on.
#[derive(Debug, Error)]
pub enum Failure {
    /// What it has to say cannot be written.
    #[error("the output cannot be written: {0}")]
    Write(#[from] io::Error),
    /// A task of ours panicked.
    #[error(transparent)]
    Task(#[from] TaskFailed),
}

impl Failure {
    /// Whether whoever read our output has gone, which is no failure.
    pub fn is_broken_pipe(&self) -> bool {
        match self {
            Self::Write(error) => error.kind() == io::ErrorKind::BrokenPipe,
            Self::Task(_) => false,
        }
    }
}
