//! Which calls make a snapshot. What does not depend on each other runs side by side; the longest chain is three calls the
//! first time and two afterwards, because what ECS promises never to change is kept.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, VecDeque},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use aws_sdk_ecs::types::{Service, ServiceDeployment, ServiceRevision};
use futures::future::join_all;

use super::{
    balancing::{self, Group},
    calls::Definitions,
    client::Client,
    error::Failure,
    images::{self, EcrName},
    logs,
    map::{self, Definition, Parts},
};
use crate::{
    error::{ErrorKind, ProviderError},
    model::{DeploymentId, Logs, Section, Snapshot},
    registry::Repository,
    timestamp::Timestamp,
};

/// An observation takes no longer, however many calls hang.
const DEADLINE: Duration = Duration::from_secs(15);
/// Definitions described for a service without history.
const DESCRIBED: usize = 10;

/// What never changes once made, by ARN.
#[derive(Default)]
pub(super) struct Kept {
    revisions: Mutex<Bounded<ServiceRevision>>,
    deployments: Mutex<Bounded<ServiceDeployment>>,
    definitions: Mutex<Bounded<Definition>>,
}

/// A map that forgets its oldest entry instead of growing for ever.
struct Bounded<T> {
    entries: HashMap<String, T>,
    order: VecDeque<String>,
}

impl<T> Default for Bounded<T> {
    fn default() -> Self {
        Self { entries: HashMap::new(), order: VecDeque::new() }
    }
}

impl<T: Clone> Bounded<T> {
    const LIMIT: usize = 256;

    fn get(&self, arn: &str) -> Option<T> {
        self.entries.get(arn).cloned()
    }

    fn keep(&mut self, arn: &str, value: T) {
        if self.entries.insert(arn.to_owned(), value).is_none() {
            self.order.push_back(arn.to_owned());
        }
        while self.order.len() > Self::LIMIT {
            if let Some(oldest) = self.order.pop_front() {
                self.entries.remove(&oldest);
            }
        }
    }
}

impl Kept {
    /// Service revisions by ARN, from memory where possible.
    pub async fn revisions(&self, client: &Client, arns: &[String]) -> Section<Vec<ServiceRevision>> {
        let mut found = Vec::new();
        let mut missing = Vec::new();
        {
            let kept = self.revisions.lock().unwrap_or_else(PoisonError::into_inner);
            for arn in arns {
                match kept.get(arn) {
                    Some(revision) => found.push(revision),
                    None => missing.push(arn.clone()),
                }
            }
        }
        let described = client.revisions(&missing).await?;
        let mut kept = self.revisions.lock().unwrap_or_else(PoisonError::into_inner);
        for revision in described {
            // The digest is filled in when the first task has pulled: until then the revision is still being made.
            let resolved = revision.container_images().iter().all(|image| image.image_digest().is_some());
            if let (Some(arn), true) = (revision.service_revision_arn(), resolved) {
                kept.keep(arn, revision.clone());
            }
            found.push(revision);
        }
        Ok(found)
    }

    /// Service deployments by ARN, the newest first. Settled ones never move again and come from memory where possible;
    /// but for the newest, which shows how many tasks its revision runs now.
    pub async fn deployments(&self, client: &Client, arns: &[String]) -> Section<Vec<ServiceDeployment>> {
        let mut found = Vec::new();
        let mut missing = Vec::new();
        {
            let kept = self.deployments.lock().unwrap_or_else(PoisonError::into_inner);
            for (place, arn) in arns.iter().enumerate() {
                match kept.get(arn).filter(|_| place > 0) {
                    Some(deployment) => found.push(deployment),
                    None => missing.push(arn.clone()),
                }
            }
        }
        let described = client.deployments(&missing).await?;
        let mut kept = self.deployments.lock().unwrap_or_else(PoisonError::into_inner);
        for deployment in described {
            if let (Some(arn), true) = (deployment.service_deployment_arn(), map::is_settled(&deployment)) {
                kept.keep(arn, deployment.clone());
            }
            found.push(deployment);
        }
        Ok(found)
    }

