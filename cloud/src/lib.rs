//! The cloud boundary of hello-dash: the nouns both clouds share, the trait a cloud is reached through, and the
//! adapters behind it.
//!
//! - [`model`]: what is seen (snapshot, revision, deployment, build), on one page
//! - [`id`]: how things are named
//! - [`Budgets`]: how often an account may be asked
//! - [`change`]: what can be asked for, and how asking can end
//! - [`provider`]: [`Provider`] and [`BuildSource`], the two traits everything above this crate talks to
//! - [`error`]: the closed list of ways a call fails
//! - [`text`]: text from outside, made safe to show
//! - [`aws`], [`gcp`], [`builds`]: the adapters; nothing above the composition root names them
//!
//! This crate knows nothing of terminals, of the stand-in, or of the user's files beyond the vendors' own
//! credential chains.
#![warn(missing_docs)]

pub mod aws;
mod budget;
pub mod builds;
pub mod change;
pub mod error;
#[doc(hidden)]
pub mod fuzz;
pub mod gcp;
pub mod id;
pub mod model;
pub mod provider;
mod registry;
mod retry;
mod secret;
mod shell;
pub mod text;
pub mod timestamp;

pub use budget::Budgets;
pub use change::{Change, Order, Preview, StartError, Started};
pub use error::{ErrorKind, ProviderError};
pub use model::*;
pub use provider::{BuildSource, Provider};
pub use text::Untrusted;
pub use timestamp::Timestamp;
