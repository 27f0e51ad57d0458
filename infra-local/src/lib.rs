//! The stand-in: ECS and Cloud Run on loopback, running the real hello-service, for rehearsal and for tests.
//!
//! - [`clouds`]: both clouds as a state machine with explicit time; no clock, no I/O
//! - [`scenario`], [`fault`]: what happens in them, and the trouble
//! - driver, keeper, paper, balancer: instances as real processes behind a public address
//! - wire: the vendors' APIs on one address
//! - [`simulation`]: the same clouds driven without processes, sockets or clock
//! - [`control`]: looking and making trouble while it runs
//!
//! It shares no code with the adapters of hello-dash: what one misreads, the other must not mirror.
#![warn(missing_docs)]

mod balancer;
mod child;
mod clock;
pub mod clouds;
pub mod control;
mod driver;
pub mod fault;
mod fetch;
mod ids;
pub mod instance;
mod keeper;
mod launch;
mod moment;
mod paper;
pub mod scenario;
mod sickness;
pub mod simulation;
mod site;
mod stand_in;
mod surroundings;
mod wire;

pub use child::{InstanceError, run_instance};
pub use control::Control;
pub use fault::{Aimed, Fault, Kind, Party};
pub use instance::{Manner, Provider};
pub use launch::Launch;
pub use moment::Moment;
pub use scenario::{Scenario, ScenarioError};
pub use simulation::Simulation;
pub use site::{Counts, Live};
pub use stand_in::{Options, StandIn, StandInError};
