//! A machine whose clock is not AWS's, and what a refused signature may tell.

use hello_cloud::{ErrorKind, Provider};
use serde_json::json;

use crate::server::{Answer, Request, Server};

/// The `Date` of a server that is some hours ahead.
const AHEAD: &str = "Tue, 01 Jan 2999 00:00:00 GMT";

fn refusal(message: &str, date: Option<&str>) -> Answer {
    let body = json!({"__type": "InvalidSignatureException", "message": message}).to_string();
    let headers = date.map(|date| ("date", date.to_owned())).into_iter().collect();
    Answer::With(400, headers, body)
}

fn signed_in(request: &Request, year: &str) -> bool {
    request.header("x-amz-date").is_some_and(|date| date.starts_with(year))
}

#[tokio::test]
async fn a_clock_that_is_off_is_corrected_by_the_first_answer() {
    let server = Server::start(|request| {
        if signed_in(request, "2999") {
            return Answer::Json(json!({"serviceArns": ["arn:aws:ecs:r:1:service/hello/orders"]}));
        }
        refusal("Signature expired: 20261121T041806Z is now earlier than 29990101T000000Z", Some(AHEAD))
    })
    .await;
    assert_eq!(server.ecs().await.services().await.unwrap(), ["orders"]);
    assert_eq!(server.seen().len(), 2, "asked once more, and no oftener");
}

#[tokio::test]
async fn a_clock_that_stays_off_is_told_with_what_to_do() {
    let server = Server::start(|_| refusal("Signature expired: 20261121T041806Z is now earlier", None)).await;
    let error = server.ecs().await.services().await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Auth);
    assert!(error.to_string().contains("this machine's clock"), "{error}");
    assert!(error.hint.as_ref().unwrap().contains("set this machine's clock"), "{:?}", error.hint);
}

#[tokio::test]
async fn a_wrong_key_is_told_without_the_request_that_holds_the_token() {
    let message = "The request signature we calculated does not match the signature you provided. Check your AWS Secret \
                   Access Key. The Canonical String for this request should have been\n'POST\n/\n\nhost:ecs\n\
                   x-amz-security-token:IQoJb3JpZ2luX2VjEXAMPLE\n\nhost'";
    let server = Server::start(move |_| refusal(message, None)).await;
    let error = server.ecs().await.services().await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Auth);
    assert!(error.to_string().contains("does not match"), "{error}");
    assert!(!format!("{error} {error:?}").contains("IQoJb3JpZ2luX2VjEXAMPLE"), "{error:?}");
    assert!(error.hint.unwrap().contains("aws sso login"));
}
