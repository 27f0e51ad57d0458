//! The wire faces over loopback, with a client that knows nothing of any cloud. Instances run as tasks.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in its helpers too")]

mod aws;
mod builds;
mod client;
mod control;
mod elb;
mod faults;
mod github;
mod google;
mod logging;
mod logs;
mod registries;
mod run;
mod services;
mod signature;

use hello_local::{Launch, Options, Scenario, StandIn};

/// A stand-in on any free port.
async fn stand_in(scenario: &str) -> StandIn {
    let scenario = Scenario::named(scenario).unwrap();
    StandIn::start(Options { scenario, launch: Launch::Task, port: 0 }).await.unwrap()
}
