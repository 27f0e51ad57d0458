//! What a client may ask to end: `services.delete`, `services.revisions.delete`.

use super::{
    KEPT, Run,
    operation::{About, End, Operation},
    patch::Refusal,
    revision::State,
    traffic::{Allocation, Target},
};
use crate::moment::Moment;

/// Milliseconds until it has ended.
const ENDING: u64 = 700;

/// Why a revision is not ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kept {
    /// 409 `ABORTED`: it is not as the client saw it.
    Stale(String),
    /// 400 `FAILED_PRECONDITION`: it is needed.
    Needed(String),
}

impl Run {
    /// Ends the service. It is there until the operation has ended; what a client that only tries gets is done at once.
    pub fn delete(&mut self, now: Moment, etag: &str, validate_only: bool) -> Result<Operation, Refusal> {
        self.check_etag(etag)?;
        let mut operation = Operation::of_service(self.ids.uuid(), self.generation, now);
        if validate_only {
            operation.end = Some(End::Done);
            return Ok(operation);
        }
        if self.deleted_at.is_none() {
            self.generation += 1;
            self.deleted_at = Some(now);
            self.touch(now);
            self.supersede();
            for revision in &mut self.revisions {
                revision.instance = None;
            }
        }
        operation.generation = self.generation;
        operation.due = Some(now.after(self.paced(ENDING)));
        self.operations.push(operation.clone());
        Ok(operation)
    }

    /// Whether the service is no more.
    pub fn is_gone(&self) -> bool {
        self.gone
    }

    /// Ends the revision at this index.
    pub fn delete_revision(
        &mut self,
        now: Moment,
        index: usize,
        etag: &str,
        validate_only: bool,
    ) -> Result<Operation, Kept> {
        let revision = &self.revisions[index];
        if !etag.is_empty() && etag != revision.etag() {
            let text = "The revision was modified since it was read: etag does not match. Read it again and retry.";
            return Err(Kept::Stale(text.to_owned()));
        }
        if let Some(why) = self.in_use(index) {
            let text = format!("Revision '{}' cannot be deleted because it {why}.", revision.name);
            return Err(Kept::Needed(text));
        }
        let about = About::Revision(Box::new(revision.clone()));
        let (id, due) = (self.ids.uuid(), now.after(self.paced(ENDING)));
        let mut operation = Operation { about, ..Operation::of_service(id, self.generation, now) };
        if validate_only {
            operation.end = Some(End::Done);
        } else {
            operation.due = Some(due);
            self.remove_revision(index);
            self.operations.push(operation.clone());
        }
        Ok(operation)
    }

    /// What the revision is needed for, if anything.
    pub(super) fn in_use(&self, index: usize) -> Option<&'static str> {
        let name = &self.revisions[index].name;
        let names = |target: &Target| matches!(&target.allocation, Allocation::Revision(named) if named == name);
        if self.shares().iter().any(|(serving, _)| *serving == index) {
            Some("is actively serving traffic")
        } else if self.traffic.iter().chain(&self.statuses).any(names) {
            Some("is a target of traffic")
        } else if index == self.latest_created() {
            Some("is the latest created revision")
        } else if index == self.latest_ready {
            Some("is the latest ready revision")
        } else if self.revisions[index].state == State::Pending {
            Some("is being deployed")
        } else {
            None
        }
    }

    pub(super) fn remove_revision(&mut self, index: usize) {
        self.revisions.remove(index);
        let under_test = self.reconcile.as_mut().and_then(|under_way| under_way.under_test.as_mut());
        for other in [Some(&mut self.latest_ready), under_test].into_iter().flatten() {
            if *other > index {
                *other -= 1;
            }
        }
    }

    /// Whether it was deleted so long ago that nobody can see it any more.
    pub(super) fn is_forgotten(&self, now: Moment) -> bool {
        self.gone && self.deleted_at.is_some_and(|at| now.since(at) >= KEPT)
    }

    /// Operations that ended and are old go.
    pub(super) fn forget_operations(&mut self, now: Moment) {
        self.operations.retain(|operation| operation.end.is_none() || now.since(operation.created_at) < KEPT);
    }

    /// Ends the operations whose time has come, and forgets old ones.
    pub(super) fn end_due(&mut self, now: Moment) {
        self.forget_operations(now);
        let due = |operation: &&mut Operation| operation.end.is_none() && operation.due.is_some_and(|due| due <= now);
        for operation in self.operations.iter_mut().filter(due) {
            operation.end = Some(End::Done);
            self.gone |= matches!(operation.about, About::Service);
        }
    }
}
