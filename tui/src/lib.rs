//! hello-dash: one terminal screen over AWS ECS and GCP Cloud Run.
//!
//! - [`app`]: the pure core: state, events, effects
//! - [`ui`]: the terminal face: draws the state, and turns keys into events
pub mod app;
pub mod ui;
