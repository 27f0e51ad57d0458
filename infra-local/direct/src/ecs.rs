//! ECS straight on the state machine.
//!
//! - [`snapshot`]: what is seen of the whole
//! - [`deployments`], [`revisions`]: its two lists

mod deployments;
mod revisions;
mod snapshot;

use std::{
    collections::BTreeSet,
    ops::Deref,
    sync::{Mutex, PoisonError},
};

use async_trait::async_trait;
use hello_cloud::{
    Capabilities, Change, DeploymentId, ErrorKind, Identity, LogLine, Logs, Order, Preview, Provider, ProviderError,
    ProviderInfo, RevisionId, Section, Snapshot, StartError, Started, Summary, Timestamp,
};
use hello_local::{
    Moment,
    clouds::{
        Clouds,
        ecs::{
            ACCOUNT, CLUSTER, Ecs as State, Key, REGION,
            change::{Refusal, Update},
            deployment::ServiceRevision,
            service::{Life, Service},
            stop::How,
        },
        logs::GROUP,
    },
};
use snapshot::Seen;

use crate::{World, call::Call, image::at};

const SERVICES: Call = Call::aws("DescribeServices", "ecs:DescribeServices");
const LIST: Call = Call::aws("ListServices", "ecs:ListServices");
const HISTORY: Call = Call::aws("ListServiceDeployments", "ecs:ListServiceDeployments");
const DEPLOYMENTS: Call = Call::aws("DescribeServiceDeployments", "ecs:DescribeServiceDeployments");
const REVISIONS: Call = Call::aws("DescribeServiceRevisions", "ecs:DescribeServiceRevisions");
const DEFINITIONS: Call = Call::aws("ListTaskDefinitions", "ecs:ListTaskDefinitions");
const DEFINITION: Call = Call::aws("DescribeTaskDefinition", "ecs:DescribeTaskDefinition");
const TASKS: Call = Call::aws("ListTasks", "ecs:ListTasks");
const DESCRIBE_TASKS: Call = Call::aws("DescribeTasks", "ecs:DescribeTasks");
const IMAGES: Call = Call::aws("DescribeImages", "ecr:DescribeImages");
const TARGETS: Call = Call::aws("DescribeTargetHealth", "elasticloadbalancing:DescribeTargetHealth");
const EVENTS: Call = Call::aws("FilterLogEvents", "logs:FilterLogEvents");
const CALLER: Call = Call::aws("GetCallerIdentity", "sts:GetCallerIdentity");
const UPDATE: Call = Call::aws("UpdateService", "ecs:UpdateService");
const STOP: Call = Call::aws("StopServiceDeployment", "ecs:StopServiceDeployment");

/// ECS in a [`World`].
pub struct Ecs {
    world: World,
    info: ProviderInfo,
    /// Revisions and definitions that were described: they never change.
    described: Mutex<BTreeSet<String>>,
}

impl Ecs {
    pub(crate) fn new(world: World) -> Self {
        let info = ProviderInfo {
            label: "ECS",
            id: "aws",
            region: REGION.to_owned(),
            scope: format!("cluster {CLUSTER}"),
            capabilities: Capabilities { stop: true, hold: false, instances: true, sleeps: false },
            endpoint: Some("simulation".to_owned()),
        };
        Self { world, info, described: Mutex::default() }
    }

    /// The history with the revisions it speaks of; `Ok(false)` when this service has none.
    async fn history(&self, name: &str) -> (Section<bool>, Section<()>) {
        let listed = HISTORY.read(&self.world, |clouds, now| {
            let ecs = service(clouds, now, name)?;
            let arns: BTreeSet<_> = ecs.revisions.iter().map(ServiceRevision::arn).collect();
            Ok(ecs.all.deployment_calls.then_some(arns))
        });
        let arns = match listed.await {
            Ok(Some(arns)) => arns,
            Ok(None) => return (Ok(false), Ok(())),
            Err(error) => return (Err(error), Ok(())),
        };
        let known = arns.is_subset(&self.described.lock().unwrap_or_else(PoisonError::into_inner));
        let revisions = async {
            if !known {
                REVISIONS.pass(&self.world).await?;
                self.described.lock().unwrap_or_else(PoisonError::into_inner).extend(arns);
            }
            Ok(())
        };
        let (deployments, revisions) = tokio::join!(DEPLOYMENTS.pass(&self.world), revisions);
        (deployments.map(|()| true), revisions)
    }

