//! GitHub Actions: conditional requests, rate limits, and what is sent.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use hello_cloud::{BuildSource, BuildState, ErrorKind, builds::GitHubActions};
use serde_json::json;

use crate::server::{Answer, Server};

fn source(server: &Server) -> GitHubActions {
    GitHubActions::new("acme/hello", Some("main".into()), &server.url(), Some("very-secret".into())).unwrap()
}

fn runs() -> String {
    let run = |id: u64, created: &str| {
        json!({"id": id, "run_attempt": 1, "name": null, "head_branch": null, "head_sha": "0123456789abcdef0123456789abcdef01234567",
               "status": "completed", "conclusion": "success", "created_at": created, "updated_at": created})
    };
    json!({"total_count": 2, "workflow_runs": [run(1, "2026-11-19T10:00:00Z"), run(2, "2026-11-20T10:00:00Z")]})
        .to_string()
}

#[tokio::test]
async fn a_304_gives_the_kept_builds_again() {
    let server = Server::start(|request| match request.header("if-none-match") {
        Some("\"v1\"") => Answer::With(304, vec![], String::new()),
        Some(_) | None => Answer::With(200, vec![("etag", "\"v1\"".into())], runs()),
    })
    .await;
    let source = source(&server);
    let first = source.recent(10).await.unwrap();
    assert_eq!(first.iter().map(|build| build.id.as_str()).collect::<Vec<_>>(), ["2", "1"], "newest first");
    assert_eq!(first[0].state.state, BuildState::Succeeded);
    assert_eq!(source.recent(10).await.unwrap(), first);
    assert_eq!(source.recent(1).await.unwrap().len(), 1, "another limit is another question");
    let seen = server.seen();
    assert_eq!(seen.len(), 3);
    assert!(seen[0].line.starts_with("GET /repos/acme/hello/actions/runs?per_page=10&branch=main"), "{}", seen[0].line);
    assert!(seen[0].header("user-agent").unwrap().starts_with("hello-dash/"));
    assert_eq!(seen[0].header("authorization"), Some("Bearer very-secret"));
    assert_eq!(seen[1].header("if-none-match"), Some("\"v1\""));
}

