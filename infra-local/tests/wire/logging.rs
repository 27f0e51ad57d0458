//! Cloud Logging and the metadata server.

use std::net::SocketAddr;

use serde_json::{Value, json};

use crate::{
    client::{Answer, address_of, get, google, request, send, until},
    stand_in,
};

const SERVICE: &str = "/v2/projects/acme-local/locations/europe-west1/services/hello";
const REVISION: &str = "resource.type=\"cloud_run_revision\" AND resource.labels.service_name=\"hello\"";

async fn ask(at: SocketAddr, filter: &str, more: Value) -> Answer {
    let mut body = json!({"resourceNames": ["projects/acme-local"], "filter": filter});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    google(at, "POST", "/v2/entries:list", body).await
}

async fn entries(at: SocketAddr, filter: &str) -> Vec<Value> {
    let answer = ask(at, filter, json!({"pageSize": 1000})).await;
    assert_eq!(answer.status, 200, "{filter}: {}", answer.text);
    answer.json()["entries"].as_array().cloned().unwrap_or_default()
}

#[tokio::test]
async fn what_an_instance_writes_and_answers_is_found_by_filter() {
    let stand_in = stand_in("steady").await;
    let (at, public) = (stand_in.address(), address_of(&stand_in.gcp_url()));
    assert_eq!(get(public, "/no-such-path").await.status, 404);
    let filter = format!("{REVISION} AND severity>=WARNING AND log_id(\"run.googleapis.com/stdout\")");
    let line = until("the line has arrived", || async { entries(at, &filter).await.first().cloned() }).await;
    assert_eq!((&line["httpRequest"]["status"], &line["severity"]), (&json!(404), &json!("WARNING")));
    assert!(line["resource"]["labels"]["revision_name"].as_str().unwrap().starts_with("hello-00003-"));
    let requests = format!(
        "{REVISION} AND logName=\"projects/acme-local/logs/run.googleapis.com%2Frequests\" AND httpRequest.status=404"
    );
    let found = entries(at, &requests).await;
    assert!(found[0]["httpRequest"]["requestUrl"].as_str().unwrap().ends_with("/no-such-path"), "{found:?}");
    let instance = line["labels"]["instanceId"].as_str().unwrap();
    assert!(!entries(at, &format!("labels.instanceId=\"{instance}\"")).await.is_empty());
    assert!(entries(at, "resource.labels.service_name=\"other\"").await.is_empty());
    assert!(entries(at, "timestamp>=\"2100-01-01T00:00:00Z\"").await.is_empty());
    let logs = google(at, "GET", "/v2/projects/acme-local/logs", Value::Null).await.json();
    assert!(logs["logNames"].as_array().unwrap().len() >= 4, "{logs}");
    stand_in.stop().await.unwrap();
}

#[tokio::test]
async fn a_deployment_is_in_the_audit_logs() {
    let stand_in = stand_in("tag-moved-crash").await;
    let at = stand_in.address();
    let service = google(at, "GET", SERVICE, Value::Null).await.json();
    let body = json!({"template": service["template"]});
    google(at, "PATCH", &format!("{SERVICE}?updateMask=template&forceNewRevision=true"), body).await;
    let activity = "logName=\"projects/acme-local/logs/cloudaudit.googleapis.com%2Factivity\" AND \
                    protoPayload.methodName=\"google.cloud.run.v2.Services.UpdateService\"";
    let asked = entries(at, activity).await.last().unwrap().clone();
    assert_eq!(asked["protoPayload"]["request"]["updateMask"], "template");
    assert!(asked["protoPayload"]["authenticationInfo"]["principalEmail"].as_str().unwrap().contains('@'));
    let failed = "log_id(\"cloudaudit.googleapis.com/system_event\") severity=ERROR";
    let failed = until("it has failed", || async {
        let found = entries(at, failed).await;
        (found.len() == 2).then_some(found)
    })
    .await;
    let messages: Vec<&str> =
        failed.iter().map(|entry| entry["protoPayload"]["status"]["message"].as_str().unwrap()).collect();
    assert!(
        messages[0].starts_with("Ready condition status changed to False for Revision hello-00004-"),
        "{messages:?}"
    );
    assert!(messages[1].starts_with("Ready condition status changed to False for Service hello"), "{messages:?}");
    stand_in.stop().await.unwrap();
}

#[tokio::test]
async fn entries_are_paged_in_either_order_and_nonsense_is_refused() {
    let stand_in = stand_in("steady").await;
    let at = stand_in.address();
    let audit = "logName:\"cloudaudit\"";
    let all = entries(at, audit).await;
    let mut pages = Vec::new();
    let mut token = Value::Null;
    loop {
        let more = json!({"pageSize": 4, "orderBy": "timestamp desc", "pageToken": token});
        let page = ask(at, audit, more).await.json();
        pages.extend(page["entries"].as_array().cloned().unwrap_or_default());
        token = page["nextPageToken"].clone();
        if token.is_null() {
            break;
        }
    }
    pages.reverse();
    assert_eq!((pages.len(), &pages), (9, &all));
    let refusals = [
        ("colour=\"red\"", json!({})),
        ("severity>=LOUD", json!({})),
        ("severity>=", json!({})),
        ("textPayload=~\"x.*\"", json!({})),
        ("", json!({"orderBy": "severity"})),
        ("", json!({"pageSize": -1})),
        ("", json!({"pageToken": "made-up"})),
        ("", json!({"pageSiez": 1})),
        ("", json!({"resourceNames": []})),
    ];
    for (filter, more) in refusals {
        let answer = ask(at, filter, more.clone()).await;
        assert_eq!(
            (answer.status, answer.json()["error"]["status"].as_str()),
            (400, Some("INVALID_ARGUMENT")),
            "{filter} {more}"
        );
    }
    assert_eq!(ask(at, "", json!({"resourceNames": ["projects/other"]})).await.status, 403);
    assert_eq!(stand_in.control().writes(), 0, "looking is not writing");
    stand_in.stop().await.unwrap();
}

#[tokio::test]
async fn the_metadata_server_gives_a_token_to_who_asks_rightly() {
    let stand_in = stand_in("steady").await;
    let at = stand_in.address();
    let ask = async |path: &str, headers: &[(&str, &str)]| {
        send(at, request("GET", &format!("/computeMetadata/v1/{path}"), headers, &Value::Null)).await.unwrap()
    };
    let google = [("metadata-flavor", "Google")];
    let project = ask("project/project-id", &google).await;
    assert_eq!((project.text.as_str(), project.header("metadata-flavor")), ("acme-local", "Google"));
    let token = ask("instance/service-accounts/default/token", &google).await.json();
    assert_eq!(token["token_type"], "Bearer");
    let account = ask("instance/service-accounts/default/?recursive=true", &google).await.json();
    assert_eq!(account["aliases"], json!(["default"]));
    assert_eq!(ask("project/project-id", &[]).await.status, 403, "without the header");
    assert_eq!(ask("instance/disks/", &google).await.status, 404);
    let root = send(at, request("GET", "/", &google, &Value::Null)).await.unwrap();
    assert_eq!((root.status, root.header("metadata-flavor")), (200, "Google"));
    stand_in.stop().await.unwrap();
}