    /// The definition that is wished for, which tells the image to look up.
    async fn definition(&self, name: &str) -> Section<()> {
        let wished = self.world.with(|simulation| {
            let now = simulation.now();
            service(simulation.clouds(), now, name).map(revisions::wished)
        })?;
        let known = self.described.lock().unwrap_or_else(PoisonError::into_inner).contains(&wished);
        if !known {
            DEFINITION.pass(&self.world).await?;
            self.described.lock().unwrap_or_else(PoisonError::into_inner).insert(wished);
        }
        Ok(())
    }
}

/// The newest lines of all tasks, oldest first.
fn lines(clouds: &Clouds, since: Option<Timestamp>, limit: usize) -> Logs {
    let streams = clouds.logs.group(GROUP).into_iter().flat_map(|group| &group.streams);
    let events = streams.flat_map(|(stream, kept)| kept.events.iter().map(move |event| (event, stream)));
    let mut events: Vec<_> = events.filter(|(event, _)| since.is_none_or(|since| at(event.at) >= since)).collect();
    events.sort_by_key(|(event, _)| (event.at, event.number));
    let lines = events.iter().skip(events.len().saturating_sub(limit)).map(|(event, stream)| LogLine {
        id: event.number.to_string(),
        at: Some(at(event.at)),
        from: stream.rsplit('/').next().map(Into::into),
        severity: None,
        text: event.message.trim_end().into(),
    });
    Logs { lines: lines.collect(), complete: true }
}

/// A service, and all of ECS around it.
#[derive(Clone, Copy)]
pub struct View<'a> {
    pub all: &'a State,
    pub service: &'a Service,
}

impl Deref for View<'_> {
    type Target = Service;

    fn deref(&self) -> &Service {
        self.service
    }
}

/// A service as a reader sees it.
fn service<'a>(clouds: &'a Clouds, now: Moment, name: &str) -> Result<View<'a>, ProviderError> {
    let all = clouds.ecs_seen(now);
    let missing = || SERVICES.error(ErrorKind::NotFound, format!("no service {name} in cluster {CLUSTER}"));
    let service = all.service(&Key::new(CLUSTER, name)).ok_or_else(missing)?;
    Ok(View { all, service })
}

/// All services of the cluster that are not gone.
fn services(all: &State) -> impl Iterator<Item = View<'_>> {
    let here = all.services.values().filter(|service| service.key.cluster == CLUSTER);
    let here = here.filter(|service| !matches!(service.life, Life::Inactive { .. }));
    here.map(move |service| View { all, service })
}

#[async_trait]
impl Provider for Ecs {
    fn info(&self) -> &ProviderInfo {
        &self.info
    }

    async fn services(&self) -> Result<Vec<String>, ProviderError> {
        let names = |clouds: &Clouds, now| Ok(services(clouds.ecs_seen(now)).map(|one| one.key.name.clone()).collect());
        LIST.read(&self.world, names).await
    }

    async fn summaries(&self) -> Result<Vec<Summary>, ProviderError> {
        // A hundred names to a page, ten services to a description.
        let count = self.services().await?.len();
        for _ in 1..count.div_ceil(100) {
            LIST.pass(&self.world).await?;
        }
        for _ in 1..count.div_ceil(10) {
            SERVICES.pass(&self.world).await?;
        }
        let all = |clouds: &Clouds, now| Ok(services(clouds.ecs_seen(now)).map(snapshot::summary).collect());
        SERVICES.read(&self.world, all).await
    }

    async fn identity(&self) -> Result<Identity, ProviderError> {
        CALLER.pass(&self.world).await?;
        let name = format!("arn:aws:iam::{ACCOUNT}:user/local");
        Ok(Identity { name: Some(name.into()), account: ACCOUNT.into(), source: CALLER.iam })
    }

    async fn logs(&self, name: &str, since: Option<Timestamp>, limit: usize) -> Result<Logs, ProviderError> {
        SERVICES.read(&self.world, |clouds, now| service(clouds, now, name).map(drop)).await?;
        EVENTS.read(&self.world, |clouds, _| Ok(lines(clouds, since, limit))).await
    }

