//! The life of one revision.

use serde_json::Value;

use crate::moment::Moment;

/// Whether a revision can serve.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Its first instance is on its way up.
    Pending,
    /// Can serve.
    Ready,
    /// Cannot.
    Failed {
        /// One of the API's `revisionReason`s, or `None` when `reason` says it.
        revision_reason: Option<&'static str>,
        /// One of the API's `reason`s, or `None` when `revision_reason` says it.
        reason: Option<&'static str>,
        /// The API's sentence.
        message: String,
    },
}

/// The one instance of a revision that is in use.
#[derive(Clone, Debug)]
pub struct Instance {
    /// Revision name and a running number.
    pub id: String,
    /// Whether `/readyz` answers 200.
    pub ready: bool,
    /// Set when the process ended by itself: when, and with which code.
    pub exited: Option<(Moment, Option<i32>)>,
}

/// One revision.
#[derive(Clone, Debug)]
pub struct Revision {
    /// Short name: `hello-00003-abc`.
    pub name: String,
    /// What it was made from: the API's own JSON, without a name.
    pub template: Value,
    /// The image as written.
    pub image: String,
    /// What the image was resolved to; `None` when the registry had none.
    pub digest: Option<String>,
    /// Made.
    pub created_at: Moment,
    /// Last change.
    pub updated_at: Moment,
    /// Generation of the service that made it.
    pub generation: u64,
    /// Whether it can serve.
    pub state: State,
    /// Its instance, while it has one.
    pub instance: Option<Instance>,
    /// Since when nothing points at it.
    pub idle_since: Option<Moment>,
    /// Instances it has had.
    pub instances_made: u32,
}

impl Revision {
    /// Gives it an instance, unless it has a live one.
    pub fn start_instance(&mut self) {
        if self.instance.as_ref().is_none_or(|instance| instance.exited.is_some()) {
            self.instances_made += 1;
            let id = format!("{}.{}", self.name, self.instances_made);
            self.instance = Some(Instance { id, ready: false, exited: None });
        }
    }

    /// Whether its instance answers.
    pub fn is_up(&self) -> bool {
        self.instance.as_ref().is_some_and(|instance| instance.ready)
    }
}
