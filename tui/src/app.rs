//! The application core: pure. What happens comes in as an [`Event`] with the time it happened; [`reduce()`] changes the
//! [`State`] and returns the [`Effect`]s it wants. Nothing here reads a clock, draws, spawns or waits, and a test keeps it so.
//!
//! Two loops, both one-way:
//! - **read**: tick, [`schedule`] says what is due, `Effect::Observe`, `Event::Observed`, verdicts, draw
//! - **write**: key, [`plan`], confirm, `Effect::Start`, `Event::Started`; then the read loop, faster, tells how it goes
//!   ([`operation`]). There is no second path for following a write.

pub mod awaited;
pub mod command;
pub mod effect;
pub mod event;
pub mod feed;
pub mod operate;
pub mod operation;
pub mod parity;
pub mod plan;
pub mod probe;
pub mod reduce;
pub mod rollback;
pub mod schedule;
pub mod state;
pub mod target;
pub mod verdict;
pub mod view;

pub use awaited::Awaited;
pub use command::{COMMANDS, Command, Spec};
pub use effect::Effect;
pub use event::{Event, Now};
pub use operation::{Operation, Outcome};
pub use reduce::reduce;
pub use state::{Mode, Pane, Row, State};
pub use target::{Target, TargetState};
pub use verdict::{Verdict, VerdictState};

#[cfg(test)]
mod tests;
