//! Answers that no cloud should give: each ends within the deadline, as the right kind of error, without a secret in it.

use std::time::Duration;

use hello_cloud::{ErrorKind, Provider, ProviderError};
use tokio::time::{Instant, timeout};

use crate::server::{Answer, Server, token};

/// The error of observing, from both adapters, and that it came in time.
async fn both(answer: fn() -> Answer) -> [ProviderError; 2] {
    let server = Server::start(move |request| if request.line.contains("/token") { token() } else { answer() }).await;
    let ecs = server.ecs().await;
    let run = server.run();
    let started = Instant::now();
    let observe = async { tokio::join!(ecs.observe("hello", None), run.observe("hello", None)) };
    let (ecs, run) = timeout(Duration::from_secs(20), observe).await.expect("within the deadline");
    assert!(started.elapsed() < Duration::from_secs(16), "{:?}", started.elapsed());
    let errors = [ecs.unwrap_err(), run.unwrap_err()];
    for error in &errors {
        assert!(!format!("{error} {error:?}").contains("very-secret"), "{error:?}");
    }
    errors
}

#[tokio::test]
async fn an_endless_answer_is_unexpected_for_both() {
    for error in both(|| Answer::Endless).await {
        assert_eq!(error.kind, ErrorKind::Unexpected, "{error}");
    }
}

#[tokio::test]
async fn a_broken_answer_is_unexpected_for_both() {
    for error in both(|| Answer::With(200, vec![], "{\"services\": [".into())).await {
        assert_eq!(error.kind, ErrorKind::Unexpected, "{error}");
    }
}

#[tokio::test]
async fn an_answer_too_deep_is_unexpected_for_both() {
    let deep = || {
        let mut body = "{\"services\":".repeat(20_000);
        body.push_str("[]");
        Answer::With(200, vec![], body)
    };
    for error in both(deep).await {
        assert_eq!(error.kind, ErrorKind::Unexpected, "{error}");
    }
}

#[tokio::test]
async fn an_empty_object_is_unexpected_and_never_an_empty_service() {
    for error in both(|| Answer::Json(serde_json::json!({}))).await {
        assert_eq!(error.kind, ErrorKind::Unexpected, "{error}");
    }
}

#[tokio::test]
async fn a_proxy_page_and_a_redirect_are_errors() {
    for error in both(|| Answer::With(502, vec![], "<html>very-secret</html>".into())).await {
        assert_eq!(error.kind, ErrorKind::Unavailable, "{error}");
    }
    let elsewhere = || Answer::With(302, vec![("location", "http://127.0.0.1:9/".into())], String::new());
    for error in both(elsewhere).await {
        assert_eq!(error.kind, ErrorKind::Unexpected, "{error}");
    }
}

#[tokio::test]
async fn a_closed_connection_is_unavailable_and_silence_a_timeout() {
    for error in both(|| Answer::Nothing).await {
        assert_eq!(error.kind, ErrorKind::Unavailable, "{error}");
    }
    for error in both(|| Answer::Silence).await {
        assert_eq!(error.kind, ErrorKind::Timeout, "{error}");
    }
}

#[tokio::test]
async fn a_wait_without_end_is_throttled_and_cut_to_an_hour() {
    let wait = || {
        let headers = vec![("retry-after", u64::MAX.to_string()), ("x-amz-retry-after", u64::MAX.to_string())];
        Answer::With(429, headers, "{}".into())
    };
    for error in both(wait).await {
        assert_eq!(error.kind, ErrorKind::Throttled { retry_after: Some(Duration::from_hours(1)) }, "{error}");
    }
}

#[tokio::test]
async fn a_throttled_account_is_left_alone_for_as_long_as_it_asked() {
    let server = Server::start(|request| {
        if request.line.contains("/token") {
            return token();
        }
        Answer::With(400, vec![("retry-after", "60".into())], r#"{"__type":"ThrottlingException"}"#.into())
    })
    .await;
    let ecs = server.ecs().await;
    let throttled = |error: ProviderError| matches!(error.kind, ErrorKind::Throttled { retry_after: Some(_) });
    assert!(throttled(ecs.services().await.unwrap_err()));
    assert_eq!(server.seen().len(), 1, "a wait that long is not made inside, and not cut short");
    let begun = Instant::now();
    assert!(throttled(ecs.observe("hello", None).await.unwrap_err()));
    assert!(throttled(ecs.summaries().await.unwrap_err()));
    assert!(begun.elapsed() < Duration::from_secs(1));
    assert_eq!(server.seen().len(), 1, "nothing is sent meanwhile");
}

#[tokio::test]
async fn a_read_that_was_throttled_and_ended_well_says_that_it_was_slowed() {
    let n = std::sync::atomic::AtomicUsize::new(0);
    let server = Server::start(move |request| match request.operation() {
        "DescribeServices" if n.fetch_add(1, std::sync::atomic::Ordering::SeqCst) == 0 => {
            Answer::With(400, vec![("retry-after", "1".into())], r#"{"__type":"ThrottlingException"}"#.into())
        }
        "DescribeServices" => {
            Answer::Json(serde_json::json!({"services": [{"serviceName": "hello", "status": "ACTIVE"}]}))
        }
        "ListTasks" => Answer::Json(serde_json::json!({"taskArns": []})),
        _ => Answer::With(400, vec![], r#"{"__type":"UnsupportedFeatureException"}"#.into()),
    })
    .await;
    let begun = Instant::now();
    let seen = server.ecs().await.observe("hello", None).await.unwrap();
    assert!(begun.elapsed() >= Duration::from_secs(1), "{:?}", begun.elapsed());
    let slowed = seen.slowed.expect("the rate was halved");
    assert!(slowed.rate < slowed.usual && slowed.show().starts_with("throttled: 1"), "{}", slowed.show());
}

#[tokio::test]
async fn nobody_listening_is_unavailable_for_both() {
    let server = Server::start(|_| Answer::Nothing).await;
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let gone = Server { address: closed, ..server };
    let (ecs, run) = (gone.ecs().await, gone.run());
    for error in [ecs.observe("hello", None).await.unwrap_err(), run.observe("hello", None).await.unwrap_err()] {
        assert_eq!(error.kind, ErrorKind::Unavailable, "{error}");
    }
}

#[tokio::test]
async fn reads_are_retried_and_end_well_when_the_trouble_passes() {
    let failures = std::sync::atomic::AtomicUsize::new(0);
    let server = Server::start(move |request| {
        if request.line.contains("/token") {
            return token();
        }
        match failures.fetch_add(1, std::sync::atomic::Ordering::SeqCst) {
            0 | 1 => Answer::With(503, vec![], String::new()),
            _ => Answer::Json(serde_json::json!({"services": [{"name": "projects/p/locations/r/services/hello"}]})),
        }
    })
    .await;
    assert_eq!(server.run().services().await.unwrap(), ["hello"]);
    assert_eq!(server.count(|request| request.line.starts_with("GET")), 3);
}

#[tokio::test]
async fn a_revoked_sign_in_is_auth_with_a_way_out_and_without_the_answer() {
    let refuse = |_: &_| Answer::With(400, vec![], r#"{"error":"invalid_grant","hint":"very-secret"}"#.into());
    let server = Server::start(refuse).await;
    let error = server.run().services().await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Auth, "{error}");
    assert!(error.hint.as_ref().unwrap().contains("gcloud auth application-default login"));
    assert!(!format!("{error} {error:?}").contains("very-secret"), "{error:?}");
}
