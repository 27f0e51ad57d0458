//! Cloud Run, Cloud Build, Artifact Registry and the token endpoint.

use serde_json::{Value, json};

use crate::{
    client::{address_of, get, google, request, send},
    stand_in,
};

const SERVICE: &str = "/v2/projects/acme-local/locations/europe-west1/services/hello";

fn has_default(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Bool(true) => false,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty() || items.iter().any(has_default),
        Value::Object(fields) => fields.values().any(has_default),
    }
}

#[tokio::test]
async fn a_service_is_described_in_googles_json() {
    let stand_in = stand_in("steady").await;
    let service = google(stand_in.address(), "GET", &format!("{SERVICE}?$alt=json"), Value::Null).await.json();
    assert!(!has_default(&service), "defaults are left out: {service}");
    // The generated clients ask for enums as numbers.
    let numbered =
        google(stand_in.address(), "GET", &format!("{SERVICE}?$alt=json;enum-encoding=int"), Value::Null).await.json();
    assert_eq!((&numbered["terminalCondition"]["state"], &numbered["traffic"][0]["type"]), (&json!(4), &json!(1)));
    assert_eq!((&service["generation"], &service["observedGeneration"]), (&json!("3"), &json!("3")));
    assert_eq!(service["terminalCondition"]["state"], "CONDITION_SUCCEEDED");
    assert_eq!(service["trafficStatuses"][0]["percent"], 100);
    assert_eq!(service["uri"], stand_in.gcp_url());
    let listed =
        google(stand_in.address(), "GET", "/v2/projects/acme-local/locations/europe-west1/services", Value::Null).await;
    assert_eq!(listed.json()["services"][0]["name"], service["name"]);
    stand_in.stop().await.unwrap();
}

#[tokio::test]
async fn refusals_have_googles_shape() {
    let stand_in = stand_in("steady").await;
    let at = stand_in.address();
    let unsigned = get(at, SERVICE).await;
    assert_eq!((unsigned.status, unsigned.json()["error"]["status"].as_str()), (401, Some("UNAUTHENTICATED")));
    let missing = google(at, "GET", &SERVICE.replace("services/hello", "services/nope"), Value::Null).await;
    assert_eq!(missing.status, 404);
    let message = "Resource 'nope' of kind 'SERVICE' in region 'europe-west1' in project 'acme-local' does not exist.";
    assert_eq!(missing.json()["error"]["message"], message);
    let other = google(at, "GET", &SERVICE.replace("acme-local", "other"), Value::Null).await;
    assert_eq!((other.status, other.json()["error"]["status"].as_str()), (403, Some("PERMISSION_DENIED")));
    let stale = json!({"etag": "\"old\"", "traffic": []});
    let stale = google(at, "PATCH", &format!("{SERVICE}?updateMask=traffic"), stale).await;
    assert_eq!((stale.status, stale.json()["error"]["status"].as_str()), (409, Some("ABORTED")));
    let mask = google(at, "PATCH", &format!("{SERVICE}?updateMask=trafic"), json!({})).await;
    assert_eq!((mask.status, mask.json()["error"]["status"].as_str()), (400, Some("INVALID_ARGUMENT")));
    let sum = json!({"traffic": [{"type": 1, "percent": 90}]});
    let sum = google(at, "PATCH", &format!("{SERVICE}?updateMask=traffic"), sum).await;
    assert_eq!(sum.status, 400);
    let operation =
        google(at, "GET", "/v2/projects/acme-local/locations/europe-west1/operations/none", Value::Null).await;
    assert_eq!(operation.status, 404);
    assert!(stand_in.control().with_clouds(|clouds| clouds.run.generation == 3), "nothing was changed");
    stand_in.stop().await.unwrap();
}

#[tokio::test]
async fn redeploy_hold_and_release_are_operations() {
    let stand_in = stand_in("steady").await;
    let (at, public) = (stand_in.address(), address_of(&stand_in.gcp_url()));
    let revision = || async { get(public, "/version").await.json()["revision"].as_str().unwrap().to_owned() };
    let patch = async |query: &str, body: Value| {
        let begun = google(at, "PATCH", &format!("{SERVICE}?{query}"), body).await.json();
        assert!(begun["done"].is_null(), "it takes a while: {begun}");
        assert_eq!(begun["metadata"]["@type"], "type.googleapis.com/google.cloud.run.v2.Service");
        let name = begun["name"].as_str().unwrap().to_owned();
        let ended = google(at, "POST", &format!("/v2/{name}:wait"), json!({"timeout": "10s"})).await.json();
        assert_eq!(ended["done"], true);
        assert_eq!(google(at, "GET", &format!("/v2/{name}"), Value::Null).await.json()["done"], true);
        ended["response"].clone()
    };
    let before = revision().await;
    let service = google(at, "GET", SERVICE, Value::Null).await.json();
    let body = json!({"etag": service["etag"], "template": service["template"]});
    let after = patch("updateMask=template&forceNewRevision=true", body).await;
    assert!(after["latestReadyRevision"].as_str().unwrap().contains("hello-00004-"));
    assert_eq!(after["reconciling"], Value::Null);
    let newest = revision().await;
    assert!(newest.starts_with("hello-00004-"), "{newest}");
    let target = json!([{"type": "TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION", "revision": before, "percent": 100}]);
    let held = patch("updateMask=traffic", json!({"etag": after["etag"], "traffic": target})).await;
    assert_eq!(held["trafficStatuses"][0]["revision"], before);
    assert_eq!(revision().await, before);
    let latest = json!([{"type": "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST", "percent": 100}]);
    patch("updateMask=traffic", json!({"etag": held["etag"], "traffic": latest})).await;
    assert_eq!(revision().await, newest);
    assert_eq!(stand_in.control().writes(), 3, "waiting is not a write");
    stand_in.stop().await.unwrap();
}

