//! A new service: `services.create`.

use serde_json::Value;

use super::{
    Run, SERVICE, Verdict,
    operation::Operation,
    patch::{Refusal, settings_of},
    policy,
    reconcile::Reconcile,
    template, traffic,
};
use crate::{
    clouds::images::Images,
    ids::{Ids, seed_of},
    moment::Moment,
};

/// Longest name of a service.
const NAME: usize = 49;

/// `services.create`, read.
#[derive(Clone, Debug)]
pub struct Create {
    /// `serviceId`.
    pub name: String,
    /// The body.
    pub service: Value,
    /// Who asks.
    pub by: String,
}

/// Why this cannot be the name of a service: the API's sentence.
pub fn check_name(name: &str) -> Result<(), String> {
    let begins = name.starts_with(|letter: char| letter.is_ascii_lowercase());
    if begins && name.len() <= NAME && template::is_name(name) {
        return Ok(());
    }
    Err(format!(
        "Violation in CreateServiceRequest.service_id: '{name}' must use only lowercase letters, digits and dashes, begin \
         with a letter, not end with a dash, and be at most {NAME} long"
    ))
}

impl Run {
    /// A service with its first revision on the way, and the operation that makes it.
    pub(super) fn create(
        now: Moment,
        images: &Images,
        create: &Create,
        pace: f64,
        mut ids: Ids,
    ) -> Result<(Self, Operation), Refusal> {
        check_name(&create.name).map_err(Refusal::Invalid)?;
        let body = &create.service;
        let uid = ids.uuid();
        let mut run = Self {
            name: create.name.clone(),
            settings: settings_of(body),
            generation: 1,
            observed: 0,
            template: Value::Null,
            named: None,
            traffic: Vec::new(),
            statuses: Vec::new(),
            revisions: Vec::new(),
            latest_ready: 0,
            verdict: Verdict::Succeeded,
            reconcile: None,
            operations: Vec::new(),
            created_at: now,
            updated_at: now,
            creator: create.by.clone(),
            last_modifier: create.by.clone(),
            deleted_at: None,
            gone: false,
            policy: policy::empty(),
            processes: create.name == SERVICE,
            revisions_made: 0,
            etag: seed_of(&uid),
            pace,
            uid,
            ids,
        };
        let (template, revision) = run.read_template(body["template"].clone())?;
        (run.template, run.named) = (template, revision.clone());
        // Only the revision that is about to be made can be named.
        run.traffic =
            traffic::parse(&body["traffic"], &|name| revision.as_deref() == Some(name)).map_err(Refusal::Invalid)?;
        let under_test = run.make_revision(now, images, revision);
        let operation = Operation::of_service(run.ids.uuid(), run.generation, now);
        run.operations.push(operation.clone());
        run.reconcile =
            Some(Reconcile { operation: operation.id.clone(), under_test: Some(under_test), route_at: None });
        Ok((run, operation))
    }
}
