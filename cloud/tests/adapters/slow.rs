//! A part that hangs while the service itself was slow to read: the part fails alone, in time for the rest to be shown.

use std::sync::atomic::{AtomicUsize, Ordering};

use hello_cloud::{ErrorKind, Provider};
use serde_json::json;

use crate::server::{Answer, Server, token};

#[tokio::test]
async fn a_log_that_hangs_leaves_a_run_service_that_answered_at_the_second_attempt() {
    let reads = AtomicUsize::new(0);
    let server = Server::start(move |request| match request.line.as_str() {
        line if line.contains("/token") => token(),
        line if line.contains("entries:list") => Answer::Silence,
        line if line.contains("/revisions") => Answer::Json(json!({})),
        _ if reads.fetch_add(1, Ordering::SeqCst) == 0 => Answer::Silence,
        _ => Answer::Json(json!({"name": "projects/acme/locations/europe-west1/services/hello", "etag": "e1",
                                 "generation": "1", "observedGeneration": "1"})),
    })
    .await;
    let seen = server.run().observe("hello", None).await.unwrap();
    let error = seen.events.unwrap_err();
    assert_eq!((error.kind, error.call), (ErrorKind::Timeout, "logging.logEntries.list"), "{error}");
    assert!(seen.revisions.is_ok(), "{:?}", seen.revisions);
}

#[tokio::test]
async fn a_balancer_that_hangs_leaves_an_ecs_service_that_answered_at_the_second_attempt() {
    const GROUP: &str = "arn:aws:elasticloadbalancing:eu-central-1:1:targetgroup/hello/0123";
    const DEFINITION: &str = "arn:aws:ecs:eu-central-1:1:task-definition/hello:3";
    let reads = AtomicUsize::new(0);
    let server = Server::start(move |request| match request.operation() {
        "DescribeServices" if reads.fetch_add(1, Ordering::SeqCst) == 0 => Answer::Silence,
        "DescribeServices" => Answer::Json(json!({"services": [{"serviceName": "hello", "status": "ACTIVE",
            "taskDefinition": DEFINITION, "loadBalancers": [{"targetGroupArn": GROUP}]}]})),
        "ListServiceDeployments" => Answer::Json(json!({"serviceDeployments": []})),
        "ListTaskDefinitions" => Answer::Json(json!({"taskDefinitionArns": [DEFINITION]})),
        "DescribeTaskDefinition" => Answer::Json(json!({"taskDefinition": {"taskDefinitionArn": DEFINITION,
            "containerDefinitions": [{"name": "web", "image": "registry.example/hello:abcdef1"}]}})),
        "ListTasks" => Answer::Json(json!({"taskArns": []})),
        _ => Answer::Silence,
    })
    .await;
    let seen = server.ecs().await.observe("hello", None).await.unwrap();
    let error = seen.targets.unwrap_err();
    assert_eq!((error.kind, error.call), (ErrorKind::Timeout, "elasticloadbalancing:DescribeTargetHealth"), "{error}");
    assert!(seen.revisions.is_ok() && seen.failures.is_ok(), "{:?}", seen.revisions);
}
