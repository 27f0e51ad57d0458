//! A cloud that is down and says for how long: it is not asked before.

use std::time::Duration;

use hello_cloud::{BuildSource, ErrorKind, Provider, ProviderError, builds::GitHubActions};
use serde_json::json;

use crate::server::{Answer, Request, Server, token};

/// A server that is down for so long, but for its tokens.
async fn down(header: (&'static str, &'static str)) -> Server {
    Server::start(move |request| {
        if request.line.contains("/token") {
            token()
        } else {
            Answer::With(503, vec![(header.0, header.1.into())], "{}".into())
        }
    })
    .await
}

fn is_read(request: &Request) -> bool {
    !request.line.contains("/token")
}

/// Asked once, and the wait handed on.
fn check(server: &Server, error: &ProviderError) {
    assert_eq!((error.kind, error.retry_after()), (ErrorKind::Unavailable, Some(Duration::from_mins(1))), "{error}");
    assert!(error.to_string().ends_with("(asked to wait 60 s)"), "{error}");
    assert_eq!(server.count(is_read), 1);
}

#[tokio::test]
async fn no_adapter_asks_again_before_the_time() {
    let server = down(("retry-after", "60")).await;
    check(&server, &server.run().services().await.unwrap_err());
    for header in [("retry-after", "60"), ("x-amz-retry-after", "60000")] {
        let server = down(header).await;
        check(&server, &server.ecs().await.services().await.unwrap_err());
    }
    let server = down(("retry-after", "60")).await;
    let github = GitHubActions::new("acme/hello", None, &server.url(), None).unwrap();
    check(&server, &github.recent(5).await.unwrap_err());
}

#[tokio::test]
async fn a_pause_that_has_passed_is_no_reason_to_give_up() {
    let n = std::sync::atomic::AtomicUsize::new(0);
    let server = Server::start(move |request| {
        if request.line.contains("/token") {
            token()
        } else if n.fetch_add(1, std::sync::atomic::Ordering::SeqCst) == 0 {
            Answer::With(503, vec![("retry-after", "0".into())], "{}".into())
        } else {
            Answer::Json(json!({"services": []}))
        }
    })
    .await;
    assert_eq!(server.run().services().await, Ok(Vec::new()));
}
