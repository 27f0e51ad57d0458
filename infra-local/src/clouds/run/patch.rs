//! What a client may ask to change: `services.patch`.

use serde_json::{Map, Value, json};

use super::{
    Run,
    operation::{End, Operation},
    reconcile::Reconcile,
    revision::Revision,
    schema, template,
    traffic::{self, Target},
};
use crate::{clouds::images::Images, moment::Moment};

/// Most revisions a service keeps.
const REVISIONS: usize = 1000;
/// Fields that say which service is meant, and as whom the client saw it.
const IDENTITY: [&str; 2] = ["name", "etag"];

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

/// What a service is to be.
pub(super) struct Wished {
    pub settings: Value,
    pub template: Value,
    /// The name the next revision is to have.
    pub revision: Option<String>,
    pub traffic: Vec<Target>,
}

impl Run {
    /// Takes a change in. What is not in the mask is left alone, whatever the body says of it.
    pub fn patch(&mut self, now: Moment, images: &Images, patch: &Patch) -> Result<Operation, Refusal> {
        self.check_etag(patch.service["etag"].as_str().unwrap_or_default())?;
        let wished = self.wish(patch)?;
        let id = self.ids.uuid();
        let mut operation = Operation::of_service(id, self.generation, now);
        let new_revision = self.needs_revision(patch, &wished);
        let same = !new_revision && wished.traffic == self.traffic && wished.settings == self.settings;
        if patch.validate_only {
            operation.end = Some(End::Done);
            return Ok(operation);
        }
        if same {
            operation.end = Some(End::Done);
            self.operations.push(operation.clone());
            return Ok(operation);
        }
        self.generation += 1;
        self.touch(now);
        self.last_modifier.clone_from(&patch.by);
        operation.generation = self.generation;
        (self.settings, self.template, self.traffic) = (wished.settings, wished.template, wished.traffic);
        self.named.clone_from(&wished.revision);
        let under_test = new_revision.then(|| self.make_revision(now, images, wished.revision));
        self.supersede();
        self.operations.push(operation.clone());
        self.reconcile = Some(Reconcile { operation: operation.id.clone(), under_test, route_at: None });
        Ok(operation)
    }

    /// The service as a change that is only tried would make it.
    pub fn tried(&self, patch: &Patch) -> Result<Self, Refusal> {
        self.check_etag(patch.service["etag"].as_str().unwrap_or_default())?;
        let wished = self.wish(patch)?;
        let (settings, template, traffic) = (wished.settings, wished.template, wished.traffic);
        Ok(Self { settings, template, named: wished.revision, traffic, operations: Vec::new(), ..self.clone() })
    }

    fn needs_revision(&self, patch: &Patch, wished: &Wished) -> bool {
        patch.force_new_revision || wished.template != self.template || wished.revision != self.named
    }

    /// Refuses a client that saw the service as it no longer is.
    pub(super) fn check_etag(&self, etag: &str) -> Result<(), Refusal> {
        if etag.is_empty() || etag == self.etag() {
            return Ok(());
        }
        let text = "The service was modified since it was read: etag does not match. Read it again and retry.";
        Err(Refusal::Stale(text.to_owned()))
    }

    /// The service with the masked parts of the body in place of its own.
    fn wish(&self, patch: &Patch) -> Result<Wished, Refusal> {
        let mut whole = self.settings.clone();
        whole["template"] = self.template.clone();
        if let Some(name) = &self.named {
            whole["template"]["revision"] = json!(name);
        }
        let mut traffic = None;
        for steps in masked(patch)? {
            if steps[0] == "traffic" {
                traffic = Some(self.read_traffic(&patch.service["traffic"])?);
            } else {
                schema::put(&mut whole, &steps, schema::get(&patch.service, &steps).cloned());
            }
        }
        let template = whole.as_object_mut().and_then(|fields| fields.remove("template"));
        let (template, revision) = self.read_template(template.unwrap_or_default())?;
        let traffic = traffic.unwrap_or_else(|| self.traffic.clone());
        let wished = Wished { settings: whole, template, revision, traffic };
        match &wished.revision {
            // A name belongs to one revision; the template that shows it can only be sent back as it is.
            Some(name) if self.needs_revision(patch, &wished) && self.revision(name).is_some() => {
                Err(Refusal::NameTaken(format!("Revision named '{name}' with different configuration already exists.")))
            }
            _ => Ok(wished),
        }
    }

    pub(super) fn read_traffic(&self, traffic: &Value) -> Result<Vec<Target>, Refusal> {
        traffic::parse(traffic, &|name| self.revision(name).is_some()).map_err(Refusal::Invalid)
    }

    /// The template, filled in and without a name, and the name.
    pub(super) fn read_template(&self, mut template: Value) -> Result<(Value, Option<String>), Refusal> {
        let name = template.as_object_mut().and_then(|fields| fields.remove("revision"));
        let name = name.as_ref().and_then(Value::as_str).filter(|name| !name.is_empty()).map(ToOwned::to_owned);
        template::check(&template, name.as_deref(), &self.name).map_err(Refusal::Invalid)?;
        template::fill_in(&mut template);
        Ok((template, name))
    }

    pub(super) fn make_revision(&mut self, now: Moment, images: &Images, name: Option<String>) -> usize {
        let template = self.template.clone();
        self.revisions_made += 1;
        let number = self.revisions_made;
        let name = name.unwrap_or_else(|| format!("{}-{number:05}-{}", self.name, self.ids.suffix()));
        let mut revision = Revision::new(name, template, images, now, self.generation);
        revision.creator.clone_from(&self.last_modifier);
        revision.start_instance();
        self.revisions.push(revision);
        self.retire();
        self.latest_created()
    }

    /// Beyond the most that are kept, the oldest that nothing points at goes.
    fn retire(&mut self) {
        while self.revisions.len() > REVISIONS {
            let Some(index) = (0..self.latest_created()).find(|index| self.in_use(*index).is_none()) else { return };
            self.remove_revision(index);
        }
    }

    /// An operation under way gives way to the one that is about to be made.
    pub(super) fn supersede(&mut self) {
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

/// What the mask names, of what a client may set at all.
fn masked(patch: &Patch) -> Result<Vec<Vec<String>>, Refusal> {
    let body = patch.service.as_object();
    let paths: Vec<String> = match patch.mask.as_slice() {
        [] => body.into_iter().flat_map(Map::keys).cloned().collect(),
        [all] if all == "*" => schema::settable("Service").map(ToOwned::to_owned).collect(),
        paths => paths.to_vec(),
    };
    let mut found = Vec::new();
    for path in paths {
        let Some((steps, output)) = schema::path("Service", &path) else {
            return Err(Refusal::Invalid(format!("Invalid value at 'update_mask': \"{path}\" is no field of Service")));
        };
        // What only the server sets is passed over, as AIP-203 has it.
        if !output && !IDENTITY.contains(&steps[0].as_str()) {
            found.push(steps);
        }
    }
    Ok(found)
}

/// What of a body is kept as settings.
pub(super) fn settings_of(service: &Value) -> Value {
    let mut settings = json!({});
    for name in schema::settable("Service") {
        let kept = !IDENTITY.contains(&name) && !["template", "traffic"].contains(&name);
        if let Some(value) = service.get(name).filter(|value| kept && !value.is_null()) {
            settings[name] = value.clone();
        }
    }
    settings
}
