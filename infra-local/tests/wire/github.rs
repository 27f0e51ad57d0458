//! GitHub: runs, jobs, logs, changes and the limit of its calls.

use std::{net::SocketAddr, time::Duration};

use hello_local::{Launch, Options, Scenario, StandIn};
use serde_json::{Value, json};

use crate::{
    client::{Answer, get, request, send},
    stand_in,
};

const RUNS: &str = "/repos/acme/hello/actions/runs";
const CREDENTIALS: [(&str, &str); 2] = [("authorization", "Bearer x"), ("user-agent", "tests")];

#[tokio::test]
async fn runs_are_listed_paged_and_cached() {
    let stand_in = stand_in("steady").await;
    let ask = async |path: &str, more: &[(&str, &str)]| {
        let headers = [&CREDENTIALS[..], more].concat();
        send(stand_in.address(), request("GET", path, &headers, &Value::Null)).await.unwrap()
    };
    let runs = ask(RUNS, &[]).await;
    assert_eq!(runs.json()["total_count"], 3);
    let newest = runs.json()["workflow_runs"][0].clone();
    assert_eq!((newest["status"].as_str(), newest["conclusion"].as_str()), (Some("completed"), Some("success")));
    assert_eq!(newest["head_sha"].as_str().unwrap().len(), 40);
    assert!(newest["created_at"].as_str().unwrap().ends_with('Z'));
    assert_eq!(runs.header("x-ratelimit-limit"), "5000");
    assert!(runs.header("x-ratelimit-remaining").parse::<u32>().unwrap() <= 5000);
    let again = ask(RUNS, &[("if-none-match", runs.header("etag"))]).await;
    assert_eq!((again.status, again.text.as_str()), (304, ""));
    let page = ask(&format!("{RUNS}?per_page=1&page=2"), &[]).await;
    assert_eq!(page.json()["workflow_runs"].as_array().unwrap().len(), 1);
    assert!(page.header("link").contains("page=3>; rel=\"next\""), "{}", page.header("link"));
    stand_in.stop().await.unwrap();
}

#[tokio::test]
async fn strangers_see_nothing() {
    let stand_in = stand_in("steady").await;
    let ask = async |path: &str, headers: &[(&str, &str)]| {
        send(stand_in.address(), request("GET", path, headers, &Value::Null)).await.unwrap().status
    };
    assert_eq!(ask(RUNS, &CREDENTIALS[..1]).await, 403, "a User-Agent is required");
    assert_eq!(ask(RUNS, &CREDENTIALS[1..]).await, 404, "a private repository does not exist for strangers");
    assert_eq!(ask("/repos/acme/other/actions/runs", &CREDENTIALS).await, 404);
    stand_in.stop().await.unwrap();
}

/// A call with a token.
async fn ask(at: SocketAddr, method: &str, path: &str, body: Value) -> Answer {
    send(at, request(method, path, &CREDENTIALS, &body)).await.unwrap()
}

async fn run(at: SocketAddr, id: &Value) -> Value {
    ask(at, "GET", &format!("{RUNS}/{id}"), Value::Null).await.json()
}

#[tokio::test]
async fn a_run_has_jobs_with_steps_and_logs() {
    let stand_in = stand_in("steady").await;
    let at = stand_in.address();
    let newest = ask(at, "GET", RUNS, Value::Null).await.json()["workflow_runs"][0].clone();
    assert_eq!(run(at, &newest["id"]).await, newest);
    let jobs = ask(at, "GET", &format!("{RUNS}/{}/jobs", newest["id"]), Value::Null).await.json();
    assert_eq!((jobs["total_count"].as_u64(), jobs["jobs"][1]["name"].as_str()), (Some(2), Some("image")));
    let job = &jobs["jobs"][0];
    assert!(job["steps"].as_array().unwrap().iter().all(|step| step["conclusion"] == "success"), "{job}");
    assert_eq!(
        ask(at, "GET", &format!("/repos/acme/hello/actions/jobs/{}", job["id"]), Value::Null).await.json(),
        *job
    );
    let logs = ask(at, "GET", &format!("/repos/acme/hello/actions/jobs/{}/logs", job["id"]), Value::Null).await;
    assert_eq!(logs.status, 302);
    let path = logs.header("location").strip_prefix(&format!("http://{at}")).unwrap().to_owned();
    assert_eq!(get(at, &path).await.status, 403, "a client without a name is refused here too");
    let text = send(at, request("GET", &path, &CREDENTIALS[1..], &Value::Null)).await.unwrap();
    assert!(text.status == 200 && text.text.contains("42 passed"), "{}", text.text);
    let narrow = ask(at, "GET", &format!("{RUNS}?status=failure"), Value::Null).await.json();
    assert_eq!(narrow["total_count"], 0);
    let by_sha = format!("{RUNS}?head_sha={}&branch=main&event=push", newest["head_sha"].as_str().unwrap());
    assert_eq!(ask(at, "GET", &by_sha, Value::Null).await.json()["total_count"], 1);
    stand_in.stop().await.unwrap();
}

