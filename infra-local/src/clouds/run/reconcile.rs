//! What happens as time passes: a new revision proves that it can serve, traffic moves, idle revisions go to sleep.

use super::{
    Run, Verdict,
    operation::End,
    revision::State,
    traffic::{Allocation, Target},
};
use crate::moment::Moment;

/// Least milliseconds until a new revision is known to be able to serve.
const PROVE: u64 = 1400;
/// Milliseconds after which one that is still not ready has failed.
const START_UP: u64 = 3200;
/// Milliseconds until traffic has moved.
const ROUTE: u64 = 700;
/// Milliseconds until an instance that ended is replaced.
const RESTART: u64 = 500;

/// What is under way.
#[derive(Clone, Debug)]
pub struct Reconcile {
    /// Id of the operation that started it.
    pub operation: String,
    /// Index of the revision that must prove itself, until it has.
    pub under_test: Option<usize>,
    /// When traffic will have moved, once the revisions it goes to are up.
    pub route_at: Option<Moment>,
}

/// Whether a revision can serve.
enum Proof {
    /// Not known yet.
    Awaited,
    /// It can.
    Given,
    /// It cannot.
    Failed,
}

impl Run {
    /// Brings everything to `now`.
    pub fn advance(&mut self, now: Moment) {
        self.end_due(now);
        if self.deleted_at.is_some() {
            return;
        }
        self.imagine(now);
        self.restart(now);
        self.judge(now);
        if let Some(mut under_way) = self.reconcile.take() {
            let over = match self.prove(&mut under_way) {
                Proof::Awaited => false,
                Proof::Given => self.routes(now, &mut under_way),
                Proof::Failed => true,
            };
            if !over {
                self.reconcile = Some(under_way);
            }
        }
        self.rest(now);
    }

    /// Whether the revision under test can serve. Ends the operation when it cannot.
    fn prove(&mut self, under_way: &mut Reconcile) -> Proof {
        let Some(index) = under_way.under_test else { return Proof::Given };
        match &self.revisions[index].state {
            State::Pending => Proof::Awaited,
            State::Ready => {
                under_way.under_test = None;
                Proof::Given
            }
            State::Failed { message, .. } => {
                let message = self.not_ready(index, message);
                self.end_operation(&under_way.operation, End::Failed { code: 9, message });
                Proof::Failed
            }
        }
    }

    fn not_ready(&self, index: usize, why: &str) -> String {
        format!("Revision '{}' is not ready and cannot serve traffic. {why}", self.revisions[index].name)
    }

    fn failed(&self, index: usize, why: &str) -> Verdict {
        Verdict::Failed { reason: "REVISION_FAILED", message: self.not_ready(index, why) }
    }

    /// What the newest revision says of the service.
    pub fn newest(&self) -> Verdict {
        let newest = self.latest_created();
        match &self.revisions[newest].state {
            State::Failed { message, .. } => self.failed(newest, message),
            State::Pending | State::Ready => Verdict::Succeeded,
        }
    }

    /// What the traffic that was asked for says of the service: it never gets to a revision that cannot serve.
    pub fn reach(&self) -> Verdict {
        let shares = self.resolve(&self.traffic);
        let failed = shares.into_iter().find_map(|(index, _)| match &self.revisions[index].state {
            State::Failed { message, .. } => Some(self.failed(index, message)),
            State::Pending | State::Ready => None,
        });
        failed.unwrap_or(Verdict::Succeeded)
    }

    /// Settles every revision that has become ready, or has had its time.
    fn judge(&mut self, now: Moment) {
        let (prove, start_up) = (self.paced(PROVE), self.paced(START_UP));
        for index in 0..self.revisions.len() {
            let revision = &mut self.revisions[index];
            let age = now.since(revision.created_at);
            if revision.state != State::Pending || age < prove {
                continue;
            }
            let exited = revision.instance.as_ref().is_some_and(|instance| instance.exited.is_some());
            if revision.is_up() {
                revision.state = State::Ready;
                revision.updated_at = now;
                self.can_serve(index);
            } else if revision.digest.is_none() || exited || age >= start_up {
                let why = self.fail(now, index);
                // Only the newest revision makes the configuration ready or not.
                if index == self.latest_created() {
                    self.verdict = self.failed(index, &why);
                    self.touch(now);
                }
            }
        }
    }

    /// The revision can serve: what follows the newest goes there, unless traffic was asked to be elsewhere meanwhile.
    fn can_serve(&mut self, index: usize) {
        let follows = |target: &Target| target.allocation == Allocation::Latest && target.percent > 0;
        if !self.traffic.iter().any(follows) {
            let before = &self.revisions[self.latest_ready].name;
            for status in self.statuses.iter_mut().filter(|status| follows(status)) {
                status.allocation = Allocation::Revision(before.clone());
            }
        }
        self.latest_ready = self.latest_ready.max(index);
    }

    /// The revision cannot serve; returns why.
    fn fail(&mut self, now: Moment, index: usize) -> String {
        let revision = &mut self.revisions[index];
        let (revision_reason, reason, message) = if revision.digest.is_some() {
            let message = "The user-provided container failed to start and listen on the port defined provided by the \
                           PORT=8080 environment variable within the allocated timeout. This can happen when the \
                           container port is misconfigured or if the timeout is too short.";
            (Some("HEALTH_CHECK_CONTAINER_ERROR"), None, message.to_owned())
        } else {
            (None, Some("CONTAINER_MISSING"), format!("Image '{}' not found.", revision.image))
        };
        revision.state = State::Failed { revision_reason, reason, message: message.clone() };
        revision.updated_at = now;
        revision.instance = None;
        message
    }

    /// True once traffic is where it was asked to be, or cannot get there; then the operation has ended.
    fn routes(&mut self, now: Moment, under_way: &mut Reconcile) -> bool {
        if let Verdict::Failed { reason, message } = self.reach() {
            self.verdict = Verdict::Failed { reason, message: message.clone() };
            self.touch(now);
            self.end_operation(&under_way.operation, End::Failed { code: 9, message });
            return true;
        }
        let shares = self.resolve(&self.traffic);
        for (index, _) in &shares {
            let revision = &mut self.revisions[*index];
            // One that ended is replaced after a pause, here as everywhere.
            if revision.instance.is_none() {
                revision.start_instance();
            }
        }
        if !shares.iter().all(|(index, _)| self.revisions[*index].is_up()) {
            under_way.route_at = None;
            return false;
        }
        let route_at = *under_way.route_at.get_or_insert_with(|| now.after(self.paced(ROUTE)));
        if now < route_at {
            return false;
        }
        self.statuses.clone_from(&self.traffic);
        // Until here the service went on describing what served before.
        self.observed = self.generation;
        // Moving traffic does not heal a newest revision that cannot serve: the service goes on saying so.
        self.verdict = self.newest();
        self.touch(now);
        self.end_operation(&under_way.operation, End::Done);
        true
    }

    /// An instance that ended by itself is replaced, unless its revision never worked.
    fn restart(&mut self, now: Moment) {
        let restart = self.paced(RESTART);
        for revision in self.revisions.iter_mut().filter(|revision| revision.state == State::Ready) {
            let ended = revision.instance.as_ref().and_then(|instance| instance.exited);
            if ended.is_some_and(|(at, _)| now.since(at) >= restart) {
                revision.start_instance();
            }
        }
    }
}
