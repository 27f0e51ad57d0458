//! What a refusal becomes, and what a name may not do to a path. Answers over a socket: `tests/adapters.rs`.

use super::*;

fn refused(status: u16, body: &str) -> ProviderError {
    refusal("run.services.get", StatusCode::from_u16(status).unwrap(), Some(Duration::from_secs(3)), body.as_bytes())
}

#[test]
fn the_status_decides_the_kind() {
    for (status, kind) in [
        (401, ErrorKind::Auth),
        (403, ErrorKind::Denied),
        (404, ErrorKind::NotFound),
        (409, ErrorKind::Conflict),
        (429, ErrorKind::Throttled { retry_after: Some(Duration::from_secs(3)) }),
        (500, ErrorKind::Unavailable),
        (504, ErrorKind::Timeout),
        (302, ErrorKind::Unexpected),
        (400, ErrorKind::Unexpected),
    ] {
        assert_eq!(refused(status, "<html>a proxy's page</html>").kind, kind, "{status}");
    }
}

#[test]
fn the_reason_is_told_and_the_body_is_not() {
    let said = refused(403, r#"{"error":{"code":403,"message":"no way","status":"PERMISSION_DENIED"}}"#);
    assert_eq!(said.message.raw(), "PERMISSION_DENIED: no way");
    assert!(said.hint.unwrap().contains("grant run.services.get"));
    assert_eq!(refused(502, "secret page").message.raw(), "HTTP status 502");
}

#[test]
fn a_disabled_api_says_how_to_enable_it() {
    let body = r#"{"error":{"status":"PERMISSION_DENIED","message":"disabled","details":[{"@type":"x"},
        {"reason":"SERVICE_DISABLED","metadata":{"service":"run.googleapis.com"}}]}}"#;
    assert_eq!(refused(403, body).hint.unwrap(), "gcloud services enable run.googleapis.com");
}

#[test]
fn a_name_stays_one_part_of_a_path() {
    assert_eq!(segment("hello-00003-abc"), "hello-00003-abc");
    assert_eq!(segment("../../secrets?x#y"), "..%2F..%2Fsecrets%3Fx%23y");
    assert_eq!(segment(".."), "%2E%2E");
    assert_eq!(segment("a/b%c"), "a%2Fb%25c");
}

#[test]
fn json_that_is_too_deep_or_broken_is_unexpected_and_not_quoted() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    for body in [deep.as_str(), "{\"secret\":", "not json", ""] {
        let error = decode::<Value>("c", body.as_bytes()).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Unexpected);
        assert!(!error.message.raw().contains("secret"), "{}", error.message.raw());
    }
}

#[test]
fn an_address_may_lack_its_last_slash_but_must_be_one() {
    assert_eq!(base("http://127.0.0.1:1/x", "c").unwrap().join("v2/a").unwrap().as_str(), "http://127.0.0.1:1/x/v2/a");
    assert!(base("ftp://x", "c").is_err());
    assert!(base("nonsense", "c").is_err());
}
