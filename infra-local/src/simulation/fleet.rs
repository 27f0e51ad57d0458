//! Made-up instances: they start, become ready or crash as their build does, after times that depend on the seed.

use std::{collections::BTreeMap, time::Duration};

use crate::{
    ids::Ids,
    instance::{Happening, InstanceId, Manner, Provider, Wanted},
    moment::Moment,
};

/// Milliseconds until a process listens: at least, and how much more at most.
const START: (u64, u64) = (60, 240);
/// Milliseconds from there until it is ready.
const READY: (u64, u64) = (20, 180);

#[derive(Clone, Debug)]
struct Instance {
    wanted: Wanted,
    /// What is still to come, soonest last.
    ahead: Vec<(Moment, Happening)>,
    /// Whether it came up.
    up: bool,
    /// Whether it says that it is ready.
    ready: bool,
}

/// All instances that should run.
#[derive(Clone, Debug)]
pub struct Fleet {
    instances: BTreeMap<InstanceId, Instance>,
    chance: Ids,
}

impl Fleet {
    /// Nothing runs yet.
    pub fn new(chance: Ids) -> Self {
        Self { instances: BTreeMap::new(), chance }
    }

    /// Ends what is no longer wanted, starts what is new, and tells what has happened by now, in order.
    /// `may_be_ready`: whether instances of a provider say that they are ready once they are up.
    pub fn step(
        &mut self,
        now: Moment,
        wanted: Vec<Wanted>,
        may_be_ready: impl Fn(Provider) -> bool,
    ) -> Vec<(Provider, InstanceId, Happening)> {
        self.instances.retain(|id, _| wanted.iter().any(|wanted| wanted.id == *id));
        for wanted in wanted {
            if !self.instances.contains_key(&wanted.id) {
                let ahead = self.plan(now, wanted.manner);
                self.instances.insert(wanted.id.clone(), Instance { wanted, ahead, up: false, ready: false });
            }
        }
        let mut happened = Vec::new();
        for (id, instance) in &mut self.instances {
            while let Some((at, happening)) = instance.ahead.pop_if(|(at, _)| *at <= now) {
                instance.up = happening == Happening::Ready;
                if !instance.up {
                    happened.push((at, id.clone(), instance.wanted.provider, happening));
                }
            }
            let provider = instance.wanted.provider;
            let ready = instance.up && may_be_ready(provider);
            if ready != instance.ready {
                instance.ready = ready;
                let happening = if ready { Happening::Ready } else { Happening::Unready };
                happened.push((now, id.clone(), provider, happening));
            }
        }
        happened.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
        happened.into_iter().map(|(_, id, provider, happening)| (provider, id, happening)).collect()
    }

    fn plan(&mut self, now: Moment, manner: Manner) -> Vec<(Moment, Happening)> {
        let start = now.after(self.between(START));
        let ready = start.after(self.between(READY));
        match manner {
            // One that is sick says that it is ready all the same.
            Manner::Well | Manner::Sick => vec![(ready, Happening::Ready), (start, Happening::Started)],
            Manner::NeverReady => vec![(start, Happening::Started)],
            Manner::Crash => vec![(start, Happening::Exited { code: Some(1) })],
        }
    }

    fn between(&mut self, (least, more): (u64, u64)) -> Duration {
        Duration::from_millis(least + self.chance.below(more))
    }

    /// Whether something is about to happen to an instance.
    pub fn is_moving(&self) -> bool {
        self.instances.values().any(|instance| !instance.ahead.is_empty())
    }

    /// Whether an instance answers.
    pub fn is_ready(&self, id: &InstanceId) -> bool {
        self.instances.get(id).is_some_and(|instance| instance.ready)
    }

    /// What an instance runs.
    pub fn runs(&self, id: &InstanceId) -> Option<&Wanted> {
        self.instances.get(id).map(|instance| &instance.wanted)
    }
}
