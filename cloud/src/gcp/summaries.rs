//! All services of a place, with how each one stands: one call for every page, and nothing per service.

use std::time::Duration;

use super::{Place, http, map, wire};
use crate::{
    error::{ErrorKind, ProviderError},
    model::Summary,
};

const CALL: &str = "run.services.list";
/// The greatest page that is answered; more is cut to it.
const PAGE: &str = "1000";
const PAGES: usize = 20;
/// A listing takes no longer, however many pages it has.
const DEADLINE: Duration = Duration::from_secs(20);

/// Names of all services.
pub(super) async fn names(client: &http::Client, place: &Place) -> Result<Vec<String>, ProviderError> {
    let services = all(client, place).await?;
    Ok(services.iter().map(|service| wire::short(&service.name).to_owned()).collect())
}

/// All services.
pub(super) async fn summaries(client: &http::Client, place: &Place) -> Result<Vec<Summary>, ProviderError> {
    Ok(all(client, place).await?.iter().map(map::summary).collect())
}

async fn all(client: &http::Client, place: &Place) -> Result<Vec<wire::Service>, ProviderError> {
    tokio::time::timeout(DEADLINE, pages(client, place)).await.unwrap_or_else(|_| {
        let message = format!("no complete answer within {} s", DEADLINE.as_secs());
        Err(ProviderError::new(ErrorKind::Timeout, CALL, message))
    })
}

async fn pages(client: &http::Client, place: &Place) -> Result<Vec<wire::Service>, ProviderError> {
    let path = format!("v2/{}/services", place.path());
    let mut services = Vec::new();
    let mut token = String::new();
    for _ in 0..PAGES {
        let mut query = vec![("pageSize", PAGE)];
        if !token.is_empty() {
            query.push(("pageToken", &token));
        }
        let page: wire::ServiceList = client.get(CALL, &path, &query).await?;
        services.extend(page.services);
        // A place that could not be asked would look like one without services.
        if let Some(place) = page.unreachable.first() {
            let message = format!("{place} could not be asked");
            return Err(ProviderError::new(ErrorKind::Unavailable, CALL, message));
        }
        token = page.next_page_token;
        if token.is_empty() {
            return Ok(services);
        }
    }
    Err(ProviderError::new(ErrorKind::Unexpected, CALL, format!("more than {PAGES} pages")))
}
