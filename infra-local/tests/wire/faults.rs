//! Injected trouble, as clients see it.

use std::time::{Duration, Instant};

use http_body_util::BodyExt;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpStream;

use crate::{
    client::{address_of, aws, control, ecs, get, google, request, send},
    stand_in,
};

const SERVICE: &str = "/v2/projects/acme-local/locations/europe-west1/services/hello";
const DESCRIBE: &str = "AmazonEC2ContainerServiceV20141113.DescribeServices";

#[tokio::test]
async fn each_vendor_says_it_in_its_own_words() {
    let stand_in = stand_in("steady").await;
    let at = stand_in.address();
    let expected = [
        ("throttle", "ThrottlingException", (429, "RESOURCE_EXHAUSTED"), 403),
        ("denied", "AccessDeniedException", (403, "PERMISSION_DENIED"), 403),
        ("expired", "ExpiredTokenException", (401, "UNAUTHENTICATED"), 401),
    ];
    for (kind, exception, (status, word), on_github) in expected {
        for cloud in ["aws", "gcp", "github"] {
            let fault = json!({"cloud": cloud, "kind": kind, "retry_after": 7});
            assert_eq!(control(at, "POST", "faults", &fault).await.status, 200);
        }
        let answer = ecs(at, "ListServices", json!({"cluster": "hello"})).await;
        assert_eq!((answer.status, answer.json()["__type"].as_str()), (400, Some(exception)));
        let answer = google(at, "GET", SERVICE, Value::Null).await;
        assert_eq!((answer.status, answer.json()["error"]["status"].as_str()), (status, Some(word)));
        assert_eq!(answer.header("retry-after"), if kind == "throttle" { "7" } else { "" });
        let headers = [("authorization", "Bearer x"), ("user-agent", "tests")];
        let asked = request("GET", "/repos/acme/hello/actions/runs", &headers, &Value::Null);
        let answer = send(at, asked).await.unwrap();
        assert_eq!(answer.status, on_github);
        if kind == "throttle" {
            assert_eq!(answer.header("x-ratelimit-remaining"), "0");
        }
        control(at, "DELETE", "faults", &Value::Null).await;
        assert_eq!(google(at, "GET", SERVICE, Value::Null).await.status, 200);
    }
    stand_in.stop().await.unwrap();
}

#[tokio::test]
async fn a_cloud_that_is_off_hangs_up_while_the_other_and_the_service_go_on() {
    let stand_in = stand_in("steady").await;
    let at = stand_in.address();
    assert_eq!(control(at, "PUT", "clouds/aws", &json!({"on": false})).await.status, 200);
    assert!(aws(at, DESCRIBE, json!({})).await.is_err());
    assert_eq!(google(at, "GET", SERVICE, Value::Null).await.status, 200);
    assert_eq!(get(address_of(&stand_in.aws_url()), "/version").await.status, 200);
    control(at, "PUT", "clouds/aws", &json!({"on": true})).await;
    assert_eq!(ecs(at, "ListServices", json!({"cluster": "hello"})).await.status, 200);
    stand_in.stop().await.unwrap();
}

#[tokio::test]
async fn malformed_endless_slow_and_broken_answers() {
    let stand_in = stand_in("steady").await;
    let at = stand_in.address();
    let inject = async |fault: Value| {
        control(at, "DELETE", "faults", &Value::Null).await;
        assert_eq!(control(at, "POST", "faults", &fault).await.status, 200);
    };
    inject(json!({"cloud": "aws", "kind": "malformed"})).await;
    let answer = ecs(at, "DescribeServices", json!({})).await;
    assert!(answer.status == 200 && serde_json::from_str::<Value>(&answer.text).is_err());
    inject(json!({"cloud": "gcp", "call": "run.services.get", "kind": "error", "status": 503})).await;
    assert_eq!(google(at, "GET", SERVICE, Value::Null).await.status, 503);
    assert_eq!(google(at, "GET", &format!("{SERVICE}/revisions"), Value::Null).await.status, 200, "only that call");
    inject(json!({"cloud": "gcp", "kind": "latency", "ms": 300})).await;
    let began = Instant::now();
    assert_eq!(google(at, "GET", SERVICE, Value::Null).await.status, 200);
    assert!(began.elapsed() >= Duration::from_millis(300));
    inject(json!({"cloud": "gcp", "kind": "endless"})).await;
    let stream = TcpStream::connect(at).await.unwrap();
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let asked = request("GET", SERVICE, &[("authorization", "Bearer x")], &Value::Null);
    let mut body = sender.send_request(asked).await.unwrap().into_body();
    let mut read = 0;
    while read < 4 * 1024 * 1024 {
        read += body.frame().await.expect("it has no end").unwrap().into_data().unwrap().len();
    }
    stand_in.stop().await.unwrap();
}

