//! GitHub's REST API, as far as Actions go.
//!
//! - `github_json`, `github_jobs`: runs, workflows, jobs in GitHub's JSON
//! - `github_change`: the calls that change something

use serde_json::{Value, json};

use super::{
    Asked, github_change,
    github_jobs::{job_id, job_json, jobs_of, log_text, read_job_id},
    github_json::{Base, pending_json, run_json, words, workflow_json},
    reply::Reply,
};
use crate::{
    clouds::{
        Clouds,
        builds::{Build, Cause, System, part::State},
        repository::{BRANCH, REPOSITORY, WORKFLOW_ID, WORKFLOW_PATH},
    },
    fault::Kind,
    ids::{Ids, seed_of},
    moment::Moment,
    site::Site,
};

const JSON: &str = "application/json; charset=utf-8";
/// The versions of the API that may be asked for, the default first.
const VERSIONS: [&str; 2] = ["2022-11-28", "2026-03-10"];

/// Name of the call of a path below the repository, for faults and counts.
pub fn call_name(rest: &[&str], get: bool) -> String {
    let name = match rest {
        ["actions", "runs"] => "actions.runs.list",
        ["actions", "runs", _] => "actions.runs.get",
        ["actions", "runs", _, "attempts", _] => "actions.runs.getAttempt",
        ["actions", "runs", _, "jobs"] | ["actions", "runs", _, "attempts", _, "jobs"] => "actions.jobs.list",
        ["actions", "runs", _, "rerun"] => "actions.runs.rerun",
        ["actions", "runs", _, "rerun-failed-jobs"] => "actions.runs.rerunFailedJobs",
        ["actions", "runs", _, "cancel" | "force-cancel"] => "actions.runs.cancel",
        ["actions", "runs", _, "pending_deployments"] if get => "actions.pendingDeployments.list",
        ["actions", "runs", _, "pending_deployments"] => "actions.pendingDeployments.review",
        ["actions", "jobs", _] => "actions.jobs.get",
        ["actions", "jobs", _, "logs"] => "actions.jobs.logs",
        ["actions", "jobs", _, "rerun"] => "actions.jobs.rerun",
        ["actions", "workflows"] => "actions.workflows.list",
        ["actions", "workflows", _] => "actions.workflows.get",
        ["actions", "workflows", _, "runs"] => "actions.workflows.runs",
        ["actions", "workflows", _, "dispatches"] => "actions.workflows.dispatch",
        other => return other.join("."),
    };
    name.to_owned()
}

/// GitHub wants a token for private repositories and a `User-Agent` always.
pub fn refuse_stranger(asked: &Asked, bearer: bool) -> Option<Reply> {
    if asked.header("user-agent").is_none() {
        let text = "Request forbidden by administrative rules. Please make sure your request has a User-Agent header.";
        return Some(Reply::text(403, text));
    }
    // The address of a log is itself the permission to read it.
    let open = asked.path.starts_with("/actions-logs/") || asked.path == "/rate_limit";
    // Without a token a private repository does not exist.
    (!bearer && !open).then(not_found)
}

/// 404, for what is not there and for what may not be seen.
pub fn not_found() -> Reply {
    error(404, "Not Found")
}

/// A refusal.
pub fn error(status: u16, message: &str) -> Reply {
    let body =
        json!({"message": message, "documentation_url": "https://docs.github.com/rest", "status": status.to_string()});
    Reply::json(status, JSON, &body)
}

/// An answer that is not kept by clients.
pub fn ok(status: u16, body: &Value) -> Reply {
    Reply::json(status, JSON, body)
}

