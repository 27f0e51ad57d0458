//! Deployments of Cloud Run: the current generation, the operation somebody follows, and one for every older revision.

use hello_cloud::{Deployment, DeploymentId, DeploymentState, Reported, RevisionId, Section};
use hello_local::clouds::run::{
    Run, Verdict,
    operation::{End, Operation},
    revision::State,
};

use super::{
    Aim, revisions,
    snapshot::{Seen, held, id, readiness},
};
use crate::image::at;

/// The newest deployment, under the id that somebody follows it by.
pub fn current(run: &Run, seen: &Seen) -> Deployment {
    let followed = seen.followed.as_ref().ok().copied().flatten().map(|index| &run.operations[index]);
    match followed.filter(|operation| operation.generation == run.generation) {
        Some(operation) => of_operation(run, seen, operation),
        None => of_generation(run, seen),
    }
}

/// All deployments, newest first.
pub fn section(run: &Run, seen: &Seen) -> Section<Vec<Deployment>> {
    seen.revisions.clone()?;
    let current = current(run, seen);
    let mut deployments = Vec::new();
    if let Some(index) = seen.followed.clone()? {
        deployments.push(of_operation(run, seen, &run.operations[index]));
    }
    if deployments.iter().all(|deployment| deployment.id != current.id) {
        deployments.push(current);
    }
    for index in 0..run.revisions.len() {
        let told = |deployment: &Deployment| deployment.to.is_some() && deployment.to == id(run, index);
        if !(index == run.latest_created() && deployments.iter().any(told)) {
            deployments.push(of_revision(run, index));
        }
    }
    deployments.sort_by_key(|deployment| std::cmp::Reverse(deployment.created_at));
    Ok(deployments)
}

/// Where a generation goes: what we were after, else what the state machine knows.
fn target(run: &Run, seen: &Seen, generation: u64) -> Option<RevisionId> {
    match seen.aims.get(&generation).map(|sent| &sent.aim) {
        Some(Aim::Revision(index)) => id(run, *index),
        Some(Aim::Latest) => id(run, run.latest_ready),
        None => {
            let made = run.revisions.iter().position(|revision| revision.generation == generation);
            made.map_or_else(|| held(run), |index| id(run, index)).or_else(|| id(run, run.latest_created()))
        }
    }
}

fn sources(run: &Run, to: Option<&RevisionId>) -> Vec<RevisionId> {
    let serving = run.shares().into_iter().filter_map(|(index, _)| id(run, index));
    serving.filter(|from| Some(from) != to).collect()
}

fn plain(id: DeploymentId, state: Reported<DeploymentState>, to: Option<RevisionId>) -> Deployment {
    Deployment {
        id,
        state,
        to,
        from: Vec::new(),
        created_at: None,
        finished_at: None,
        instances: None,
        failed: None,
        started: Vec::new(),
        stoppable: false,
        facts: Vec::new(),
    }
}

fn of_generation(run: &Run, seen: &Seen) -> Deployment {
    let whole = readiness(run);
    let state = match (&run.verdict, run.is_reconciling()) {
        (_, true) => DeploymentState::Progressing,
        (Verdict::Succeeded, false) => DeploymentState::Succeeded,
        (Verdict::Failed { .. }, false) => DeploymentState::Failed,
    };
    let ours = seen.aims.get(&run.generation).map(|sent| sent.operation.clone());
    let ours = ours.filter(|operation| seen.follow.as_ref() == Some(operation));
    let to = target(run, seen, run.generation);
    let named = ours.unwrap_or_else(|| DeploymentId::new(format!("generation/{}", run.generation)));
    Deployment {
        from: sources(run, to.as_ref()),
        created_at: Some(at(run.updated_at)),
        finished_at: state.is_settled().then(|| at(run.updated_at)),
        ..plain(named, Reported { state, word: whole.word, reason: whole.reason }, to)
    }
}

fn of_operation(run: &Run, seen: &Seen, operation: &Operation) -> Deployment {
    let is_current = operation.generation == run.generation;
    let state = match &operation.end {
        None => Reported::new(DeploymentState::Progressing, "running"),
        Some(End::Done) => Reported::new(DeploymentState::Succeeded, "done"),
        Some(End::Failed { message, .. }) => {
            let why = readiness(run).reason.filter(|_| is_current);
            Reported::new(DeploymentState::Failed, "failed").because(why.or_else(|| Some(message.as_str().into())))
        }
    };
    let to = target(run, seen, operation.generation);
    Deployment {
        from: if is_current { sources(run, to.as_ref()) } else { Vec::new() },
        created_at: Some(at(operation.created_at)),
        finished_at: (operation.end.is_some() && is_current).then(|| at(run.updated_at)),
        ..plain(DeploymentId::new(operation.name()), state, to)
    }
}

/// What is left of an older deployment: the revision it made.
fn of_revision(run: &Run, index: usize) -> Deployment {
    let revision = &run.revisions[index];
    let state = match revision.state {
        State::Ready => DeploymentState::Succeeded,
        State::Pending => DeploymentState::Progressing,
        State::Failed { .. } => DeploymentState::Failed,
    };
    let said = revisions::state(run, index);
    let named = DeploymentId::new(format!("revision/{}", revision.name));
    let reported = Reported { state, word: said.word, reason: said.reason };
    Deployment { created_at: Some(at(revision.created_at)), ..plain(named, reported, id(run, index)) }
}
