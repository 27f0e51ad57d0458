//! The calls of the Cloud Run Admin API, version 2, as far as services go.
//!
//! - [`ask`]: parameters and bodies
//! - [`services`], [`revisions`], [`operations`], [`policy`]: the calls
//! - [`fields`]: partial answers

mod ask;
mod fields;
mod operations;
mod policy;
mod revisions;
mod services;

use std::sync::Arc;

use ask::Ask;
use hyper::Method;
use serde_json::Value;

use super::{
    Asked,
    google::{error, invalid, no_method, whole},
    reply::Reply,
};
use crate::{
    clouds::{
        Clouds,
        run::{LOCATION, PROJECT, PROJECT_NUMBER, Run, SERVICE, patch::Refusal},
    },
    instance::Provider,
    moment::Moment,
    site::Site,
};

type Answer = Result<Value, Reply>;

/// Who every token belongs to.
const CALLER: &str = "local@acme.example";

/// Name of a call by what comes after the location: `run.services.get`.
pub fn name(rest: &[&str], method: &Method) -> String {
    format!("run.{}", method_of(rest, method).unwrap_or("unknown"))
}

fn method_of(rest: &[&str], method: &Method) -> Option<&'static str> {
    Some(match (method.as_str(), rest) {
        ("GET", ["services"]) => "services.list",
        ("POST", ["services"]) => "services.create",
        ("GET", ["services", id]) if id.ends_with(":getIamPolicy") => "services.getIamPolicy",
        ("POST", ["services", id]) if id.ends_with(":setIamPolicy") => "services.setIamPolicy",
        ("POST", ["services", id]) if id.ends_with(":testIamPermissions") => "services.testIamPermissions",
        (_, ["services", id]) if id.contains(':') => return None,
        ("GET", ["services", _]) => "services.get",
        ("PATCH", ["services", _]) => "services.patch",
        ("DELETE", ["services", _]) => "services.delete",
        ("GET", ["services", _, "revisions"]) => "revisions.list",
        ("GET", ["services", _, "revisions", _]) => "revisions.get",
        ("DELETE", ["services", _, "revisions", _]) => "revisions.delete",
        ("GET", ["operations"]) => "operations.list",
        ("POST", ["operations", id]) if id.ends_with(":wait") => "operations.wait",
        (_, ["operations", id]) if id.contains(':') => return None,
        ("GET", ["operations", _]) => "operations.get",
        ("DELETE", ["operations", _]) => "operations.delete",
        _ => return None,
    })
}

/// Answers one call.
pub async fn answer(site: &Arc<Site>, asked: &Asked) -> Reply {
    let answer = match read(asked) {
        Ok(ask) => call(site, &ask).await.and_then(|value| ask.only_asked_for(value)),
        Err(refused) => Err(refused),
    };
    match answer {
        Ok(value) => whole(&value),
        Err(refused) => refused,
    }
}

/// The call, its parameters known and its place one that the caller may see.
fn read(asked: &Asked) -> Result<Ask<'_>, Reply> {
    let parts: Vec<&str> = asked.path.trim_matches('/').split('/').collect();
    let ["v2", "projects", project, "locations", location, rest @ ..] = parts.as_slice() else {
        return Err(no_method());
    };
    let method = method_of(rest, &asked.method).ok_or_else(no_method)?;
    let ask = Ask::read(asked, method, location, rest)?;
    if *location == "-" {
        return Err(invalid("Invalid value at 'parent': location '-' is not supported"));
    }
    if (*project != PROJECT && *project != PROJECT_NUMBER) || !is_location(location) {
        let message =
            format!("Permission 'run.{method}' denied on resource '{project}/{location}' (or it may not exist).");
        return Err(error(403, "PERMISSION_DENIED", &message));
    }
    Ok(ask)
}

/// `europe-west1`, `us-central1`, ...
fn is_location(location: &str) -> bool {
    let Some((area, place)) = location.split_once('-') else { return false };
    let letters = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase());
    letters(area)
        && letters(place.trim_end_matches(|letter: char| letter.is_ascii_digit()))
        && place.ends_with(|letter: char| letter.is_ascii_digit())
}

async fn call(site: &Arc<Site>, ask: &Ask<'_>) -> Result<Value, Reply> {
    if ask.method == "operations.wait" {
        return operations::wait(site, ask).await;
    }
    let now = site.clock.now();
    let mut clouds = site.clouds();
    clouds.advance(now);
    let clouds = &mut *clouds;
    match ask.method {
        "services.list" => services::list(site, clouds, now, ask),
        "services.create" => services::create(site, clouds, now, ask),
        "services.get" => services::get(site, clouds, now, ask),
        "services.patch" => services::patch(site, clouds, now, ask),
        "services.delete" => services::delete(site, clouds, now, ask),
        "services.getIamPolicy" => policy::get(clouds, now, ask),
        "services.setIamPolicy" => policy::set(clouds, now, ask),
        "services.testIamPermissions" => policy::test(clouds, now, ask),
        "revisions.list" => revisions::list(clouds, now, ask),
        "revisions.get" => revisions::get(clouds, now, ask),
        "revisions.delete" => revisions::delete(site, clouds, now, ask),
        "operations.list" => operations::list(site, clouds, ask),
        "operations.get" => operations::get(site, clouds, ask),
        "operations.delete" => operations::delete(clouds, ask),
        _ => Err(no_method()),
    }
}

fn missing(kind: &str, name: &str, location: &str) -> Reply {
    let message =
        format!("Resource '{name}' of kind '{kind}' in region '{location}' in project '{PROJECT}' does not exist.");
    error(404, "NOT_FOUND", &message)
}

fn refused(refusal: &Refusal) -> Reply {
    match refusal {
        Refusal::Invalid(message) => invalid(message),
        Refusal::Stale(message) => error(409, "ABORTED", message),
        Refusal::NameTaken(message) => error(409, "ALREADY_EXISTS", message),
    }
}

/// Does a write of which readers hear later, when it is not refused.
fn written(clouds: &mut Clouds, now: Moment, write: impl FnOnce(&mut Clouds) -> Answer) -> Answer {
    clouds.before_run_write(now);
    let answer = write(clouds);
    if answer.is_err() {
        clouds.run_write_refused();
    }
    answer
}

/// Public address of a service, if it has one. Only the one with processes answers there.
fn address(site: &Site, run: &Run) -> Option<String> {
    if run.settings["defaultUriDisabled"] == true {
        return None;
    }
    let public = site.public_url(Provider::Gcp);
    if run.name == SERVICE {
        return Some(public);
    }
    let port = public.rsplit(':').next()?;
    Some(format!("http://{}.localhost:{port}", run.name))
}

/// Whether anything of ours is in this location.
fn is_here(location: &str) -> bool {
    location == LOCATION
}