    async fn observe(&self, name: &str, follow: Option<&DeploymentId>) -> Result<Snapshot, ProviderError> {
        let world = &self.world;
        let tasks = async {
            TASKS.pass(world).await?;
            DESCRIBE_TASKS.pass(world).await
        };
        let images = async {
            self.definition(name).await?;
            IMAGES.pass(world).await
        };
        let ((), (history, revisions), definitions, tasks, images, targets) = tokio::try_join!(
            SERVICES.read(world, |clouds, now| service(clouds, now, name).map(drop)),
            async { Ok(self.history(name).await) },
            async { Ok(DEFINITIONS.pass(world).await) },
            async { Ok(tasks.await) },
            async { Ok(images.await) },
            async { Ok(TARGETS.pass(world).await) },
        )?;
        let follow = follow.cloned();
        let seen = Seen { history, revisions, definitions, tasks, images, targets, follow };
        world.with(|simulation| {
            let now = simulation.now();
            let clouds = simulation.clouds();
            Ok(snapshot::snapshot(clouds, service(clouds, now, name)?, &seen))
        })
    }

    fn preview(&self, name: &str, change: &Change, snapshot: &Snapshot) -> Preview {
        let base = format!("aws ecs update-service --cluster {CLUSTER} --service {name}");
        let (call, command) = match change {
            Change::Redeploy => (UPDATE.iam, format!("{base} --force-new-deployment")),
            Change::Rollback { to } => {
                let name = snapshot.revision(to).map_or_else(|| to.as_str().to_owned(), |to| to.name.show());
                (UPDATE.iam, format!("{base} --task-definition {name}"))
            }
            Change::Stop { deployment } => {
                let arn = deployment.as_str();
                (STOP.iam, format!("aws ecs stop-service-deployment --service-deployment-arn {arn}"))
            }
            Change::Release => (UPDATE.iam, String::new()),
        };
        Preview { call: call.to_owned(), command, notes: vec!["replaces tasks one by one".to_owned()] }
    }

    async fn start(&self, name: &str, order: &Order) -> Result<Started, StartError> {
        let call = match order.change {
            Change::Redeploy | Change::Rollback { .. } => UPDATE,
            Change::Stop { .. } => STOP,
            Change::Release => {
                let error = UPDATE.error(ErrorKind::Unsupported, "ECS holds no traffic: nothing to release");
                return Err(StartError::Refused(error));
            }
        };
        let seen = SERVICES.read(&self.world, |clouds, now| Ok(snapshot::fingerprint(service(clouds, now, name)?)));
        if seen.await.map_err(StartError::Refused)? != order.seen {
            let error = call.error(ErrorKind::Conflict, "another deployment began since the plan was made");
            return Err(StartError::Refused(error));
        }
        match &order.change {
            Change::Stop { deployment } => {
                let stop = |clouds: &mut Clouds, now| {
                    clouds.before_ecs_write(now);
                    clouds.ecs.stop(now, deployment.as_str(), How::Rollback).map_err(refused(STOP))
                };
                STOP.write(&self.world, stop).await?;
                Ok(Started { deployment: deployment.clone() })
            }
            Change::Rollback { to } => self.update(name, Some(to)).await,
            Change::Redeploy | Change::Release => self.update(name, None).await,
        }
    }
}

impl Ecs {
    async fn update(&self, name: &str, to: Option<&RevisionId>) -> Result<Started, StartError> {
        let definition = match to {
            Some(to) => {
                let find = |clouds: &Clouds, now| {
                    let missing = || REVISIONS.error(ErrorKind::NotFound, "no task definition to go back to");
                    revisions::definition_of(service(clouds, now, name)?, to).ok_or_else(missing)
                };
                Some(REVISIONS.read(&self.world, find).await.map_err(StartError::Refused)?)
            }
            None => None,
        };
        let update = Update { force: definition.is_none(), task_definition: definition, ..Update::default() };
        let ask = |clouds: &mut Clouds, now| {
            clouds.before_ecs_write(now);
            let key = Key::new(CLUSTER, name);
            clouds.ecs.update(now, &clouds.images, &key, &update).map_err(refused(UPDATE))?;
            let service = clouds.ecs.service(&key).ok_or_else(|| UPDATE.error(ErrorKind::NotFound, "it is gone"))?;
            Ok(snapshot::current_id(View { all: &clouds.ecs, service }))
        };
        let deployment = UPDATE.write(&self.world, ask).await?;
        Ok(Started { deployment })
    }
}

fn refused(call: Call) -> impl FnOnce(Refusal) -> ProviderError {
    move |refusal| match refusal {
        Refusal::Definition(message) | Refusal::Invalid(message) => call.error(ErrorKind::Rejected, message),
        Refusal::Settled(status) => call.error(ErrorKind::Conflict, format!("it is {} already", status.word())),
        Refusal::NoDeployment | Refusal::NoCluster | Refusal::NoService | Refusal::NotActive | Refusal::NoTask => {
            call.error(ErrorKind::NotFound, "there is no such thing")
        }
    }
}
