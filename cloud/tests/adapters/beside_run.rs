//! What stands beside Cloud Run: Cloud Logging, a token that is taken back, and many services at once.

use std::sync::atomic::{AtomicUsize, Ordering};

use hello_cloud::{BuildSource, ErrorKind, Provider, Readiness, builds, gcp};
use serde_json::{Value, json};

use crate::server::{Answer, Request, Server, token};

fn service(name: &str) -> Value {
    json!({"name": format!("projects/acme/locations/europe-west1/services/{name}"), "etag": "e1", "generation": "1",
           "observedGeneration": "1", "uri": "https://hello.example",
           "latestCreatedRevision": format!("projects/acme/locations/europe-west1/services/{name}/revisions/{name}-00001-a"),
           "terminalCondition": {"type": "Ready", "state": "CONDITION_SUCCEEDED"}})
}

/// A project with one service; Cloud Logging is answered by the test.
async fn project(logging: impl Fn(&Value) -> Answer + Send + Sync + 'static) -> Server {
    Server::start(move |request| {
        if request.line.contains("/token") {
            token()
        } else if request.line.contains("entries:list") {
            logging(&serde_json::from_str(&request.body).unwrap())
        } else if request.line.contains("/revisions") {
            Answer::Json(json!({}))
        } else {
            Answer::Json(service("hello"))
        }
    })
    .await
}

fn is_logging(request: &Request) -> bool {
    request.line.contains("entries:list")
}

#[tokio::test]
async fn events_say_what_was_done_by_whom_and_are_not_read_each_time() {
    let server = project(|_| {
        Answer::Json(json!({"entries": [{"insertId": "a", "timestamp": "2026-11-21T10:00:00Z",
            "protoPayload": {"methodName": "google.cloud.run.v2.Services.UpdateService",
                             "authenticationInfo": {"principalEmail": "ann@acme.example"}}}]}))
    })
    .await;
    let run = server.run();
    let events = run.observe("hello", None).await.unwrap().events.unwrap();
    assert_eq!(events.len(), 1);
    assert_eq!((events[0].message.raw(), events[0].by.as_ref().unwrap().raw()), ("UpdateService", "ann@acme.example"));
    assert_eq!(run.observe("hello", None).await.unwrap().events.unwrap(), events);
    assert_eq!(server.count(is_logging), 1, "nothing changed, and the quota is small");
    let request = server.seen().into_iter().find(is_logging).unwrap();
    assert_eq!(request.line, "POST /v2/entries:list");
    let asked: Value = serde_json::from_str(&request.body).unwrap();
    assert_eq!(asked["resourceNames"], json!(["projects/acme"]));
    assert_eq!(asked["orderBy"], "timestamp desc");
    let filter = asked["filter"].as_str().unwrap();
    for part in [
        r#"resource.labels.service_name="hello""#,
        r#"resource.labels.location="europe-west1""#,
        r#"logName="projects/acme/logs/cloudaudit.googleapis.com%2Factivity""#,
        r#"timestamp>=""#,
    ] {
        assert!(filter.contains(part), "{filter}");
    }
}

#[tokio::test]
async fn logging_that_may_not_be_read_or_is_not_there_blanks_nothing_else() {
    for (status, kind) in [(403, ErrorKind::Denied), (404, ErrorKind::NotFound), (503, ErrorKind::Unavailable)] {
        let server = project(move |_| Answer::With(status, vec![], "{}".into())).await;
        let seen = server.run().observe("hello", None).await.unwrap();
        assert_eq!(seen.events.unwrap_err().kind, kind);
        assert_eq!(seen.readiness.state, Readiness::Ready);
        assert!(seen.revisions.is_ok() && seen.failures.is_ok() && seen.targets == Ok(None));
        assert_eq!(seen.slowed, None);
    }
}

#[tokio::test]
async fn a_throttled_log_never_slows_the_service_itself() {
    let server = project(|_| Answer::With(429, vec![("retry-after", "60".into())], "{}".into())).await;
    let run = server.run();
    let seen = run.observe("hello", None).await.unwrap();
    assert!(matches!(seen.events.unwrap_err().kind, ErrorKind::Throttled { retry_after: Some(_) }));
    assert_eq!(seen.slowed, None, "logging has a budget of its own");
    let error = run.logs("hello", None, 5).await.unwrap_err();
    assert!(matches!(error.kind, ErrorKind::Throttled { retry_after: Some(_) }), "{error}");
    assert_eq!(server.count(is_logging), 1, "asked to wait, and waiting");
}

