//! What the changes we started were after. Cloud Run's answers do not tell a change of traffic from a new revision under
//! held traffic, so what we sent is remembered: a fact that never changes, kept for as long as this process lives.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
};

use crate::model::{DeploymentId, RevisionId};

/// Changes remembered.
const LIMIT: usize = 64;

/// Where a change goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Aim {
    /// All traffic to this revision.
    Revision(RevisionId),
    /// All traffic to the newest ready revision.
    Latest,
    /// A revision newer than this one.
    NewerThan(String),
}

/// A change we started.
#[derive(Clone, Debug)]
struct Aimed {
    service: String,
    operation: DeploymentId,
    generation: i64,
    aim: Aim,
}

/// The changes we started, oldest first.
#[derive(Default)]
pub(super) struct Aims(Mutex<VecDeque<Aimed>>);

impl Aims {
    pub fn keep(&self, service: &str, operation: &DeploymentId, generation: i64, aim: Aim) {
        let mut aims = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        aims.push_back(Aimed { service: service.to_owned(), operation: operation.clone(), generation, aim });
        while aims.len() > LIMIT {
            aims.pop_front();
        }
    }

    /// What an operation was after, where we started it.
    pub fn of_operation(&self, operation: &DeploymentId) -> Option<Aim> {
        self.find(|aimed| aimed.operation == *operation)
    }

    /// What the change behind a generation of a service was after, where we started it.
    pub fn of_generation(&self, service: &str, generation: i64) -> Option<Aim> {
        self.find(|aimed| aimed.service == service && aimed.generation == generation)
    }

    /// Whether an operation that we started made this generation of a service.
    pub fn made(&self, operation: &DeploymentId, service: &str, generation: i64) -> bool {
        let is_it = |aimed: &Aimed| aimed.service == service && aimed.generation == generation;
        self.find(|aimed| aimed.operation == *operation && is_it(aimed)).is_some()
    }

    fn find(&self, is: impl Fn(&Aimed) -> bool) -> Option<Aim> {
        let aims = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        aims.iter().find(|aimed| is(aimed)).map(|aimed| aimed.aim.clone())
    }
}
