//! `revisions`: what could serve, what does, and which one a rollback would return to.

use hello_cloud::{ProviderError, Revision, Snapshot};
use serde::Serialize;

use super::{
    Failure, Output, PATIENCE,
    builds::late,
    json::{Error, List, Lists, Name},
    status::{badness, of_error},
    text,
    wait::{Waited, wait},
};
use crate::{
    app::{State, TargetState, rollback, view},
    exit::Exit,
    runtime::{Engine, Signals},
};

/// A revision and its part in the present.
#[expect(clippy::struct_excessive_bools, reason = "independent facts, each a field of its own in JSON")]
#[derive(Serialize)]
struct Listed<'a> {
    #[serde(flatten)]
    revision: &'a Revision,
    /// It gets traffic or runs instances.
    serving: bool,
    /// Percent of traffic, where the cloud tells.
    share: Option<u8>,
    /// The definition asks for it.
    wanted: bool,
    /// Traffic is held on it.
    held: bool,
    /// A rollback without `--to` returns to it.
    rollback: bool,
    /// Why a rollback would not; `null` when it could.
    against: Option<String>,
}

/// Lists at most `limit` revisions for each target.
pub async fn revisions(
    engine: &mut Engine,
    signals: &mut Signals,
    limit: usize,
    out: &mut Output<'_>,
) -> Result<Exit, Failure> {
    let read = |state: &State| state.targets.iter().all(|target| target.snapshot.is_settled()).then_some(());
    if let Waited::Signal(number) = wait(engine, signals, Some(PATIENCE), read).await? {
        return Ok(Exit::Signal(number));
    }
    let state = engine.state();
    let all: Vec<_> = state.targets.iter().map(|target| (target, found(target, limit))).collect();
    let errors = all.iter().filter_map(|(_, found)| found.as_ref().err());
    let exit = errors.map(of_error).max_by_key(|exit| badness(*exit)).unwrap_or(Exit::Well);
    if out.json {
        let targets = all.into_iter().map(|(target, found)| {
            let error = found.as_ref().err().map(Error::from);
            List { name: Name::of(target), source: Some(target.target.info.scope.clone()), items: found.ok(), error }
        });
        let at = state.now.wall.to_rfc3339();
        let lists = Lists { schema: "hello-dash/revisions/1", at, exit: exit.code(), targets: targets.collect() };
        out.json(&lists)?;
        return Ok(exit);
    }
    for (target, found) in all {
        let path = target.target.path();
        match found {
            Err(error) => out.error(&format!("{path}: {error}"), error.hint.as_deref()),
            Ok(listed) => {
                out.line(&format!("{path} ({}, {})", target.target.info.label, target.target.info.region))?;
                table(state, &listed, out)?;
            }
        }
    }
    Ok(exit)
}

fn found(target: &TargetState, limit: usize) -> Result<Vec<Listed<'_>>, ProviderError> {
    if let Some(error) = &target.snapshot.error {
        return Err(error.clone());
    }
    let seen: &Snapshot = target.seen().ok_or_else(|| late("observe"))?;
    let revisions = seen.revisions.as_ref().map_err(Clone::clone)?;
    let (_, chosen) = rollback::candidates(seen);
    let listed = revisions.iter().take(limit).map(|revision| {
        let serving = seen.serving.iter().find(|serving| serving.revision == revision.id);
        Listed {
            revision,
            serving: serving.is_some(),
            share: serving.and_then(|serving| serving.share),
            wanted: seen.wanted.as_ref() == Some(&revision.id),
            held: seen.hold.as_ref().is_some_and(|hold| hold.revision == revision.id),
            rollback: chosen.is_some_and(|chosen| chosen.id == revision.id),
            against: rollback::against(seen, revision),
        }
    });
    Ok(listed.collect())
}

fn table(state: &State, listed: &[Listed<'_>], out: &mut Output<'_>) -> Result<(), Failure> {
    if listed.is_empty() {
        return Ok(out.line("  none")?);
    }
    let mut rows = vec![text::row(["  REVISION", "COMMIT", "IMAGE", "AGE", "STATE", "SHARE", "ROLLBACK"])];
    for one in listed {
        let revision = one.revision;
        let digest = revision.image.as_ref().and_then(|image| image.digest.as_ref());
        let age = revision.created_at.map(|at| view::short(state.now.wall.since(at)));
        let marks = [(one.held, "HELD"), (one.wanted && !one.serving, "wanted")];
        let marks = marks.iter().filter(|(is, _)| *is).map(|(_, mark)| format!(" {mark}"));
        rows.push(vec![
            format!("  {}", revision.name.show()),
            revision.commit.as_ref().map_or(view::NOTHING, |commit| commit.short()).to_owned(),
            digest.map_or(view::NOTHING, |digest| digest.short()).to_owned(),
            age.unwrap_or_else(|| view::NOTHING.into()),
            format!("{}{}", revision.state.word.show(), marks.collect::<String>()),
            one.share.map_or_else(|| view::NOTHING.into(), |share| format!("{share}%")),
            match (&one.against, one.rollback) {
                (Some(against), _) => against.clone(),
                (None, true) => "returns here".into(),
                (None, false) => "possible".into(),
            },
        ]);
    }
    for line in text::table(&rows) {
        out.line(&line)?;
    }
    Ok(())
}
