//! What a client may ask to change: `services.patch`.

use serde_json::Value;

use super::{
    Run,
    operation::{End, Operation},
    reconcile::Reconcile,
    revision::{Revision, State},
    traffic::{self, Target},
};
use crate::{clouds::images::Images, moment::Moment};

/// Why a change is refused. Each holds the API's sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// 400 `INVALID_ARGUMENT`.
    Invalid(String),
    /// 409 `ABORTED`: the service is not as the client saw it.
    Stale(String),
    /// 409 `ALREADY_EXISTS`: the name of the revision is taken.
    NameTaken(String),
}

/// `services.patch`, read.
#[derive(Clone, Debug, Default)]
pub struct Patch {
    /// `updateMask`, split. Empty: whatever the body has.
    pub mask: Vec<String>,
    /// The body.
    pub service: Value,
    /// `forceNewRevision`.
    pub force_new_revision: bool,
    /// `validateOnly`.
    pub validate_only: bool,
    /// Who asks.
    pub by: String,
}

impl Run {
    /// Takes a change in. What is not in the mask is left alone, whatever the body says of it.
    pub fn patch(&mut self, now: Moment, images: &Images, patch: &Patch) -> Result<Operation, Refusal> {
        let etag = patch.service["etag"].as_str().unwrap_or_default();
        if !etag.is_empty() && etag != self.etag() {
            let text = "The service was modified since it was read: etag does not match. Read it again and retry.";
            return Err(Refusal::Stale(text.to_owned()));
        }
        let (mut template, mut traffic) = (patch.mask.is_empty() && patch.service["template"].is_object(), false);
        traffic |= patch.mask.is_empty() && patch.service["traffic"].is_array();
        for path in &patch.mask {
            match path.as_str() {
                "template" => template = true,
                "traffic" => traffic = true,
                // Written down by the real API; nothing here depends on them.
                "labels" | "annotations" | "description" | "client" | "client_version" | "clientVersion" => {}
                unknown => return Err(Refusal::Invalid(format!("Invalid value at 'update_mask': \"{unknown}\""))),
            }
        }
        let targets = traffic.then(|| self.read_traffic(&patch.service["traffic"])).transpose()?;
        let wanted = template.then(|| self.read_template(&patch.service["template"])).transpose()?;
        let id = self.ids.uuid();
        let mut operation = Operation { id, generation: self.generation, created_at: now, end: None };
        let new_revision =
            patch.force_new_revision || wanted.as_ref().is_some_and(|(template, _)| *template != self.template);
        if patch.validate_only || !(new_revision || targets.is_some()) {
            operation.end = Some(End::Done);
            return Ok(operation);
        }
        self.generation += 1;
        self.touch(now);
        self.last_modifier.clone_from(&patch.by);
        operation.generation = self.generation;
        if let Some(targets) = targets {
            self.traffic = targets;
        }
        let mut name = None;
        if let Some((template, revision)) = wanted {
            self.template = template;
            name = revision;
        }
        let under_test = new_revision.then(|| self.make_revision(now, images, name));
        self.supersede();
        self.operations.push(operation.clone());
        self.reconcile = Some(Reconcile { operation: operation.id.clone(), under_test, route_at: None });
        Ok(operation)
    }

    fn read_traffic(&self, traffic: &Value) -> Result<Vec<Target>, Refusal> {
        traffic::parse(traffic, &|name| self.revision(name).is_some()).map_err(Refusal::Invalid)
    }

    /// The template without a name, and the name.
    fn read_template(&self, template: &Value) -> Result<(Value, Option<String>), Refusal> {
        let mut template = template.clone();
        let name = template.as_object_mut().and_then(|fields| fields.remove("revision"));
        let name = name.as_ref().and_then(Value::as_str).filter(|name| !name.is_empty()).map(ToOwned::to_owned);
        if template["containers"][0]["image"].as_str().is_none_or(str::is_empty) {
            let text = "spec.template.spec.containers[0].image: must be set";
            return Err(Refusal::Invalid(text.to_owned()));
        }
        match name {
            Some(name) if self.revision(&name).is_some() => {
                Err(Refusal::NameTaken(format!("Revision named '{name}' with different configuration already exists.")))
            }
            name => Ok((template, name)),
        }
    }

    fn make_revision(&mut self, now: Moment, images: &Images, name: Option<String>) -> usize {
        let image = self.template["containers"][0]["image"].as_str().unwrap_or_default().to_owned();
        let number = self.revisions.len() + 1;
        let name = name.unwrap_or_else(|| format!("{}-{number:05}-{}", super::SERVICE, self.ids.suffix()));
        let mut revision = Revision {
            name,
            template: self.template.clone(),
            digest: images.resolve(&image).map(|image| image.digest.clone()),
            image,
            created_at: now,
            updated_at: now,
            generation: self.generation,
            state: State::Pending,
            instance: None,
            idle_since: None,
            instances_made: 0,
        };
        revision.start_instance();
        self.revisions.push(revision);
        self.latest_created()
    }

    /// An operation under way gives way to the one that is about to be made.
    fn supersede(&mut self) {
        let Some(running) = self.reconcile.take() else { return };
        let message = format!("Conflict: superseded by generation {}.", self.generation);
        self.end_operation(&running.operation, End::Failed { code: 10, message });
    }

    /// The operation has ended.
    pub(super) fn end_operation(&mut self, id: &str, end: End) {
        if let Some(operation) = self.operations.iter_mut().find(|operation| operation.id == id) {
            operation.end = Some(end);
        }
    }

    /// The service changed.
    pub(super) fn touch(&mut self, now: Moment) {
        self.updated_at = now;
        self.etag += 1;
    }
}
