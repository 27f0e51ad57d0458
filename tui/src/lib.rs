//! hello-dash: one terminal screen over AWS ECS and GCP Cloud Run.
//!
//! - [`app`]: the pure core: state, events, effects
//! - [`runtime`]: the only place with spawns and deadlines: does the effects, tells the time
pub mod app;
pub mod runtime;
