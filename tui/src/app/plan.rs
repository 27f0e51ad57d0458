//! What a change of one target would do, worked out from a fresh snapshot before anybody agrees to it.

use std::{sync::Arc, time::Duration};

use hello_cloud::{
    Change, Commit, DeploymentState, Digest, Fingerprint, Preview, Revision, RevisionState, Snapshot, Untrusted,
    text::sanitize,
};

use super::{
    operation::Kind,
    rollback::{self, Candidate},
    target::TargetState,
    verdict::VerdictState,
    view,
};

/// Facts older than this are read again before a plan is made on them.
pub const FRESH_ENOUGH: Duration = Duration::from_secs(5);

/// The plan for one target.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// What will be asked of the cloud; `None` when it cannot be.
    pub change: Option<Change>,
    /// Why it cannot be, in a sentence.
    pub blocked: Option<String>,
    pub from: Option<Side>,
    pub to: Option<Side>,
    /// What may surprise, the most important first.
    pub warnings: Vec<String>,
    /// For a rollback: every revision, and why not the others.
    pub candidates: Vec<Candidate>,
    /// What will be sent; comes a moment after the plan.
    pub preview: Option<Preview>,
    /// Who changed the target last.
    pub changed_by: Option<String>,
    /// The target is unhealthy and the change goes back to what was seen to work: friction falls.
    pub emergency: bool,
    /// What the change is bound to.
    pub seen: Fingerprint,
    /// The facts it was made on.
    pub snapshot: Arc<Snapshot>,
}

/// One end of a change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Side {
    /// The revision's name, safe to show.
    pub revision: String,
    pub commit: Option<Commit>,
    pub digest: Option<Digest>,
}

impl Side {
    fn of(revision: &Revision) -> Self {
        Self {
            revision: revision.name.show(),
            commit: revision.commit.clone(),
            digest: revision.image.as_ref().and_then(|image| image.digest.clone()),
        }
    }

    /// `hello:3 · 9f2c1e7`.
    pub fn text(&self) -> String {
        match &self.commit {
            Some(commit) => format!("{} · {}", self.revision, commit.short()),
            None => self.revision.clone(),
        }
    }
}

impl Plan {
    fn goes_to(&self, revision: &Revision) -> bool {
        matches!(&self.change, Some(Change::Rollback { to }) if *to == revision.id)
    }
}

/// Works out the plan. `to` names a revision for a rollback; without it the best candidate is taken.
pub fn plan(target: &TargetState, snapshot: &Arc<Snapshot>, kind: Kind, to: Option<&str>) -> Plan {
    let mut plan = Plan {
        change: None,
        blocked: None,
        from: snapshot.main_revision().map(Side::of),
        to: None,
        warnings: Vec::new(),
        candidates: Vec::new(),
        preview: None,
        changed_by: snapshot.changed_by.as_ref().map(Untrusted::show),
        emergency: false,
        seen: snapshot.fingerprint.clone(),
        snapshot: Arc::clone(snapshot),
    };
    match kind {
        Kind::Redeploy => redeploy(&mut plan, snapshot),
        Kind::Rollback => roll_back(&mut plan, target, snapshot, to),
        Kind::Stop => stop(&mut plan, snapshot),
        Kind::Release => release(&mut plan, snapshot),
    }
    let seen_healthy = snapshot_revision_served(&plan, snapshot);
    if plan.change.is_some() && target.url().is_none() {
        plan.warnings.push("there is no address to verify it at: set url for this target".into());
    }
    plan.emergency = kind == Kind::Rollback && target.verdict.state == VerdictState::Unhealthy && seen_healthy;
    plan
}

fn snapshot_revision_served(plan: &Plan, snapshot: &Snapshot) -> bool {
    match &plan.change {
        Some(Change::Rollback { to }) => snapshot.revision(to).is_some_and(|revision| revision.served == Some(true)),
        Some(Change::Redeploy | Change::Stop { .. } | Change::Release) | None => false,
    }
}

fn redeploy(plan: &mut Plan, snapshot: &Snapshot) {
    if let Some(hold) = &snapshot.hold {
        let name = name_of(snapshot, &hold.revision);
        plan.blocked =
            Some(format!("traffic is held on {name}, so a redeploy would reach nobody; release it first (H)"));
        return;
    }
    plan.change = Some(Change::Redeploy);
    let wanted = snapshot.wanted.as_ref().and_then(|id| snapshot.revision(id));
    plan.to = wanted.map(Side::of).or_else(|| plan.from.clone());
    let serving = plan.from.as_ref().and_then(|from| from.digest.clone());
    match &snapshot.resolution {
        Ok(Some(now)) => {
            if let Some(to) = &mut plan.to {
                to.digest = Some(now.digest.clone());
                to.commit.clone_from(&now.commit);
            }
            if serving.as_ref().is_some_and(|serving| *serving != now.digest) {
                let commit = now.commit.as_ref().map_or_else(|| "an unknown commit".into(), |c| c.short().to_owned());
                plan.warnings.push(format!(
                    "SHIPS OTHER CODE: {} now means {commit} ({}), not what serves",
                    now.reference.show(),
                    now.digest.short()
                ));
            }
        }
        Ok(None) => {
            let differs = wanted.zip(snapshot.main_revision()).is_some_and(|(wanted, main)| wanted.id != main.id);
            if differs {
                plan.warnings.push("the definition asks for another revision than the one that serves".into());
            }
        }
        Err(error) => {
            if let Some(to) = &mut plan.to {
                (to.digest, to.commit) = (None, None);
            }
            plan.warnings.push(format!("whether the tag still means the same code is not known: {error}"));
        }
    }
    warn_of_running(plan, snapshot, "this one replaces it");
}

