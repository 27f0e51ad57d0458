//! What stands beside ECS: load balancers, logs, who is signed in; and many services at once.

use std::sync::atomic::{AtomicUsize, Ordering};

use hello_cloud::{ErrorKind, Provider, Readiness, TargetState};
use serde_json::{Value, json};

use crate::server::{Answer, Request, Server};

const DEFINITION: &str = "arn:aws:ecs:eu-central-1:123456789012:task-definition/hello:3";
const GROUP: &str = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/hello/0123";

fn service(name: &str) -> Value {
    json!({"serviceName": name, "status": "ACTIVE", "desiredCount": 2, "runningCount": 2, "taskDefinition": DEFINITION,
           "loadBalancers": [{"targetGroupArn": GROUP, "containerName": "web", "containerPort": 8080}],
           "deployments": [{"id": "ecs-svc/1", "status": "PRIMARY", "taskDefinition": DEFINITION, "runningCount": 2,
                            "rolloutState": "COMPLETED", "createdAt": 1.0e9}]})
}

/// A cluster with one service; calls beside ECS are answered by the test.
async fn cluster(beside: impl Fn(&Request) -> Answer + Send + Sync + 'static) -> Server {
    Server::start(move |request| match request.operation() {
        "DescribeServices" => Answer::Json(json!({"services": [service("hello")]})),
        "ListServiceDeployments" => Answer::Json(json!({"serviceDeployments": []})),
        "ListTaskDefinitions" => Answer::Json(json!({"taskDefinitionArns": [DEFINITION]})),
        "DescribeTaskDefinition" => Answer::Json(json!({"taskDefinition": {"taskDefinitionArn": DEFINITION,
            "containerDefinitions": [
                {"name": "proxy", "image": "registry.example/proxy:1"},
                {"name": "web", "image": "registry.example/hello:abcdef1", "logConfiguration": {"logDriver": "awslogs",
                 "options": {"awslogs-group": "/ecs/hello", "awslogs-region": "eu-central-1",
                             "awslogs-stream-prefix": "hello", "awslogs-secret": "very-secret"}}}]}})),
        "ListTasks" => Answer::Json(json!({"taskArns": ["arn:aws:ecs:eu-central-1:123456789012:task/hello/t1"]})),
        "DescribeTasks" => Answer::Json(json!({"tasks": [{
            "taskArn": "arn:aws:ecs:eu-central-1:123456789012:task/hello/t1", "lastStatus": "RUNNING",
            "taskDefinitionArn": DEFINITION,
            "attachments": [{"type": "ElasticNetworkInterface",
                             "details": [{"name": "privateIPv4Address", "value": "10.0.0.7"}]}]}]})),
        _ => beside(request),
    })
    .await
}

fn xml(action: &str, result: &str) -> Answer {
    let body = format!(
        "<{action}Response xmlns=\"http://example/\"><{action}Result>{result}</{action}Result>\
         <ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></{action}Response>"
    );
    Answer::With(200, vec![("content-type", "text/xml".into())], body)
}

fn refusal(code: &str) -> Answer {
    let body = format!(
        "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>no</Message></Error>\
                        <RequestId>r</RequestId></ErrorResponse>"
    );
    Answer::With(403, vec![("content-type", "text/xml".into())], body)
}

fn is_target_health(request: &Request) -> bool {
    request.body.contains("Action=DescribeTargetHealth")
}

#[tokio::test]
async fn each_target_is_told_with_its_state_reason_and_task() {
    let target = |id: &str, health: &str| {
        format!("<member><Target><Id>{id}</Id><Port>8080</Port></Target><TargetHealth>{health}</TargetHealth></member>")
    };
    let members = [
        target("10.0.0.7", "<State>healthy</State>"),
        target(
            "10.0.0.8",
            "<State>unhealthy</State><Reason>Target.ResponseCodeMismatch</Reason>\
                            <Description>Health checks failed with these codes: [503]</Description>",
        ),
        target("10.0.0.9", "<State>pondering</State>"),
    ]
    .concat();
    let said = format!("<TargetHealthDescriptions>{members}</TargetHealthDescriptions>");
    let server = cluster(move |_| xml("DescribeTargetHealth", &said)).await;
    let seen = server.ecs().await.observe("hello", None).await.unwrap();
    let targets = seen.targets.unwrap().expect("there is a load balancer");
    let told: Vec<_> = targets.iter().map(|t| (t.id.raw(), t.port, t.state.state, t.state.word.raw())).collect();
    assert_eq!(
        told,
        [
            ("10.0.0.8", Some(8080), TargetState::Unhealthy, "unhealthy"),
            ("10.0.0.9", Some(8080), TargetState::Unknown, "pondering"),
            ("10.0.0.7", Some(8080), TargetState::Healthy, "healthy"),
        ]
    );
    let reason = targets[0].state.reason.as_ref().unwrap().raw();
    assert_eq!(reason, "Target.ResponseCodeMismatch: Health checks failed with these codes: [503]");
    assert_eq!(targets[2].instance.as_ref().map(hello_cloud::InstanceId::as_str), Some("t1"));
    assert_eq!(targets[0].group.raw(), "hello");
    assert_eq!(server.count(is_target_health), 1, "one call for one group");
}

