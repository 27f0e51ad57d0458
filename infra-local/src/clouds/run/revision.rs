//! The life of one revision.

use serde_json::Value;

use crate::{
    clouds::images::Images,
    ids::{Ids, seed_of},
    instance::Manner,
    moment::Moment,
};

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
    /// Who made it.
    pub creator: String,
    /// How its image behaves.
    pub manner: Manner,
    /// Its instance, while it has one.
    pub instance: Option<Instance>,
    /// Since when nothing points at it.
    pub idle_since: Option<Moment>,
    /// When somebody last asked it for something.
    pub requested_at: Option<Moment>,
    /// Instances it has had.
    pub instances_made: u32,
}

/// A reference as the registries resolve it: a digest wins over a tag, and no tag means `latest`.
fn reference(image: &str) -> String {
    let tagged = |path: &str| path.rsplit('/').next().is_some_and(|last| last.contains(':'));
    match image.split_once('@') {
        Some((path, digest)) if tagged(path) => {
            format!("{}@{digest}", path.rsplit_once(':').map_or(path, |(path, _)| path))
        }
        Some(_) => image.to_owned(),
        None if tagged(image) => image.to_owned(),
        None => format!("{image}:latest"),
    }
}

impl Revision {
    /// One on its way up, with the image as the registries have it now and no instance yet.
    pub fn new(name: String, template: Value, images: &Images, now: Moment, generation: u64) -> Self {
        let image = template["containers"][0]["image"].as_str().unwrap_or_default().to_owned();
        let found = images.resolve(&reference(&image));
        Self {
            name,
            digest: found.map(|image| image.digest.clone()),
            manner: found.map_or(Manner::Well, |image| image.manner),
            template,
            image,
            created_at: now,
            updated_at: now,
            generation,
            state: State::Pending,
            creator: String::new(),
            instance: None,
            idle_since: None,
            requested_at: None,
            instances_made: 0,
        }
    }

    /// For compare-and-set: changes whenever its state does.
    pub fn etag(&self) -> String {
        let state = seed_of(&format!("{}{:?}", self.name, self.state));
        format!("\"R{}\"", Ids::new(state ^ u64::from(self.instances_made)).hex(12))
    }

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