fn roll_back(plan: &mut Plan, target: &TargetState, snapshot: &Snapshot, to: Option<&str>) {
    let running = snapshot.current.as_ref().filter(|current| !current.state.state.is_settled());
    // Named or not: only stopping brings it back as it is, whatever its tag means by now.
    let is_put_back = |name| rollback::named(snapshot, name).is_ok_and(|to| rollback::is_put_back(snapshot, to));
    if let Some(running) = running.filter(|running| running.stoppable && to.is_none_or(is_put_back)) {
        plan.warnings
            .push("a deployment is running: it is stopped and put back, which is faster than a new one".into());
        plan.to = rollback::stopped_to(snapshot, running).map(Side::of);
        plan.from = running.to.as_ref().and_then(|id| snapshot.revision(id)).map(Side::of).or(plan.from.take());
        plan.change = Some(Change::Stop { deployment: running.id.clone() });
        return;
    }
    let goes_back = |state| matches!(state, DeploymentState::RollingBack | DeploymentState::Stopping);
    if running.is_some_and(|running| goes_back(running.state.state)) && to.is_none() {
        plan.blocked = Some("it goes back already; to go elsewhere, name a revision (rollback --to)".into());
        return;
    }
    if let Err(error) = &snapshot.revisions {
        plan.blocked = Some(format!("the revisions are not known: {error}"));
        return;
    }
    let (candidates, best) = rollback::candidates(snapshot);
    plan.candidates = candidates;
    let chosen = match to {
        Some(name) => rollback::named(snapshot, name),
        None => best.ok_or_else(|| "no earlier revision that served well is left".to_owned()),
    };
    match chosen {
        Ok(revision) => {
            plan.to = Some(Side::of(revision));
            plan.change = Some(Change::Rollback { to: revision.id.clone() });
            if !revision.exact {
                plan.warnings.push(
                    "the definition names a movable tag: what runs is what the tag means now, not the image of then"
                        .into(),
                );
            }
            if to.is_some() && revision.served != Some(true) {
                plan.warnings.push("nothing tells that this revision ever served well".into());
            }
        }
        Err(reason) => plan.blocked = Some(reason),
    }
    if target.target.info.capabilities.hold {
        plan.warnings.push("traffic stays held there: later deployments get none until it is released (H)".into());
    }
    match (rollback::put_back(snapshot).filter(|back| plan.goes_to(back)), running) {
        (Some(stays), Some(running)) => {
            plan.from = running.to.as_ref().and_then(|id| snapshot.revision(id)).map(Side::of);
            let name = stays.name.show();
            let what = format!("it stays on {name}; to go further back, name a revision (rollback --to)");
            warn_of_running(plan, snapshot, &what);
        }
        (Some(whole), None) => {
            let others = snapshot.serving.iter().filter(|serving| serving.revision != whole.id);
            plan.from = others.filter_map(|serving| snapshot.revision(&serving.revision)).map(Side::of).next();
            let name = whole.name.show();
            plan.warnings.push(format!("traffic is split: all of it goes to {name}, which has part of it now"));
        }
        (None, _) => warn_of_running(plan, snapshot, "this goes on beside it"),
    }
}

fn stop(plan: &mut Plan, snapshot: &Snapshot) {
    match snapshot.current.as_ref().filter(|current| !current.state.state.is_settled()) {
        Some(running) if !running.stoppable => {
            plan.blocked = Some("the running deployment cannot be stopped any more".into());
        }
        Some(running) => {
            plan.from = running.to.as_ref().and_then(|id| snapshot.revision(id)).map(Side::of);
            plan.to = rollback::stopped_to(snapshot, running).map(Side::of);
            plan.change = Some(Change::Stop { deployment: running.id.clone() });
        }
        None => plan.blocked = Some("no deployment is running".into()),
    }
}

fn release(plan: &mut Plan, snapshot: &Snapshot) {
    if snapshot.hold.is_none() {
        plan.blocked = Some("no traffic is held".into());
        return;
    }
    plan.change = Some(Change::Release);
    // What follows the newest follows the newest that can serve.
    let can_serve =
        |revision: &&Revision| matches!(revision.state.state, RevisionState::Ready | RevisionState::Retired);
    let to = snapshot.revisions.as_ref().ok().and_then(|revisions| revisions.iter().find(can_serve));
    plan.to = to.map(Side::of);
    if let Some(to) = to.filter(|revision| revision.served != Some(true)) {
        plan.warnings.push(format!("{} is not known to have served well", to.name.show()));
    }
    let newest = snapshot.wanted.as_ref().and_then(|id| snapshot.revision(id));
    if let Some((newest, to)) = newest.zip(to).filter(|(newest, to)| newest.id != to.id) {
        let (newest, to) = (newest.name.show(), to.name.show());
        plan.warnings.push(format!("{newest} is newer, but cannot serve: traffic goes to {to}"));
    }
}

fn warn_of_running(plan: &mut Plan, snapshot: &Snapshot, what: &str) {
    if let Some(running) = snapshot.current.as_ref().filter(|current| !current.state.state.is_settled()) {
        plan.warnings.push(format!("a deployment is running ({}): {what}", view::deployment_word(running)));
    }
}

fn name_of(snapshot: &Snapshot, id: &hello_cloud::RevisionId) -> String {
    snapshot.revision(id).map_or_else(|| sanitize(id.as_str()), |revision| revision.name.show())
}