#[tokio::test]
async fn target_health_that_may_not_be_read_blanks_nothing_else() {
    let server = cluster(|_| refusal("AccessDenied")).await;
    let seen = server.ecs().await.observe("hello", None).await.unwrap();
    let error = seen.targets.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Denied, "{error}");
    assert!(error.hint.unwrap().contains("elasticloadbalancing:DescribeTargetHealth"));
    assert_eq!(seen.readiness.state, Readiness::Ready);
    assert!(seen.revisions.is_ok() && seen.deployments.is_ok() && seen.failures.is_ok() && seen.events.is_ok());
}

fn line(id: usize, at: i64, text: &str) -> Value {
    json!({"eventId": format!("e{id}"), "timestamp": at, "message": text, "logStreamName": "hello/web/t1"})
}

#[tokio::test]
async fn the_newest_lines_come_once_each_over_empty_pages() {
    let server = cluster(|request| {
        let asked: Value = serde_json::from_str(&request.body).unwrap();
        let looks_far = asked["endTime"].is_i64();
        Answer::Json(match (asked["nextToken"].as_str(), looks_far) {
            (None, false) => json!({"events": [], "nextToken": "a"}),
            (Some("a"), _) => json!({"events": [line(2, 20, "two"), line(3, 30, "three\n")], "nextToken": "b"}),
            (Some("b"), _) => json!({"events": [line(3, 30, "three\n"), line(4, 40, "password=hunter2hunter2")]}),
            (None, true) => json!({"events": [line(1, 10, "one")]}),
            _ => json!({}),
        })
    })
    .await;
    let ecs = server.ecs().await;
    let logs = ecs.logs("hello", None, 4).await.unwrap();
    let told: Vec<_> = logs.lines.iter().map(|line| line.text.raw()).collect();
    assert_eq!(told, ["one", "two", "three", "password=[secret]"], "the older span is asked for what was missing");
    assert!(logs.complete);
    assert_eq!(logs.lines[0].from.as_ref().unwrap().raw(), "t1");
    let asked: Vec<_> = server.seen().into_iter().filter(|r| r.operation() == "FilterLogEvents").collect();
    assert_eq!(asked.len(), 4, "three pages of the newest span, one of the next");
    let first: Value = serde_json::from_str(&asked[0].body).unwrap();
    assert_eq!(first["logGroupName"], "/ecs/hello");
    assert_eq!(first["logStreamNamePrefix"], "hello/web/");
    let newest = ecs.logs("hello", None, 2).await.unwrap();
    assert_eq!(newest.lines.iter().map(|line| line.id.as_str()).collect::<Vec<_>>(), ["e3", "e4"]);
    assert!(!format!("{logs:?}").contains("very-secret"));
}

#[tokio::test]
async fn logs_since_a_moment_ask_from_that_moment_only() {
    let server = cluster(|_| Answer::Json(json!({"events": [line(1, 10, "one")]}))).await;
    let since = hello_cloud::Timestamp::from_millis(7);
    let logs = server.ecs().await.logs("hello", Some(since), 10).await.unwrap();
    assert_eq!(logs.lines.len(), 1);
    let asked: Vec<_> = server.seen().into_iter().filter(|r| r.operation() == "FilterLogEvents").collect();
    assert_eq!(asked.len(), 1);
    assert!(asked[0].body.contains("\"startTime\":7"), "{}", asked[0].body);
}

#[tokio::test]
async fn pages_without_end_are_cut_and_said_to_be() {
    let n = AtomicUsize::new(0);
    let server = cluster(move |_| {
        let n = n.fetch_add(1, Ordering::SeqCst);
        Answer::Json(json!({"events": [], "nextToken": format!("t{n}")}))
    })
    .await;
    let logs = server.ecs().await.logs("hello", None, 10).await.unwrap();
    assert!(!logs.complete, "{logs:?}");
    assert!(server.count(|r| r.operation() == "FilterLogEvents") <= 20);
}

