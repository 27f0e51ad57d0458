//! What a change sends to ECS, once, and how the deployment it made is found.
//!
//! A rollback of a service at rest is an `UpdateService` to an older definition; while a deployment runs, it is a
//! `StopServiceDeployment` of that deployment. An answer that is lost is looked for in what the service shows, never
//! asked for again.

use std::{collections::BTreeSet, time::Duration};

use aws_sdk_ecs::types::{Service, StopServiceDeploymentStopType};
use tokio::time::{Instant, sleep};

use super::{
    client::Client,
    error::Failure,
    map,
    observe::{Kept, lacks_history},
};
use crate::{
    change::{Change, Order, StartError, Started},
    error::{ErrorKind, ProviderError},
    model::{DeploymentId, Fingerprint, RevisionId},
};

pub(super) const UPDATE: &str = "ecs:UpdateService";
pub(super) const STOP: &str = "ecs:StopServiceDeployment";
/// How long the deployment that a write made is looked for.
const SEARCH: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(250);

/// Starts a change, once.
pub(super) async fn start(client: &Client, kept: &Kept, service: &str, order: &Order) -> Result<Started, StartError> {
    let call = match &order.change {
        Change::Redeploy | Change::Rollback { .. } => UPDATE,
        Change::Stop { .. } => STOP,
        Change::Release => {
            let error = ProviderError::new(ErrorKind::Unsupported, UPDATE, "ECS holds no traffic: nothing to release");
            return Err(StartError::Refused(error));
        }
    };
    let before = Before::read(client, call, service, &order.seen).await.map_err(StartError::Refused)?;
    let definition = match &order.change {
        Change::Stop { deployment } => return stop(client, deployment).await,
        Change::Rollback { to } => Some(definition_of(client, kept, to).await.map_err(StartError::Refused)?),
        Change::Redeploy | Change::Release => None,
    };
    if definition.is_some() && definition.as_deref() == before.service.task_definition() {
        let message = "this definition is in force already: ECS would begin no deployment";
        return Err(StartError::Refused(ProviderError::new(ErrorKind::Unsupported, UPDATE, message)));
    }
    update(client, service, &before, definition.as_deref()).await
}

/// The world just before a write, by which its traces are told from older ones.
struct Before {
    service: Service,
    /// Service deployments that were there; `None` when the service has no such history, or it may not be read.
    deployments: Option<BTreeSet<String>>,
    /// Deployments of the rolling view that were there.
    rolling: BTreeSet<String>,
}

impl Before {
    async fn read(client: &Client, call: &'static str, name: &str, seen: &Fingerprint) -> Result<Self, ProviderError> {
        let (service, listed) = tokio::join!(client.service(name), client.deployment_arns(name));
        let service = service?;
        let now = map::fingerprint(&service);
        if now != *seen {
            let message = "another deployment began since the plan was made";
            return Err(ProviderError::new(ErrorKind::Conflict, call, message));
        }
        let controller = service.deployment_controller().map(|controller| controller.r#type().as_str());
        if let Some(controller @ ("CODE_DEPLOY" | "EXTERNAL")) = controller {
            let message = format!("deployments of this service belong to {controller}: start them there");
            return Err(ProviderError::new(ErrorKind::Unsupported, call, message));
        }
        let deployments = match listed {
            Ok(listed) => Some(listed.into_iter().map(|(arn, _)| arn).collect()),
            Err(failure) if lacks_history(&failure, &service) || failure.error.kind == ErrorKind::Denied => None,
            // Without this list the deployment we start could not be told from older ones: do not start one.
            Err(failure) => return Err(failure.error),
        };
        let rolling = service.deployments().iter().filter_map(|d| d.id()).map(str::to_owned).collect();
        Ok(Self { service, deployments, rolling })
    }

    fn is_new(&self, arn: &str) -> bool {
        self.deployments.as_ref().is_some_and(|before| !before.contains(arn))
    }

    /// The new PRIMARY, when it runs the definition that was sent.
    fn new_primary<'a>(&self, service: &'a Service, definition: Option<&str>) -> Option<&'a str> {
        let primary = map::primary(service)?;
        let wanted = definition.or(self.service.task_definition());
        let id = primary.id()?;
        (!self.rolling.contains(id) && primary.task_definition() == wanted).then_some(id)
    }
}

