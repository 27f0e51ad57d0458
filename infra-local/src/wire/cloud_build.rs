//! The calls of Cloud Build, version 1: builds, triggers, and the operations that start one. Each has a path with a region and
//! an older one without, which means the region `global` unless `parent` or `name` say otherwise.

use serde_json::{Value, json};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::{
    Asked,
    cloud_build_json::{TRIGGER, build_json, operation_json, trigger_json},
    filter::{Filter, Term},
    google::{error, invalid, no_method, ok, page},
    reply::Reply,
};
use crate::{
    clouds::{
        Clouds,
        builds::{Build, System, attempt::Decision, change::Refusal},
        repository::BRANCH,
        run::{LOCATION, PROJECT},
    },
    moment::Moment,
    site::Site,
};

/// Who calls.
const CALLER: &str = "maria.lindt@acme.example";

/// Name of the call, for faults and counts. `rest` is what comes behind `builds` or `triggers`.
pub fn call_name(kind: &str, rest: &[&str], get: bool) -> String {
    let verb = match rest {
        [] if get => "list",
        [] => "create",
        [id] => id.rsplit_once(':').map_or("get", |(_, verb)| verb),
        _ => "unknown",
    };
    format!("cloudbuild.{kind}.{verb}")
}

/// Answers one call.
pub fn answer(site: &Site, asked: &Asked) -> Reply {
    let now = site.clock.now();
    let mut clouds = site.clouds();
    clouds.advance(now);
    let parts: Vec<&str> = asked.path.trim_matches('/').split('/').collect();
    let named = asked.query("parent").or_else(|| asked.query("name")).unwrap_or_default();
    let named = named.split("/locations/").nth(1).and_then(|rest| rest.split('/').next());
    let (project, location, kind, rest) = match parts.as_slice() {
        ["v1", "projects", project, "locations", location, kind, rest @ ..] => (*project, *location, *kind, rest),
        ["v1", "projects", project, kind, rest @ ..] => (*project, named.unwrap_or("global"), *kind, rest),
        ["v1", "operations", "build", project, id] => {
            let build = clouds.builds.of(System::CloudBuild, now).into_iter().find(|build| build.id == **id);
            return match build.filter(|_| *project == PROJECT) {
                Some(build) => ok(operation_json(build, now)),
                None => missing(),
            };
        }
        _ => return no_method(),
    };
    if project != PROJECT {
        return error(403, "PERMISSION_DENIED", "The caller does not have permission");
    }
    let Ok(body) = asked.json() else { return invalid("Invalid JSON payload received.") };
    // Builds live in one region; another one of the project is simply empty.
    let here = location == LOCATION;
    match (asked.method.as_str(), kind, rest) {
        ("GET", "builds", []) => {
            list(if here { clouds.builds.of(System::CloudBuild, now) } else { Vec::new() }, now, asked)
        }
        ("GET", "triggers", []) => {
            let all = if here { vec![trigger_json(now)] } else { Vec::new() };
            match page("triggers", all, asked, 50, 1000) {
                Ok(page) => ok(json!({"triggers": page.items, "nextPageToken": page.next})),
                Err(refused) => refused,
            }
        }
        ("GET", "builds", [id]) => {
            match clouds.builds.of(System::CloudBuild, now).into_iter().find(|build| here && build.id == **id) {
                Some(build) => ok(build_json(build, now)),
                None => missing(),
            }
        }
        ("GET", "triggers", [id]) if here && is_trigger(id) => ok(trigger_json(now)),
        ("POST", "builds", [verb]) if here => match verb.split_once(':') {
            Some((id, verb)) => change(&mut clouds, now, id, verb, &body),
            None => no_method(),
        },
        ("POST", "triggers", [verb]) if here => match verb.split_once(':') {
            Some((id, "run")) if is_trigger(id) => run(&mut clouds, now, &body),
            Some((_, "run")) => missing(),
            _ => no_method(),
        },
        ("GET" | "POST", "builds" | "triggers", [_]) => missing(),
        _ => no_method(),
    }
}

fn missing() -> Reply {
    error(404, "NOT_FOUND", "Requested entity was not found.")
}

fn is_trigger(id: &str) -> bool {
    id == TRIGGER || id == "hello-main"
}

fn list(builds: Vec<&Build>, now: Moment, asked: &Asked) -> Reply {
    let Some(filter) = Filter::read(asked.query("filter").unwrap_or_default()) else {
        return invalid("invalid build filter");
    };
    let mut shown = Vec::new();
    for build in builds {
        let build = build_json(build, now);
        match filter.holds(&|term| judge(term, &build)) {
            Some(true) => shown.push(build),
            Some(false) => {}
            None => return invalid("invalid build filter"),
        }
    }
    match page("builds", shown, asked, 50, 1000) {
        Ok(page) => ok(json!({"builds": page.items, "nextPageToken": page.next})),
        Err(refused) => refused,
    }
}