/// A stand-in whose build that comes first begins at once.
async fn with_build(more: &str) -> StandIn {
    let text = format!("name = \"x\"\nabout = \"y\"\n[[build]]\nafter = 0\nruns_for = 60\n{more}\n");
    let scenario = Scenario::parse("x.toml", &text).unwrap();
    StandIn::start(Options { scenario, launch: Launch::Task, port: 0 }).await.unwrap()
}

/// Lets the builds believe that so many seconds have passed.
fn age(stand_in: &StandIn, seconds: u64) {
    stand_in.control().with_clouds(|clouds| clouds.builds.age(Duration::from_secs(seconds)));
}

#[tokio::test]
async fn a_failed_run_is_run_again_and_counts_its_attempts() {
    let stand_in = with_build("outcome = \"failure\"\nagain = \"success\"").await;
    let at = stand_in.address();
    let newest = ask(at, "GET", RUNS, Value::Null).await.json()["workflow_runs"][0].clone();
    let id = &newest["id"];
    assert_eq!((newest["status"].as_str(), &newest["conclusion"]), (Some("queued"), &Value::Null));
    let early = ask(at, "POST", &format!("{RUNS}/{id}/rerun"), Value::Null).await;
    assert_eq!(early.status, 403, "{}", early.text);
    age(&stand_in, 70);
    assert_eq!(run(at, id).await["conclusion"], "failure");
    let jobs = ask(at, "GET", &format!("{RUNS}/{id}/jobs"), Value::Null).await.json()["jobs"].clone();
    assert_eq!((&jobs[0]["conclusion"], &jobs[1]["conclusion"]), (&json!("failure"), &json!("skipped")));
    assert_eq!(jobs[0]["steps"][2]["conclusion"], "failure");
    let again = ask(at, "POST", &format!("{RUNS}/{id}/rerun-failed-jobs"), Value::Null).await;
    assert_eq!((again.status, again.json()), (201, json!({})));
    let second = run(at, id).await;
    assert_eq!((&second["run_attempt"], &second["id"]), (&json!(2), id));
    assert!(second["previous_attempt_url"].as_str().unwrap().ends_with("/attempts/1"));
    let first = ask(at, "GET", &format!("{RUNS}/{id}/attempts/1"), Value::Null).await.json();
    assert_eq!(first["conclusion"], "failure");
    let all = ask(at, "GET", &format!("{RUNS}/{id}/jobs?filter=all"), Value::Null).await.json();
    assert_eq!(all["total_count"], 3, "two of the first attempt, one so far of the second");
    age(&stand_in, 70);
    assert_eq!(run(at, id).await["conclusion"], "success");
    assert_eq!(stand_in.control().counts().writes.get("github:actions.runs.rerunFailedJobs"), Some(&1));
    stand_in.stop().await.unwrap();
}

#[tokio::test]
async fn a_run_is_cancelled_once() {
    let stand_in = with_build("outcome = \"success\"").await;
    let at = stand_in.address();
    age(&stand_in, 10);
    let id = ask(at, "GET", RUNS, Value::Null).await.json()["workflow_runs"][0]["id"].clone();
    assert_eq!(run(at, &id).await["status"], "in_progress");
    let cancelled = ask(at, "POST", &format!("{RUNS}/{id}/cancel"), Value::Null).await;
    assert_eq!((cancelled.status, cancelled.json()), (202, json!({})));
    assert_eq!(run(at, &id).await["conclusion"], "cancelled");
    assert_eq!(ask(at, "POST", &format!("{RUNS}/{id}/cancel"), Value::Null).await.status, 409);
    assert_eq!(ask(at, "POST", &format!("{RUNS}/1/cancel"), Value::Null).await.status, 404);
    stand_in.stop().await.unwrap();
}

