//! GitHub.

use serde_json::Value;

use crate::{
    client::{request, send},
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
