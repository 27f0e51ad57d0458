//! All services of the project: the one with processes, the others, and those that are no more.

use std::collections::BTreeMap;

use super::{
    Run, SERVICE,
    create::Create,
    operation::{End, Operation},
    patch::Refusal,
};
use crate::{
    clouds::Clouds,
    ids::{Ids, seed_of},
    instance::Provider,
    moment::Moment,
};

/// The services without processes, and those that are no more.
#[derive(Clone, Debug, Default)]
pub struct Services {
    living: BTreeMap<String, Run>,
    /// Oldest first; their operations can still be asked for.
    buried: Vec<Run>,
}

impl Services {
    /// These services.
    pub fn new(services: impl IntoIterator<Item = Run>) -> Self {
        let living = services.into_iter().map(|run| (run.name.clone(), run)).collect();
        Self { living, ..Self::default() }
    }

    /// Brings every service in which something is under way to `now`.
    pub fn advance(&mut self, now: Moment) {
        for run in self.living.values_mut().filter(|run| run.is_moving()) {
            run.advance(now);
        }
        let gone: Vec<String> = self.living.values().filter(|run| run.is_gone()).map(|run| run.name.clone()).collect();
        for name in gone {
            self.buried.extend(self.living.remove(&name));
        }
        self.buried.retain(|run| !run.is_forgotten(now));
        self.buried.iter_mut().chain(self.living.values_mut()).for_each(|run| run.forget_operations(now));
    }

    /// Those that live, by name.
    pub fn living(&self) -> impl Iterator<Item = &Run> {
        self.living.values()
    }

    /// Whether time alone will soon change something.
    pub fn is_moving(&self) -> bool {
        self.living.values().any(Run::is_moving)
    }
}

impl Clouds {
    /// Every service a reader sees now, newest first; with those that are no more when asked for.
    pub fn run_services(&self, now: Moment, deleted: bool) -> Vec<&Run> {
        let (first, others) = (self.run_seen(now), self.run_others_seen(now));
        let mut services: Vec<&Run> =
            std::iter::once(first).chain(others.living.values()).filter(|run| deleted || !run.is_gone()).collect();
        if deleted {
            services.extend(&others.buried);
        }
        services.sort_by(|one, two| (two.created_at, &one.name).cmp(&(one.created_at, &two.name)));
        services
    }

    /// The service of this name as a reader sees it now.
    pub fn run_service(&self, now: Moment, name: &str) -> Option<&Run> {
        let run = if name == SERVICE { Some(self.run_seen(now)) } else { self.run_others_seen(now).living.get(name) };
        run.filter(|run| !run.is_gone())
    }

    /// The service of this name, to be changed.
    pub fn run_service_mut(&mut self, name: &str) -> Option<&mut Run> {
        let run = if name == SERVICE { Some(&mut self.run) } else { self.run_others.living.get_mut(name) };
        run.filter(|run| !run.is_gone())
    }

    /// A service as it would be made, and the operation that would make it.
    fn new_run_service(&mut self, now: Moment, create: &Create) -> Result<(Run, Operation), Refusal> {
        let name = &create.name;
        if self.run_service_mut(name).is_some() {
            return Err(Refusal::NameTaken(format!("Resource '{name}' already exists.")));
        }
        let ids = Ids::new(seed_of(name) ^ seed_of(&self.run.ids.uuid()));
        Run::create(now, &self.images, create, self.run.pace, ids)
    }

    /// What making a service would come to; nothing is made.
    pub fn try_run_service(&mut self, now: Moment, create: &Create) -> Result<(Run, Operation), Refusal> {
        let (run, operation) = self.new_run_service(now, create)?;
        Ok((run, Operation { end: Some(End::Done), ..operation }))
    }

    /// Makes a service. The error of one that is there already is `NameTaken`.
    pub fn create_run_service(&mut self, now: Moment, create: &Create) -> Result<(&Run, Operation), Refusal> {
        let (run, operation) = self.new_run_service(now, create)?;
        let (name, others) = (&create.name, &mut self.run_others);
        if *name == SERVICE {
            others.buried.push(std::mem::replace(&mut self.run, run));
            return Ok((&self.run, operation));
        }
        others.living.insert(name.clone(), run);
        Ok((others.living.get(name).unwrap_or(&self.run), operation))
    }

    /// Every operation with its service, oldest service first and then oldest first.
    pub fn run_operations(&self) -> impl Iterator<Item = (&Run, &Operation)> {
        let others = self.run_others.buried.iter().chain(self.run_others.living.values());
        let all = others.chain([&self.run]);
        all.flat_map(|run| run.operations.iter().map(move |operation| (run, operation)))
    }

    /// Forgets an operation, as its owner asks; true when there was one.
    pub fn forget_run_operation(&mut self, id: &str) -> bool {
        let others = self.run_others.buried.iter_mut().chain(self.run_others.living.values_mut());
        let mut found = false;
        for run in others.chain([&mut self.run]) {
            let before = run.operations.len();
            run.operations.retain(|operation| operation.id != id);
            found |= run.operations.len() < before;
        }
        found
    }

    /// Somebody asks the service for something: an instance that sleeps wakes up. Whether it slept or is still waking, so
    /// that it is worth the wait.
    pub fn knock(&mut self, now: Moment, provider: Provider, tag: Option<&str>) -> bool {
        match provider {
            Provider::Aws => false,
            Provider::Gcp => self.run.knock(now, tag),
        }
    }
}

/// Where ids of the services without processes begin.
pub(super) fn ids_of(name: &str) -> Ids {
    Ids::new(seed_of(name))
}
