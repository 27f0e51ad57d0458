//! All services of a cluster, with how each one stands: names a hundred to a call, descriptions ten to a call.

use std::time::Duration;

use futures::{StreamExt as _, stream};

use super::{calls::SERVICES_LIMIT, client::Client, map};
use crate::{
    error::{ErrorKind, ProviderError},
    model::Summary,
};

/// Batches under way at once.
const PARALLEL: usize = 5;
/// A listing takes no longer, however many services there are.
const DEADLINE: Duration = Duration::from_secs(20);

/// Every service. A batch that cannot be read leaves its services without a standing; only when none can, the whole fails.
pub(super) async fn summaries(client: &Client) -> Result<Vec<Summary>, ProviderError> {
    tokio::time::timeout(DEADLINE, all(client)).await.unwrap_or_else(|_| {
        let message = format!("no complete answer within {} s", DEADLINE.as_secs());
        Err(ProviderError::new(ErrorKind::Timeout, "ecs:DescribeServices", message))
    })
}

async fn all(client: &Client) -> Result<Vec<Summary>, ProviderError> {
    let names = client.services().await?;
    let batches: Vec<Vec<String>> = names.chunks(SERVICES_LIMIT).map(<[String]>::to_vec).collect();
    let asked = stream::iter(batches.into_iter().map(|names| async move {
        let answer = client.batch(&names).await;
        (names, answer)
    }));
    let answers: Vec<_> = asked.buffered(PARALLEL).collect().await;
    let mut summaries = Vec::with_capacity(names.len());
    let mut failed = None;
    let mut read = answers.is_empty();
    for (names, answer) in answers {
        match answer {
            Ok(services) => {
                read = true;
                summaries.extend(services.iter().filter_map(map::summary));
            }
            Err(error) => {
                let without = |name: &String| Summary { name: name.as_str().into(), standing: Err(error.clone()) };
                summaries.extend(names.iter().map(without));
                failed = Some(error);
            }
        }
    }
    match failed {
        Some(error) if !read => Err(error),
        Some(_) | None => Ok(summaries),
    }
}
