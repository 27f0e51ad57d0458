//! The calls of Cloud Build, version 1.

use serde_json::{Value, json};

use super::{
    Asked,
    google::{error, invalid, no_method, ok, page},
    reply::Reply,
};
use crate::{
    clouds::{
        builds::{Build, Outcome, Progress},
        images::ARTIFACT_REGISTRY,
        repository::{BRANCH, REPOSITORY},
        run::{LOCATION, PROJECT},
    },
    moment::Moment,
    site::Site,
};

/// Answers one call.
pub fn answer(site: &Site, asked: &Asked) -> Reply {
    let parts: Vec<&str> = asked.path.trim_matches('/').split('/').collect();
    let ["v1", "projects", project, "locations", location, "builds", rest @ ..] = parts.as_slice() else {
        return no_method();
    };
    if *project != PROJECT {
        return error(403, "PERMISSION_DENIED", "The caller does not have permission");
    }
    let now = site.clock.now();
    let mut clouds = site.clouds();
    clouds.advance(now);
    // Builds live in one region; another one of the project is simply empty.
    let builds = if *location == LOCATION { clouds.builds.newest_first(now) } else { Vec::new() };
    match (asked.method.as_str(), rest) {
        ("GET", []) => {
            let only = match asked.query("filter").map(status_filter) {
                None => None,
                Some(Some(status)) => Some(status),
                Some(None) => return invalid("Invalid value at 'filter'"),
            };
            let shown = builds.iter().map(|build| build_json(build, now));
            let matching =
                shown.filter(|build| only.as_deref().is_none_or(|status| build["status"] == status)).collect();
            match page("builds", matching, asked, 50, 1000) {
                Ok(page) => ok(json!({"builds": page.items, "nextPageToken": page.next})),
                Err(refused) => refused,
            }
        }
        ("GET", [id]) => match builds.iter().find(|build| build.id == **id) {
            Some(build) => ok(build_json(build, now)),
            None => error(404, "NOT_FOUND", "Requested entity was not found."),
        },
        _ => no_method(),
    }
}

/// The status in `status="WORKING"`; other filters are not understood here.
fn status_filter(filter: &str) -> Option<String> {
    Some(filter.trim().strip_prefix("status=\"")?.strip_suffix('"')?.to_owned())
}

fn build_json(build: &Build, now: Moment) -> Value {
    let progress = build.progress(now);
    let status = match progress {
        Progress::Queued => "QUEUED",
        Progress::Running => "WORKING",
        Progress::Ended(Outcome::Success) => "SUCCESS",
        Progress::Ended(Outcome::Failure) => "FAILURE",
    };
    let begun = progress != Progress::Queued;
    let ended = matches!(progress, Progress::Ended(_));
    let image = format!("{ARTIFACT_REGISTRY}:{}", build.commit.sha);
    let pushed = json!({"images": [{
        "name": image,
        "digest": build.digest(),
        "pushTiming": {"startTime": build.ends_at.rfc3339(), "endTime": build.ends_at.rfc3339()},
    }]});
    let failure =
        json!({"type": "USER_BUILD_STEP", "detail": "Build step failure: build step 1 \"cargo test\" failed"});
    json!({
        "name": format!("projects/{PROJECT}/locations/{LOCATION}/builds/{}", build.id),
        "id": build.id,
        "projectId": PROJECT,
        "status": status,
        "source": {"gitSource": {"url": format!("https://github.com/{REPOSITORY}.git"), "revision": build.commit.sha}},
        "sourceProvenance": {"resolvedGitSource": {
            "url": format!("https://github.com/{REPOSITORY}.git"), "revision": build.commit.sha,
        }},
        "createTime": build.created_at.rfc3339(),
        "startTime": begun.then(|| build.starts_at().rfc3339()),
        "finishTime": ended.then(|| build.ends_at.rfc3339()),
        "timeout": "600s",
        "images": [image],
        "results": (progress == Progress::Ended(Outcome::Success)).then_some(pushed),
        "failureInfo": (progress == Progress::Ended(Outcome::Failure)).then_some(failure),
        "buildTriggerId": "5e1b7c0a-9d43-4f6e-8a21-c07d3b94e615",
        "substitutions": {
            "COMMIT_SHA": build.commit.sha,
            "SHORT_SHA": build.commit.sha.get(..7),
            "REVISION_ID": build.commit.sha,
            "BRANCH_NAME": BRANCH,
            "REF_NAME": BRANCH,
            "REPO_NAME": "hello",
            "REPO_FULL_NAME": REPOSITORY,
            "TRIGGER_NAME": "hello-main",
        },
        "logUrl": format!("https://console.cloud.google.com/cloud-build/builds;region={LOCATION}/{}?project={PROJECT}", build.id),
        "tags": ["hello"],
    })
}
