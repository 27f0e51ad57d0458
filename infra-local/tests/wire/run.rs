//! Cloud Run beyond one service: making and ending, masks, requests that are refused, where requests really go.

use std::{collections::BTreeMap, net::SocketAddr};

use hello_local::StandIn;
use serde_json::{Value, json};

use crate::{
    client::{Answer, address_of, get, google, request, send, until},
    stand_in,
};

const PARENT: &str = "/v2/projects/acme-local/locations/europe-west1";
const SERVICE: &str = "/v2/projects/acme-local/locations/europe-west1/services/hello";
const IMAGE: &str = "europe-west1-docker.pkg.dev/acme-local/hello/hello:stable";

/// Waits for the operation in the answer; how it ended.
async fn ended(at: SocketAddr, begun: &Answer) -> Value {
    assert_eq!(begun.status, 200, "{}", begun.text);
    let wait = format!("/v2/{}:wait", begun.json()["name"].as_str().unwrap());
    let ended = google(at, "POST", &wait, json!({"timeout": "10s"})).await.json();
    assert_eq!(ended["done"], true, "{ended}");
    ended
}

async fn patch(at: SocketAddr, query: &str, body: Value) -> Value {
    ended(at, &google(at, "PATCH", &format!("{SERVICE}?{query}"), body).await).await["response"].clone()
}

/// The revision that answers at this host.
async fn asked(stand_in: &StandIn, host: &str) -> Answer {
    let mut asked = request("GET", "/version", &[], &Value::Null);
    asked.headers_mut().insert("host", host.parse().unwrap());
    send(address_of(&stand_in.gcp_url()), asked).await.unwrap()
}

