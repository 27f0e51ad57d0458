//! `builds`: the newest builds of each target.

use std::time::Duration;

use hello_cloud::{Build, ProviderError, Untrusted};

use super::{
    Failure, Output, PATIENCE,
    json::{Error, List, Lists, Name},
    status::{badness, of_error},
    text,
    wait::{self, Waited, wait},
};
use crate::{
    app::{State, TargetState, view},
    exit::Exit,
    runtime::{Engine, Signals},
};

/// Lists at most `limit` builds for each target. A target without builds in the configuration says so; one whose builds
/// cannot be read is an error, never an empty list.
pub async fn builds(
    engine: &mut Engine,
    signals: &mut Signals,
    limit: usize,
    out: &mut Output<'_>,
) -> Result<Exit, Failure> {
    let read = |state: &State| state.targets.iter().all(wait::has_builds).then_some(());
    if let Waited::Signal(number) = wait(engine, signals, Some(PATIENCE), read).await? {
        return Ok(Exit::Signal(number));
    }
    let state = engine.state();
    let late = late("builds");
    let found = |target: &TargetState| -> Option<Result<Vec<Build>, ProviderError>> {
        target.target.builds.as_ref()?;
        Some(match (&target.builds.error, target.builds.value()) {
            (Some(error), _) => Err(error.clone()),
            (None, Some(builds)) => Ok(builds.iter().take(limit).cloned().collect()),
            (None, None) => Err(late.clone()),
        })
    };
    let all: Vec<_> = state.targets.iter().map(|target| (target, found(target))).collect();
    let errors = all.iter().filter_map(|(_, found)| found.as_ref()?.as_ref().err());
    let exit = errors.map(of_error).max_by_key(|exit| badness(*exit)).unwrap_or(Exit::Well);
    if out.json {
        let targets = all.into_iter().map(|(target, found)| {
            let error = found.as_ref().and_then(|found| found.as_ref().err()).map(Error::from);
            let source = target.target.builds.clone();
            List { name: Name::of(target), source, items: found.and_then(Result::ok), error }
        });
        let at = state.now.wall.to_rfc3339();
        let lists = Lists { schema: "hello-dash/builds/1", at, exit: exit.code(), targets: targets.collect() };
        out.json(&lists)?;
        return Ok(exit);
    }
    for (target, found) in all {
        let path = target.target.path();
        match found {
            None => out.say(&format!("{path}: the configuration does not say where its images are built")),
            Some(Err(error)) => out.error(&format!("{path}: {error}"), error.hint.as_deref()),
            Some(Ok(builds)) => {
                out.line(&format!("{path} ({})", target.target.builds.as_deref().unwrap_or_default()))?;
                table(state, &builds, out)?;
            }
        }
    }
    Ok(exit)
}

fn table(state: &State, builds: &[Build], out: &mut Output<'_>) -> Result<(), Failure> {
    if builds.is_empty() {
        return Ok(out.line("  none")?);
    }
    let mut rows = vec![text::row(["  COMMIT", "STATE", "BRANCH", "AGE", "TOOK", "TITLE"])];
    for build in builds {
        let since = |from, to: hello_cloud::Timestamp| view::short(to.since(from));
        let took = build.created_at.zip(build.finished_at).map(|(from, to)| since(from, to));
        rows.push(vec![
            format!("  {}", build.commit.as_ref().map_or(view::NOTHING, |commit| commit.short())),
            view::build_word(build),
            build.branch.as_ref().map_or_else(|| view::NOTHING.into(), Untrusted::show),
            build.created_at.map_or_else(|| view::NOTHING.into(), |at| since(at, state.now.wall)),
            took.unwrap_or_else(|| view::NOTHING.into()),
            build.title.show(),
        ]);
    }
    for line in text::table(&rows) {
        out.line(&line)?;
    }
    Ok(())
}

/// Nothing came back in time.
pub fn late(call: &'static str) -> ProviderError {
    let message = format!("no answer within {}", view::short(Duration::from_secs(PATIENCE.as_secs())));
    ProviderError::new(hello_cloud::ErrorKind::Timeout, call, message)
}
