//! What GitHub knows, in its JSON. Members that are `null` are meant to be.

use std::{fmt, net::SocketAddr};

use serde_json::{Value, json};

use crate::{
    clouds::{
        builds::{Build, Cause, Outcome, Progress},
        repository::{BRANCH, REPOSITORY, WORKFLOW_ID, WORKFLOW_PATH},
    },
    ids::seed_of,
    moment::Moment,
};

/// The address of the API, which links lead to.
#[derive(Clone, Copy, Debug)]
pub struct Base(pub SocketAddr);

impl fmt::Display for Base {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "http://{}", self.0)
    }
}

/// Name of the workflow.
pub const WORKFLOW: &str = "image";
/// Where a person approves.
pub const ENVIRONMENT: &str = "production";
/// Its number.
pub const ENVIRONMENT_ID: u64 = 161_088_068;

/// Status and conclusion of an attempt, counted from 1.
pub fn words(build: &Build, number: usize, now: Moment) -> (&'static str, Option<&'static str>) {
    match build.attempts[number - 1].progress(now) {
        Progress::Queued => ("queued", None),
        Progress::Running => ("in_progress", None),
        Progress::Waiting => ("waiting", None),
        Progress::Ended(outcome) => ("completed", Some(conclusion(outcome))),
    }
}

/// GitHub's word for an end.
pub fn conclusion(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Success => "success",
        Outcome::Failure => "failure",
        Outcome::Cancelled => "cancelled",
        Outcome::TimedOut => "timed_out",
    }
}

/// A person.
pub fn user_json(login: &str, base: Base) -> Value {
    let user = format!("{base}/users/{login}");
    json!({
        "login": login,
        "id": 4_000_000 + seed_of(login) % 1_000_000,
        "node_id": format!("U_{login}"),
        "avatar_url": format!("{base}/avatars/{login}"),
        "gravatar_id": "",
        "url": user,
        "html_url": format!("https://github.com/{login}"),
        "followers_url": format!("{user}/followers"),
        "following_url": format!("{user}/following{{/other_user}}"),
        "gists_url": format!("{user}/gists{{/gist_id}}"),
        "starred_url": format!("{user}/starred{{/owner}}{{/repo}}"),
        "subscriptions_url": format!("{user}/subscriptions"),
        "organizations_url": format!("{user}/orgs"),
        "repos_url": format!("{user}/repos"),
        "events_url": format!("{user}/events{{/privacy}}"),
        "received_events_url": format!("{user}/received_events"),
        "type": "User",
        "site_admin": false,
    })
}

/// The repository, in short.
fn repository_json(base: Base) -> Value {
    let url = format!("{base}/repos/{REPOSITORY}");
    let mut repository = json!({
        "id": 771_204_518,
        "node_id": "R_771204518",
        "name": "hello",
        "full_name": REPOSITORY,
        "owner": user_json("acme", base),
        "private": true,
        "html_url": format!("https://github.com/{REPOSITORY}"),
        "description": "The hello service",
        "fork": false,
        "url": url,
    });
    for (name, rest) in [
        ("archive", "{archive_format}{/ref}"),
        ("assignees", "assignees{/user}"),
        ("blobs", "git/blobs{/sha}"),
        ("branches", "branches{/branch}"),
        ("collaborators", "collaborators{/collaborator}"),
        ("comments", "comments{/number}"),
        ("commits", "commits{/sha}"),
        ("compare", "compare/{base}...{head}"),
        ("contents", "contents/{+path}"),
        ("contributors", "contributors"),
        ("deployments", "deployments"),
        ("downloads", "downloads"),
        ("events", "events"),
        ("forks", "forks"),
        ("git_commits", "git/commits{/sha}"),
        ("git_refs", "git/refs{/sha}"),
        ("git_tags", "git/tags{/sha}"),
        ("hooks", "hooks"),
        ("issue_comment", "issues/comments{/number}"),
        ("issue_events", "issues/events{/number}"),
        ("issues", "issues{/number}"),
        ("keys", "keys{/key_id}"),
        ("labels", "labels{/name}"),
        ("languages", "languages"),
        ("merges", "merges"),
        ("milestones", "milestones{/number}"),
        ("notifications", "notifications{?since,all,participating}"),
        ("pulls", "pulls{/number}"),
        ("releases", "releases{/id}"),
        ("stargazers", "stargazers"),
        ("statuses", "statuses/{sha}"),
        ("subscribers", "subscribers"),
        ("subscription", "subscription"),
        ("tags", "tags"),
        ("teams", "teams"),
        ("trees", "git/trees{/sha}"),
    ] {
        repository[format!("{name}_url")] = json!(format!("{url}/{rest}"));
    }
    repository
}

