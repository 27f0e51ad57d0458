//! hello-service: the small HTTP service that hello-dash deploys and watches. It says hello, whether it is ready, and
//! which commit, revision and instance answers.
//!
//! - [`info`]: who answers, read from the environment once at start
//! - [`mod@routes`]: what can be asked
//! - [`mod@serve`]: listening, and draining on the way out
#![warn(missing_docs)]

pub mod info;
mod metadata;
pub mod routes;
pub mod serve;

pub use info::Info;
pub use routes::{Readiness, Routes, routes};
pub use serve::{StartError, announce, listen, serve, signalled};