#[tokio::test]
async fn each_service_of_aws_names_an_error_as_its_model_does() {
    let stand_in = stand_in("steady").await;
    let at = stand_in.address();
    let calls = [
        ("AmazonEC2ContainerServiceV20141113.ListClusters", "ServerException"),
        ("AmazonEC2ContainerRegistry_V20150921.DescribeRepositories", "ServerException"),
        ("Logs_20140328.DescribeLogGroups", "ServiceUnavailableException"),
        ("CodeBuild_20161006.ListProjects", "InternalFailure"),
    ];
    for status in [500, 503] {
        control(at, "DELETE", "faults", &Value::Null).await;
        let fault = json!({"cloud": "aws", "kind": "error", "status": status});
        assert_eq!(control(at, "POST", "faults", &fault).await.status, 200);
        for (target, name) in calls {
            let name = if status == 503 { "ServiceUnavailable" } else { name };
            let answer = aws(at, target, json!({})).await.unwrap();
            assert_eq!((answer.status, answer.json()["__type"].as_str()), (status, Some(name)), "{target}");
        }
    }
    stand_in.stop().await.unwrap();
}

#[tokio::test]
async fn nonsense_is_refused_with_a_reason() {
    let stand_in = stand_in("steady").await;
    let at = stand_in.address();
    for (method, path, body) in [
        ("POST", "faults", json!({"cloud": "aws", "kind": "rain"})),
        ("POST", "faults", json!({"cloud": "mars", "kind": "off"})),
        ("PUT", "clouds/mars", json!({"on": true})),
        ("PUT", "clouds/aws", json!({"on": 1})),
        ("PUT", "clouds/aws/answer", json!({"status": 7})),
    ] {
        let answer = control(at, method, path, &body).await;
        assert_eq!(answer.status, 400, "{method} {path}");
        assert!(!answer.json()["error"].as_str().unwrap().is_empty());
    }
    assert_eq!(control(at, "GET", "nothing", &Value::Null).await.status, 404);
    assert_eq!(get(at, "/elsewhere").await.status, 404);
    stand_in.stop().await.unwrap();
}

#[tokio::test]
async fn a_reset_before_changes_nothing_and_a_reset_after_has_changed_it() {
    let stand_in = stand_in("steady").await;
    let at = stand_in.address();
    let update = json!({"cluster": "hello", "service": "hello", "forceNewDeployment": true});
    let deployments = || stand_in.control().with_clouds(|clouds| clouds.ecs.hello().unwrap().deployments.len());
    for (kind, expected) in [("reset-before", 3), ("reset-after", 4), ("truncated", 5)] {
        let fault = json!({"cloud": "aws", "call": "UpdateService", "kind": kind});
        assert_eq!(control(at, "POST", "faults", &fault).await.status, 200);
        let answer = aws(at, "AmazonEC2ContainerServiceV20141113.UpdateService", update.clone()).await;
        assert!(answer.is_err(), "{kind}: no whole answer");
        assert_eq!(deployments(), expected, "{kind}");
        assert_eq!(ecs(at, "ListServices", json!({"cluster": "hello"})).await.status, 200, "only that call");
        control(at, "DELETE", "faults", &Value::Null).await;
    }
    stand_in.stop().await.unwrap();
}

#[tokio::test]
async fn a_reset_is_a_reset_on_the_wire() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let stand_in = stand_in("steady").await;
    let at = stand_in.address();
    control(at, "POST", "faults", &json!({"cloud": "gcp", "kind": "reset-before"})).await;
    let mut stream = TcpStream::connect(at).await.unwrap();
    let asked = format!("GET {SERVICE} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer x\r\n\r\n");
    stream.write_all(asked.as_bytes()).await.unwrap();
    let ended = stream.read_to_end(&mut Vec::new()).await;
    assert_eq!(ended.unwrap_err().kind(), std::io::ErrorKind::ConnectionReset);
    stand_in.stop().await.unwrap();
}

#[tokio::test]
async fn a_fault_on_one_target_leaves_the_others_alone() {
    let stand_in = stand_in("steady").await;
    let at = stand_in.address();
    let fault = json!({"cloud": "gcp", "target": "hello", "kind": "denied"});
    assert_eq!(control(at, "POST", "faults", &fault).await.status, 200);
    assert_eq!(google(at, "GET", SERVICE, Value::Null).await.status, 403);
    let other = google(at, "GET", &SERVICE.replace("services/hello", "services/hello-two"), Value::Null).await;
    assert_eq!(other.status, 404, "another service, whose name only begins so");
    stand_in.stop().await.unwrap();
}