/// One attempt at a run, counted from 1.
pub fn run_json(build: &Build, number: usize, now: Moment, base: Base) -> Value {
    let (status, conclusion) = words(build, number, now);
    let attempt = &build.attempts[number - 1];
    let line = attempt.line();
    let past = [line.starts_at, line.first_ends, line.second_starts, line.ends_at, Some(attempt.created_at)];
    let updated = past.into_iter().flatten().filter(|at| *at <= now).max().unwrap_or(attempt.created_at);
    let commit = build.commit;
    let repository = repository_json(base);
    let url = format!("{base}/repos/{REPOSITORY}/actions/runs/{}", build.run_id);
    let suite = build.run_id + 3_000_000_000;
    let person = json!({"name": commit.author, "email": format!("{}@users.noreply.github.com", commit.author)});
    json!({
        "id": build.run_id,
        "name": WORKFLOW,
        "node_id": format!("WFR_local{}", build.number),
        "check_suite_id": suite,
        "check_suite_node_id": format!("CS_local{}", build.number),
        "head_branch": BRANCH,
        "head_sha": commit.sha,
        "path": WORKFLOW_PATH,
        "display_title": commit.message,
        "run_number": build.number,
        "run_attempt": number,
        "referenced_workflows": [],
        "event": match build.cause { Cause::Push => "push", Cause::Dispatch => "workflow_dispatch" },
        "status": status,
        "conclusion": conclusion,
        "workflow_id": WORKFLOW_ID,
        "url": url,
        "html_url": format!("https://github.com/{REPOSITORY}/actions/runs/{}", build.run_id),
        "pull_requests": [],
        "created_at": build.created_at.rfc3339_seconds(),
        "updated_at": updated.rfc3339_seconds(),
        "run_started_at": attempt.created_at.rfc3339_seconds(),
        "actor": user_json(&build.attempts[0].by, base),
        "triggering_actor": user_json(&attempt.by, base),
        "jobs_url": format!("{url}/jobs"),
        "logs_url": format!("{url}/logs"),
        "check_suite_url": format!("{base}/repos/{REPOSITORY}/check-suites/{suite}"),
        "artifacts_url": format!("{url}/artifacts"),
        "cancel_url": format!("{url}/cancel"),
        "rerun_url": format!("{url}/rerun"),
        "previous_attempt_url": (number > 1).then(|| format!("{url}/attempts/{}", number - 1)),
        "workflow_url": format!("{base}/repos/{REPOSITORY}/actions/workflows/{WORKFLOW_ID}"),
        "head_commit": {
            "id": commit.sha,
            "tree_id": commit.sha.chars().rev().collect::<String>(),
            "message": commit.message,
            "timestamp": build.created_at.rfc3339_seconds(),
            "author": person,
            "committer": person,
        },
        "repository": repository,
        "head_repository": repository,
    })
}

/// The workflow.
pub fn workflow_json(builds: &[&Build], now: Moment, base: Base) -> Value {
    let at = builds.last().map_or(now, |build| build.created_at).rfc3339_seconds();
    json!({
        "id": WORKFLOW_ID,
        "node_id": "W_local",
        "name": WORKFLOW,
        "path": WORKFLOW_PATH,
        "state": "active",
        "created_at": at,
        "updated_at": at,
        "url": format!("{base}/repos/{REPOSITORY}/actions/workflows/{WORKFLOW_ID}"),
        "html_url": format!("https://github.com/{REPOSITORY}/blob/{BRANCH}/{WORKFLOW_PATH}"),
        "badge_url": format!("https://github.com/{REPOSITORY}/workflows/{WORKFLOW}/badge.svg"),
    })
}

/// What waits for a person.
pub fn pending_json(build: &Build, now: Moment, base: Base) -> Value {
    if build.progress(now) != Progress::Waiting {
        return json!([]);
    }
    json!([{
        "environment": {
            "id": ENVIRONMENT_ID,
            "node_id": "EN_local",
            "name": ENVIRONMENT,
            "url": format!("{base}/repos/{REPOSITORY}/environments/{ENVIRONMENT}"),
            "html_url": format!("https://github.com/{REPOSITORY}/deployments/activity_log?environments_filter={ENVIRONMENT}"),
        },
        "wait_timer": 0,
        "wait_timer_started_at": null,
        "current_user_can_approve": true,
        "reviewers": [{"type": "User", "reviewer": user_json("maria-lindt", base)}],
    }])
}
