//! Flows through the core: events in, state and effects out. Time is a number here.

mod purity;
