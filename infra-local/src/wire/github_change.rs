//! The calls of GitHub that change something.

use serde_json::{Value, json};

use super::{
    Asked,
    github::{error, is_workflow, not_found, ok},
    github_jobs::read_job_id,
    github_json::{Base, ENVIRONMENT, ENVIRONMENT_ID, user_json},
    reply::Reply,
};
use crate::{
    clouds::{
        Clouds,
        builds::{System, attempt::Decision, change::Refusal},
        repository::{BRANCH, REPOSITORY},
    },
    moment::Moment,
};

/// Whose the token is.
const CALLER: &str = "amara-okafor";

/// Answers one call; `rest` is the path below the repository.
pub fn answer(clouds: &mut Clouds, now: Moment, base: Base, asked: &Asked, rest: &[&str]) -> Reply {
    if asked.method != hyper::Method::POST {
        return not_found();
    }
    let Ok(body) = asked.json() else { return error(400, "Problems parsing JSON") };
    let run = |id: &str| id.parse::<u64>().unwrap_or(0);
    match rest {
        ["actions", "runs", id, "rerun"] => rerun(clouds, now, run(id), false),
        ["actions", "runs", id, "rerun-failed-jobs"] => rerun(clouds, now, run(id), true),
        ["actions", "jobs", id, "rerun"] => match read_job_id(run(id)) {
            Some((run, ..)) => rerun(clouds, now, run, true),
            None => not_found(),
        },
        ["actions", "runs", id, "cancel" | "force-cancel"] => {
            let id = run(id);
            match clouds.builds.cancel(now, System::Github, |build| build.run_id == id) {
                Ok(_) => ok(202, &json!({})),
                Err(Refusal::Unknown) => not_found(),
                Err(_) => error(409, "Cannot cancel a workflow run that is completed."),
            }
        }
        ["actions", "runs", id, "pending_deployments"] => review(clouds, now, base, run(id), &body),
        ["actions", "workflows", id, "dispatches"] if is_workflow(id) => dispatch(clouds, now, base, &body),
        _ => not_found(),
    }
}

fn rerun(clouds: &mut Clouds, now: Moment, id: u64, only_failed: bool) -> Reply {
    match clouds.builds.rerun(now, id, only_failed, CALLER) {
        Ok(()) => ok(201, &json!({})),
        Err(Refusal::Unknown) => not_found(),
        Err(Refusal::Running) => error(403, "This workflow is already running"),
        Err(Refusal::NothingFailed) => error(403, "This workflow run has no failed jobs to re-run"),
        Err(Refusal::Ended | Refusal::NotWaiting) => error(403, "This workflow run cannot be retried"),
    }
}

fn unprocessable(message: &str) -> Reply {
    error(422, message)
}

fn dispatch(clouds: &mut Clouds, now: Moment, base: Base, body: &Value) -> Reply {
    let known = ["ref", "inputs", "return_run_details"];
    if let Some((name, _)) = body.as_object().into_iter().flatten().find(|(name, _)| !known.contains(&name.as_str())) {
        return unprocessable(&format!("Invalid request.\n\n\"{name}\" is not a permitted key."));
    }
    let Some(wanted) = body["ref"].as_str() else {
        return unprocessable("Invalid request.\n\n\"ref\" wasn't supplied.");
    };
    if wanted.strip_prefix("refs/heads/").unwrap_or(wanted) != BRANCH {
        return unprocessable(&format!("No ref found for: {wanted}"));
    }
    if let Some(inputs) = body["inputs"].as_object().filter(|inputs| !inputs.is_empty()) {
        if inputs.len() > 25 {
            return unprocessable("Invalid request.\n\n\"inputs\" has too many keys.");
        }
        let names: Vec<&String> = inputs.keys().collect();
        return unprocessable(&format!("Unexpected inputs provided: {}", json!(names)));
    }
    let Some(build) = clouds.builds.start(now, System::Github, None, CALLER) else {
        return unprocessable(&format!("No ref found for: {wanted}"));
    };
    if body["return_run_details"].as_bool() != Some(true) {
        return Reply::raw(204, "application/json; charset=utf-8", "");
    }
    let id = build.run_id;
    ok(
        200,
        &json!({
            "workflow_run_id": id,
            "run_url": format!("{base}/repos/{REPOSITORY}/actions/runs/{id}"),
            "html_url": format!("https://github.com/{REPOSITORY}/actions/runs/{id}"),
        }),
    )
}

fn review(clouds: &mut Clouds, now: Moment, base: Base, id: u64, body: &Value) -> Reply {
    let approved = match body["state"].as_str() {
        Some("approved") => true,
        Some("rejected") => false,
        _ => return unprocessable("Invalid request.\n\n\"state\" must be approved or rejected."),
    };
    let meant = body["environment_ids"].as_array().is_some_and(|ids| ids.iter().any(|id| *id == ENVIRONMENT_ID));
    let Some(comment) = body["comment"].as_str().filter(|_| meant) else {
        return unprocessable("Invalid request.\n\n\"environment_ids\" and \"comment\" must be supplied.");
    };
    let decision = Decision { at: now, approved, comment: comment.to_owned(), by: CALLER.to_owned() };
    let build = match clouds.builds.decide(System::Github, |build| build.run_id == id, decision) {
        Ok(build) => build,
        Err(Refusal::Unknown) => return not_found(),
        Err(_) => return unprocessable("There are no pending deployment requests to approve or reject for this run"),
    };
    let (deployment, at) = (id + 5_000_000_000, now.rfc3339_seconds());
    let url = format!("{base}/repos/{REPOSITORY}/deployments/{deployment}");
    ok(
        200,
        &json!([{
            "url": url,
            "id": deployment,
            "node_id": format!("DE_local{}", build.number),
            "sha": build.commit.sha,
            "ref": BRANCH,
            "task": "deploy",
            "payload": {},
            "original_environment": ENVIRONMENT,
            "environment": ENVIRONMENT,
            "description": null,
            "creator": user_json(&build.attempt().by, base),
            "created_at": at,
            "updated_at": at,
            "statuses_url": format!("{url}/statuses"),
            "repository_url": format!("{base}/repos/{REPOSITORY}"),
        }]),
    )
}
