//! The calls of the Cloud Run Admin API, version 2.

use std::{sync::Arc, time::Duration};

use hyper::Method;
use serde_json::{Value, json};

use super::{
    Asked,
    google::{error, invalid, no_method, ok, page},
    reply::Reply,
    run_json::{revision_json, service_json},
};
use crate::{
    clouds::run::{
        LOCATION, PROJECT, SERVICE, location_name,
        patch::{Patch, Refusal},
    },
    instance::Provider,
    site::Site,
};

/// Longest wait of `:wait`, and between two looks.
const WAIT: Duration = Duration::from_secs(30);
const LOOK: Duration = Duration::from_millis(50);

/// Answers one call.
pub async fn answer(site: &Arc<Site>, asked: &Asked) -> Reply {
    let parts: Vec<&str> = asked.path.trim_matches('/').split('/').collect();
    let ["v2", "projects", project, "locations", location, rest @ ..] = parts.as_slice() else { return no_method() };
    if *location == "-" && rest.first() == Some(&"services") && rest.len() == 1 {
        return invalid("Invalid value at 'parent': location '-' is not supported");
    }
    if *project != PROJECT || *location != LOCATION {
        let message =
            format!("Permission 'run.services.get' denied on resource '{project}/{location}' (or it may not exist).");
        return error(403, "PERMISSION_DENIED", &message);
    }
    if let ["operations", id] = rest
        && let Some(id) = id.strip_suffix(":wait")
    {
        return if asked.method == Method::POST { wait(site, id, asked).await } else { no_method() };
    }
    let uri = site.public_url(Provider::Gcp);
    let now = site.clock.now();
    let mut clouds = site.clouds();
    clouds.advance(now);
    let run = &clouds.run;
    match (asked.method.as_str(), rest) {
        ("GET", ["services"]) => match page("services", vec![service_json(run, &uri)], asked, 100, 1000) {
            Ok(page) => ok(json!({"services": page.items, "nextPageToken": page.next})),
            Err(refused) => refused,
        },
        ("GET", ["services", name]) if *name == SERVICE => ok(service_json(run, &uri)),
        ("PATCH", ["services", name]) if *name == SERVICE => {
            let patch = match read_patch(asked) {
                Ok(patch) => patch,
                Err(refused) => return refused,
            };
            let clouds = &mut *clouds;
            match clouds.run.patch(now, &clouds.images, &patch) {
                Ok(operation) => ok(operation.to_json(&service_json(&clouds.run, &uri))),
                Err(Refusal::Invalid(message)) => invalid(&message),
                Err(Refusal::Stale(message)) => error(409, "ABORTED", &message),
                Err(Refusal::NameTaken(message)) => error(409, "ALREADY_EXISTS", &message),
            }
        }
        ("GET", ["services", name, "revisions"]) if *name == SERVICE || *name == "-" => {
            let revisions = (0..run.revisions.len()).rev().map(|index| revision_json(run, index)).collect();
            match page("revisions", revisions, asked, 100, 1000) {
                Ok(page) => ok(json!({"revisions": page.items, "nextPageToken": page.next})),
                Err(refused) => refused,
            }
        }
        ("GET", ["services", name, "revisions", revision]) if *name == SERVICE => {
            match run.revisions.iter().position(|known| known.name == **revision) {
                Some(index) => ok(revision_json(run, index)),
                None => missing("REVISION", revision),
            }
        }
        (_, ["services", name] | ["services", name, "revisions", ..]) if *name != SERVICE => missing("SERVICE", name),
        ("GET", ["operations"]) => {
            let only = match asked.query("filter") {
                None => None,
                Some("done:false" | "done=false") => Some(false),
                Some("done:true" | "done=true") => Some(true),
                Some(_) => return invalid("Invalid value at 'filter'"),
            };
            let service = service_json(run, &uri);
            let matching =
                run.operations.iter().rev().filter(|operation| only.is_none_or(|done| operation.end.is_some() == done));
            match page("operations", matching.map(|operation| operation.to_json(&service)).collect(), asked, 100, 100) {
                Ok(page) => ok(json!({"operations": page.items, "nextPageToken": page.next})),
                Err(refused) => refused,
            }
        }
        ("GET", ["operations", id]) => operation(site, &clouds, id),
        _ => no_method(),
    }
}

fn missing(kind: &str, name: &str) -> Reply {
    let message =
        format!("Resource '{name}' of kind '{kind}' in region '{LOCATION}' in project '{PROJECT}' does not exist.");
    error(404, "NOT_FOUND", &message)
}

fn operation(site: &Site, clouds: &crate::clouds::Clouds, id: &str) -> Reply {
    match clouds.run.operations.iter().find(|operation| operation.id == id) {
        Some(operation) => ok(operation.to_json(&service_json(&clouds.run, &site.public_url(Provider::Gcp)))),
        None => error(404, "NOT_FOUND", &format!("Operation '{}/operations/{id}' not found.", location_name())),
    }
}

/// Answers once the operation has ended, or when the time is up, with what it is then.
async fn wait(site: &Arc<Site>, id: &str, asked: &Asked) -> Reply {
    let Ok(body) = asked.json() else { return invalid("Invalid JSON payload received.") };
    let limit = match body["timeout"].as_str().map(|text| text.strip_suffix('s').and_then(|text| text.parse().ok())) {
        None => WAIT,
        Some(Some(seconds)) if (0.0..=1e6).contains(&seconds) => Duration::from_secs_f64(seconds).min(WAIT),
        Some(_) => return invalid("Invalid value at 'timeout'"),
    };
    let since = site.clock.now();
    loop {
        {
            let now = site.clock.now();
            let mut clouds = site.clouds();
            clouds.advance(now);
            let open = clouds.run.operations.iter().any(|operation| operation.id == id && operation.end.is_none());
            if !open || now.since(since) >= limit {
                return operation(site, &clouds, id);
            }
        }
        tokio::time::sleep(LOOK).await;
    }
}

fn read_patch(asked: &Asked) -> Result<Patch, Reply> {
    let service = asked.json().map_err(|_| invalid("Invalid JSON payload received."))?;
    if !service.is_object() {
        return Err(invalid("Invalid JSON payload received. Expected a Service."));
    }
    let flag = |name: &str| match asked.query(name) {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(_) => Err(invalid(&format!("Invalid value at '{name}'"))),
    };
    let mask = asked.query("updateMask").unwrap_or_default();
    Ok(Patch {
        mask: mask.split(',').map(str::trim).filter(|path| !path.is_empty()).map(ToOwned::to_owned).collect(),
        service: only_known(service),
        force_new_revision: flag("forceNewRevision")?,
        validate_only: flag("validateOnly")?,
        by: "local@acme.example".to_owned(),
    })
}

/// The parts of a Service that a client may set and that are looked at here.
fn only_known(mut service: Value) -> Value {
    json!({"etag": service["etag"].take(), "template": service["template"].take(), "traffic": service["traffic"].take()})
}
