//! The stand-in's clouds as providers without sockets: [`Provider`](hello_cloud::Provider) for ECS and for Cloud Run
//! straight on the state machine, driven by tokio's clock. Under paused time hours of rollout pass in milliseconds.
//!
//! The same contract holds here and over the wire; where the two disagree, an adapter or a wire face is wrong. So nothing is
//! shared with either: what is read here is the state machine itself.
//!
//! - `world`: the simulation and the clock, shared by both providers
//! - `call`: a call without a wire: counted, delayed, failed by the same faults
//! - `ecs`, `run`: the two providers
#![warn(missing_docs)]

mod call;
mod ecs;
mod image;
mod run;
mod world;

pub use ecs::Ecs;
pub use run::CloudRun;
pub use world::World;
