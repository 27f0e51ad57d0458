//! A service that its cloud does not know is mostly a slip of the pen: says which services there are.

use std::time::Duration;

use hello_cloud::{ErrorKind, text::sanitize};
use tokio::time::timeout;

use super::Output;
use crate::{app::State, runtime::Connection};

/// It is only a hint; nobody waits long for it.
const PATIENCE: Duration = Duration::from_secs(5);
/// As many names as fit on a line.
const SHOWN: usize = 10;

/// Asks once where a target was not found. What cannot be listed is not told: the error itself was.
pub async fn tell(state: &State, connections: &[Connection], out: &mut Output<'_>) {
    for (target, connection) in state.targets.iter().zip(connections) {
        if !target.snapshot.error.as_ref().is_some_and(|error| error.kind == ErrorKind::NotFound) {
            continue;
        }
        if let Ok(Ok(mut names)) = timeout(PATIENCE, connection.provider.services()).await {
            names.sort_unstable();
            let more = if names.len() > SHOWN { ", .." } else { "" };
            let names: Vec<_> = names.iter().take(SHOWN).map(|name| sanitize(name)).collect();
            let names = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
            out.say(&format!("hint: {}: the services there are {names}{more}", target.target.path()));
        }
    }
}