    /// A definition by ARN, from memory where possible.
    pub async fn definition(&self, client: &Client, arn: &str) -> Section<Definition> {
        let kept = self.definitions.lock().unwrap_or_else(PoisonError::into_inner).get(arn);
        if let Some(definition) = kept {
            return Ok(definition);
        }
        let definition = Definition::of(&client.definition(arn).await?);
        self.definitions.lock().unwrap_or_else(PoisonError::into_inner).keep(arn, definition.clone());
        Ok(definition)
    }
}

/// Observes a service once.
pub(super) async fn observe(
    client: &Client,
    kept: &Kept,
    name: &str,
    follow: Option<&DeploymentId>,
) -> Result<Snapshot, ProviderError> {
    let client = client.observing();
    tokio::time::timeout(DEADLINE, Box::pin(gather(&client, kept, name, follow)))
        .await
        .unwrap_or_else(|_| {
            let message = format!("no complete answer within {} s", DEADLINE.as_secs());
            Err(ProviderError::new(ErrorKind::Timeout, "ecs:DescribeServices", message))
        })
        .map(|parts| map::snapshot(&parts))
}

async fn gather(
    client: &Client,
    kept: &Kept,
    name: &str,
    follow: Option<&DeploymentId>,
) -> Result<Parts, ProviderError> {
    // A service that cannot be read ends the observation at once; every other part fails alone.
    let history = async { Ok(history(client, kept, name, follow).await) };
    let tasks = async { Ok(client.tasks(name).await) };
    let (main, (listed, revisions), tasks) = tokio::try_join!(main(client, kept, name), history, tasks)?;
    let Main { service, definitions, wanted, repository, targets } = main;
    let history = match listed {
        Ok(deployments) => Ok(Some(deployments)),
        Err(failure) if lacks_history(&failure, &service) => Ok(None),
        Err(failure) => Err(failure.error),
    };
    let revisions = complete(client, kept, &service, &history, revisions).await;
    let mut described: BTreeMap<_, _> = wanted.into_iter().collect();
    let mut failed = None;
    if !matches!(history, Ok(Some(_))) {
        let listed = definitions.iter().flat_map(|definitions| &definitions.active).take(DESCRIBED);
        let rolling = service.deployments().iter().filter_map(|deployment| deployment.task_definition());
        let arns: BTreeSet<_> = listed.map(String::as_str).chain(rolling).collect();
        let each = arns.into_iter().map(|arn| async move { (arn, kept.definition(client, arn).await) });
        for (arn, definition) in join_all(each).await {
            match definition {
                Ok(definition) => drop(described.insert(arn.to_owned(), definition)),
                Err(error) => failed = Some(error),
            }
        }
    }
    // Definitions are all that such a service has for revisions: one unread, and the list would lie.
    let definitions = match failed {
        Some(error) => Err(error),
        None => definitions,
    };
    let slowed = client.turns().slowed();
    let follow = follow.cloned();
    Ok(Parts { service, history, revisions, definitions, described, tasks, repository, targets, slowed, follow })
}

/// The service, and what hangs on it: the definitions of its family, the registry of its image, its load balancers.
struct Main {
    service: Service,
    definitions: Section<Definitions>,
    wanted: Option<(String, Definition)>,
    repository: Section<Option<(EcrName, Repository)>>,
    targets: Section<Option<Vec<Group>>>,
}

async fn main(client: &Client, kept: &Kept, name: &str) -> Result<Main, ProviderError> {
    let service = client.service(name).await?;
    let Some(arn) = service.task_definition().map(str::to_owned) else {
        let message = "the service names no task definition: another controller keeps it in task sets";
        let missing = ProviderError::new(ErrorKind::Unsupported, "ecs:DescribeServices", message);
        let targets = balancing::targets(client, &service).await;
        return Ok(Main {
            service,
            definitions: Err(missing.clone()),
            wanted: None,
            repository: Err(missing),
            targets,
        });
    };
    let family = map::family(&arn);
    let (definitions, (wanted, repository), targets) = tokio::join!(
        client.definitions(family),
        wanted(client, kept, &service, &arn),
        balancing::targets(client, &service)
    );
    Ok(Main { service, definitions, wanted: wanted.map(|wanted| (arn, wanted)), repository, targets })
}

