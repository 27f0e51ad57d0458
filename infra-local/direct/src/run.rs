//! Cloud Run straight on the state machine.
//!
//! - [`snapshot`]: what is seen of the whole
//! - [`deployments`]: generations, operations, and what older revisions tell
//! - [`entries`]: what the logs tell
//! - [`revisions`]: what they run, and whether they can serve

mod deployments;
mod entries;
mod revisions;
mod snapshot;

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use hello_cloud::{
    Capabilities, Change, DeploymentId, ErrorKind, Fingerprint, Identity, Logs, Order, Preview, Provider,
    ProviderError, ProviderInfo, RevisionId, Section, Snapshot, StartError, Started, Summary, Timestamp,
};
use hello_local::clouds::{
    Clouds,
    run::{
        LOCATION, PROJECT, Run, SERVICE,
        patch::{Patch, Refusal},
        traffic::{Allocation, Target},
    },
};
use serde_json::{Value, json};
use snapshot::Seen;
use tokio::time::Instant;

use crate::{World, call::Call};

const GET: Call = Call::gcp("run.services.get", "run.services.get");
const LIST: Call = Call::gcp("run.services.list", "run.services.list");
const REVISIONS: Call = Call::gcp("run.revisions.list", "run.revisions.list");
const OPERATION: Call = Call::gcp("run.operations.get", "run.operations.get");
const IMAGES: Call = Call::gcp("artifactregistry.dockerImages.list", "artifactregistry.dockerimages.list");
const ENTRIES: Call = Call::gcp("logging.entries.list", "logging.logEntries.list");
const PATCH: Call = Call::gcp("run.services.patch", "run.services.update");

/// How long events of a service that does not change are good for.
const FRESH: Duration = Duration::from_secs(30);

/// Cloud Run in a [`World`].
pub struct CloudRun {
    world: World,
    info: ProviderInfo,
    /// What the changes we started were after, by generation: what the service shows does not tell a change of traffic
    /// from a new revision under held traffic.
    aims: Mutex<BTreeMap<u64, Sent>>,
    /// The events that were read last: at which etag, when, and how that ended.
    told: Mutex<Option<(String, Instant, Section<()>)>>,
}

/// A change we started.
#[derive(Clone, Debug)]
struct Sent {
    operation: DeploymentId,
    aim: Aim,
}

/// Where a change goes.
#[derive(Clone, Debug)]
enum Aim {
    /// The revision with this index, once it is there.
    Revision(usize),
    /// The newest ready one.
    Latest,
}

impl CloudRun {
    pub(crate) fn new(world: World) -> Self {
        let info = ProviderInfo {
            label: "Cloud Run",
            id: "gcp",
            region: LOCATION.to_owned(),
            scope: format!("project {PROJECT}"),
            capabilities: Capabilities { stop: false, hold: true, instances: false, sleeps: true },
            endpoint: Some("simulation".to_owned()),
        };
        Self { world, info, aims: Mutex::default(), told: Mutex::default() }
    }

    fn aims(&self) -> MutexGuard<'_, BTreeMap<u64, Sent>> {
        self.aims.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether events can be read. They are asked for again only when the service has changed, or after a while.
    async fn events(&self, etag: String) -> Section<()> {
        let kept = self.told.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((_, _, read)) = kept.filter(|(at, when, _)| *at == etag && when.elapsed() < FRESH) {
            return read;
        }
        let read = ENTRIES.pass(&self.world).await;
        *self.told.lock().unwrap_or_else(PoisonError::into_inner) = Some((etag, Instant::now(), read.clone()));
        read
    }

    /// The followed operation, by its index, where the cloud still knows it.
    async fn followed(&self, follow: Option<&DeploymentId>) -> Section<Option<usize>> {
        let Some(id) = follow.map(DeploymentId::as_str).filter(|id| id.contains("/operations/")) else {
            return Ok(None);
        };
        let find = |clouds: &Clouds, now| {
            Ok(clouds.run_seen(now).operations.iter().position(|operation| operation.name() == id))
        };
        OPERATION.read(&self.world, find).await
    }
}

/// The state machine has one service.
fn service(clouds: &Clouds, name: &str) -> Result<(), ProviderError> {
    let _ = clouds;
    if name == SERVICE {
        return Ok(());
    }
    Err(GET.error(ErrorKind::NotFound, format!("no service {name} in project {PROJECT}")))
}

#[async_trait]
impl Provider for CloudRun {
    fn info(&self) -> &ProviderInfo {
        &self.info
    }

    async fn services(&self) -> Result<Vec<String>, ProviderError> {
        let names =
            |clouds: &Clouds, now| Ok(clouds.run_services(now, false).iter().map(|run| run.name.clone()).collect());
        LIST.read(&self.world, names).await
    }

    async fn summaries(&self) -> Result<Vec<Summary>, ProviderError> {
        let all =
            |clouds: &Clouds, now| Ok(clouds.run_services(now, false).into_iter().map(snapshot::summary).collect());
        LIST.read(&self.world, all).await
    }

    async fn identity(&self) -> Result<Identity, ProviderError> {
        Ok(Identity { name: None, account: PROJECT.into(), source: "simulated credentials" })
    }

