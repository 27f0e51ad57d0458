//! `redeploy`, `rollback` and `release`: the plan first, then consent, then the order, which plans anew on facts as fresh; then, with
//! `--wait`, what came of it.

pub mod outcome;

use std::{io, time::Duration};

use tokio::sync::oneshot;

use super::{
    Failure, Output, plan,
    wait::{Waited, wait},
};
use crate::{
    app::{
        Command, Event, Operation, Outcome, State, TargetState,
        operation::{Agreement, Kind, OperationId, StepState},
        view,
    },
    cli::ActArgs,
    exit::Exit,
    runtime::{Engine, Signals},
};

/// What is wanted.
pub struct Wish<'a> {
    /// What to do.
    pub kind: Kind,
    /// The revision to return to.
    pub to: Option<&'a str>,
    /// How.
    pub how: &'a ActArgs,
}

/// Does it, on all targets of the engine.
pub async fn act(
    mut engine: Engine,
    signals: &mut Signals,
    wish: &Wish<'_>,
    out: &mut Output<'_>,
) -> Result<Exit, Failure> {
    if let Some(exit) = senseless(engine.state(), wish, out) {
        return Ok(exit);
    }
    let planned = match order(&mut engine, signals, wish, None, out).await? {
        Ok(id) => id,
        Err(exit) => return Ok(exit),
    };
    let state = engine.state();
    let Some(operation) = find(state, planned) else { return Ok(Exit::Defect) };
    let possible = operation.steps.iter().any(|step| step.state == StepState::Ended(Outcome::Planned));
    if wish.how.dry_run || !possible {
        let exit = outcome::exit(operation);
        report(state, operation, &[], exit, out)?;
        let held = state.targets.iter().any(|target| target.seen().is_some_and(|seen| seen.hold.is_some()));
        if exit == Exit::Refused && held && wish.kind == Kind::Redeploy {
            out.say(&format!("hint: hello-dash release {} --yes --wait", operation.service));
        }
        return Ok(exit);
    }
    for line in plan::lines(state, operation) {
        out.say(&line);
    }
    let shown = operation.agreement();
    match consent(state, operation, signals, wish, out).await? {
        Consent::Given => {}
        Consent::Asked => {
            // A person took time to read; what they agreed to must still be what would be done.
            match order(&mut engine, signals, wish, None, out).await? {
                Ok(id) if find(engine.state(), id).is_some_and(|again| again.agreement() == shown) => {}
                Ok(_) => {
                    out.error("it has changed since the plan was shown; nothing was changed; look again", None);
                    return Ok(Exit::Refused);
                }
                Err(exit) => return Ok(exit),
            }
        }
        Consent::Denied(exit) => return Ok(exit),
    }
    send(engine, signals, wish, shown, out).await
}

/// What cannot mean anything, told before any cloud is asked to plan.
fn senseless(state: &State, wish: &Wish<'_>, out: &mut Output<'_>) -> Option<Exit> {
    let groups: Vec<_> = state.groups.iter().map(|group| format!("{}/{}", group.service, group.environment)).collect();
    if groups.len() > 1 {
        let line = format!("this would change {}; one at a time", groups.join(" and "));
        out.error(&line, Some("name one SERVICE and one --environment"));
        return Some(Exit::Usage);
    }
    let several = targets(state, wish.kind).len() > 1;
    if several && wish.to.is_some() {
        out.error("--to names a revision of one target, and several are meant", Some("add --target aws or gcp"));
        return Some(Exit::Usage);
    }
    if several && !wish.how.wait && !wish.how.dry_run {
        let hint = "add --wait, or --target aws or gcp";
        out.error("several targets are changed one after the other, each verified before the next", Some(hint));
        return Some(Exit::Usage);
    }
    None
}

/// The targets that can be meant: nothing is held where traffic cannot be. When that leaves none, all are meant, and each
/// says why it cannot be done.
fn targets(state: &State, kind: Kind) -> Vec<usize> {
    let is_meant = |target: &TargetState| match kind {
        Kind::Redeploy | Kind::Rollback => true,
        Kind::Stop => target.target.info.capabilities.stop,
        Kind::Release => target.target.info.capabilities.hold,
    };
    let all = || state.targets.iter().enumerate();
    let meant: Vec<_> = all().filter(|(_, target)| is_meant(target)).map(|(index, _)| index).collect();
    if meant.is_empty() { all().map(|(index, _)| index).collect() } else { meant }
}