#[tokio::test]
async fn a_spent_rate_limit_is_throttled_until_the_reset_and_not_asked_again() {
    let reset = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() + 100;
    let server = Server::start(move |_| {
        let headers = vec![("x-ratelimit-remaining", "0".into()), ("x-ratelimit-reset", reset.to_string())];
        Answer::With(403, headers, r#"{"message":"API rate limit exceeded"}"#.into())
    })
    .await;
    let error = source(&server).recent(5).await.unwrap_err();
    let ErrorKind::Throttled { retry_after: Some(after) } = error.kind else { panic!("{error}") };
    assert!(after > Duration::from_secs(90) && after <= Duration::from_secs(100), "{after:?}");
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn a_wait_without_end_is_cut_to_an_hour() {
    for name in ["retry-after", "x-ratelimit-reset"] {
        let server = Server::start(move |_| {
            let headers = vec![("x-ratelimit-remaining", "0".into()), (name, u64::MAX.to_string())];
            Answer::With(429, headers, String::new())
        })
        .await;
        let error = source(&server).recent(5).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Throttled { retry_after: Some(Duration::from_hours(1)) }, "{name}: {error}");
    }
}

#[tokio::test]
async fn a_limit_that_names_no_wait_is_a_minute_and_no_denial() {
    let secondary = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.";
    let abuse = "You have triggered an abuse detection mechanism. Please wait a few minutes before you try again.";
    for (status, message) in [(403, secondary), (429, secondary), (403, abuse), (429, "no")] {
        let server =
            Server::start(move |_| Answer::With(status, vec![], json!({"message": message}).to_string())).await;
        let source = source(&server);
        let error = source.recent(5).await.unwrap_err();
        let minute = ErrorKind::Throttled { retry_after: Some(Duration::from_mins(1)) };
        assert_eq!(error.kind, minute, "{status} {message}: {error}");
        source.recent(5).await.unwrap_err();
        assert_eq!(server.seen().len(), 1, "asked to wait, and waiting");
    }
}

#[tokio::test]
async fn refusals_keep_their_kinds_and_hide_the_token() {
    for (status, kind) in [(401, ErrorKind::Auth), (403, ErrorKind::Denied), (404, ErrorKind::NotFound)] {
        let server = Server::start(move |_| Answer::With(status, vec![], r#"{"message":"no"}"#.into())).await;
        let error = source(&server).recent(5).await.unwrap_err();
        assert_eq!(error.kind, kind, "{error}");
        assert!(!format!("{error:?}").contains("very-secret"));
    }
}

fn failed() -> String {
    json!({"total_count": 1, "workflow_runs": [{"id": 7, "run_attempt": 2, "status": "completed", "conclusion": "failure",
        "created_at": "2026-11-20T10:00:00Z"}]})
    .to_string()
}

#[tokio::test]
async fn the_jobs_of_the_build_that_failed_are_read_once() {
    let server = Server::start(|request| {
        if !request.line.contains("/jobs") {
            return Answer::With(200, vec![], failed());
        }
        let job = |id: u64| {
            json!({"id": id, "name": "test", "status": "completed", "conclusion": "failure",
                   "steps": [{"name": "cargo test", "number": 1, "status": "completed", "conclusion": "failure"}]})
        };
        let page = if request.line.contains("page=2") { vec![job(2)] } else { vec![job(1)] };
        Answer::Json(json!({"total_count": 2, "jobs": page}))
    })
    .await;
    let source = source(&server);
    for _ in 0..2 {
        let builds = source.recent(5).await.unwrap();
        let jobs = builds[0].jobs.clone().expect("it failed").unwrap();
        assert_eq!(jobs.iter().map(|job| job.id.as_str()).collect::<Vec<_>>(), ["1", "2"], "every page");
        assert_eq!(jobs[0].telling_step().unwrap().name.raw(), "cargo test");
    }
    let asked: Vec<_> = server.seen().into_iter().filter(|request| request.line.contains("/jobs")).collect();
    assert_eq!(asked.len(), 2, "what has ended does not change");
    assert!(asked[0].line.starts_with("GET /repos/acme/hello/actions/runs/7/jobs?filter=latest"), "{}", asked[0].line);
}

#[tokio::test]
async fn jobs_that_cannot_be_read_leave_the_builds() {
    let server = Server::start(|request| {
        if request.line.contains("/jobs") {
            Answer::With(404, vec![], "{}".into())
        } else {
            Answer::With(200, vec![], failed())
        }
    })
    .await;
    let builds = source(&server).recent(5).await.unwrap();
    assert_eq!(builds[0].state.state, BuildState::Failed);
    assert_eq!(builds[0].jobs.clone().unwrap().unwrap_err().kind, ErrorKind::NotFound);
}

#[tokio::test]
async fn when_nothing_is_left_of_the_rate_limit_nothing_is_sent() {
    let reset = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() + 100;
    let server = Server::start(move |_| {
        let headers = vec![("x-ratelimit-remaining", "0".into()), ("x-ratelimit-reset", reset.to_string())];
        Answer::With(200, headers, runs())
    })
    .await;
    let budgets = hello_cloud::Budgets::default();
    let (one, other) = (source(&server).sharing(&budgets), source(&server).sharing(&budgets));
    one.recent(5).await.unwrap();
    let error = other.recent(5).await.unwrap_err();
    let ErrorKind::Throttled { retry_after: Some(after) } = error.kind else { panic!("{error}") };
    assert!(after > Duration::from_secs(90) && after <= Duration::from_secs(101), "{after:?}");
    assert_eq!(server.seen().len(), 1, "one token is one budget");
}
