//! Cloud Build and `CodeBuild`.

use std::time::Duration;

use hello_local::{Launch, Options, Scenario, StandIn};
use serde_json::{Value, json};

use crate::client::{aws, google};

const BUILDS: &str = "/v1/projects/acme-local/locations/europe-west1/builds";
const TRIGGERS: &str = "/v1/projects/acme-local/locations/europe-west1/triggers";

/// A stand-in in which a build has been running for ten seconds.
async fn with_build(more: &str) -> StandIn {
    let text =
        format!("name = \"x\"\nabout = \"y\"\n[[build]]\nafter = 0\nruns_for = 60\noutcome = \"success\"\n{more}\n");
    let scenario = Scenario::parse("x.toml", &text).unwrap();
    let stand_in = StandIn::start(Options { scenario, launch: Launch::Task, port: 0 }).await.unwrap();
    age(&stand_in, 10);
    stand_in
}

fn age(stand_in: &StandIn, seconds: u64) {
    stand_in.control().with_clouds(|clouds| clouds.builds.age(Duration::from_secs(seconds)));
}

#[tokio::test]
async fn builds_are_filtered_and_an_unknown_filter_is_refused() {
    let stand_in = with_build("").await;
    let at = stand_in.address();
    let list = async |filter: &str| {
        let encoded = filter.replace('"', "%22").replace(' ', "+").replace('>', "%3E").replace('=', "%3D");
        google(at, "GET", &format!("{BUILDS}?filter={encoded}"), Value::Null).await
    };
    let count = |answer: &crate::client::Answer| answer.json()["builds"].as_array().map_or(0, Vec::len);
    assert_eq!(count(&list("status=\"WORKING\"").await), 1);
    assert_eq!(count(&list("status=\"SUCCESS\" OR status=\"WORKING\"").await), 4);
    assert_eq!(count(&list("trigger_id=\"5e1b7c0a-9d43-4f6e-8a21-c07d3b94e615\" AND NOT status=\"SUCCESS\"").await), 1);
    let all = list("").await.json()["builds"].clone();
    let since = all[1]["createTime"].as_str().unwrap();
    assert_eq!(count(&list(&format!("create_time>\"{since}\"")).await), 1);
    let sha = all[2]["substitutions"]["COMMIT_SHA"].as_str().unwrap();
    assert_eq!(count(&list(&format!("substitutions.COMMIT_SHA=\"{sha}\"")).await), 1);
    let unknown = list("colour=\"red\"").await;
    assert_eq!((unknown.status, unknown.json()["error"]["status"].as_str()), (400, Some("INVALID_ARGUMENT")));
    let legacy = google(at, "GET", "/v1/projects/acme-local/builds", Value::Null).await;
    assert_eq!((legacy.status, legacy.json()), (200, json!({})), "the region global is empty");
    let named = "/v1/projects/acme-local/builds?parent=projects/acme-local/locations/europe-west1";
    assert_eq!(count(&google(at, "GET", named, Value::Null).await), 4);
    stand_in.stop().await.unwrap();
}

#[tokio::test]
async fn a_build_is_cancelled_retried_and_triggered() {
    let stand_in = with_build("").await;
    let at = stand_in.address();
    let id = google(at, "GET", BUILDS, Value::Null).await.json()["builds"][0]["id"].as_str().unwrap().to_owned();
    let cancelled = google(at, "POST", &format!("{BUILDS}/{id}:cancel"), json!({})).await;
    assert_eq!((cancelled.status, cancelled.json()["status"].as_str()), (200, Some("CANCELLED")));
    assert_eq!(google(at, "POST", &format!("{BUILDS}/{id}:cancel"), json!({})).await.status, 400);
    let retried = google(at, "POST", &format!("{BUILDS}/{id}:retry"), json!({})).await.json();
    let build = &retried["metadata"]["build"];
    assert_eq!(build["status"], "QUEUED");
    assert_ne!(build["id"], id.as_str());
    assert_eq!(build["substitutions"], cancelled.json()["substitutions"], "the same commit");
    let operation = format!("/v1/{}", retried["name"].as_str().unwrap());
    assert!(google(at, "GET", &operation, Value::Null).await.json()["done"].is_null());
    age(&stand_in, 100);
    let done = google(at, "GET", &operation, Value::Null).await.json();
    assert_eq!((&done["done"], &done["response"]["status"]), (&json!(true), &json!("SUCCESS")));
    let trigger =
        google(at, "GET", TRIGGERS, Value::Null).await.json()["triggers"][0]["id"].as_str().unwrap().to_owned();
    let run = json!({"source": {"branchName": "main"}});
    let run = google(at, "POST", &format!("{TRIGGERS}/{trigger}:run"), run).await.json();
    assert_eq!(run["metadata"]["build"]["buildTriggerId"], trigger.as_str());
    let other = json!({"source": {"branchName": "other"}});
    assert_eq!(google(at, "POST", &format!("{TRIGGERS}/{trigger}:run"), other).await.status, 400);
    assert_eq!(google(at, "POST", &format!("{BUILDS}/none:retry"), json!({})).await.status, 404);
    stand_in.stop().await.unwrap();
}

