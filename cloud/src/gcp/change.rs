//! What a change sends to Cloud Run, once, and how the operation it made is found.
//!
//! A redeploy sends the template back as it was read and asks for a new revision; a rollback and a release change traffic
//! alone. None of them ever sends a revision's name as the name of a new one, and all of them carry the etag that the
//! person saw.
//!
//! A write whose answer is lost is claimed only by a trace that tells it from other changes: the next generation, and a
//! new revision of the same template or traffic that was not asked for before. Somebody else who made the very same change
//! in that moment cannot be told from us; what was asked for is then what is there.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::sleep;

use super::{
    Place,
    aims::{Aim, Aims},
    http,
    map::{self, LATEST, REVISION},
    observe, wire,
};
use crate::{
    change::{Change, Order, Preview, StartError, Started},
    error::{ErrorKind, ProviderError},
    model::{DeploymentId, RevisionId, Snapshot},
    shell,
};

const PATCH: &str = "run.services.update";
/// How long the outcome of a write without an answer is looked for.
const SEARCH: Duration = Duration::from_secs(10);
/// Pages of operations, a hundred each: those of every service of the place.
const PAGES: usize = 5;
const PAUSE: Duration = Duration::from_millis(300);

/// What `start` would send.
pub(super) fn preview(place: &Place, service: &str, change: &Change, snapshot: &Snapshot) -> Preview {
    let here = ["--region", place.region.as_str(), "--project", place.project.as_str()];
    let traffic = |flag: &str| {
        let words = ["gcloud", "run", "services", "update-traffic", service, flag];
        shell::command(words.into_iter().chain(here))
    };
    match change {
        Change::Redeploy => {
            let wanted = snapshot.wanted.as_ref().and_then(|wanted| snapshot.revision(wanted));
            let reference = wanted.and_then(|revision| revision.image.as_ref()).map(|image| image.reference.show());
            let image = reference.map(|reference| format!("--image={reference}"));
            let words = ["gcloud", "run", "deploy", service];
            let mut notes = vec![
                "makes a new revision of the same template and moves traffic to it once it is ready".to_owned(),
                "image tags are resolved anew: a tag that has moved brings other code".to_owned(),
            ];
            if let Some(hold) = &snapshot.hold {
                let held = crate::text::sanitize(hold.revision.as_str());
                notes.push(format!("traffic is held on {held}: the new revision gets none until the hold is released"));
            }
            Preview {
                call: format!("{PATCH} updateMask=template forceNewRevision=true"),
                command: shell::command(words.into_iter().chain(image.as_deref()).chain(here)),
                notes,
            }
        }
        Change::Rollback { to } => Preview {
            call: format!("{PATCH} updateMask=traffic {}=100", crate::text::sanitize(to.as_str())),
            command: traffic(&format!("--to-revisions={}=100", to.as_str())),
            notes: vec![
                "moves traffic to the older revision within seconds and holds it there: later deployments get no \
                 traffic until the hold is released"
                    .to_owned(),
                "does not restore data, or configuration kept outside the revision".to_owned(),
            ],
        },
        Change::Release => Preview {
            call: format!("{PATCH} updateMask=traffic LATEST=100"),
            command: traffic("--to-latest"),
            notes: vec!["all traffic moves to the newest ready revision, and follows later ones".to_owned()],
        },
        Change::Stop { .. } => Preview {
            call: "nothing: Cloud Run cannot stop a deployment".to_owned(),
            command: String::new(),
            notes: vec!["a running deployment cannot be stopped; roll back instead".to_owned()],
        },
    }
}

/// One write, ready to be sent.
struct Write {
    aim: Aim,
    query: Vec<(&'static str, &'static str)>,
    body: Value,
}

/// Starts a change, once.
pub(super) async fn start(
    run: &http::Client,
    place: &Place,
    aims: &Aims,
    name: &str,
    order: &Order,
) -> Result<Started, StartError> {
    let path = observe::path(place, name);
    let raw: Value = run.get(observe::GET, &path, &[]).await.map_err(StartError::Refused)?;
    let before = read(&raw).map_err(StartError::Refused)?;
    if before.etag != order.seen.as_str() {
        let message = "the service was changed since the plan was made";
        return Err(StartError::Refused(ProviderError::new(ErrorKind::Conflict, PATCH, message)));
    }
    let write = match &order.change {
        Change::Redeploy => redeploy(&raw, &before).map_err(StartError::Refused)?,
        Change::Rollback { to } => traffic(&before, Some(to)),
        Change::Release => traffic(&before, None),
        Change::Stop { .. } => {
            let message = "Cloud Run cannot stop a running deployment";
            return Err(StartError::Refused(ProviderError::new(ErrorKind::Unsupported, PATCH, message)));
        }
    };
    let named = match run.patch::<wire::Operation>(PATCH, &path, &write.query, &write.body).await {
        Ok(operation) => id_of(&operation)
            .ok_or_else(|| ProviderError::new(ErrorKind::Unexpected, PATCH, "accepted, but no operation was named")),
        Err(failure) if failure.ambiguous => Err(failure.error),
        Err(failure) => return Err(StartError::Refused(failure.error)),
    };
    let started = match named {
        Ok(deployment) => Started { deployment },
        Err(error) => read_back(run, place, name, (&raw, &before), &write, error).await?,
    };
    // The etag was ours, so the change made the next generation.
    aims.keep(name, &started.deployment, before.generation + 1, write.aim);
    Ok(started)
}

