//! Cloud Run as a state machine: a service, its revisions, its traffic, its operations. The service [`SERVICE`] has real
//! processes; those of all others are imagined.
//!
//! - [`services`]: all services of the project
//! - [`revision`]: the life of one revision
//! - [`traffic`]: where requests go
//! - [`operation`]: long-running operations
//! - [`patch`], [`create`], [`delete`], [`policy`]: what a client may ask to change
//! - [`template`]: what a template must be, and what is filled in
//! - [`schema`]: the messages of the API
//! - [`reconcile`], `rest`: what happens as time passes
//! - [`history`]: the world as it is when the stand-in starts

pub mod create;
pub mod delete;
pub mod history;
pub mod operation;
pub mod patch;
pub mod policy;
pub mod reconcile;
mod rest;
pub mod revision;
pub mod schema;
pub mod services;
pub mod template;
pub mod traffic;

use std::time::Duration;

use operation::Operation;
use reconcile::Reconcile;
use revision::{Revision, State};
use serde_json::Value;
use traffic::{Allocation, Target};

use super::images::Images;
use crate::{
    ids::Ids,
    instance::{Happening, InstanceId, Provider, Wanted},
    moment::Moment,
};

/// The project.
pub const PROJECT: &str = "acme-local";
/// The region everything lives in.
pub const LOCATION: &str = "europe-west1";
/// The number of the project.
pub const PROJECT_NUMBER: &str = "418093755210";
/// The service with processes.
pub const SERVICE: &str = "hello";

/// How long what was deleted can be seen, and what became of an operation.
pub const KEPT: Duration = Duration::from_hours(30 * 24);

/// `projects/P/locations/L`.
pub fn location_name() -> String {
    format!("projects/{PROJECT}/locations/{LOCATION}")
}

/// What the last settled reconciliation came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Everything is as asked.
    Succeeded,
    /// The newest revision cannot serve; what served before still does.
    Failed {
        /// One of the API's reasons.
        reason: &'static str,
        /// The API's sentence.
        message: String,
    },
}

/// The service and all that belongs to it.
#[derive(Clone, Debug)]
pub struct Run {
    /// Short name.
    pub name: String,
    /// Made up, and the service's own for good.
    pub uid: String,
    /// What else a client has set, by the API's names: labels, annotations, ingress, scaling, ...
    pub settings: Value,
    /// Rises with every write.
    pub generation: u64,
    /// The generation that is in effect.
    pub observed: u64,
    /// What the next revision is made from: the API's own JSON.
    pub template: Value,
    /// The name that its client gave to the revision made from it, as the template shows it.
    pub named: Option<String>,
    /// What was asked for.
    pub traffic: Vec<Target>,
    /// Where requests go.
    pub statuses: Vec<Target>,
    /// Oldest first.
    pub revisions: Vec<Revision>,
    /// Index of the newest revision that can serve.
    pub latest_ready: usize,
    /// What the last reconciliation came to.
    pub verdict: Verdict,
    /// What is under way.
    pub reconcile: Option<Reconcile>,
    /// Oldest first.
    pub operations: Vec<Operation>,
    /// Made.
    pub created_at: Moment,
    /// Last written.
    pub updated_at: Moment,
    /// Who made it.
    pub creator: String,
    /// Who wrote last.
    pub last_modifier: String,
    /// When somebody asked for its end.
    pub deleted_at: Option<Moment>,
    /// Whether that end has come.
    gone: bool,
    /// Who may do what: the API's own JSON.
    pub policy: Value,
    /// Whether its instances are real.
    processes: bool,
    revisions_made: usize,
    etag: u64,
    pace: f64,
    ids: Ids,
}

impl Run {
    /// From here on other ids, as in another project.
    pub fn reseed(&mut self, seed: u64) {
        self.ids.reseed(seed);
    }

    /// Full name.
    pub fn full_name(&self) -> String {
        format!("{}/services/{}", location_name(), self.name)
    }

    /// Full name of one of its revisions.
    pub fn revision_name(&self, revision: &str) -> String {
        format!("{}/revisions/{revision}", self.full_name())
    }