async fn wanted(
    client: &Client,
    kept: &Kept,
    service: &Service,
    arn: &str,
) -> (Option<Definition>, Section<Option<(EcrName, Repository)>>) {
    let definition = match kept.definition(client, arn).await {
        Ok(definition) => definition,
        Err(error) => return (None, Err(error)),
    };
    let name = map::wanted_reference(service, &definition).and_then(EcrName::of);
    let repository = match name {
        Some(name) => images::repository(client, &name).await.map(|repository| Some((name, repository))),
        None => Ok(None),
    };
    (Some(definition), repository)
}

/// The history and the revisions it names.
async fn history(
    client: &Client,
    kept: &Kept,
    name: &str,
    follow: Option<&DeploymentId>,
) -> (Result<Vec<ServiceDeployment>, Failure>, Section<Vec<ServiceRevision>>) {
    let listed = match client.deployment_arns(name).await {
        Ok(listed) => listed,
        Err(failure) => return (Err(failure), Ok(Vec::new())),
    };
    if listed.is_empty() {
        let message = "no service deployment is listed";
        let error = ProviderError::new(ErrorKind::Unsupported, "ecs:ListServiceDeployments", message);
        return (Err(error.into()), Ok(Vec::new()));
    }
    let mut arns: Vec<String> = listed.iter().map(|(arn, _)| arn.clone()).collect();
    let followed = follow.map(DeploymentId::as_str).filter(|id| id.contains(":service-deployment/"));
    if let Some(followed) = followed.filter(|id| !arns.iter().any(|arn| arn == id)) {
        arns.push(followed.to_owned());
    }
    let targets: BTreeSet<_> = listed.into_iter().filter_map(|(_, target)| target).collect();
    let targets: Vec<_> = targets.into_iter().collect();
    let (deployments, revisions) = tokio::join!(kept.deployments(client, &arns), kept.revisions(client, &targets));
    let deployments = deployments.map_err(Failure::from);
    (deployments, revisions)
}

/// The newest lines of a service: its definition says where they are kept.
pub(super) async fn logs(
    client: &Client,
    kept: &Kept,
    name: &str,
    since: Option<Timestamp>,
    limit: usize,
) -> Result<Logs, ProviderError> {
    let service = client.service(name).await?;
    let Some(arn) = service.task_definition() else {
        let message = "the service names no task definition, which would tell where its logs are";
        return Err(ProviderError::new(ErrorKind::Unsupported, "ecs:DescribeServices", message));
    };
    let definition = kept.definition(client, arn).await?;
    let place = logs::place(&definition.logs, map::main_container(&service))?;
    logs::newest(client, place, since, limit).await
}

/// Whether a failure means that there is no history, rather than that it could not be read. A service that names its
/// deployment has one, so a server error without a name is just a server error.
pub(super) fn lacks_history(failure: &Failure, service: &Service) -> bool {
    failure.error.kind == ErrorKind::Unsupported || (failure.nameless && service.current_service_deployment().is_none())
}

/// Adds the revisions that serve, or were left or returned to, and that no listed deployment goes to.
async fn complete(
    client: &Client,
    kept: &Kept,
    service: &Service,
    history: &Section<Option<Vec<ServiceDeployment>>>,
    revisions: Section<Vec<ServiceRevision>>,
) -> Section<Vec<ServiceRevision>> {
    let mut revisions = revisions?;
    let known: BTreeSet<_> = revisions.iter().filter_map(|r| r.service_revision_arn()).map(str::to_owned).collect();
    let mut named: BTreeSet<_> = service.current_service_revisions().iter().filter_map(|r| r.arn()).collect();
    for deployment in history.iter().flatten().flatten() {
        named.extend(deployment.source_service_revisions().iter().filter_map(|source| source.arn()));
        named.extend(deployment.rollback().and_then(|rollback| rollback.service_revision_arn()));
    }
    let missing: Vec<_> = named.into_iter().filter(|arn| !known.contains(*arn)).map(str::to_owned).collect();
    // Without a history there are no service revisions to ask for: the definitions stand in.
    if !missing.is_empty() && !matches!(history, Ok(None)) {
        revisions.extend(kept.revisions(client, &missing).await?);
    }
    Ok(revisions)
}