/// Answers one call.
pub fn answer(site: &Site, asked: &Asked) -> Reply {
    let now = site.clock.now();
    let mut clouds = site.clouds();
    clouds.advance(now);
    if asked.path == "/rate_limit" {
        let quota = &clouds.quota;
        let rate = json!({
            "limit": quota.limit, "used": quota.used(), "remaining": quota.remaining(), "reset": quota.resets_at(),
        });
        return ok(200, &json!({"resources": {"core": rate, "search": rate}, "rate": rate}));
    }
    if let Some(version) = asked.header("x-github-api-version").filter(|version| !VERSIONS.contains(version)) {
        return error(400, &format!("Unsupported API version: {version}"));
    }
    if !clouds.quota.spend(now) {
        return error(403, "API rate limit exceeded for user ID 1.");
    }
    let base = Base(site.address);
    let parts: Vec<&str> = asked.path.trim_matches('/').split('/').collect();
    let ["repos", owner, name, rest @ ..] = parts.as_slice() else {
        return match parts.as_slice() {
            ["actions-logs", job] => log(&clouds, now, job),
            _ => not_found(),
        };
    };
    if format!("{owner}/{name}").to_lowercase() != REPOSITORY {
        return not_found();
    }
    if asked.method != hyper::Method::GET {
        return github_change::answer(&mut clouds, now, base, asked, rest);
    }
    let builds = clouds.builds.of(System::Github, now);
    let found = |id: &str| id.parse().ok().and_then(|id: u64| builds.iter().copied().find(|build| build.run_id == id));
    let reply = match rest {
        ["actions", "runs"] => Some(runs(&builds, now, base, asked)),
        ["actions", "workflows", id, "runs"] if is_workflow(id) => Some(runs(&builds, now, base, asked)),
        ["actions", "runs", id] => found(id).map(|build| ok(200, &run_json(build, build.attempts.len(), now, base))),
        ["actions", "runs", id, "attempts", number] => found(id).and_then(|build| {
            let number = number.parse().ok().filter(|number| (1..=build.attempts.len()).contains(number))?;
            Some(ok(200, &run_json(build, number, now, base)))
        }),
        ["actions", "runs", id, "jobs"] => found(id).map(|build| jobs(build, None, now, base, asked)),
        ["actions", "runs", id, "attempts", number, "jobs"] => found(id).and_then(|build| {
            let number = number.parse().ok().filter(|number| (1..=build.attempts.len()).contains(number))?;
            Some(jobs(build, Some(number), now, base, asked))
        }),
        ["actions", "runs", id, "pending_deployments"] => {
            found(id).map(|build| ok(200, &pending_json(build, now, base)))
        }
        ["actions", "jobs", id] => {
            job(&builds, now, id).map(|(build, number, part)| ok(200, &job_json(build, number, part, now, base)))
        }
        ["actions", "jobs", id, "logs"] => job(&builds, now, id)
            .filter(|(build, number, part)| {
                matches!(build.attempts[number - 1].part(*part, now).state, State::Ended(_))
            })
            .map(|(build, number, part)| {
                let location = format!("{base}/actions-logs/{}", job_id(build, number, part));
                Reply::raw(302, "text/html; charset=utf-8", "").header("location", location)
            }),
        ["actions", "workflows"] => {
            Some(ok(200, &json!({"total_count": 1, "workflows": [workflow_json(&builds, now, base)]})))
        }
        ["actions", "workflows", id] if is_workflow(id) => Some(ok(200, &workflow_json(&builds, now, base))),
        _ => None,
    };
    let reply = reply.unwrap_or_else(not_found);
    kept(&mut clouds, asked, reply)
}

/// What the client may keep: with an `ETag`, and without a body when it has it already, which costs nothing.
fn kept(clouds: &mut Clouds, asked: &Asked, reply: Reply) -> Reply {
    if !reply.is_ok() {
        return reply;
    }
    let etag = format!("W/\"{}\"", Ids::new(seed_of(&reply.text_of())).hex(64));
    let known = asked.header("if-none-match").unwrap_or_default();
    if known.split(',').any(|known| known.trim() == etag) {
        clouds.quota.refund();
        return Reply::raw(304, JSON, "").header("etag", etag);
    }
    reply.header("etag", etag).header("cache-control", "private, max-age=60, s-maxage=60")
}

/// By id or by file name.
pub fn is_workflow(id: &str) -> bool {
    id == WORKFLOW_ID.to_string() || WORKFLOW_PATH.rsplit('/').next() == Some(id)
}

/// The attempt and the part a job is.
fn job<'a>(
    builds: &[&'a Build],
    now: Moment,
    id: &str,
) -> Option<(&'a Build, usize, crate::clouds::builds::part::Part)> {
    let (run, number, part) = read_job_id(id.parse().ok()?)?;
    let build = builds.iter().copied().find(|build| build.run_id == run)?;
    let shown = jobs_of(build, None, now);
    let all = (1..=build.attempts.len()).flat_map(|number| jobs_of(build, Some(number), now));
    shown.into_iter().chain(all).find(|job| *job == (number, part)).map(|(number, part)| (build, number, part))
}

/// The text behind the address of a log.
fn log(clouds: &Clouds, now: Moment, id: &str) -> Reply {
    let builds = clouds.builds.of(System::Github, now);
    match job(&builds, now, id) {
        Some((build, number, part)) => Reply::text(200, &log_text(build, number, part, now)),
        None => Reply::text(404, "The specified blob does not exist.\n"),
    }
}

