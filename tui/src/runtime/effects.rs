//! Effects become futures, each under a deadline, and end as events. The adapters have deadlines of their own for each
//! call; these are for when that fails.

use std::time::Duration;

use hello_cloud::{ErrorKind, ProviderError, StartError};
use tokio::time::timeout;

use super::World;
use crate::app::{Effect, Event, effect::JOURNAL};

const READ: Duration = Duration::from_secs(20);
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
                    timeout(READ, read).await.unwrap_or_else(|_| Err(late("observe")))
                }
                None => Err(nobody("observe")),
            };
            Event::Observed { target, sequence, result: result.map(Box::new) }
        }
        Effect::ReadBuilds { target, sequence } => {
            let source = world.connections.get(target).and_then(|connection| connection.builds.clone());
            let result = match source {
                Some(source) => timeout(READ, source.recent(BUILDS)).await.unwrap_or_else(|_| Err(late("builds"))),
                None => Err(nobody("builds")),
            };
            Event::Built { target, sequence, result }
        }
        Effect::Probe { target, sequence, url } => {
            Event::Probed { target, sequence, probe: world.prober.ask(&url).await }
        }
        Effect::Preview { operation, target, change, snapshot } => {
            let connection = world.connections.get(target);
            let preview = connection.map(|c| c.provider.preview(&c.service, &change, &snapshot)).unwrap_or_default();
            Event::Previewed { operation, target, preview }
        }
        Effect::Start { operation, target, order, entry } => {
            let result = match (world.journal.append(entry).await, world.connections.get(target)) {
                (Err(message), _) => Err(StartError::Refused(
                    ProviderError::new(ErrorKind::Unexpected, JOURNAL, message)
                        .hint("nothing is changed without a journal; make its folder writable"),
                )),
                (Ok(()), None) => Err(StartError::Refused(nobody("start"))),
                (Ok(()), Some(connection)) => {
                    let write = connection.provider.start(&connection.service, &order);
                    timeout(WRITE, write).await.unwrap_or_else(|_| Err(StartError::Unknown(late("start"))))
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

fn late(call: &'static str) -> ProviderError {
    ProviderError::new(ErrorKind::Timeout, call, "no answer within the deadline")
}

fn nobody(call: &'static str) -> ProviderError {
    ProviderError::new(ErrorKind::Unexpected, call, "no connection for this target")
}
