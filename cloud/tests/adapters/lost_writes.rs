//! A write is sent once. When its answer is lost, what the service shows decides: found, or outcome unknown.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering::SeqCst},
};

use hello_cloud::{Change, ErrorKind, Order, Provider, RevisionId, StartError};
use serde_json::{Value, json};

use crate::server::{Answer, Request, Server, token};

const DEFINITION: &str = "arn:aws:ecs:eu-central-1:123456789012:task-definition/hello:3";

fn deployment_arn(n: u8) -> String {
    format!("arn:aws:ecs:eu-central-1:123456789012:service-deployment/hello/hello/{n}")
}

fn ecs_service(n: u8) -> Value {
    json!({"serviceName": "hello", "status": "ACTIVE", "desiredCount": 1, "runningCount": 1, "pendingCount": 0,
           "taskDefinition": DEFINITION, "currentServiceDeployment": deployment_arn(n),
           "deployments": [{"id": format!("ecs-svc/{n}"), "status": "PRIMARY", "taskDefinition": DEFINITION,
                            "rolloutState": "COMPLETED", "createdAt": 1.0e9, "updatedAt": 1.0e9}]})
}

/// ECS as far as a redeploy needs it. `lose` answers the write; `lands` says whether it took effect all the same.
async fn ecs(lands: bool, lose: fn() -> Answer) -> Server {
    let written = Arc::new(AtomicBool::new(false));
    Server::start(move |request: &Request| match request.operation() {
        "UpdateService" => {
            written.store(true, SeqCst);
            lose()
        }
        "DescribeServices" => {
            let n = if lands && written.load(SeqCst) { 2 } else { 1 };
            Answer::Json(json!({"services": [ecs_service(n)], "failures": []}))
        }
        "ListServiceDeployments" => {
            let newest = if lands && written.load(SeqCst) { 2 } else { 1 };
            let briefs: Vec<_> = (1..=newest)
                .map(|n| json!({"serviceDeploymentArn": deployment_arn(n), "createdAt": 1.0e9 + f64::from(n)}))
                .collect();
            Answer::Json(json!({"serviceDeployments": briefs}))
        }
        _ => Answer::With(400, vec![], r#"{"__type":"UnknownOperationException"}"#.into()),
    })
    .await
}

async fn redeploy_ecs(server: &Server) -> Result<String, StartError> {
    let ecs = server.ecs().await;
    let seen = ecs.observe("hello", None).await.unwrap().fingerprint;
    let started = ecs.start("hello", &Order { change: Change::Redeploy, seen }).await;
    assert_eq!(server.count(|request| request.operation() == "UpdateService"), 1, "sent once");
    started.map(|started| started.deployment.as_str().to_owned())
}

#[tokio::test]
async fn ecs_finds_the_deployment_of_a_write_whose_answer_was_lost() {
    assert_eq!(redeploy_ecs(&ecs(true, || Answer::Nothing).await).await.unwrap(), deployment_arn(2));
    let server_error = || Answer::With(500, vec![], r#"{"__type":"ServerException"}"#.into());
    assert_eq!(redeploy_ecs(&ecs(true, server_error).await).await.unwrap(), deployment_arn(2));
}

#[tokio::test]
async fn ecs_says_unknown_when_a_lost_write_left_no_trace() {
    let ended = redeploy_ecs(&ecs(false, || Answer::Nothing).await).await;
    assert!(matches!(ended, Err(StartError::Unknown(_))), "{ended:?}");
}

#[tokio::test]
async fn ecs_takes_a_clear_refusal_at_its_word() {
    let refuse = || Answer::With(400, vec![], r#"{"__type":"AccessDeniedException","message":"no"}"#.into());
    let Err(StartError::Refused(error)) = redeploy_ecs(&ecs(false, refuse).await).await else { panic!("not refused") };
    assert_eq!(error.kind, ErrorKind::Denied);
    assert!(error.hint.unwrap().contains("ecs:UpdateService"));
}

#[tokio::test]
async fn ecs_reads_again_before_it_writes() {
    let server = ecs(true, || Answer::Nothing).await;
    let ecs = server.ecs().await;
    let stale = hello_cloud::Fingerprint::new("another|definition");
    let ended = ecs.start("hello", &Order { change: Change::Redeploy, seen: stale }).await;
    let Err(StartError::Refused(error)) = ended else { panic!("{ended:?}") };
    assert_eq!(error.kind, ErrorKind::Conflict);
    assert_eq!(server.count(|request| request.operation() == "UpdateService"), 0);
}

fn run_service(generation: i64, traffic: &Value, newest: &str) -> Value {
    json!({"name": "projects/acme/locations/europe-west1/services/hello", "generation": generation.to_string(),
           "observedGeneration": generation.to_string(), "etag": format!("e{generation}"), "uri": "http://x",
           "template": {"revision": "hello-00002-b", "containers": [{"image": "x/hello:v1", "env": [{"name": "A", "value": "B"}]}]},
           "traffic": traffic, "trafficStatuses": traffic, "terminalCondition": {"state": "CONDITION_SUCCEEDED"},
           "latestReadyRevision": "hello-00002-b", "latestCreatedRevision": newest})
}

/// What became of a write.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// It took effect.
    Lands,
    /// It did not.
    Fails,
    /// It did not, and somebody else changed something that it does not touch.
    SomebodyElse,
}

/// Cloud Run as far as changes need it.
async fn run(fate: Fate, lose: fn() -> Answer) -> Server {
    let sent: Arc<std::sync::Mutex<Option<Value>>> = Arc::default();
    Server::start(move |request: &Request| {
        let before = json!([{"type": "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST", "percent": 100},
                            {"type": "TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION", "revision": "hello-00001-a", "tag": "old"}]);
        let mut sent = sent.lock().unwrap();
        if request.line.contains("/token") {
            token()
        } else if request.line.starts_with("PATCH") {
            *sent = serde_json::from_str(&request.body).ok();
            lose()
        } else if request.line.contains("/operations") {
            let about = run_service(5, &before, "hello-00002-b");
            Answer::Json(json!({"operations": [{"name": "projects/acme/locations/europe-west1/operations/op5", "metadata": about}]}))
        } else if request.line.contains("/revisions") {
            Answer::Json(json!({}))
        } else {
            Answer::Json(match (sent.as_ref(), fate) {
                (Some(sent), Fate::Lands) => {
                    let newest = if sent.get("template").is_some() { "hello-00003-c" } else { "hello-00002-b" };
                    run_service(5, sent.get("traffic").unwrap_or(&before), newest)
                }
                (Some(_), Fate::SomebodyElse) => run_service(5, &before, "hello-00002-b"),
                (Some(_), Fate::Fails) | (None, _) => run_service(4, &before, "hello-00002-b"),
            })
        }
    })
    .await
}

async fn change_run(server: &Server, change: Change) -> (Result<String, StartError>, Request) {
    let run = server.run();
    let seen = run.observe("hello", None).await.unwrap().fingerprint;
    let started = run.start("hello", &Order { change, seen }).await;
    let writes: Vec<_> = server.seen().into_iter().filter(|request| request.line.starts_with("PATCH")).collect();
    assert_eq!(writes.len(), 1, "sent once");
    (started.map(|started| started.deployment.as_str().to_owned()), writes[0].clone())
}

const OPERATION: &str = "projects/acme/locations/europe-west1/operations/op5";

#[tokio::test]
async fn run_redeploys_with_the_template_it_read_but_never_a_revision_name() {
    let answer = || Answer::Json(json!({"name": OPERATION, "done": false}));
    let (started, write) = change_run(&run(Fate::Lands, answer).await, Change::Redeploy).await;
    assert_eq!(started.unwrap(), OPERATION);
    assert!(write.line.contains("updateMask=template&forceNewRevision=true"), "{}", write.line);
    let body: Value = serde_json::from_str(&write.body).unwrap();
    assert_eq!(
        body["template"],
        json!({"containers": [{"image": "x/hello:v1", "env": [{"name": "A", "value": "B"}]}]})
    );
    assert_eq!(body["etag"], "e4");
    assert_eq!(body.get("traffic"), None);
}

#[tokio::test]
async fn run_rolls_back_by_traffic_alone_and_keeps_tags() {
    let answer = || Answer::Json(json!({"name": OPERATION}));
    let to = RevisionId::new("hello-00001-a");
    let (started, write) = change_run(&run(Fate::Lands, answer).await, Change::Rollback { to }).await;
    assert_eq!(started.unwrap(), OPERATION);
    assert!(write.line.ends_with("?updateMask=traffic"), "{}", write.line);
    let body: Value = serde_json::from_str(&write.body).unwrap();
    assert_eq!(body.get("template"), None);
    let kind = "TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION";
    assert_eq!(
        body["traffic"],
        json!([{"type": kind, "revision": "hello-00001-a", "percent": 100},
               {"type": kind, "revision": "hello-00001-a", "tag": "old"}])
    );
}

#[tokio::test]
async fn run_finds_the_operation_of_a_write_whose_answer_was_lost() {
    let to = RevisionId::new("hello-00001-a");
    let (started, _) = change_run(&run(Fate::Lands, || Answer::Nothing).await, Change::Rollback { to }).await;
    assert_eq!(started.unwrap(), OPERATION);
}

#[tokio::test]
async fn run_finds_a_lost_redeploy_by_the_revision_it_made() {
    let (started, _) = change_run(&run(Fate::Lands, || Answer::Nothing).await, Change::Redeploy).await;
    assert_eq!(started.unwrap(), OPERATION);
}

#[tokio::test]
async fn run_does_not_claim_what_somebody_else_changed() {
    let lost = || Answer::Nothing;
    let (redeploy, release) =
        tokio::join!(async { change_run(&run(Fate::SomebodyElse, lost).await, Change::Redeploy).await.0 }, async {
            change_run(&run(Fate::SomebodyElse, lost).await, Change::Release).await.0
        },);
    for ended in [redeploy, release] {
        assert!(matches!(ended, Err(StartError::Unknown(_))), "{ended:?}");
    }
}

#[tokio::test]
async fn run_says_unknown_when_a_lost_write_left_no_trace() {
    let (ended, _) = change_run(&run(Fate::Fails, || Answer::Nothing).await, Change::Release).await;
    assert!(matches!(ended, Err(StartError::Unknown(_))), "{ended:?}");
}

#[tokio::test]
async fn run_takes_a_conflict_of_the_cloud_as_nothing_changed() {
    let conflict = || Answer::With(409, vec![], r#"{"error":{"status":"ABORTED","message":"etag"}}"#.into());
    let (ended, _) = change_run(&run(Fate::Fails, conflict).await, Change::Redeploy).await;
    let Err(StartError::Refused(error)) = ended else { panic!("{ended:?}") };
    assert_eq!(error.kind, ErrorKind::Conflict);
}