fn read(raw: &Value) -> Result<wire::Service, ProviderError> {
    serde_json::from_value(raw.clone())
        .map_err(|_| ProviderError::new(ErrorKind::Unexpected, observe::GET, "the service cannot be read"))
}

/// The operation's name, or the generation of one that was done at once.
fn id_of(operation: &wire::Operation) -> Option<DeploymentId> {
    if operation.name.contains("/operations/") {
        return Some(DeploymentId::new(operation.name.clone()));
    }
    let service = operation.response.as_ref().or(operation.metadata.as_ref())?;
    (service.generation > 0).then(|| map::generation_id(service.generation))
}

/// The template as it was read, but for the revision's name: sending a name back that exists is refused by Cloud Run.
fn redeploy(raw: &Value, before: &wire::Service) -> Result<Write, ProviderError> {
    let mut template = raw.get("template").cloned().unwrap_or(Value::Null);
    let Some(fields) = template.as_object_mut() else {
        return Err(ProviderError::new(ErrorKind::Unexpected, observe::GET, "the service has no template"));
    };
    fields.remove("revision");
    Ok(Write {
        aim: Aim::NewerThan(before.latest_created_revision.clone()),
        query: vec![("updateMask", "template"), ("forceNewRevision", "true")],
        body: json!({ "name": before.name, "template": template, "etag": before.etag }),
    })
}

/// All traffic to one revision, or to the newest. Traffic is replaced whole, so tags are sent along at 0 %: a tag that is
/// not sent loses its address.
fn traffic(before: &wire::Service, to: Option<&RevisionId>) -> Write {
    let mut targets = vec![match to {
        Some(revision) => json!({ "type": REVISION, "revision": revision.as_str(), "percent": 100 }),
        None => json!({ "type": LATEST, "percent": 100 }),
    }];
    for tagged in before.traffic.iter().filter(|target| !target.tag.is_empty()) {
        targets.push(if tagged.revision.is_empty() {
            json!({ "type": LATEST, "tag": tagged.tag })
        } else {
            json!({ "type": REVISION, "revision": tagged.revision, "tag": tagged.tag })
        });
    }
    Write {
        aim: to.map_or(Aim::Latest, |revision| Aim::Revision(revision.clone())),
        query: vec![("updateMask", "traffic")],
        body: json!({ "name": before.name, "traffic": targets, "etag": before.etag }),
    }
}

/// Settles a write without an answer by what the service shows, within [`SEARCH`].
async fn read_back(
    run: &http::Client,
    place: &Place,
    name: &str,
    before: (&Value, &wire::Service),
    write: &Write,
    error: ProviderError,
) -> Result<Started, StartError> {
    let (raw, before) = before;
    let path = observe::path(place, name);
    let look = async {
        loop {
            let now: Result<Value, _> = run.get(observe::GET, &path, &[]).await;
            if let Ok(now) = now
                && let Ok(service) = read(&now)
                // Two generations further, somebody else was there as well: nobody can tell the traces apart.
                && service.generation == before.generation + 1
                && is_trace(write, raw, &now, &service)
            {
                return find(run, place, &service).await;
            }
            sleep(PAUSE).await;
        }
    };
    tokio::time::timeout(SEARCH, look)
        .await
        .map(|deployment| Started { deployment })
        .map_err(|_| StartError::Unknown(error))
}

/// Whether the service shows what only this write leaves. That it asks for what was sent is not enough where it asked for
/// that before: then any change by somebody else would look like ours.
fn is_trace(write: &Write, before: &Value, now: &Value, service: &wire::Service) -> bool {
    let asks = |state: &Value, field: &str| write.body.get(field).is_none_or(|sent| covers(state.get(field), sent));
    match &write.aim {
        Aim::NewerThan(newest) => asks(now, "template") && service.latest_created_revision != *newest,
        Aim::Revision(_) | Aim::Latest => asks(now, "traffic") && !asks(before, "traffic"),
    }
}

/// Whether everything that was sent is there. The cloud may add defaults; it leaves out what is zero.
fn covers(now: Option<&Value>, sent: &Value) -> bool {
    match (now, sent) {
        (Some(Value::Object(now)), Value::Object(sent)) => sent.iter().all(|(key, sent)| covers(now.get(key), sent)),
        (Some(Value::Array(now)), Value::Array(sent)) => {
            now.len() == sent.len() && now.iter().zip(sent).all(|(now, sent)| covers(Some(now), sent))
        }
        (Some(now), sent) => now == sent,
        (None, sent) => sent.is_null() || *sent == json!(false) || *sent == json!(0) || *sent == json!(""),
    }
}

/// The operation that made the service's generation, or the generation itself when no list names it.
async fn find(run: &http::Client, place: &Place, service: &wire::Service) -> DeploymentId {
    let path = format!("v2/{}/operations", place.path());
    let made_it = |operation: &wire::Operation| {
        let about = operation.metadata.as_ref().or(operation.response.as_ref());
        about.is_some_and(|about| about.name == service.name && about.generation == service.generation)
    };
    let mut token = String::new();
    for _ in 0..PAGES {
        let query = [("pageSize", "100"), ("pageToken", token.as_str())];
        let query = if token.is_empty() { &query[..1] } else { &query[..] };
        // The write is done; without the list it only goes by another name.
        let Ok(page) = run.get::<wire::OperationList>("run.operations.list", &path, query).await else { break };
        if let Some(id) = page.operations.iter().find(|operation| made_it(operation)).and_then(id_of) {
            return id;
        }
        token = page.next_page_token;
        if token.is_empty() {
            break;
        }
    }
    map::generation_id(service.generation)
}
