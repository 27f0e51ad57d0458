//! Effects become futures, each under a deadline, and end as events. The adapters have deadlines of their own for each
//! call; these are for when that fails.

use std::time::Duration;

use hello_cloud::{ErrorKind, ProviderError, StartError};
use tokio::time::timeout;

use super::{World, contain::contain};
use crate::app::{Effect, Event, effect::JOURNAL};

const READ: Duration = Duration::from_secs(20);
/// A journal on a file system that hangs must not hang us.
const JOURNAL_WRITE: Duration = Duration::from_secs(5);
const WRITE: Duration = Duration::from_mins(1);
/// How many builds are read.
const BUILDS: usize = 20;

/// Does one effect.
pub async fn perform(world: World, effect: Effect) -> Event {
    match effect {
        Effect::Observe { target, sequence, follow } => {
            let result = match world.connections.get(target) {
                Some(connection) => {
                    let read = connection.provider.observe(&connection.service, follow.as_ref());
                    within(READ, "observe", read).await
                }
                None => Err(nobody("observe")),
            };
            Event::Observed { target, sequence, result: result.map(Box::new) }
        }
        Effect::Identify { target } => {
            let result = match world.connections.get(target) {
                Some(connection) => within(READ, "identity", connection.provider.identity()).await,
                None => Err(nobody("identity")),
            };
            Event::Identified { target, result }
        }
        Effect::ReadBuilds { target, sequence } => {
            let source = world.connections.get(target).and_then(|connection| connection.builds.clone());
            let result = match source {
                Some(source) => within(READ, "builds", source.recent(BUILDS)).await,
                None => Err(nobody("builds")),
            };
            Event::Built { target, sequence, result }
        }
        Effect::Probe { target, sequence, url } => {
            Event::Probed { target, sequence, probe: world.prober.ask(&url).await }
        }
        Effect::Preview { operation, target, change, snapshot } => {
            let preview = contain(async {
                let connection = world.connections.get(target);
                connection.map(|c| c.provider.preview(&c.service, &change, &snapshot)).unwrap_or_default()
            });
            // Without a preview the plan says nothing of the call, which is better than no plan.
            let preview = preview.await.unwrap_or_default();
            Event::Previewed { operation, target, preview }
        }
        Effect::Start { operation, target, order, entry } => {
            let written = timeout(JOURNAL_WRITE, world.journal.append(entry)).await;
            let written = written.unwrap_or_else(|_| Err("its file does not answer".into()));
            let result = match (written, world.connections.get(target)) {
                (Err(message), _) => Err(StartError::Refused(
                    ProviderError::new(ErrorKind::Unexpected, JOURNAL, message)
                        .hint("nothing is changed without a journal; make its folder writable"),
                )),
                (Ok(()), None) => Err(StartError::Refused(nobody("start"))),
                (Ok(()), Some(connection)) => {
                    let write = connection.provider.start(&connection.service, &order);
                    match timeout(WRITE, contain(write)).await {
                        Ok(Ok(result)) => result,
                        Ok(Err(panic)) => Err(StartError::Unknown(defect("start", &panic))),
                        Err(_) => Err(StartError::Unknown(late("start"))),
                    }
                }
            };
            Event::Started { operation, target, result }
        }
        Effect::Journal(entry) => match world.journal.append(entry).await {
            Ok(()) => Event::Ticked,
            Err(message) => Event::JournalFailed { message },
        },
    }
}

/// A read under a deadline, whose panic is the error of this one read.
async fn within<T>(
    limit: Duration,
    call: &'static str,
    read: impl Future<Output = Result<T, ProviderError>>,
) -> Result<T, ProviderError> {
    match timeout(limit, contain(read)).await {
        Ok(Ok(result)) => result,
        Ok(Err(panic)) => Err(defect(call, &panic)),
        Err(_) => Err(late(call)),
    }
}

fn defect(call: &'static str, panic: &str) -> ProviderError {
    ProviderError::new(ErrorKind::Unexpected, call, format!("a defect of hello-dash: {panic}"))
        .hint("please report it; the other targets go on")
}

fn late(call: &'static str) -> ProviderError {
    ProviderError::new(ErrorKind::Timeout, call, "no answer within the deadline")
}

fn nobody(call: &'static str) -> ProviderError {
    ProviderError::new(ErrorKind::Unexpected, call, "no connection for this target")
}