#[tokio::test]
async fn a_pending_build_waits_for_a_decision() {
    let stand_in = with_build("approval = true").await;
    let at = stand_in.address();
    let build = google(at, "GET", BUILDS, Value::Null).await.json()["builds"][0].clone();
    assert_eq!((build["status"].as_str(), build["approval"]["state"].as_str()), (Some("PENDING"), Some("PENDING")));
    let approve = format!("{BUILDS}/{}:approve", build["id"].as_str().unwrap());
    assert_eq!(google(at, "POST", &approve, json!({})).await.status, 400);
    let decision = json!({"approvalResult": {"decision": "APPROVED", "comment": "go"}});
    let approved = google(at, "POST", &approve, decision.clone()).await.json();
    assert_eq!(approved["metadata"]["build"]["approval"]["result"]["comment"], "go");
    assert_eq!(google(at, "POST", &approve, decision).await.status, 400, "it no longer waits");
    age(&stand_in, 100);
    let ended = google(at, "GET", &format!("{BUILDS}/{}", build["id"].as_str().unwrap()), Value::Null).await.json();
    assert_eq!(ended["status"], "SUCCESS");
    stand_in.stop().await.unwrap();
}

#[tokio::test]
async fn code_build_lists_describes_starts_and_stops() {
    let stand_in = with_build("").await;
    let at = stand_in.address();
    let ask = async |name: &str, input: Value| aws(at, &format!("CodeBuild_20161006.{name}"), input).await.unwrap();
    let ids = ask("ListBuildsForProject", json!({"projectName": "hello"})).await.json()["ids"].clone();
    assert_eq!(ids.as_array().unwrap().len(), 4);
    let builds = ask("BatchGetBuilds", json!({"ids": [ids[0], ids[1], "hello:none"]})).await.json();
    assert_eq!(
        (&builds["builds"][0]["buildStatus"], &builds["builds"][0]["currentPhase"]),
        (&json!("IN_PROGRESS"), &json!("BUILD"))
    );
    assert_eq!(
        (&builds["builds"][1]["buildStatus"], &builds["builds"][1]["currentPhase"]),
        (&json!("SUCCEEDED"), &json!("COMPLETED"))
    );
    assert_eq!(builds["buildsNotFound"], json!(["hello:none"]));
    let stopped = ask("StopBuild", json!({"id": ids[0]})).await.json();
    assert_eq!(stopped["build"]["buildStatus"], "STOPPED");
    let input = json!({"projectName": "hello", "idempotencyToken": "once"});
    let first = ask("StartBuild", input.clone()).await.json()["build"]["id"].clone();
    assert_eq!(ask("StartBuild", input).await.json()["build"]["id"], first, "the same token is the same build");
    let sha = builds["builds"][1]["resolvedSourceVersion"].clone();
    let other = ask("StartBuild", json!({"projectName": "hello", "sourceVersion": sha})).await.json()["build"].clone();
    assert_eq!(other["resolvedSourceVersion"], sha);
    for (name, input, exception) in [
        ("ListBuildsForProject", json!({"projectName": "none"}), "ResourceNotFoundException"),
        ("BatchGetBuilds", json!({"ids": []}), "InvalidInputException"),
        ("StopBuild", json!({"id": "hello:none"}), "ResourceNotFoundException"),
        ("StartBuild", json!({"projectName": "hello", "sourceVersion": "nope"}), "InvalidInputException"),
    ] {
        assert_eq!(ask(name, input).await.json()["__type"], exception, "{name}");
    }
    assert_eq!(
        ask("BatchGetProjects", json!({"names": ["hello", "x"]})).await.json()["projectsNotFound"],
        json!(["x"])
    );
    stand_in.stop().await.unwrap();
}
