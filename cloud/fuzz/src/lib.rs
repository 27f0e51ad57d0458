//! Real answers of the stand-in, broken in every way a byte can be, through every decoder of the adapters. None of them may
//! panic; how many could still be read is counted.
//!
//! - [`corpus`]: the real answers, recorded between the adapters and the stand-in by [`relay`]
//! - [`mutate`]: how they are broken
//! - [`aws`]: the SDK's own decoders, behind an HTTP client that answers from memory
//! - [`run`]: so many of each, and what came of it

pub mod aws;
pub mod corpus;
pub mod mutate;
pub mod relay;
pub mod run;