#[tokio::test]
async fn lines_come_oldest_first_once_each_and_over_pages() {
    let entry = |n: u32| {
        json!({"insertId": format!("i{n}"), "timestamp": format!("2026-11-21T10:00:0{n}Z"), "severity": "INFO",
               "textPayload": format!("line {n}"), "resource": {"labels": {"revision_name": "hello-00001-a"}}})
    };
    let server = project(move |asked| {
        Answer::Json(match asked["pageToken"].as_str() {
            None => json!({"entries": [entry(4), entry(3)], "nextPageToken": "a"}),
            Some("a") => json!({"nextPageToken": "b"}),
            Some(_) => json!({"entries": [entry(3), entry(2), entry(1)]}),
        })
    })
    .await;
    let run = server.run();
    let logs = run.logs("hello", None, 10).await.unwrap();
    assert!(logs.complete);
    let told: Vec<_> = logs.lines.iter().map(|line| line.text.raw()).collect();
    assert_eq!(told, ["line 1", "line 2", "line 3", "line 4"]);
    let newest = run.logs("hello", Some(hello_cloud::Timestamp::from_millis(0)), 2).await.unwrap();
    assert_eq!(newest.lines.iter().map(|line| line.text.raw()).collect::<Vec<_>>(), ["line 3", "line 4"]);
    let asked: Value = serde_json::from_str(&server.seen().last().unwrap().body).unwrap();
    let filter = asked["filter"].as_str().unwrap();
    assert!(filter.ends_with(r#"timestamp>="1970-01-01T00:00:00Z""#), "{filter}");
    assert!(filter.contains(r#"logName!="projects/acme/logs/cloudaudit.googleapis.com%2Factivity""#), "{filter}");
}

#[tokio::test]
async fn a_search_that_did_not_come_to_its_end_is_not_no_events() {
    // Empty pages with a token mean that the search goes on.
    let server = project(|_| Answer::Json(json!({"nextPageToken": "further"}))).await;
    let run = server.run();
    let error = run.observe("hello", None).await.unwrap().events.unwrap_err();
    assert_eq!((error.kind, error.call), (ErrorKind::Unexpected, "logging.logEntries.list"), "{error}");
    let logs = run.logs("hello", None, 10).await.unwrap();
    assert!(logs.lines.is_empty() && !logs.complete);
}

#[tokio::test]
async fn events_that_were_found_are_told_although_older_ones_were_not_searched() {
    let server = project(|asked| {
        let entry = json!({"insertId": "a", "timestamp": "2026-11-21T10:00:00Z",
                           "protoPayload": {"methodName": "google.cloud.run.v2.Services.UpdateService"}});
        let entries = if asked["pageToken"].is_null() { vec![entry] } else { vec![] };
        Answer::Json(json!({"entries": entries, "nextPageToken": "further"}))
    })
    .await;
    assert_eq!(server.run().observe("hello", None).await.unwrap().events.unwrap().len(), 1);
}

#[tokio::test]
async fn revisions_whose_pages_do_not_end_are_an_error() {
    let server = Server::start(|request| match request.line.as_str() {
        line if line.contains("/token") => token(),
        line if line.contains("/revisions") => Answer::Json(json!({"nextPageToken": "further"})),
        line if line.contains("entries:list") => Answer::Json(json!({})),
        _ => Answer::Json(service("hello")),
    })
    .await;
    let error = server.run().observe("hello", None).await.unwrap().revisions.unwrap_err();
    assert_eq!((error.kind, error.call), (ErrorKind::Unexpected, "run.revisions.list"), "{error}");
}

#[tokio::test]
async fn a_revision_that_serves_is_known_however_old_it_is() {
    let prefix = "projects/acme/locations/europe-west1/services/hello";
    let server = Server::start(move |request| {
        let revision =
            |name: &str| json!({"name": format!("{prefix}/revisions/{name}"), "createTime": "2026-11-21T10:00:00Z"});
        if request.line.contains("/token") {
            token()
        } else if request.line.contains("/revisions/hello-00001-a") {
            Answer::Json(revision("hello-00001-a"))
        } else if request.line.contains("/revisions") {
            Answer::Json(json!({"revisions": [revision("hello-00900-z")], "nextPageToken": ""}))
        } else if request.line.contains("entries:list") {
            Answer::Json(json!({}))
        } else {
            let mut held = service("hello");
            held["trafficStatuses"] = json!([{"type": "TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION",
                                              "revision": "hello-00001-a", "percent": 100}]);
            Answer::Json(held)
        }
    })
    .await;
    let seen = server.run().observe("hello", None).await.unwrap();
    assert_eq!(seen.main_revision().map(|revision| revision.name.raw()), Some("hello-00001-a"));
    assert_eq!(seen.revisions.unwrap().len(), 2);
}

#[tokio::test]
async fn a_token_that_was_taken_back_is_asked_for_anew_once() {
    let tokens = AtomicUsize::new(0);
    let server = Server::start(move |request| {
        if request.line.contains("/token") {
            let n = tokens.fetch_add(1, Ordering::SeqCst);
            return Answer::Json(
                json!({"access_token": format!("token-{n}"), "expires_in": 3600, "token_type": "Bearer"}),
            );
        }
        match request.header("authorization") {
            Some("Bearer token-0") | None => Answer::With(401, vec![], "{}".into()),
            Some(_) => Answer::Json(json!({"services": [service("hello")]})),
        }
    })
    .await;
    assert_eq!(server.run().services().await.unwrap(), ["hello"]);
    assert_eq!(server.count(|request| request.line.contains("/token")), 2);
    assert_eq!(server.count(|request| request.line.starts_with("GET")), 2);
}

#[tokio::test]
async fn all_services_come_in_one_call_for_each_page() {
    let server = Server::start(|request| {
        if request.line.contains("/token") {
            return token();
        }
        assert!(request.line.contains("pageSize=1000"), "{}", request.line);
        let (from, to, next) = if request.line.contains("pageToken") { (125, 250, "") } else { (0, 125, "more") };
        let services: Vec<_> = (from..to).map(|n| service(&format!("service-{n}"))).collect();
        Answer::Json(json!({"services": services, "nextPageToken": next}))
    })
    .await;
    let summaries = server.run().summaries().await.unwrap();
    assert_eq!(summaries.len(), 250);
    let standing = summaries[200].standing.as_ref().unwrap();
    assert_eq!(standing.readiness.state, Readiness::Ready);
    assert_eq!(standing.wanted.as_ref().unwrap().raw(), "service-200-00001-a");
    assert_eq!(standing.url.as_ref().unwrap().raw(), "https://hello.example");
    assert_eq!(server.count(|request| request.line.starts_with("GET")), 2);
}

#[tokio::test]
async fn a_place_that_could_not_be_asked_is_no_empty_list() {
    let server = Server::start(|request| {
        if request.line.contains("/token") { token() } else { Answer::Json(json!({"unreachable": ["europe-west1"]})) }
    })
    .await;
    assert_eq!(server.run().summaries().await.unwrap_err().kind, ErrorKind::Unavailable);
}

#[tokio::test]
async fn builds_are_asked_for_by_trigger_and_kept_by_branch() {
    let server = Server::start(|request| {
        if request.line.contains("/token") {
            return token();
        }
        let build =
            |id: &str, branch: &str| json!({"id": id, "status": "SUCCESS", "substitutions": {"BRANCH_NAME": branch}});
        Answer::Json(json!({"builds": [build("1", "main"), build("2", "topic")]}))
    })
    .await;
    let credentials = gcp::Credentials::Json(server.adc());
    let source = builds::CloudBuild::new("acme", "global", Some(&server.url()), &credentials).unwrap();
    let only = builds::Only { trigger: Some("t\"1".into()), branch: Some("main".into()) };
    let seen = source.only(only).recent(5).await.unwrap();
    assert_eq!(seen.iter().map(|build| build.id.as_str()).collect::<Vec<_>>(), ["1"]);
    let line = server.seen().last().unwrap().line.clone();
    assert!(line.contains("filter=trigger_id%3D%22t%5C%221%22"), "{line}");
}

#[tokio::test]
async fn a_branch_that_was_not_found_among_the_newest_builds_is_not_without_builds() {
    let server = Server::start(|request| {
        if request.line.contains("/token") {
            return token();
        }
        let others = json!([{"id": "2", "status": "SUCCESS", "substitutions": {"BRANCH_NAME": "topic"}}]);
        Answer::Json(json!({"builds": others, "nextPageToken": "further"}))
    })
    .await;
    let credentials = gcp::Credentials::Json(server.adc());
    let source = || builds::CloudBuild::new("acme", "global", Some(&server.url()), &credentials).unwrap();
    let of = |branch: &str| builds::Only { trigger: None, branch: Some(branch.into()) };
    let error = source().only(of("main")).recent(5).await.unwrap_err();
    assert_eq!((error.kind, error.call), (ErrorKind::Unexpected, "cloudbuild.builds.list"), "{error}");
    assert!(error.hint.unwrap().contains("trigger"), "which costs no page");
    let some = source().only(of("topic")).recent(500).await.unwrap();
    assert!(!some.is_empty(), "the newest are told although older ones were not searched");
}