#[tokio::test]
async fn a_service_is_made_listed_changed_and_ended() {
    let stand_in = stand_in("steady").await;
    let at = stand_in.address();
    let body = json!({"template": {"containers": [{"image": IMAGE}]}, "labels": {"none": ""}, "ingress": 2});
    let create = format!("{PARENT}/services?serviceId=orders");
    let tried = google(at, "POST", &format!("{create}&validateOnly=true"), body.clone()).await.json();
    assert_eq!((&tried["done"], &tried["response"]["template"]["timeout"]), (&json!(true), &json!("300s")));
    let begun = google(at, "POST", &create, body.clone()).await;
    let twice = google(at, "POST", &create, body.clone()).await;
    assert_eq!((twice.status, twice.json()["error"]["status"].as_str()), (409, Some("ALREADY_EXISTS")));
    let made = ended(at, &begun).await["response"].clone();
    assert_eq!(made["ingress"], "INGRESS_TRAFFIC_INTERNAL_ONLY");
    assert_eq!(made["labels"], json!({"none": ""}), "an empty label is a label");
    assert!(made["latestReadyRevision"].as_str().unwrap().contains("/orders/revisions/orders-00001-"));
    let listed = google(at, "GET", &format!("{PARENT}/services?fields=services/name"), Value::Null).await.json();
    let names: Vec<&str> =
        listed["services"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert!(names[0].ends_with("/orders") && names[1].ends_with("/hello"), "{names:?}");
    assert_eq!(listed["services"][0].as_object().unwrap().len(), 1, "only the name was asked for");
    let gone = google(at, "DELETE", &format!("{PARENT}/services/orders"), Value::Null).await;
    ended(at, &gone).await;
    assert_eq!(google(at, "GET", &format!("{PARENT}/services/orders"), Value::Null).await.status, 404);
    let again = google(at, "PATCH", &format!("{PARENT}/services/orders?allowMissing=true"), body).await;
    assert_ne!(ended(at, &again).await["response"]["uid"], made["uid"], "it is another one");
    stand_in.stop().await.unwrap();
}

#[tokio::test]
async fn requests_that_are_not_the_apis_are_refused_with_the_place() {
    let stand_in = stand_in("steady").await;
    let at = stand_in.address();
    let violation = async |method: &str, path: &str, body: Value| {
        let refused = google(at, method, path, body).await;
        assert_eq!((refused.status, refused.json()["error"]["status"].as_str()), (400, Some("INVALID_ARGUMENT")));
        let details = refused.json()["error"]["details"][0].clone();
        assert_eq!(details["@type"], "type.googleapis.com/google.rpc.BadRequest", "{}", refused.text);
        details["fieldViolations"][0].clone()
    };
    let unknown = violation("PATCH", SERVICE, json!({"template": {"flavour": 1}})).await;
    assert_eq!(
        unknown["description"],
        "Invalid JSON payload received. Unknown name \"flavour\" at 'service.template': Cannot find field."
    );
    assert_eq!(unknown["field"], "service.template");
    assert_eq!(violation("PATCH", SERVICE, json!({"labels": {"a": 1}})).await["field"], "service.labels");
    assert_eq!(violation("PATCH", SERVICE, json!({"ingress": "SOMETIMES"})).await["field"], "service.ingress");
    assert_eq!(violation("GET", &format!("{PARENT}/services?pageSize=x"), Value::Null).await["field"], "page_size");
    let parameter = violation("GET", &format!("{SERVICE}?updateMask=template"), Value::Null).await;
    assert!(parameter["description"].as_str().unwrap().contains("Cannot bind query parameter"), "{parameter}");
    let wait = violation("POST", &format!("{PARENT}/operations/x:wait"), json!({"timeout": "soon"})).await;
    assert_eq!(wait["field"], "timeout");
    for (method, path) in [("PUT", SERVICE), ("POST", &format!("{SERVICE}:fly")), ("GET", &format!("{PARENT}/jugs"))] {
        assert_eq!(google(at, method, path, Value::Null).await.status, 404, "{method} {path}");
    }
    let nowhere = google(at, "GET", "/v2/projects/acme-local/locations/-/services", Value::Null).await;
    assert_eq!(nowhere.status, 400);
    let elsewhere = google(at, "GET", "/v2/projects/acme-local/locations/us-central1/services", Value::Null).await;
    assert_eq!((elsewhere.status, elsewhere.json()), (200, json!({})));
    stand_in.stop().await.unwrap();
}

#[tokio::test]
async fn a_revision_that_is_not_needed_can_be_ended_and_a_serving_one_cannot() {
    let stand_in = stand_in("steady").await;
    let at = stand_in.address();
    let revisions = google(at, "GET", &format!("{PARENT}/services/-/revisions"), Value::Null).await.json();
    let path = |index: usize| format!("/v2/{}", revisions["revisions"][index]["name"].as_str().unwrap());
    let serving = google(at, "DELETE", &path(0), Value::Null).await;
    assert_eq!((serving.status, serving.json()["error"]["status"].as_str()), (400, Some("FAILED_PRECONDITION")));
    let gone = ended(at, &google(at, "DELETE", &path(2), Value::Null).await).await;
    assert_eq!(gone["response"]["@type"], "type.googleapis.com/google.cloud.run.v2.Revision");
    assert!(gone["response"]["deleteTime"].is_string());
    assert_eq!(google(at, "GET", &path(2), Value::Null).await.status, 404);
    stand_in.stop().await.unwrap();
}

#[tokio::test]
async fn requests_go_where_the_traffic_says_and_tags_have_their_own_way() {
    let stand_in = stand_in("steady").await;
    let at = stand_in.address();
    let revisions = google(at, "GET", &format!("{SERVICE}/revisions"), Value::Null).await.json();
    let name = |index: usize| {
        let full = revisions["revisions"][index]["name"].as_str().unwrap();
        full.rsplit('/').next().unwrap().to_owned()
    };
    let traffic = json!([
        {"type": 1, "percent": 70},
        {"type": 2, "revision": name(1), "percent": 30},
        {"type": 2, "revision": name(2), "tag": "first"},
    ]);
    let split = patch(at, "updateMask=traffic", json!({"traffic": traffic})).await;
    assert!(split["trafficStatuses"][2]["uri"].as_str().unwrap().starts_with("http://first---127.0.0.1:"));
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    for _ in 0..100 {
        let answer = asked(&stand_in, "hello.example").await;
        *seen.entry(answer.json()["revision"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    assert_eq!(seen, BTreeMap::from([(name(0), 70), (name(1), 30)]));
    // Nothing runs for the tag until somebody asks.
    let tagged = asked(&stand_in, "first---127.0.0.1:80").await;
    assert_eq!((tagged.status, tagged.json()["revision"].as_str()), (200, Some(name(2).as_str())));
    assert_eq!(asked(&stand_in, "orders.localhost:80").await.status, 404);
    stand_in.stop().await.unwrap();
}

#[tokio::test]
async fn a_service_scaled_to_nothing_starts_when_it_is_asked() {
    let stand_in = stand_in("steady").await;
    let at = stand_in.address();
    let service = patch(at, "updateMask=template.scaling", json!({})).await;
    let newest = service["latestReadyRevision"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    until("nothing runs", || async {
        let on_run = |live: &hello_local::Live| live.provider == hello_local::Provider::Gcp;
        (!stand_in.control().instances().iter().any(on_run)).then_some(())
    })
    .await;
    let revision = google(at, "GET", &format!("{SERVICE}/revisions/{newest}"), Value::Null).await.json();
    let conditions = revision["conditions"].as_array().unwrap();
    assert!(conditions.iter().any(|condition| condition["revisionReason"] == "RESERVE"), "{conditions:?}");
    let answer = get(address_of(&stand_in.gcp_url()), "/version").await;
    assert_eq!((answer.status, answer.json()["revision"].as_str()), (200, Some(newest.as_str())));
    stand_in.stop().await.unwrap();
}

#[tokio::test]
async fn many_services_come_in_pages() {
    let stand_in = stand_in("many").await;
    let at = stand_in.address();
    let (mut names, mut token, mut pages) = (Vec::new(), String::new(), 0);
    loop {
        let page = google(at, "GET", &format!("{PARENT}/services?pageSize=100&pageToken={token}"), Value::Null).await;
        let page = page.json();
        let services = page["services"].as_array().unwrap();
        names.extend(services.iter().map(|service| service["name"].as_str().unwrap().to_owned()));
        pages += 1;
        match page["nextPageToken"].as_str() {
            Some(next) => next.clone_into(&mut token),
            None => break,
        }
    }
    assert_eq!((names.len(), pages), (250, 3));
    names.sort();
    names.dedup();
    assert_eq!(names.len(), 250);
    stand_in.stop().await.unwrap();
}