/// One comparison of a filter; `None`: no such field.
fn judge(term: &Term, build: &Value) -> Option<bool> {
    let text = |value: &Value| value.as_str().is_some_and(|have| term.text(have));
    let any = |values: &Value| values.as_array().is_some_and(|values| values.iter().any(text));
    match term.field.as_str() {
        "status" => Some(text(&build["status"])),
        "build_id" | "id" => Some(text(&build["id"])),
        "trigger_id" | "build_trigger_id" => Some(text(&build["buildTriggerId"])),
        "tags" => Some(any(&build["tags"])),
        "images" => Some(any(&build["images"])),
        "create_time" | "start_time" | "finish_time" => {
            let want = time(&term.value)?;
            let member = match term.field.as_str() {
                "create_time" => "createTime",
                "start_time" => "startTime",
                _ => "finishTime",
            };
            Some(build[member].as_str().and_then(time).is_some_and(|have| term.compare(&have, &want)))
        }
        field => {
            let name = field.strip_prefix("substitutions.")?;
            Some(build["substitutions"].get(name).is_some_and(text))
        }
    }
}

/// A point in time as Google writes it, and as its clients do: with an offset of four digits, or a day alone.
pub fn time(text: &str) -> Option<Moment> {
    let spelt = match text.split_at_checked(text.len().saturating_sub(2)) {
        Some((rest, minutes)) if text.len() > 20 && !rest.ends_with(':') && !text.ends_with('Z') => {
            format!("{rest}:{minutes}")
        }
        _ if text.len() == 10 => format!("{text}T00:00:00Z"),
        _ => text.to_owned(),
    };
    let at = OffsetDateTime::parse(&spelt, &Rfc3339).ok()?;
    i64::try_from(at.unix_timestamp_nanos() / 1_000_000).ok().map(Moment::from_millis)
}

fn precondition(message: &str) -> Reply {
    error(400, "FAILED_PRECONDITION", message)
}

fn change(clouds: &mut Clouds, now: Moment, id: &str, verb: &str, body: &Value) -> Reply {
    match verb {
        "cancel" => match clouds.builds.cancel(now, System::CloudBuild, |build| build.id == id) {
            Ok(build) => ok(build_json(build, now)),
            Err(Refusal::Unknown) => missing(),
            Err(_) => precondition("Cannot cancel a build that has finished."),
        },
        "retry" => match clouds.builds.start(now, System::CloudBuild, Some(id), CALLER) {
            Some(build) => ok(operation_json(build, now)),
            None => missing(),
        },
        "approve" => {
            let result = &body["approvalResult"];
            let approved = match result["decision"].as_str() {
                Some("APPROVED") => true,
                Some("REJECTED") => false,
                _ => return invalid("approval decision must be APPROVED or REJECTED"),
            };
            let comment = result["comment"].as_str().unwrap_or_default().to_owned();
            let decision = Decision { at: now, approved, comment, by: CALLER.to_owned() };
            match clouds.builds.decide(System::CloudBuild, |build| build.id == id, decision) {
                Ok(build) => ok(operation_json(build, now)),
                Err(Refusal::Unknown) => missing(),
                Err(_) => precondition("The build is not pending approval."),
            }
        }
        _ => no_method(),
    }
}

/// Runs the trigger. The request may hold the source, or be it, as in the first version of the call.
fn run(clouds: &mut Clouds, now: Moment, body: &Value) -> Reply {
    let source = if body["source"].is_object() { &body["source"] } else { body };
    if source["branchName"].as_str().is_some_and(|branch| branch != BRANCH) || source["tagName"].is_string() {
        return invalid("Couldn't read commit");
    }
    let of = source["commitSha"].as_str().map(|sha| {
        let builds = clouds.builds.of(System::CloudBuild, now);
        builds.into_iter().find(|build| build.commit.sha == sha).map(|build| build.id.clone())
    });
    let of = match of {
        Some(None) => return invalid("Couldn't read commit"),
        Some(Some(id)) => Some(id),
        None => None,
    };
    match clouds.builds.start(now, System::CloudBuild, of.as_deref(), CALLER) {
        Some(build) => ok(operation_json(build, now)),
        None => invalid("Couldn't read commit"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_clients_write_them() {
        let at = time("2026-11-21T04:18:06.25Z").unwrap();
        for same in ["2026-11-21T04:18:06.250000+0000", "2026-11-21T05:18:06.25+01:00", "2026-11-21T02:18:06.25-0200"] {
            assert_eq!(time(same), Some(at), "{same}");
        }
        assert_eq!(time("2026-11-21"), time("2026-11-21T00:00:00Z"));
        assert!(time("yesterday").is_none() && time("").is_none() && time("2026-11-21T04:18").is_none());
    }
}
