//! Instances that come and go with what is asked of them: to zero and back.

use super::{Run, revision::State, template, traffic::Target};
use crate::{instance::Manner, moment::Moment};

/// Milliseconds a revision that is not needed keeps its instance.
const IDLE: u64 = 1500;
/// Milliseconds after a request for which its instance is needed, where none has to stay.
const AWAKE: u64 = 15_000;

impl Run {
    /// Somebody asks for something: the revisions that may get the request wake up.
    pub fn knock(&mut self, now: Moment, tag: Option<&str>) {
        let asked: Vec<usize> = match tag {
            None => self.shares().into_iter().map(|(index, _)| index).collect(),
            Some(tag) => self.tagged(tag).into_iter().collect(),
        };
        for index in asked {
            self.revisions[index].requested_at = Some(now);
        }
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
        let mut used: Vec<usize> =
            (0..self.revisions.len()).filter(|index| self.revisions[*index].state == State::Pending).collect();
        if self.reconcile.is_some() {
            used.extend(self.resolve(&self.traffic).into_iter().map(|(index, _)| index));
        }
        for (index, revision) in self.revisions.iter_mut().enumerate() {
            let stays = serving.contains(&index) && template::least_instances(&revision.template, &self.settings) > 0;
            let asked = revision.requested_at.is_some_and(|at| now.since(at) < awake);
            if used.contains(&index) || stays || (asked && revision.state == State::Ready) {
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