    /// For compare-and-set: changes whenever the service does.
    pub fn etag(&self) -> String {
        format!("\"C{}\"", Ids::new(self.etag).hex(12))
    }

    /// Index of the newest revision.
    pub fn latest_created(&self) -> usize {
        self.revisions.len() - 1
    }

    /// Whether anything is under way: an operation, or a newest revision that has not proved itself.
    pub fn is_reconciling(&self) -> bool {
        self.reconcile.is_some() || self.revisions[self.latest_created()].state == State::Pending
    }

    /// Whether anything is under way, an instance that ended or that is about to rest included.
    pub fn is_moving(&self) -> bool {
        let mut instances = self.revisions.iter().filter_map(|revision| Some((revision, revision.instance.as_ref()?)));
        self.is_reconciling()
            || self.operations.iter().any(|operation| operation.end.is_none())
            || instances.any(|(revision, instance)| !instance.ready || revision.idle_since.is_some())
    }

    /// The revision with this short name.
    pub fn revision(&self, name: &str) -> Option<&Revision> {
        self.revisions.iter().find(|revision| revision.name == name)
    }

    /// Where requests go by share: index of the revision and percent, greatest first.
    pub fn shares(&self) -> Vec<(usize, u32)> {
        self.resolve(&self.statuses)
    }

    /// What these targets mean now: `LATEST` is the newest revision that can serve.
    fn resolve(&self, targets: &[Target]) -> Vec<(usize, u32)> {
        let mut shares: Vec<(usize, u32)> = Vec::new();
        for target in targets.iter().filter(|target| target.percent > 0) {
            let index = match &target.allocation {
                Allocation::Latest => Some(self.latest_ready),
                Allocation::Revision(name) => self.revisions.iter().position(|revision| revision.name == *name),
            };
            let Some(index) = index else { continue };
            match shares.iter_mut().find(|(other, _)| *other == index) {
                Some((_, percent)) => *percent += target.percent,
                None => shares.push((index, target.percent)),
            }
        }
        shares.sort_by_key(|(_, percent)| std::cmp::Reverse(*percent));
        shares
    }

    /// The instances that should run.
    pub fn wanted(&self, images: &Images) -> Vec<Wanted> {
        if !self.processes || self.deleted_at.is_some() {
            return Vec::new();
        }
        self.revisions.iter().filter_map(|revision| Self::process(revision, images)).collect()
    }

    fn process(revision: &Revision, images: &Images) -> Option<Wanted> {
        let image = images.by_digest(revision.digest.as_deref()?)?;
        Some(Wanted {
            id: InstanceId(revision.instance.as_ref().filter(|instance| instance.exited.is_none())?.id.clone()),
            provider: Provider::Gcp,
            revision: revision.name.clone(),
            commit: image.commit.sha.to_owned(),
            version: image.commit.version.to_owned(),
            built_at: image.pushed_at.rfc3339_seconds(),
            region: LOCATION.to_owned(),
            manner: image.manner,
        })
    }

    /// The instances that get requests, with percent of each.
    pub fn routed(&self) -> Vec<(InstanceId, u32)> {
        if self.deleted_at.is_some() {
            return Vec::new();
        }
        self.shares()
            .into_iter()
            .filter_map(|(index, percent)| {
                let instance = self.revisions[index].instance.as_ref()?;
                Some((InstanceId(instance.id.clone()), percent))
            })
            .collect()
    }

    /// Takes in what happened to the process of an instance.
    pub fn happened(&mut self, now: Moment, id: &InstanceId, happening: Happening) {
        let instances = self.revisions.iter_mut().filter_map(|revision| revision.instance.as_mut());
        let Some(instance) = instances.into_iter().find(|instance| instance.id == id.0) else { return };
        match happening {
            Happening::Started => {}
            Happening::Ready => instance.ready = true,
            Happening::Unready => instance.ready = false,
            Happening::Exited { code } => {
                instance.ready = false;
                instance.exited = Some((now, code));
            }
        }
    }

    /// A duration of the script, stretched by the scenario.
    fn paced(&self, millis: u64) -> Duration {
        Duration::from_millis(millis).mul_f64(self.pace)
    }
}