/// Gives the order, held to what was agreed to. Without that it is a dry run, which is waited for until it ended; `Err` when
/// it could not be.
async fn order(
    engine: &mut Engine,
    signals: &mut Signals,
    wish: &Wish<'_>,
    agreed: Option<Vec<Agreement>>,
    out: &mut Output<'_>,
) -> Result<Result<OperationId, Exit>, Failure> {
    /// Planning reads every target once; each read has its own deadline below this.
    const PLANNING: Duration = Duration::from_secs(45);
    let targets = targets(engine.state(), wish.kind);
    let dry_run = agreed.is_none();
    let (to, agreed) = (wish.to.map(str::to_owned), agreed.unwrap_or_default());
    let command = Command::Order { kind: wish.kind, targets, to, dry_run, agreed };
    engine.handle(Event::Commanded(command));
    let Some(id) = engine.state().operations.last().map(|operation| operation.id) else {
        return Ok(Err(Exit::Defect));
    };
    if !dry_run {
        return Ok(Ok(id));
    }
    let ended = |state: &State| find(state, id).is_some_and(Operation::is_ended).then_some(());
    Ok(match wait(engine, signals, Some(PLANNING), ended).await? {
        Waited::Done(()) => Ok(id),
        Waited::Signal(number) => Err(Exit::Signal(number)),
        Waited::Late => {
            out.error("no plan could be made in time; nothing was changed", None);
            Err(Exit::NotAsked)
        }
    })
}

/// Sends the change and stays as long as was asked for.
async fn send(
    mut engine: Engine,
    signals: &mut Signals,
    wish: &Wish<'_>,
    agreed: Vec<Agreement>,
    out: &mut Output<'_>,
) -> Result<Exit, Failure> {
    let id = match order(&mut engine, signals, wish, Some(agreed), out).await? {
        Ok(id) => id,
        Err(exit) => return Ok(exit),
    };
    let mut progress = Progress::default();
    let limit = wish.how.wait.then_some(wish.how.timeout);
    let waited = wait(&mut engine, signals, limit, |state| {
        let operation = find(state, id)?;
        progress.tell(state, operation, out);
        let accepted = !wish.how.wait && operation.steps.iter().all(|step| has_been_sent(&step.state));
        (operation.is_ended() || accepted).then_some(())
    });
    let waited = waited.await?;
    // A write under way may still come back; its outcome belongs into the journal and into our answer.
    let state = engine.end().await;
    let Some(operation) = find(&state, id) else { return Ok(Exit::Defect) };
    progress.tell(&state, operation, out);
    let exit = match waited {
        Waited::Done(()) | Waited::Late if operation.is_ended() => outcome::exit(operation),
        Waited::Done(()) => {
            out.say("accepted, not verified; the cloud goes on");
            out.say("hint: --wait stays until the service itself answers with the expected revision");
            Exit::Well
        }
        Waited::Late => {
            let waited = crate::duration::show(wish.how.timeout);
            out.error(&format!("not over after {waited}; the cloud goes on"), Some("hello-dash status"));
            Exit::Deadline
        }
        Waited::Signal(number) => {
            out.say("no longer followed; what was sent goes on in the cloud");
            Exit::Signal(number)
        }
    };
    if let Err(failure) = report(&state, operation, &progress.accepted, exit, out) {
        // What was done counts more than that nobody could read of it.
        out.error(&failure.to_string(), None);
    }
    Ok(exit)
}

fn find(state: &State, id: OperationId) -> Option<&Operation> {
    state.operations.iter().find(|operation| operation.id == id)
}

fn has_been_sent(state: &StepState) -> bool {
    match state {
        StepState::Waiting | StepState::Starting { .. } => false,
        StepState::Following { .. } | StepState::Verifying { .. } | StepState::Ended(_) => true,
    }
}

