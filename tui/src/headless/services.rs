//! `services`: everything that runs where the configuration's targets are, whether the configuration names it or not, and
//! as whom it was asked.

use std::time::Duration;

use futures::future::join_all;
use hello_cloud::{
    ErrorKind, Identity, Instances, ProviderError, Readiness, Reported, Section, Standing, Summary, Untrusted,
    text::sanitize,
};
use serde::Serialize;
use tokio::time::timeout;

use super::{
    Failure, Output,
    json::Error,
    status::{badness, of_error},
    text,
};
use crate::{
    app::{Target, view},
    compose::Session,
    exit::Exit,
    runtime::{Connection, Signals, wall},
};

/// A cloud with many services takes a few calls in a row.
const PATIENCE: Duration = Duration::from_secs(25);

/// `hello-dash/services/1`.
#[derive(Serialize)]
struct Document {
    schema: &'static str,
    at: String,
    exit: u8,
    places: Vec<Place>,
}

/// One account and region. `services` is `null` when they are not known; then there is an error.
#[derive(Serialize)]
struct Place {
    provider: &'static str,
    region: String,
    scope: String,
    identity: Option<Identity>,
    services: Option<Vec<Listed>>,
    error: Option<Error>,
}

/// One service. The four facts are `null` where its batch could not be read; then there is an error.
#[derive(Serialize)]
struct Listed {
    name: String,
    configured: bool,
    readiness: Option<Reported<Readiness>>,
    wanted: Option<Untrusted>,
    instances: Option<Instances>,
    url: Option<Untrusted>,
    error: Option<Error>,
}

/// What one place answered.
struct Answered<'a> {
    target: &'a Target,
    /// The names that the configuration has there.
    configured: Vec<&'a str>,
    identity: Section<Identity>,
    summaries: Section<Vec<Summary>>,
}

/// Lists the services of every place, each place once.
pub async fn services(session: &Session, signals: &mut Signals, out: &mut Output<'_>) -> Result<Exit, Failure> {
    let asked = join_all(places(session).into_iter().map(|(target, connection, configured)| async move {
        let provider = &connection.provider;
        let (identity, summaries) = tokio::join!(within(provider.identity()), within(provider.summaries()));
        Answered { target, configured, identity, summaries }
    }));
    let answers = tokio::select! {
        answers = asked => answers,
        number = signals.next() => return Ok(Exit::Signal(number)),
    };
    let exit = answers.iter().flat_map(errors).map(of_error).max_by_key(|exit| badness(*exit)).unwrap_or(Exit::Well);
    if out.json {
        let places = answers.into_iter().map(place).collect();
        let document = Document { schema: "hello-dash/services/1", at: wall().to_rfc3339(), exit: exit.code(), places };
        out.json(&document)?;
        return Ok(exit);
    }
    for answered in &answers {
        let info = &answered.target.info;
        let place = format!("{} {}, {}", info.label, sanitize(&info.region), sanitize(&info.scope));
        match &answered.summaries {
            Err(error) => out.error(&format!("{place}: {error}"), error.hint.as_deref()),
            Ok(summaries) => {
                let by = answered.identity.as_ref().map(|identity| format!(", as {}", identity.show()));
                out.line(&format!("{place}{}", by.unwrap_or_default()))?;
                table(summaries, &answered.configured, out)?;
            }
        }
        if let Err(error) = &answered.identity {
            out.say(&format!("{place}: who is signed in is not known: {error}"));
        }
    }
    if let Some(banner) = &session.banner {
        out.say(banner);
    }
    Ok(exit)
}

/// Each account and region once, with the first connection to it and the names that the configuration has there.
fn places(session: &Session) -> Vec<(&Target, &Connection, Vec<&str>)> {
    let mut places: Vec<(&Target, &Connection, Vec<&str>)> = Vec::new();
    for (target, connection) in session.targets.iter().zip(&session.connections) {
        let name = connection.service.as_str();
        match places.iter_mut().find(|(known, _, _)| known.info == target.info) {
            Some((_, _, names)) => names.push(name),
            None => places.push((target, connection, vec![name])),
        }
    }
    places
}

async fn within<T>(read: impl Future<Output = Result<T, ProviderError>>) -> Result<T, ProviderError> {
    let late = || ProviderError::new(ErrorKind::Timeout, "services", "no answer within the deadline");
    timeout(PATIENCE, read).await.unwrap_or_else(|_| Err(late()))
}

/// What kept this place from a whole answer. Who is signed in is not asked for.
fn errors<'a>(answered: &'a Answered<'_>) -> Vec<&'a ProviderError> {
    match &answered.summaries {
        Ok(summaries) => summaries.iter().filter_map(|summary| summary.standing.as_ref().err()).collect(),
        Err(error) => vec![error],
    }
}

fn place(answered: Answered<'_>) -> Place {
    let info = &answered.target.info;
    let error = answered.summaries.as_ref().err().map(Error::from);
    let services = answered.summaries.ok().map(|summaries| {
        let listed = summaries.into_iter().map(|summary| listed(summary, &answered.configured));
        listed.collect()
    });
    let (region, scope) = (sanitize(&info.region), sanitize(&info.scope));
    Place { provider: info.id, region, scope, identity: answered.identity.ok(), services, error }
}

fn listed(summary: Summary, configured: &[&str]) -> Listed {
    let error = summary.standing.as_ref().err().map(Error::from);
    let (name, is_configured) = (summary.name.show(), configured.contains(&summary.name.raw()));
    let standing = summary.standing.ok();
    let (readiness, rest) = match standing {
        Some(Standing { readiness, wanted, instances, url }) => (Some(readiness), (wanted, instances, url)),
        None => (None, (None, None, None)),
    };
    let (wanted, instances, url) = rest;
    Listed { name, configured: is_configured, readiness, wanted, instances, url, error }
}

fn table(summaries: &[Summary], configured: &[&str], out: &mut Output<'_>) -> Result<(), Failure> {
    if summaries.is_empty() {
        return Ok(out.line("  none")?);
    }
    let mut sorted: Vec<_> = summaries.iter().collect();
    sorted.sort_by_key(|summary| &summary.name);
    let mut rows = vec![text::row(["  SERVICE", "STATE", "WANTED", "INSTANCES", "CONFIGURED", "URL"])];
    for summary in sorted {
        let is_configured = if configured.contains(&summary.name.raw()) { "yes" } else { view::NOTHING };
        let or_nothing = |text: Option<String>| text.unwrap_or_else(|| view::NOTHING.to_owned());
        let mut row = vec![format!("  {}", summary.name.show())];
        match &summary.standing {
            Ok(standing) => row.extend([
                standing.readiness.word.show(),
                or_nothing(standing.wanted.as_ref().map(Untrusted::show)),
                or_nothing(standing.instances.map(|n| format!("{}/{}", n.running, n.desired))),
                is_configured.to_owned(),
                or_nothing(standing.url.as_ref().map(Untrusted::show)),
            ]),
            Err(error) => row.extend([format!("not read: {error}")]),
        }
        rows.push(row);
    }
    for line in text::table(&rows) {
        out.line(&line)?;
    }
    Ok(())
}