#[tokio::test]
async fn a_person_approves_a_run() {
    let stand_in = with_build("outcome = \"success\"\napproval = true").await;
    let at = stand_in.address();
    age(&stand_in, 30);
    let id = ask(at, "GET", RUNS, Value::Null).await.json()["workflow_runs"][0]["id"].clone();
    assert_eq!(run(at, &id).await["status"], "waiting");
    let path = format!("{RUNS}/{id}/pending_deployments");
    let pending = ask(at, "GET", &path, Value::Null).await.json();
    let environment = &pending[0]["environment"]["id"];
    let body = json!({"environment_ids": [environment], "state": "approved", "comment": "go"});
    assert_eq!(ask(at, "POST", &path, json!({"state": "maybe"})).await.status, 422);
    assert_eq!(ask(at, "POST", &path, body.clone()).await.json()[0]["environment"], "production");
    assert_eq!(ask(at, "POST", &path, body).await.status, 422, "it no longer waits");
    age(&stand_in, 70);
    assert_eq!(run(at, &id).await["conclusion"], "success");
    stand_in.stop().await.unwrap();
}

#[tokio::test]
async fn a_dispatch_starts_a_run_and_says_which_when_asked() {
    let stand_in = stand_in("steady").await;
    let at = stand_in.address();
    let path = "/repos/acme/hello/actions/workflows/image.yml/dispatches";
    let silent = ask(at, "POST", path, json!({"ref": "main"})).await;
    assert_eq!((silent.status, silent.text.as_str()), (204, ""));
    let told = ask(at, "POST", path, json!({"ref": "refs/heads/main", "return_run_details": true})).await;
    assert_eq!(told.status, 200);
    let started = run(at, &told.json()["workflow_run_id"]).await;
    assert_eq!((started["event"].as_str(), started["run_attempt"].as_u64()), (Some("workflow_dispatch"), Some(1)));
    let refusals = [
        json!({}),
        json!({"ref": "nope"}),
        json!({"ref": "main", "inputs": {"x": "y"}}),
        json!({"ref": "main", "branch": "x"}),
    ];
    for body in refusals {
        assert_eq!(ask(at, "POST", path, body.clone()).await.status, 422, "{body}");
    }
    assert_eq!(ask(at, "POST", &path.replace("image", "other"), json!({"ref": "main"})).await.status, 404);
    assert_eq!(ask(at, "GET", "/repos/acme/hello/actions/workflows", Value::Null).await.json()["total_count"], 1);
    stand_in.stop().await.unwrap();
}

#[tokio::test]
async fn an_hour_has_so_many_calls_and_what_has_not_changed_costs_none() {
    let stand_in = stand_in("steady").await;
    let at = stand_in.address();
    stand_in.control().with_clouds(|clouds| clouds.quota.limit = 3);
    let first = ask(at, "GET", RUNS, Value::Null).await;
    assert_eq!((first.header("x-ratelimit-remaining"), first.header("x-ratelimit-used")), ("2", "1"));
    assert_eq!(first.header("x-github-api-version-selected"), "2022-11-28");
    let headers = [&CREDENTIALS[..], &[("if-none-match", first.header("etag"))]].concat();
    for _ in 0..5 {
        let same = send(at, request("GET", RUNS, &headers, &Value::Null)).await.unwrap();
        assert_eq!((same.status, same.header("x-ratelimit-remaining")), (304, "2"));
    }
    for _ in 0..2 {
        assert_eq!(ask(at, "GET", RUNS, Value::Null).await.status, 200);
    }
    let refused = ask(at, "GET", RUNS, Value::Null).await;
    assert_eq!((refused.status, refused.header("x-ratelimit-remaining")), (403, "0"));
    assert!(refused.json()["message"].as_str().unwrap().starts_with("API rate limit exceeded"));
    let rate = ask(at, "GET", "/rate_limit", Value::Null).await.json();
    assert_eq!(rate["rate"]["remaining"], 0);
    let headers = [&CREDENTIALS[..], &[("x-github-api-version", "1999-01-01")]].concat();
    assert_eq!(send(at, request("GET", RUNS, &headers, &Value::Null)).await.unwrap().status, 400);
    stand_in.stop().await.unwrap();
}
