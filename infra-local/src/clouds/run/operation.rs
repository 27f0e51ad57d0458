//! Long-running operations.

use super::{location_name, revision::Revision};
use crate::moment::Moment;

/// How an operation ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// With the service as it is.
    Done,
    /// With a status.
    Failed {
        /// `google.rpc.Code`.
        code: u32,
        /// The API's sentence.
        message: String,
    },
}

/// What an operation is about.
#[derive(Clone, Debug)]
pub enum About {
    /// Its service.
    Service,
    /// A revision that goes.
    Revision(Box<Revision>),
}

/// One operation.
#[derive(Clone, Debug)]
pub struct Operation {
    /// Last part of its name.
    pub id: String,
    /// What it is about.
    pub about: About,
    /// Generation it brings into effect.
    pub generation: u64,
    /// Made.
    pub created_at: Moment,
    /// When it ends by itself; `None`: when what it waits for has happened.
    pub due: Option<Moment>,
    /// How it ended, once it has.
    pub end: Option<End>,
}

impl Operation {
    /// One that waits for its service.
    pub fn of_service(id: String, generation: u64, created_at: Moment) -> Self {
        Self { id, about: About::Service, generation, created_at, due: None, end: None }
    }

    /// Full name.
    pub fn name(&self) -> String {
        format!("{}/operations/{}", location_name(), self.id)
    }
}
