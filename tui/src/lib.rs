//! hello-dash: one terminal screen over AWS ECS and GCP Cloud Run.
//!
//! - [`app`]: the pure core: state, events, effects
pub mod app;