    async fn logs(&self, name: &str, since: Option<Timestamp>, limit: usize) -> Result<Logs, ProviderError> {
        GET.read(&self.world, |clouds, _| service(clouds, name)).await?;
        ENTRIES.read(&self.world, |clouds, _| Ok(entries::lines(clouds, name, since, limit))).await
    }

    async fn observe(&self, name: &str, follow: Option<&DeploymentId>) -> Result<Snapshot, ProviderError> {
        let world = &self.world;
        let ((images, events), revisions, followed) = tokio::try_join!(
            async {
                let etag = |clouds: &Clouds, now| {
                    service(clouds, name)?;
                    Ok(clouds.run_seen(now).etag())
                };
                let etag = GET.read(world, etag).await?;
                Ok(tokio::join!(IMAGES.pass(world), self.events(etag)))
            },
            async { Ok(REVISIONS.pass(world).await) },
            async { Ok(self.followed(follow).await) },
        )?;
        let aims = self.aims().clone();
        let seen = Seen { images, events, revisions, followed, follow: follow.cloned(), aims };
        Ok(world.with(|simulation| {
            let now = simulation.now();
            snapshot::snapshot(simulation.clouds(), now, &seen)
        }))
    }

    fn preview(&self, name: &str, change: &Change, snapshot: &Snapshot) -> Preview {
        let here = format!("--region {LOCATION} --project {PROJECT}");
        let traffic = |flag: &str| format!("gcloud run services update-traffic {name} {flag} {here}");
        let mut notes = vec!["does not restore data".to_owned()];
        let command = match change {
            Change::Redeploy => {
                if snapshot.hold.is_some() {
                    notes.push("traffic is held: the new revision gets none until the hold is released".to_owned());
                }
                format!("gcloud run deploy {name} {here}")
            }
            Change::Rollback { to } => traffic(&format!("--to-revisions={}=100", to.as_str())),
            Change::Release => traffic("--to-latest"),
            Change::Stop { .. } => String::new(),
        };
        Preview { call: PATCH.iam.to_owned(), command, notes }
    }

    async fn start(&self, name: &str, order: &Order) -> Result<Started, StartError> {
        let read = |clouds: &Clouds, now| {
            service(clouds, name)?;
            Ok(clouds.run_seen(now).clone())
        };
        let run = GET.read(&self.world, read).await.map_err(StartError::Refused)?;
        if Fingerprint::new(run.etag()) != order.seen {
            let error = PATCH.error(ErrorKind::Conflict, "the service was changed since the plan was made");
            return Err(StartError::Refused(error));
        }
        let (patch, aim) = match &order.change {
            Change::Redeploy => (redeploy(&run), Aim::Revision(run.revisions.len())),
            Change::Rollback { to } => {
                let index = run.revisions.iter().position(|revision| revision.name == to.as_str());
                (traffic(&run, Some(to)), Aim::Revision(index.unwrap_or(usize::MAX)))
            }
            Change::Release => (traffic(&run, None), Aim::Latest),
            Change::Stop { .. } => {
                let error = PATCH.error(ErrorKind::Unsupported, "Cloud Run cannot stop a running deployment");
                return Err(StartError::Refused(error));
            }
        };
        let ask = |clouds: &mut Clouds, now| {
            clouds.run.patch(now, &clouds.images, &patch).map_err(|refusal| refused(&refusal))
        };
        let operation = PATCH.write(&self.world, ask).await?;
        let deployment = DeploymentId::new(operation.name());
        // The etag was ours, so the change made the next generation; one that changed nothing made none.
        self.aims().insert(run.generation + 1, Sent { operation: deployment.clone(), aim });
        Ok(Started { deployment })
    }
}

fn refused(refusal: &Refusal) -> ProviderError {
    match refusal {
        Refusal::Invalid(message) => PATCH.error(ErrorKind::Rejected, message),
        Refusal::Stale(message) | Refusal::NameTaken(message) => PATCH.error(ErrorKind::Conflict, message),
    }
}

fn patch(run: &Run, field: &str, value: &Value) -> Patch {
    Patch {
        mask: vec![field.to_owned()],
        service: json!({field: value, "etag": run.etag()}),
        force_new_revision: field == "template",
        by: "direct@acme.example".to_owned(),
        ..Patch::default()
    }
}

fn redeploy(run: &Run) -> Patch {
    patch(run, "template", &run.template)
}

/// All traffic to one revision or to the newest; tags stay where they are.
fn traffic(run: &Run, to: Option<&RevisionId>) -> Patch {
    let mut targets = vec![to.map_or_else(Target::latest, |to| Target::pinned(to.as_str()))];
    for tagged in run.traffic.iter().filter(|target| target.tag.is_some()) {
        targets.push(Target { percent: 0, ..tagged.clone() });
    }
    let value = targets.iter().map(|target| {
        let mut value = target.to_json(None);
        if let Allocation::Revision(name) = &target.allocation {
            value["revision"] = json!(name);
        }
        value
    });
    patch(run, "traffic", &value.collect())
}
