//! hello-dash: one terminal screen over AWS ECS and GCP Cloud Run.
//!
//! - [`app`]: the pure core: state, events, effects
//! - [`ui`]: the terminal face: draws the state, and turns keys into events
//! - [`terminal`]: that face at work: enters and leaves the terminal, draws, takes keys and signals
//! - [`runtime`]: the only place with spawns and deadlines: does the effects, tells the time
//! - [`cli`]: the command line, types only
//! - [`compose`]: the one place that names concrete clouds
//! - [`config`]: which services, environments and targets there are, and how far the file that says so is trusted
//! - [`duration`]: spans of time as people write them, for both of the above
//! - [`exit`]: how a run ends, for scripts
//! - [`headless`]: the face without a screen
//! - [`init`]: writes a configuration from what Terraform made
//! - [`isolation`]: keeps the user's own variables out of the demo
//! - [`program`]: from the command line to a face
//! - [`selection`]: which of the targets are meant
//! - [`surroundings`]: what the process was started with; the one place that reads it

pub mod app;
pub mod cli;
pub mod compose;
pub mod config;
pub mod duration;
pub mod exit;
pub mod headless;
pub mod init;
pub mod isolation;
pub mod program;
pub mod runtime;
pub mod selection;
pub mod surroundings;
pub mod terminal;
pub mod ui;

pub use exit::Exit;
pub use surroundings::Surroundings;
