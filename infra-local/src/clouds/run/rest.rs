//! Instances that come and go with what is asked of them: to zero and back.

use super::{Run, revision::State, template, traffic::Target};
use crate::{
    instance::{InstanceId, Manner},
    moment::Moment,
};

/// Milliseconds a revision that is not needed keeps its instance.
const IDLE: u64 = 1500;
/// Milliseconds after a request for which its instance is needed, where none has to stay.
const AWAKE: u64 = 15_000;

impl Run {
    /// Somebody asks for something: the revisions that may get the request wake up. Whether one of them was asleep or still is.
    pub fn knock(&mut self, now: Moment, tag: Option<&str>) -> bool {
        let asked: Vec<usize> = match tag {
            None => self.shares().into_iter().map(|(index, _)| index).collect(),
            Some(tag) => self.tagged(tag).into_iter().collect(),
        };
        let mut asleep = false;
        for index in asked {
            let stays = tag.is_none() && self.stays(index);
            let revision = &mut self.revisions[index];
            revision.requested_at = Some(now);
            asleep |= !stays && !revision.is_up() && revision.state == State::Ready;
        }
        asleep && self.deleted_at.is_none()
    }

    /// The instance that gets requests for a tag.
    pub fn routed_to(&self, tag: &str) -> Vec<(InstanceId, u32)> {
        let instance = self.tagged(tag).and_then(|index| self.revisions[index].instance.as_ref());
        instance
            .filter(|_| self.deleted_at.is_none())
            .map(|instance| (InstanceId(instance.id.clone()), 100))
            .into_iter()
            .collect()
    }

    /// Whether a revision that serves keeps an instance although nobody asks for anything.
    fn stays(&self, index: usize) -> bool {
        template::least_instances(&self.revisions[index].template, &self.settings) > 0
    }

    /// Index of the revision behind a tag.
    pub fn tagged(&self, tag: &str) -> Option<usize> {
        let target = self.statuses.iter().find(|target| target.tag.as_deref() == Some(tag))?;
        self.resolve(&[Target { percent: 1, ..target.clone() }]).first().map(|(index, _)| *index)
    }

    /// Revisions that are not needed lose their instance after a while; the others keep or get one.
    pub(super) fn rest(&mut self, now: Moment) {
        let (idle, awake) = (self.paced(IDLE), self.paced(AWAKE));
        let serving: Vec<usize> = self.shares().into_iter().map(|(index, _)| index).collect();
        let tags = self.statuses.iter().filter_map(|target| target.tag.as_deref());
        let tagged: Vec<usize> = tags.filter_map(|tag| self.tagged(tag)).collect();
        let mut used: Vec<usize> =
            (0..self.revisions.len()).filter(|index| self.revisions[*index].state == State::Pending).collect();
        if self.reconcile.is_some() {
            used.extend(self.resolve(&self.traffic).into_iter().map(|(index, _)| index));
        }
        for (index, revision) in self.revisions.iter_mut().enumerate() {
            let stays = serving.contains(&index) && template::least_instances(&revision.template, &self.settings) > 0;
            let asked = revision.requested_at.is_some_and(|at| now.since(at) < awake);
            let reached = serving.contains(&index) || tagged.contains(&index);
            if used.contains(&index) || stays || (asked && reached && revision.state == State::Ready) {
                revision.idle_since = None;
                if revision.instance.is_none() {
                    revision.start_instance();
                }
                continue;
            }
            let since = *revision.idle_since.get_or_insert(now);
            if now.since(since) >= idle {
                revision.instance = None;
            }
        }
    }

    /// What happens to instances that are not real: what their image does.
    pub(super) fn imagine(&mut self, now: Moment) {
        if self.processes {
            return;
        }
        for revision in &mut self.revisions {
            let Some(instance) = revision.instance.as_mut().filter(|instance| instance.exited.is_none()) else {
                continue;
            };
            match revision.manner {
                Manner::Well | Manner::Sick => instance.ready = revision.digest.is_some(),
                Manner::Crash => instance.exited = Some((now, Some(1))),
                Manner::NeverReady => {}
            }
        }
    }
}
