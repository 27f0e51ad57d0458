//! hello-service: the small HTTP service that hello-dash deploys and watches. It says hello, whether it is ready, and
//! which commit, revision and instance answers.
//!
//! - [`config`]: what the environment says
//! - [`info`]: who answers, learned once at start
//! - [`mod@routes`]: what can be asked (warp filters)
//! - [`server`]: listening, the accept loop, and draining on the way out
//! - [`connection`]: one connection and its deadlines; `pace` measures them, `bell` wakes for them
//! - `request`: one request: limits, deadline, headers, and its line in the log
//! - [`metrics`], [`log`]: what is told about it
//! - [`healthcheck`]: the probe inside an image that has no shell
#![warn(missing_docs)]

mod bell;
pub mod config;
pub mod connection;
pub mod healthcheck;
pub mod info;
pub mod log;
mod metadata;
pub mod metrics;
mod pace;
mod request;
pub mod routes;
pub mod server;
mod signals;
mod trace;

pub use config::{Config, ConfigError, Drain, Limits};
pub use info::Info;
pub use log::{Level, Log};
pub use metrics::Metrics;
pub use routes::{Readiness, Routes, routes};
pub use server::{Drained, Server, StartError, announce, listen};
pub use signals::{Signals, signalled};
