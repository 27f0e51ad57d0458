//! HTTP/1.1, byte by byte.

use std::io::Write;

use hello_service::Limits;
use serde_json::Value;

use super::house::{Inside, body, connect, header, one, raw, rest, status};

/// `GET path` with more header lines, on a connection of its own.
async fn get(service: &Inside, path: &str, more: &str) -> String {
    ask(service, format!("GET {path} HTTP/1.1\r\nhost: h\r\nconnection: close\r\n{more}\r\n").into_bytes()).await
}

async fn ask(service: &Inside, request: Vec<u8>) -> String {
    let address = service.address;
    tokio::task::spawn_blocking(move || raw(address, &request)).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_route_answers() {
    let service = Inside::with(Limits::default()).await;
    for path in ["/", "/hello", "/hello?name=x"] {
        let answer = get(&service, path, "").await;
        assert_eq!((status(&answer), body(&answer)), (200, "Hello world\n"), "{path}");
        assert_eq!(header(&answer, "content-type"), Some("text/plain; charset=utf-8"));
        assert_eq!(header(&answer, "vary"), Some("accept"));
    }
    let answer = get(&service, "/hello", "accept: application/json\r\n").await;
    let json: Value = serde_json::from_str(body(&answer)).unwrap();
    assert_eq!(
        (header(&answer, "content-type"), json["message"].as_str()),
        (Some("application/json"), Some("Hello world"))
    );
    assert_eq!(status(&get(&service, "/hello", "accept: \u{ff}\r\n").await), 200);
    assert_eq!(status(&get(&service, "/healthz", "").await), 200);
    assert_eq!(status(&get(&service, "/readyz", "").await), 200);
    service.readiness.set(false);
    assert_eq!(status(&get(&service, "/readyz", "").await), 503);
    assert_eq!(status(&get(&service, "/healthz", "").await), 200);
    let version: Value = serde_json::from_str(body(&get(&service, "/version", "").await)).unwrap();
    assert_eq!(version["service"], "");
    assert!(version.get("revision").is_some() && version.get("project").is_none());
    let metrics = get(&service, "/metrics", "").await;
    assert!(metrics.contains("http_requests_total{route=\"/hello\",method=\"GET\",code=\"200\"} 4\n"), "{metrics}");
    assert!(metrics.contains("http_requests_total{route=\"/readyz\",method=\"GET\",code=\"503\"} 1\n"), "{metrics}");
    assert!(metrics.contains("http_requests_in_flight 1\n"), "{metrics}");
    assert!(metrics.contains("hello_build_info{commit="), "{metrics}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_and_what_is_not_allowed_differ() {
    let service = Inside::with(Limits::default()).await;
    for path in [
        "/nothing",
        "/hello/there",
        "/hell",
        "/HELLO",
        "/%2e%2e/etc/passwd",
        "*",
        "/healthz/x",
        "/hello/",
        "/metrics/",
        "/readyz//",
    ] {
        assert_eq!(status(&get(&service, path, "").await), 404, "{path}");
    }
    for method in ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "BREW"] {
        for path in ["/", "/hello", "/healthz", "/readyz", "/version", "/metrics"] {
            let request = format!("{method} {path} HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n");
            let answer = ask(&service, request.into_bytes()).await;
            assert_eq!((status(&answer), header(&answer, "allow")), (405, Some("GET, HEAD")), "{method} {path}");
        }
        let request = format!("{method} /nothing HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n");
        assert_eq!(status(&ask(&service, request.into_bytes()).await), 404, "{method}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn head_is_get_without_the_body() {
    let service = Inside::with(Limits::default()).await;
    for path in ["/", "/hello", "/healthz", "/readyz", "/version", "/nothing"] {
        let with = get(&service, path, "").await;
        let request = format!("HEAD {path} HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n");
        let without = ask(&service, request.into_bytes()).await;
        assert_eq!(status(&with), status(&without), "{path}");
        assert_eq!(header(&with, "content-length"), header(&without, "content-length"), "{path}");
        assert_eq!(header(&with, "content-type"), header(&without, "content-type"), "{path}");
        assert_eq!(body(&without), "", "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_of_ours_wears_the_same_headers() {
    let service = Inside::with(Limits::default()).await;
    let refused = ask(&service, b"GET /hello HTTP/1.1\r\n\r\n".to_vec()).await;
    for answer in [get(&service, "/hello", "").await, get(&service, "/nothing", "").await, refused] {
        for name in ["cache-control", "content-security-policy", "referrer-policy", "x-content-type-options", "date"] {
            assert!(header(&answer, name).is_some(), "{name}: {answer}");
        }
        assert_eq!(header(&answer, "server"), None);
        assert_eq!(header(&answer, "strict-transport-security"), None);
    }
    let secure = get(&service, "/hello", "x-forwarded-proto: https\r\n").await;
    assert_eq!(header(&secure, "strict-transport-security"), Some("max-age=31536000"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_for_nobody_or_for_two_is_refused() {
    let service = Inside::with(Limits::default()).await;
    for hosts in ["", "host: a\r\nhost: b\r\n"] {
        let answer = ask(&service, format!("GET /hello HTTP/1.1\r\n{hosts}\r\n").into_bytes()).await;
        assert_eq!((status(&answer), header(&answer, "connection")), (400, Some("close")));
    }
    // HTTP/1.0 knows no Host, and says nothing about keeping the connection.
    assert_eq!(status(&ask(&service, b"GET /hello HTTP/1.0\r\n\r\n".to_vec()).await), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn too_much_is_413_or_431() {
    let service = Inside::with(Limits::default()).await;
    let announced = format!("POST /hello HTTP/1.1\r\nhost: h\r\ncontent-length: 1025\r\n\r\n{}", "x".repeat(1025));
    let chunk = format!("400\r\n{}\r\n", "x".repeat(1024));
    let chunked =
        format!("POST /hello HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\n{chunk}1\r\nx\r\n0\r\n\r\n");
    for request in [announced, chunked] {
        let answer = ask(&service, request.into_bytes()).await;
        assert_eq!((status(&answer), header(&answer, "connection")), (413, Some("close")));
    }
    let promised = "GET /hello HTTP/1.1\r\nhost: h\r\nexpect: 100-continue\r\ncontent-length: 4000000000\r\n\r\n";
    let answer = ask(&service, promised.into()).await;
    assert_eq!(status(&answer), 413, "and no invitation to send it: {answer}");
    for line in [format!("x-long: {}\r\n", "x".repeat(20_000)), "x: y\r\n".repeat(101)] {
        let answer = get(&service, "/hello", &line).await;
        assert_eq!(status(&answer), 431, "{answer}");
    }
    assert_eq!(status(&get(&service, &format!("/{}", "x".repeat(20_000)), "").await), 431);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_within_the_limit_is_read_and_the_connection_goes_on() {
    let service = Inside::with(Limits::default()).await;
    let address = service.address;
    tokio::task::spawn_blocking(move || {
        let mut stream = connect(address);
        for _ in 0..3 {
            let text = "x".repeat(1024);
            let request = format!("POST /hello HTTP/1.1\r\nhost: h\r\ncontent-length: 1024\r\n\r\n{text}");
            stream.write_all(request.as_bytes()).unwrap();
            assert_eq!(status(&one(&mut stream)), 405);
            let request = "GET /hello HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
            stream.write_all(request.as_bytes()).unwrap();
            assert_eq!(status(&one(&mut stream)), 200);
        }
        // Three at once come back in order.
        let request = |path: &str| format!("GET {path} HTTP/1.1\r\nhost: h\r\n\r\n");
        stream.write_all([request("/hello"), request("/nothing"), request("/healthz")].concat().as_bytes()).unwrap();
        let answers = [one(&mut stream), one(&mut stream), one(&mut stream)];
        assert_eq!(answers.map(|answer| status(&answer)), [200, 404, 200]);
    })
    .await
    .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn no_second_request_is_smuggled_in_a_body() {
    let service = Inside::with(Limits::default()).await;
    let inner = "GET /metrics HTTP/1.1\r\nhost: h\r\n\r\n";
    let cases = [
        format!("POST /hello HTTP/1.1\r\nhost: h\r\ncontent-length: 5\r\ncontent-length: 0\r\n\r\n{inner}"),
        format!("POST /hello HTTP/1.1\r\nhost: h\r\ncontent-length: +0\r\n\r\n{inner}"),
        format!("POST /hello HTTP/1.1\r\nhost: h\r\ntransfer-encoding: xchunked\r\n\r\n{inner}"),
        format!("POST /hello HTTP/1.1\r\nhost: h\r\ncontent-length : 0\r\n\r\n{inner}"),
        format!("POST /hello HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\n0x0\r\n\r\n{inner}"),
        format!("POST /hello HTTP/1.1\r\nhost: h\r\ncontent-length: 9999\r\n\r\n{inner}"),
    ];
    for case in cases {
        let address = service.address;
        let request = case.clone();
        let answer = tokio::task::spawn_blocking(move || {
            let mut stream = connect(address);
            let _ = stream.write_all(request.as_bytes());
            rest(&mut stream)
        })
        .await
        .unwrap();
        assert!(!answer.contains("http_requests_total"), "{case:?} got {answer}");
        assert!(answer.is_empty() || status(&answer) >= 400, "{case:?} got {answer}");
    }
}
