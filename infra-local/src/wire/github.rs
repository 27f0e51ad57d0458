//! The one call of GitHub that is read: the workflow runs of a repository.

use serde_json::{Value, json};

use super::{Asked, reply::Reply};
use crate::{
    clouds::{
        builds::{Build, Outcome, Progress},
        repository::{BRANCH, REPOSITORY},
    },
    fault::Kind,
    ids::{Ids, seed_of},
    moment::Moment,
    site::Site,
};

const JSON: &str = "application/json; charset=utf-8";

/// GitHub wants a token for private repositories and a `User-Agent` always.
pub fn refuse_stranger(asked: &Asked, bearer: bool) -> Option<Reply> {
    if asked.header("user-agent").is_none() {
        let text = "Request forbidden by administrative rules. Please make sure your request has a User-Agent header.";
        return Some(Reply::text(403, text));
    }
    // Without a token a private repository does not exist.
    (!bearer).then(not_found)
}

fn not_found() -> Reply {
    error(404, "Not Found")
}

fn error(status: u16, message: &str) -> Reply {
    let body =
        json!({"message": message, "documentation_url": "https://docs.github.com/rest", "status": status.to_string()});
    Reply::json(status, JSON, &body)
}

/// Answers one call.
pub fn answer(site: &Site, asked: &Asked) -> Reply {
    if asked.method != hyper::Method::GET || asked.path != format!("/repos/{REPOSITORY}/actions/runs") {
        return not_found();
    }
    let now = site.clock.now();
    let mut clouds = site.clouds();
    clouds.advance(now);
    let read = |name: &str, default: usize| asked.query(name).and_then(|text| text.parse().ok()).unwrap_or(default);
    let (per_page, number) = (read("per_page", 30).clamp(1, 100), read("page", 1).max(1));
    let matching: Vec<&Build> =
        clouds.builds.newest_first(now).into_iter().filter(|build| asked_for(build, now, asked)).collect();
    let total = matching.len();
    let runs: Vec<Value> =
        matching.into_iter().skip((number - 1) * per_page).take(per_page).map(|build| run_json(build, now)).collect();
    let body = json!({"total_count": total, "workflow_runs": runs}).to_string();
    let etag = format!("W/\"{}\"", Ids::new(seed_of(&body)).hex(64));
    if asked.header("if-none-match") == Some(etag.as_str()) {
        return Reply::raw(304, JSON, "").header("etag", etag);
    }
    let mut reply =
        Reply::raw(200, JSON, body).header("etag", etag).header("cache-control", "private, max-age=60, s-maxage=60");
    if number * per_page < total {
        let url = format!("http://{}{}?per_page={per_page}&page=", site.address, asked.path);
        let last = total.div_ceil(per_page);
        reply = reply.header("link", format!("<{url}{}>; rel=\"next\", <{url}{last}>; rel=\"last\"", number + 1));
    }
    reply
}

fn asked_for(build: &Build, now: Moment, asked: &Asked) -> bool {
    let (status, conclusion) = words(build, now);
    let by_status = |wanted| wanted == status || Some(wanted) == conclusion;
    asked.query("branch").is_none_or(|branch| branch == BRANCH)
        && asked.query("head_sha").is_none_or(|sha| sha == build.commit.sha)
        && asked.query("status").is_none_or(by_status)
}

fn words(build: &Build, now: Moment) -> (&'static str, Option<&'static str>) {
    match build.progress(now) {
        Progress::Queued => ("queued", None),
        Progress::Running => ("in_progress", None),
        Progress::Ended(Outcome::Success) => ("completed", Some("success")),
        Progress::Ended(Outcome::Failure) => ("completed", Some("failure")),
    }
}

fn run_json(build: &Build, now: Moment) -> Value {
    let (status, conclusion) = words(build, now);
    let updated = match build.progress(now) {
        Progress::Queued => build.created_at,
        Progress::Running => build.starts_at(),
        Progress::Ended(_) => build.ends_at,
    };
    let commit = build.commit;
    let actor = json!({"login": commit.author, "type": "User"});
    json!({
        "id": build.run_id,
        "name": "image",
        "node_id": format!("WFR_local{}", build.number),
        "head_branch": BRANCH,
        "head_sha": commit.sha,
        "path": ".github/workflows/image.yml",
        "display_title": commit.message,
        "run_number": build.number,
        "event": "push",
        "status": status,
        "conclusion": conclusion,
        "workflow_id": 90_411_277,
        "url": format!("https://api.github.com/repos/{REPOSITORY}/actions/runs/{}", build.run_id),
        "html_url": format!("https://github.com/{REPOSITORY}/actions/runs/{}", build.run_id),
        "pull_requests": [],
        "created_at": build.created_at.rfc3339_seconds(),
        "updated_at": updated.rfc3339_seconds(),
        "run_started_at": build.created_at.rfc3339_seconds(),
        "actor": actor,
        "triggering_actor": actor,
        "run_attempt": 1,
        "head_commit": {
            "id": commit.sha,
            "message": commit.message,
            "timestamp": build.created_at.rfc3339_seconds(),
            "author": {"name": commit.author, "email": format!("{}@users.noreply.github.com", commit.author)},
        },
        "repository": {"id": 771_204_518, "name": "hello", "full_name": REPOSITORY, "private": true},
    })
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