/// The one write of a redeploy or a rollback.
async fn update(client: &Client, name: &str, before: &Before, definition: Option<&str>) -> Result<Started, StartError> {
    let call = client.ecs.update_service().cluster(&client.cluster).service(name);
    let call = match definition {
        Some(definition) => call.task_definition(definition),
        None => call.force_new_deployment(true),
    };
    match client.write(UPDATE, Box::pin(call.send())).await {
        Ok(answer) => {
            let answered = answer.service();
            let named = answered.and_then(|service| service.current_service_deployment());
            if let Some(arn) = named.filter(|arn| before.is_new(arn)) {
                return Ok(Started { deployment: DeploymentId::new(arn) });
            }
            if before.deployments.is_some()
                && let Some(found) = search(client, name, before).await
            {
                return Ok(Started { deployment: found });
            }
            // Accepted, but in no history: the rolling view names it.
            let primary = answered.and_then(|service| before.new_primary(service, definition));
            match primary {
                Some(id) => Ok(Started { deployment: DeploymentId::new(id) }),
                None => read_back(client, name, before, definition, accepted_without_trace()).await,
            }
        }
        Err(Failure { error, ambiguous: true, .. }) => read_back(client, name, before, definition, error).await,
        Err(Failure { error, ambiguous: false, .. }) => Err(StartError::Refused(error)),
    }
}

fn accepted_without_trace() -> ProviderError {
    ProviderError::new(ErrorKind::Unexpected, UPDATE, "accepted, but no new deployment is to be seen")
}

/// Looks for a service deployment that was not there before.
async fn search(client: &Client, name: &str, before: &Before) -> Option<DeploymentId> {
    let until = Instant::now() + SEARCH;
    loop {
        // A failed look is looked again: the write is done, only its name is missing.
        if let Ok(listed) = client.deployment_arns(name).await {
            // Of several new ones ours is the first: a later one superseded it.
            if let Some((arn, _)) = listed.iter().rev().find(|(arn, _)| before.is_new(arn)) {
                return Some(DeploymentId::new(arn));
            }
        }
        if Instant::now() + PAUSE >= until {
            return None;
        }
        sleep(PAUSE).await;
    }
}

/// Settles an ambiguous end by what the service shows, within [`SEARCH`].
async fn read_back(
    client: &Client,
    name: &str,
    before: &Before,
    definition: Option<&str>,
    error: ProviderError,
) -> Result<Started, StartError> {
    let until = Instant::now() + SEARCH;
    let look = async {
        loop {
            let (service, listed) = tokio::join!(client.service(name), client.deployment_arns(name));
            if let Ok(service) = service
                && let Some(primary) = before.new_primary(&service, definition)
            {
                let listed = listed.unwrap_or_default();
                let found = listed.iter().rev().map(|(arn, _)| arn.as_str()).find(|arn| before.is_new(arn));
                // The history may lag behind the service; the last look takes the rolling view's name.
                if found.is_some() || before.deployments.is_none() || Instant::now() + PAUSE * 4 >= until {
                    return DeploymentId::new(found.unwrap_or(primary));
                }
            }
            sleep(PAUSE).await;
        }
    };
    match tokio::time::timeout(SEARCH, look).await {
        Ok(deployment) => Ok(Started { deployment }),
        Err(_) => Err(StartError::Unknown(error)),
    }
}

/// The definition that a revision was made of. A rollback sends its full ARN: a bare family would mean the latest.
async fn definition_of(client: &Client, kept: &Kept, to: &RevisionId) -> Result<String, ProviderError> {
    let arn = to.as_str();
    let definition = if arn.contains(":service-revision/") {
        let described = kept.revisions(client, &[arn.to_owned()]).await?;
        described.first().and_then(|revision| revision.task_definition()).map(str::to_owned)
    } else {
        Some(arn.to_owned())
    };
    definition.filter(|definition| map::is_pinnable(definition)).ok_or_else(|| {
        let message = "the revision names no task definition to go back to";
        ProviderError::new(ErrorKind::NotFound, "ecs:DescribeServiceRevisions", message)
    })
}

/// Stops a running deployment; ECS goes back by itself. The deployment to follow is the one that was stopped.
async fn stop(client: &Client, deployment: &DeploymentId) -> Result<Started, StartError> {
    let arn = deployment.as_str();
    if !arn.contains(":service-deployment/") {
        let message = "a service without deployment history cannot be stopped: roll back instead";
        return Err(StartError::Refused(ProviderError::new(ErrorKind::Unsupported, STOP, message)));
    }
    let call = client.ecs.stop_service_deployment().service_deployment_arn(arn);
    let call = call.stop_type(StopServiceDeploymentStopType::Rollback);
    match client.write(STOP, Box::pin(call.send())).await {
        Ok(_) => Ok(Started { deployment: deployment.clone() }),
        Err(Failure { error, ambiguous: false, .. }) => Err(StartError::Refused(error)),
        Err(Failure { error, ambiguous: true, .. }) => match client.deployments(&[arn.to_owned()]).await.as_deref() {
            Ok([now]) if now.status().is_some_and(|status| is_going_back(status.as_str())) => {
                Ok(Started { deployment: deployment.clone() })
            }
            Ok(_) | Err(_) => Err(StartError::Unknown(error)),
        },
    }
}

fn is_going_back(status: &str) -> bool {
    status == "STOP_REQUESTED" || status.starts_with("ROLLBACK_")
}
