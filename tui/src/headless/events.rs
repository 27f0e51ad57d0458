//! `events`: what the cloud wrote down and why instances ended, as one story, newest first.

use hello_cloud::{CloudEvent, ProviderError, Section, Untrusted};
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
    app::{State, TargetState, view},
    exit::Exit,
    runtime::{Engine, Signals},
};

/// An event, and whether it tells of an instance that ended.
#[derive(Serialize)]
struct Told<'a> {
    #[serde(flatten)]
    event: &'a CloudEvent,
    /// An instance ended, or could not start.
    failure: bool,
}

/// Lists at most `limit` events for each target. Its two sources fail alone: what one tells is listed beside the error of
/// the other.
pub async fn events(
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
    let late = late("events");
    let all: Vec<_> = state.targets.iter().map(|target| (target, story(target, limit, &late))).collect();
    let errors = all.iter().filter_map(|(_, (_, error))| *error);
    let exit = errors.map(of_error).max_by_key(|exit| badness(*exit)).unwrap_or(Exit::Well);
    if out.json {
        let targets = all.into_iter().map(|(target, (items, error))| {
            let source = Some(target.target.info.scope.clone());
            List { name: Name::of(target), source, items, error: error.map(Error::from) }
        });
        let at = state.now.wall.to_rfc3339();
        let lists = Lists { schema: "hello-dash/events/1", at, exit: exit.code(), targets: targets.collect() };
        out.json(&lists)?;
        return Ok(exit);
    }
    for (target, (story, error)) in all {
        let path = target.target.path();
        if let Some(error) = error {
            out.error(&format!("{path}: {error}"), error.hint.as_deref());
        }
        if let Some(story) = story {
            out.line(&format!("{path} ({}, {})", target.target.info.label, target.target.info.region))?;
            table(state, &story, out)?;
        }
    }
    Ok(exit)
}

/// What is known, newest first, and what went wrong. No story at all where nothing is known.
fn story<'a>(
    target: &'a TargetState,
    limit: usize,
    late: &'a ProviderError,
) -> (Option<Vec<Told<'a>>>, Option<&'a ProviderError>) {
    let Some(seen) = target.seen() else {
        return (None, Some(target.snapshot.error.as_ref().unwrap_or(late)));
    };
    let told = |section: &'a Section<Vec<CloudEvent>>, failure| {
        section.iter().flatten().map(move |event| Told { event, failure })
    };
    let mut story: Vec<_> = told(&seen.failures, true).chain(told(&seen.events, false)).collect();
    // The sort keeps a failure above the event of the same moment.
    story.sort_by_key(|told| std::cmp::Reverse(told.event.at));
    story.truncate(limit);
    let error = seen.events.as_ref().err().or(seen.failures.as_ref().err());
    let nothing = seen.events.is_err() && seen.failures.is_err();
    ((!nothing).then_some(story), error)
}

fn table(state: &State, story: &[Told<'_>], out: &mut Output<'_>) -> Result<(), Failure> {
    if story.is_empty() {
        return Ok(out.line("  none")?);
    }
    let mut rows = vec![text::row(["  AGE", "", "BY", "WHAT"])];
    for told in story {
        let age = told.event.at.map(|at| view::short(state.now.wall.since(at)));
        rows.push(vec![
            format!("  {}", age.unwrap_or_else(|| view::NOTHING.into())),
            if told.failure { "failed" } else { "" }.to_owned(),
            told.event.by.as_ref().map_or_else(|| view::NOTHING.into(), Untrusted::show),
            told.event.message.show(),
        ]);
    }
    for line in text::table(&rows) {
        out.line(&line)?;
    }
    Ok(())
}