/// One page of a list, with the `Link` to the others.
fn page(list: &str, items: Vec<Value>, base: Base, asked: &Asked) -> Reply {
    let read = |name: &str, default: usize| asked.query(name).and_then(|text| text.parse().ok()).unwrap_or(default);
    let (per_page, number) = (read("per_page", 30).clamp(1, 100), read("page", 1).max(1));
    let total = items.len();
    let shown: Vec<Value> = items.into_iter().skip((number - 1).saturating_mul(per_page)).take(per_page).collect();
    let reply = ok(200, &json!({"total_count": total, list: shown}));
    let pages = total.div_ceil(per_page).max(1);
    let others = asked.query.iter().filter(|(key, _)| key != "page");
    let others: Vec<String> = others.map(|(key, value)| format!("{key}={}&", super::call::encode(value))).collect();
    let others = others.concat();
    let mut links = Vec::new();
    let mut link =
        |page: usize, rel: &str| links.push(format!("<{base}{}?{others}page={page}>; rel=\"{rel}\"", asked.path));
    if number > 1 {
        link((number - 1).min(pages), "prev");
    }
    if number < pages {
        link(number + 1, "next");
        link(pages, "last");
    }
    if number > 1 {
        link(1, "first");
    }
    if links.is_empty() { reply } else { reply.header("link", links.join(", ")) }
}

fn runs(builds: &[&Build], now: Moment, base: Base, asked: &Asked) -> Reply {
    let matching = builds.iter().filter(|build| asked_for(build, now, asked));
    let shown = matching.map(|build| run_json(build, build.attempts.len(), now, base)).collect();
    page("workflow_runs", shown, base, asked)
}

fn asked_for(build: &Build, now: Moment, asked: &Asked) -> bool {
    let (status, conclusion) = words(build, build.attempts.len(), now);
    let event = match build.cause {
        Cause::Push => "push",
        Cause::Dispatch => "workflow_dispatch",
    };
    let by_status = |wanted| wanted == status || Some(wanted) == conclusion;
    asked.query("branch").is_none_or(|branch| branch == BRANCH)
        && asked.query("event").is_none_or(|wanted| wanted == event)
        && asked.query("actor").is_none_or(|actor| actor == build.attempts[0].by)
        && asked.query("head_sha").is_none_or(|sha| sha == build.commit.sha)
        && asked.query("status").is_none_or(by_status)
        && asked.query("created").is_none_or(|range| within(range, &build.created_at.rfc3339_seconds()))
}

/// Whether a time is in a range as GitHub's search writes them: `>=2026-11-21`, `2026-11-01..2026-11-21`.
fn within(range: &str, at: &str) -> bool {
    // Times compare by their letters; up to a day means up to its last second.
    let least = |wanted: &str| wanted == "*" || at >= wanted;
    let most = |wanted: &str| wanted == "*" || at.get(..wanted.len()).is_some_and(|start| start <= wanted);
    if let Some(wanted) = range.strip_prefix(">=") {
        least(wanted)
    } else if let Some(wanted) = range.strip_prefix("<=") {
        most(wanted)
    } else if let Some(wanted) = range.strip_prefix('>') {
        !most(wanted)
    } else if let Some(wanted) = range.strip_prefix('<') {
        !least(wanted)
    } else if let Some((first, last)) = range.split_once("..") {
        least(first) && most(last)
    } else {
        at.starts_with(range)
    }
}

fn jobs(build: &Build, number: Option<usize>, now: Moment, base: Base, asked: &Asked) -> Reply {
    let jobs = match asked.query("filter") {
        Some("all") if number.is_none() => {
            let mut all: Vec<_> =
                (1..=build.attempts.len()).flat_map(|number| jobs_of(build, Some(number), now)).collect();
            all.dedup();
            all
        }
        None | Some("latest" | "all") => jobs_of(build, number, now),
        Some(_) => return error(422, "Validation Failed"),
    };
    let shown = jobs.into_iter().map(|(number, part)| job_json(build, number, part, now, base)).collect();
    page("jobs", shown, base, asked)
}

/// An injected fault, in GitHub's words.
pub fn trouble(kind: Kind) -> Reply {
    match kind {
        Kind::Throttle { retry_after } => {
            let reply = error(403, "API rate limit exceeded for user ID 1.").header("x-ratelimit-remaining", "0");
            retry_after.map_or(reply.clone(), |seconds| reply.header("retry-after", seconds.to_string()))
        }
        Kind::Denied => error(403, "Resource not accessible by personal access token"),
        Kind::Expired => error(401, "Bad credentials"),
        Kind::Error { status } => error(status, "Server Error"),
        Kind::Latency { .. }
        | Kind::ClockSkew { .. }
        | Kind::Off
        | Kind::ResetBefore
        | Kind::ResetAfter
        | Kind::Truncated
        | Kind::Malformed
        | Kind::Endless => error(500, "Server Error"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_of_time_are_read_as_in_a_search() {
        let at = "2026-11-21T04:18:06Z";
        for range in [
            ">=2026-11-21",
            "<=2026-11-21",
            "2026-11-21",
            "2026-11-20..2026-11-21",
            ">2026-11-20",
            "<2026-11-22",
            "*..2026-11-22",
        ] {
            assert!(within(range, at), "{range}");
        }
        for range in [">2026-11-21", "<2026-11-21", "2026-11-20", ">=2026-11-21T05:00:00Z", "2026-11-22..*"] {
            assert!(!within(range, at), "{range}");
        }
    }
}
