//! `watch --until serving`: for pipelines, which deploy by other means and want the verdict. Follows the deployment they started,
//! and ends once the service itself answers with the commit.

use std::time::Duration;

use hello_cloud::{Commit, DeploymentId, text::sanitize};

use super::{
    Failure, Output,
    act::outcome,
    json::{Name, Served},
    wait::{Waited, wait},
};
use crate::{
    app::{Awaited, Command, Event, Outcome, State},
    exit::Exit,
    runtime::{Engine, Signals},
};

/// What is waited for.
pub struct Awaiting<'a> {
    /// What the service must name.
    pub commit: &'a Commit,
    /// The deployment that brings it, as its cloud names it.
    pub deployment: Option<&'a str>,
    /// For how long.
    pub timeout: Duration,
}

/// Waits on all targets of the engine, at once.
pub async fn serving(
    engine: &mut Engine,
    signals: &mut Signals,
    wish: &Awaiting<'_>,
    out: &mut Output<'_>,
) -> Result<Exit, Failure> {
    let targets = engine.state().targets.len();
    if wish.deployment.is_some() && targets > 1 {
        out.error("--deployment names one deployment, and several targets are meant", Some("add --target aws or gcp"));
        return Ok(Exit::Usage);
    }
    for target in 0..targets {
        let deployment = wish.deployment.map(DeploymentId::new);
        engine.handle(Event::Commanded(Command::Await { target, commit: wish.commit.clone(), deployment }));
    }
    let mut said = vec![String::new(); targets];
    let ended = wait(engine, signals, Some(wish.timeout), |state| {
        tell(state, &mut said, out);
        outcomes(state).all(|outcome| outcome.is_some()).then_some(())
    });
    let ended = ended.await?;
    let state = engine.state();
    if let Waited::Signal(number) = ended {
        out.say("no longer followed; what was started goes on in the cloud");
        return Ok(Exit::Signal(number));
    }
    let late = |awaited: &Awaited| {
        let waited = crate::duration::show(wish.timeout);
        Outcome::TimedOut(format!("not served after {waited}: {}", awaited.progress()))
    };
    let mut ends = Vec::new();
    for target in &state.targets {
        let Some(awaited) = &target.awaited else { continue };
        let outcome = awaited.outcome().cloned().unwrap_or_else(|| late(awaited));
        let (word, note) = (outcome.word(), outcome.note());
        if out.json {
            let (schema, commit) = ("hello-dash/serving/1", wish.commit.as_str());
            let deployment = wish.deployment.map(sanitize);
            out.json(&Served { schema, name: Name::of(target), commit, deployment, outcome: word, note })?;
        } else {
            let note = note.map(|note| format!(": {note}")).unwrap_or_default();
            let commit = wish.commit.short();
            out.line(&format!("{}: {word}{note} (commit {commit})", target.target.path()))?;
        }
        ends.push(outcome);
    }
    Ok(outcome::of_all(ends.iter()))
}

fn outcomes(state: &State) -> impl Iterator<Item = Option<&Outcome>> {
    state.targets.iter().map(|target| target.awaited.as_ref().and_then(Awaited::outcome))
}

/// What has changed since it was last said.
fn tell(state: &State, said: &mut [String], out: &mut Output<'_>) {
    for (target, said) in state.targets.iter().zip(said) {
        let Some(awaited) = target.awaited.as_ref().filter(|awaited| awaited.outcome().is_none()) else { continue };
        let text = awaited.progress();
        if text != *said {
            out.say(&format!("{}: {text}", target.target.info.label));
            *said = text;
        }
    }
}
