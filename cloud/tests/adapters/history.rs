//! ECS servers that do not know the calls for deployments: told from servers that are merely broken.

use hello_cloud::{ErrorKind, Provider, Snapshot};
use serde_json::{Value, json};

use crate::server::{Answer, Server};

const DEFINITION: &str = "arn:aws:ecs:eu-central-1:123456789012:task-definition/hello:3";

/// What is seen of a service when the list of deployments is answered so.
async fn seen(current: Option<&'static str>, answer: fn() -> Answer) -> Snapshot {
    let server = Server::start(move |request| match request.operation() {
        "DescribeServices" => {
            let mut service = json!({"serviceName": "hello", "status": "ACTIVE", "desiredCount": 1, "runningCount": 1,
                "taskDefinition": DEFINITION, "deployments": [{"id": "ecs-svc/1", "status": "PRIMARY",
                "taskDefinition": DEFINITION, "runningCount": 1, "rolloutState": "COMPLETED", "createdAt": 1.0e9}]});
            service["currentServiceDeployment"] = current.map_or(Value::Null, Value::from);
            Answer::Json(json!({"services": [service]}))
        }
        "ListServiceDeployments" => answer(),
        "ListTaskDefinitions" => Answer::Json(json!({"taskDefinitionArns": [DEFINITION]})),
        "DescribeTaskDefinition" => Answer::Json(json!({"taskDefinition": {"taskDefinitionArn": DEFINITION,
            "containerDefinitions": [{"name": "web", "image": "registry.example/hello:abcdef1",
                                      "environment": [{"name": "PASSWORD", "value": "very-secret"}]}]}})),
        "ListTasks" => Answer::Json(json!({"taskArns": []})),
        _ => Answer::With(400, vec![], r#"{"__type":"UnknownOperationException"}"#.into()),
    })
    .await;
    let snapshot = server.ecs().await.observe("hello", None).await.unwrap();
    assert!(!format!("{snapshot:?}").contains("very-secret"), "environment values stay outside");
    snapshot
}

fn page() -> Answer {
    Answer::With(500, vec![], "<html>Internal Server Error</html>".into())
}

#[tokio::test]
async fn servers_without_the_calls_show_definitions() {
    let unsupported =
        || Answer::With(400, vec![], r#"{"__type":"UnsupportedFeatureException","message":"old"}"#.into());
    let empty = || Answer::Json(json!({"serviceDeployments": []}));
    for answer in [unsupported, empty, page] {
        let seen = seen(None, answer).await;
        assert_eq!(seen.deployments.unwrap()[0].id.as_str(), "ecs-svc/1");
        let revisions = seen.revisions.unwrap();
        assert_eq!(revisions[0].id.as_str(), DEFINITION);
        assert_eq!(revisions[0].commit.as_ref().unwrap().as_str(), "abcdef1");
        assert_eq!(seen.resolution, Ok(None), "a registry that is not read");
    }
}

#[tokio::test]
async fn a_broken_server_is_an_error_and_no_old_one() {
    let named = "arn:aws:ecs:eu-central-1:123456789012:service-deployment/hello/hello/1";
    let broken = seen(Some(named), page).await;
    assert_eq!(broken.deployments.unwrap_err().kind, ErrorKind::Unavailable);
    assert_eq!(broken.current.unwrap().id.as_str(), named);
    let gateway = seen(None, || Answer::With(502, vec![], "<html>".into())).await;
    assert_eq!(gateway.deployments.unwrap_err().kind, ErrorKind::Unavailable);
}

/// What is seen of a service with one deployment to one revision, when both are described so.
async fn described(answer: fn(arn: &str) -> Value) -> Snapshot {
    const DEPLOYMENT: &str = "arn:aws:ecs:eu-central-1:123456789012:service-deployment/hello/hello/d1";
    const REVISION: &str = "arn:aws:ecs:eu-central-1:123456789012:service-revision/hello/hello/1";
    let server = Server::start(move |request| match request.operation() {
        "DescribeServices" => Answer::Json(json!({"services": [{"serviceName": "hello", "status": "ACTIVE",
            "desiredCount": 1, "taskDefinition": DEFINITION, "currentServiceDeployment": DEPLOYMENT}]})),
        "ListServiceDeployments" => Answer::Json(json!({"serviceDeployments": [{"serviceDeploymentArn": DEPLOYMENT,
            "targetServiceRevisionArn": REVISION, "status": "SUCCESSFUL", "createdAt": 1.0e9}]})),
        "DescribeServiceDeployments" => Answer::Json(answer(DEPLOYMENT)),
        "DescribeServiceRevisions" => Answer::Json(answer(REVISION)),
        "ListTasks" => Answer::Json(json!({"taskArns": []})),
        _ => Answer::With(400, vec![], r#"{"__type":"UnknownOperationException"}"#.into()),
    })
    .await;
    server.ecs().await.observe("hello", None).await.unwrap()
}

#[tokio::test]
async fn what_an_answer_leaves_out_is_no_empty_history() {
    for answer in [
        (|_| json!({})) as fn(&str) -> Value,
        |arn| json!({"failures": [{"arn": arn}]}),
        |arn| json!({"failures": [{"arn": arn, "reason": "BROKEN"}]}),
    ] {
        let seen = described(answer).await;
        let (deployments, revisions) = (seen.deployments.unwrap_err(), seen.revisions.unwrap_err());
        assert_eq!((deployments.kind, deployments.call), (ErrorKind::Unexpected, "ecs:DescribeServiceDeployments"));
        assert_eq!((revisions.kind, revisions.call), (ErrorKind::Unexpected, "ecs:DescribeServiceRevisions"));
    }
}

#[tokio::test]
async fn what_is_said_to_be_missing_is_left_out() {
    let seen = described(|arn| json!({"failures": [{"arn": arn, "reason": "MISSING"}]})).await;
    assert!(seen.deployments.is_ok(), "{:?}", seen.deployments);
    assert_eq!(seen.revisions, Ok(Vec::new()));
}