#[tokio::test]
async fn revisions_are_paged_and_an_empty_token_is_no_token() {
    let stand_in = stand_in("steady").await;
    let first = google(stand_in.address(), "GET", &format!("{SERVICE}/revisions?pageSize=2&pageToken="), Value::Null)
        .await
        .json();
    let token = first["nextPageToken"].as_str().unwrap();
    let second = format!("{SERVICE}/revisions?pageSize=2&pageToken={token}");
    let second = google(stand_in.address(), "GET", &second, Value::Null).await.json();
    let names = [&first["revisions"][0], &first["revisions"][1], &second["revisions"][0]];
    let names: Vec<&str> = names.iter().map(|revision| revision["name"].as_str().unwrap()).collect();
    assert!(names[0].contains("hello-00003-") && names[2].contains("hello-00001-"), "{names:?}");
    assert!(second["nextPageToken"].is_null());
    let all = google(stand_in.address(), "GET", &format!("{SERVICE}/revisions?pageSize=0"), Value::Null).await.json();
    assert_eq!(all["revisions"].as_array().unwrap().len(), 3);
    stand_in.stop().await.unwrap();
}

#[tokio::test]
async fn a_broken_build_ends_the_operation_with_an_error_and_the_old_revision_serves() {
    let stand_in = stand_in("tag-moved-crash").await;
    let at = stand_in.address();
    let service = google(at, "GET", SERVICE, Value::Null).await.json();
    let body = json!({"template": service["template"]});
    let begun = google(at, "PATCH", &format!("{SERVICE}?updateMask=template&forceNewRevision=true"), body).await.json();
    let wait = format!("/v2/{}:wait", begun["name"].as_str().unwrap());
    let ended = google(at, "POST", &wait, json!({})).await.json();
    assert_eq!(ended["error"]["code"], 9);
    let now = google(at, "GET", SERVICE, Value::Null).await.json();
    assert_eq!(now["terminalCondition"]["state"], "CONDITION_FAILED");
    assert_eq!(now["latestReadyRevision"], service["latestReadyRevision"]);
    assert_ne!(now["latestCreatedRevision"], service["latestCreatedRevision"]);
    assert_eq!(get(address_of(&stand_in.gcp_url()), "/").await.status, 200);
    stand_in.stop().await.unwrap();
}

#[tokio::test]
async fn builds_and_images_carry_the_digests_of_the_revisions() {
    let stand_in = stand_in("steady").await;
    let at = stand_in.address();
    let builds = google(at, "GET", "/v1/projects/acme-local/locations/europe-west1/builds?pageSize=10", Value::Null)
        .await
        .json();
    let build = &builds["builds"][0];
    assert_eq!((build["status"].as_str(), builds["builds"].as_array().unwrap().len()), (Some("SUCCESS"), 3));
    let digest = build["results"]["images"][0]["digest"].as_str().unwrap();
    let revisions = google(at, "GET", &format!("{SERVICE}/revisions"), Value::Null).await.json();
    let resolved = revisions["revisions"][0]["containerStatuses"][0]["imageDigest"].as_str().unwrap();
    assert!(resolved.ends_with(digest), "{resolved} {digest}");
    let path = "/v1/projects/acme-local/locations/europe-west1/repositories/hello/dockerImages";
    let images = google(at, "GET", path, Value::Null).await.json();
    let image = images["dockerImages"].as_array().unwrap().iter().find(|image| image["uri"] == resolved).unwrap();
    assert!(image["tags"].as_array().unwrap().contains(&build["substitutions"]["COMMIT_SHA"]));
    let elsewhere = google(at, "GET", "/v1/projects/acme-local/locations/global/builds", Value::Null).await;
    assert_eq!((elsewhere.status, elsewhere.json()), (200, json!({})));
    stand_in.stop().await.unwrap();
}

#[tokio::test]
async fn the_refresh_token_of_the_file_is_good_for_a_token_and_another_is_not() {
    let stand_in = stand_in("steady").await;
    let adc = stand_in.adc();
    let exchange = async |refresh: &str| {
        let body = format!("grant_type=refresh_token&refresh_token={refresh}&client_id=x&client_secret=y");
        let mut asked =
            request("POST", "/token", &[("content-type", "application/x-www-form-urlencoded")], &Value::Null);
        *asked.body_mut() = body.into();
        send(stand_in.address(), asked).await.unwrap()
    };
    assert_eq!(adc["token_uri"], format!("http://{}/token", stand_in.address()));
    let good = exchange(adc["refresh_token"].as_str().unwrap()).await;
    assert_eq!((good.status, good.json()["token_type"].as_str()), (200, Some("Bearer")));
    let bad = exchange("stolen").await;
    assert_eq!((bad.status, bad.json()["error"].as_str()), (400, Some("invalid_grant")));
    stand_in.stop().await.unwrap();
}