#[tokio::test]
async fn logs_that_may_not_be_read_say_what_to_grant() {
    let server =
        cluster(|_| Answer::With(400, vec![], r#"{"__type":"AccessDeniedException","message":"no"}"#.into())).await;
    let error = server.ecs().await.logs("hello", None, 10).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Denied, "{error}");
    assert!(error.hint.unwrap().contains("logs:FilterLogEvents"));
}

#[tokio::test]
async fn who_is_signed_in_is_told_by_the_account() {
    let server = cluster(|_| {
        xml(
            "GetCallerIdentity",
            "<Arn>arn:aws:sts::123456789012:assumed-role/dev/ann</Arn><UserId>U</UserId>\
                                  <Account>123456789012</Account>",
        )
    })
    .await;
    let identity = server.ecs().await.identity().await.unwrap();
    assert_eq!(identity.show(), "assumed-role/dev/ann in 123456789012");
}

/// A cluster of so many services, of which some may not be described.
async fn many(n: usize, denied: fn(&str) -> bool) -> Server {
    Server::start(move |request| {
        let asked: Value = serde_json::from_str(&request.body).unwrap_or_default();
        if request.operation() == "ListServices" {
            let from: usize = asked["nextToken"].as_str().map_or(0, |token| token.parse().unwrap());
            let to = n.min(from + 100);
            let arns: Vec<_> =
                (from..to).map(|i| format!("arn:aws:ecs:eu-central-1:1:service/hello/service-{i}")).collect();
            return Answer::Json(json!({"serviceArns": arns, "nextToken": (to < n).then(|| to.to_string())}));
        }
        let names: Vec<_> = asked["services"].as_array().unwrap().iter().map(|n| n.as_str().unwrap()).collect();
        assert!(names.len() <= 10);
        if names.iter().any(|name| denied(name)) {
            return Answer::With(400, vec![], r#"{"__type":"AccessDeniedException"}"#.into());
        }
        Answer::Json(json!({"services": names.into_iter().map(service).collect::<Vec<_>>()}))
    })
    .await
}

#[tokio::test]
async fn two_hundred_and_fifty_services_take_the_fewest_calls_there_can_be() {
    let server = many(250, |_| false).await;
    let summaries = server.ecs().await.summaries().await.unwrap();
    assert_eq!(summaries.len(), 250);
    let standing = summaries[0].standing.as_ref().unwrap();
    assert_eq!(standing.readiness.state, Readiness::Ready);
    assert_eq!(standing.wanted.as_ref().unwrap().raw(), "hello:3");
    assert_eq!(server.count(|r| r.operation() == "ListServices"), 250_usize.div_ceil(100));
    assert_eq!(server.count(|r| r.operation() == "DescribeServices"), 250_usize.div_ceil(10));
}

#[tokio::test]
async fn a_service_that_an_answer_leaves_out_is_no_service_that_went_away() {
    for (answer, reason) in [
        (json!({}), "says nothing of service-0"),
        (json!({"services": [service("service-0")]}), "says nothing of service-1"),
        (json!({"services": [service("service-0")], "failures": [{"arn": "service-1"}]}), "says nothing of service-1"),
        (
            json!({"services": [service("service-0")],
                   "failures": [{"arn": "arn:aws:ecs:eu-central-1:1:service/hello/service-1", "reason": "BROKEN"}]}),
            "service-1: BROKEN",
        ),
    ] {
        let server = listed(2, answer).await;
        let error = server.ecs().await.summaries().await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Unexpected, "{error}");
        assert!(
            error.to_string().starts_with("ecs:DescribeServices: ") && error.to_string().contains(reason),
            "{error}"
        );
    }
}

#[tokio::test]
async fn a_service_that_went_away_meanwhile_is_left_out() {
    let gone = json!({"services": [service("service-0")],
                      "failures": [{"arn": "arn:aws:ecs:eu-central-1:1:service/hello/service-1", "reason": "MISSING"}]});
    let summaries = listed(2, gone).await.ecs().await.summaries().await.unwrap();
    assert_eq!(summaries.iter().map(|summary| summary.name.raw()).collect::<Vec<_>>(), ["service-0"]);
}

/// A cluster that lists so many services, and describes them as the test says.
async fn listed(n: usize, described: Value) -> Server {
    Server::start(move |request| match request.operation() {
        "ListServices" => {
            let arn = |i| format!("arn:aws:ecs:eu-central-1:1:service/hello/service-{i}");
            Answer::Json(json!({"serviceArns": (0..n).map(arn).collect::<Vec<_>>()}))
        }
        _ => Answer::Json(described.clone()),
    })
    .await
}

#[tokio::test]
async fn a_batch_that_fails_leaves_the_others() {
    let server = many(25, |name| name == "service-13").await;
    let summaries = server.ecs().await.summaries().await.unwrap();
    assert_eq!(summaries.len(), 25);
    let unread: Vec<_> = summaries.iter().filter(|summary| summary.standing.is_err()).collect();
    assert_eq!(unread.len(), 10);
    assert_eq!(unread[0].standing.as_ref().unwrap_err().kind, ErrorKind::Denied);
    let server = many(25, |_| true).await;
    assert_eq!(server.ecs().await.summaries().await.unwrap_err().kind, ErrorKind::Denied, "nothing could be read");
}