/// Data at the end: the document, or for people one line for each target; of a dry run the plan.
fn report(
    state: &State,
    operation: &Operation,
    accepted: &[(usize, String)],
    exit: Exit,
    out: &mut Output<'_>,
) -> Result<(), Failure> {
    if out.json {
        return Ok(out.json(&plan::Document::of(state, operation, accepted, exit))?);
    }
    if operation.dry_run {
        for line in plan::lines(state, operation) {
            out.line(&line)?;
        }
        return Ok(());
    }
    for step in &operation.steps {
        let Some(target) = state.targets.get(step.target) else { continue };
        let deployment = accepted.iter().find(|(index, _)| *index == step.target);
        let deployment = deployment.map(|(_, id)| format!(" ({id})")).unwrap_or_default();
        out.line(&format!("{}: {}{deployment}", target.target.path(), view::step(&step.state)))?;
    }
    Ok(())
}

/// What was said of each step, and the deployments that were named.
#[derive(Default)]
struct Progress {
    said: Vec<(usize, String)>,
    accepted: Vec<(usize, String)>,
}

impl Progress {
    fn tell(&mut self, state: &State, operation: &Operation, out: &mut Output<'_>) {
        for step in &operation.steps {
            if step.state == StepState::Waiting {
                continue;
            }
            if let Some(id) = operation.followed(step.target) {
                let id = hello_cloud::text::sanitize(id.as_str());
                if !self.accepted.iter().any(|(target, _)| *target == step.target) {
                    self.accepted.push((step.target, id));
                }
            }
            let text = view::step(&step.state);
            let label = state.targets.get(step.target).map_or("", |target| target.target.info.label);
            match self.said.iter_mut().find(|(target, _)| *target == step.target) {
                Some((_, said)) if *said == text => continue,
                Some((_, said)) => said.clone_from(&text),
                None => self.said.push((step.target, text.clone())),
            }
            out.say(&format!("{label}: {text}"));
        }
    }
}

enum Consent {
    /// On the command line.
    Given,
    /// By the person, just now.
    Asked,
    Denied(Exit),
}

/// `--yes`, or a person who types it; in a protected environment the service's name.
async fn consent(
    state: &State,
    operation: &Operation,
    signals: &mut Signals,
    wish: &Wish<'_>,
    out: &mut Output<'_>,
) -> Result<Consent, Failure> {
    let protected = state.targets.iter().any(|target| target.target.protected);
    let name = operation.service.as_str();
    match (&wish.how.confirm, protected) {
        (Some(typed), _) if typed != name => {
            out.error(&format!("--confirm does not name the service, which is {name}; nothing was changed"), None);
            return Ok(Consent::Denied(Exit::Refused));
        }
        (Some(_), _) | (None, false) if wish.how.yes => return Ok(Consent::Given),
        (Some(_) | None, _) => {}
    }
    if !out.person {
        let (why, hint) = match (wish.how.yes, protected) {
            (_, true) => ("this environment is protected", format!("add --yes --confirm {name}")),
            (_, false) => ("not confirmed, and there is no terminal to ask on", "add --yes".to_owned()),
        };
        out.error(&format!("{why}; nothing was changed"), Some(&hint));
        return Ok(Consent::Denied(Exit::Refused));
    }
    let expected = if protected { name } else { "yes" };
    out.say(&format!("type {expected} to start, anything else to leave:"));
    let line = tokio::select! {
        line = read_line() => line,
        number = signals.next() => return Ok(Consent::Denied(Exit::Signal(number))),
    };
    if line.is_some_and(|line| line.trim() == expected) {
        return Ok(Consent::Asked);
    }
    out.say("nothing was changed");
    Ok(Consent::Denied(Exit::Refused))
}

/// One line from the person; `None` at the end of input. The thread that waits for it is left behind when a signal comes.
async fn read_line() -> Option<String> {
    let (send, line) = oneshot::channel();
    std::thread::spawn(move || {
        let mut line = String::new();
        let read = io::stdin().read_line(&mut line).is_ok_and(|bytes| bytes > 0);
        let _ = send.send(read.then_some(line));
    });
    line.await.ok().flatten()
}
