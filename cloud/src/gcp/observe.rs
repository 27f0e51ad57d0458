//! Which calls make a snapshot. The longest chain is two: the registry is known only once the service was read.

use std::time::Duration;

use super::{
    CloudRun, Place, http,
    images::{self, ImageName},
    logging,
    map::{self, Parts},
    wire,
};
use crate::{
    error::{ErrorKind, ProviderError},
    model::{DeploymentId, Section, Snapshot},
    registry::Repository,
};

pub(super) const GET: &str = "run.services.get";
/// An observation takes no longer, however many calls hang.
const DEADLINE: Duration = Duration::from_secs(15);
/// Revisions shown; Cloud Run keeps up to a thousand.
const REVISIONS: usize = 100;
const PAGES: usize = 20;
/// Revisions asked for by name, because traffic goes to them.
const NAMED: usize = 5;

/// Observes a service once.
pub(super) async fn observe(
    cloud: &CloudRun,
    name: &str,
    follow: Option<&DeploymentId>,
) -> Result<Snapshot, ProviderError> {
    let gathered = tokio::time::timeout(DEADLINE, gather(cloud, name, follow)).await;
    let parts = gathered.unwrap_or_else(|_| {
        let message = format!("no complete answer within {} s", DEADLINE.as_secs());
        Err(ProviderError::new(ErrorKind::Timeout, GET, message))
    })?;
    Ok(map::snapshot(&parts))
}

async fn gather(cloud: &CloudRun, name: &str, follow: Option<&DeploymentId>) -> Result<Parts, ProviderError> {
    let CloudRun { artifacts, logging, place, aims, told, .. } = cloud;
    let turns = cloud.run.turns();
    let (run, artifacts) = (&cloud.run.taking(&turns), &artifacts.taking(&turns));
    let logging = &logging.taking(&logging.turns());
    // A service that cannot be read ends the observation at once; every other part fails alone.
    let ((service, repository, events), revisions, followed) = tokio::try_join!(
        async {
            let service = service(run, place, name).await?;
            let (repository, events) = tokio::join!(
                repository(artifacts, &service),
                logging::events(logging, place, told, name, &service.etag),
            );
            Ok((service, repository, events))
        },
        async { Ok(revisions(run, place, name).await) },
        async { Ok(followed(run, place, follow).await) },
    )?;
    let revisions = with_named(run, place, name, &service, revisions).await;
    let current_aim = aims.of_generation(name, service.generation);
    let followed_aim = follow.and_then(|follow| aims.of_operation(follow));
    let followed_made_this = follow.filter(|follow| aims.made(follow, name, service.generation)).cloned();
    let slowed = turns.slowed();
    Ok(Parts {
        service,
        revisions,
        followed,
        repository,
        events,
        slowed,
        current_aim,
        followed_aim,
        followed_made_this,
    })
}

/// The path of a service.
pub(super) fn path(place: &Place, name: &str) -> String {
    format!("v2/{}/services/{}", place.path(), http::segment(name))
}

async fn service(run: &http::Client, place: &Place, name: &str) -> Result<wire::Service, ProviderError> {
    let service: wire::Service = run.get(GET, &path(place, name), &[]).await?;
    if service.name.is_empty() || service.etag.is_empty() {
        return Err(ProviderError::new(ErrorKind::Unexpected, GET, "an answer without name or etag"));
    }
    Ok(service)
}

async fn repository(artifacts: &http::Client, service: &wire::Service) -> Section<Option<(ImageName, Repository)>> {
    let Some(name) = map::main_container(&service.template.containers).and_then(|c| ImageName::of(&c.image)) else {
        return Ok(None);
    };
    let repository = images::repository(artifacts, &name).await?;
    Ok(Some((name, repository)))
}

async fn revisions(run: &http::Client, place: &Place, name: &str) -> Section<Vec<wire::Revision>> {
    const CALL: &str = "run.revisions.list";
    let path = format!("{}/revisions", path(place, name));
    let mut revisions = Vec::new();
    let mut token = String::new();
    // An empty page may still be followed by a full one.
    for _ in 0..PAGES {
        let mut query = vec![("pageSize", "100")];
        if !token.is_empty() {
            query.push(("pageToken", &token));
        }
        let page: wire::RevisionList = run.get(CALL, &path, &query).await?;
        revisions.extend(page.revisions);
        token = page.next_page_token;
        if token.is_empty() || revisions.len() >= REVISIONS {
            return Ok(revisions);
        }
    }
    Err(ProviderError::new(ErrorKind::Unexpected, CALL, format!("more than {PAGES} pages")))
}

/// Adds the revisions that traffic goes to and that are older than those listed: traffic may be held on one for months.
async fn with_named(
    run: &http::Client,
    place: &Place,
    name: &str,
    service: &wire::Service,
    revisions: Section<Vec<wire::Revision>>,
) -> Section<Vec<wire::Revision>> {
    let mut revisions = revisions?;
    let known = |revisions: &[wire::Revision], short: &str| revisions.iter().any(|r| wire::short(&r.name) == short);
    for target in service.traffic_statuses.iter().filter(|target| target.percent > 0).take(NAMED) {
        let short = wire::short(&target.revision);
        if short.is_empty() || known(&revisions, short) {
            continue;
        }
        let path = format!("{}/revisions/{}", path(place, name), http::segment(short));
        match run.get("run.revisions.get", &path, &[]).await {
            Ok(revision) => revisions.push(revision),
            // What serves keeps its image, and may be gone from the list all the same.
            Err(error) if error.kind == ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(revisions)
}

/// The operation somebody follows; `None` once the cloud has forgotten it.
async fn followed(
    run: &http::Client,
    place: &Place,
    follow: Option<&DeploymentId>,
) -> Section<Option<wire::Operation>> {
    // Only operations of this place: an id from elsewhere must not choose the path.
    let prefix = format!("projects/{}/locations/{}/operations/", place.project, place.region);
    let Some(id) = follow.and_then(|follow| follow.as_str().strip_prefix(&prefix)) else { return Ok(None) };
    let path = format!("v2/{}/operations/{}", place.path(), http::segment(id));
    match run.get("run.operations.get", &path, &[]).await {
        Ok(operation) => Ok(Some(operation)),
        Err(error) if error.kind == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
