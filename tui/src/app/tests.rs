//! Flows through the core: events in, state and effects out. Time is a number here.

mod awaiting;
mod operating;
mod parity;
mod purity;
mod reading;
mod rolling_back;
pub mod world;
