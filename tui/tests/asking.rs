//! The program without its screen, but with a person at a terminal; and the demo in somebody's cluttered environment.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test ends at the first thing that is not as it should be")]
#![expect(clippy::disallowed_methods, reason = "a test waits by the real clock")]

#[expect(dead_code, reason = "shared with the tests of the screen, which use all of it")]
#[path = "pty/session.rs"]
mod session;

use hello_local::{Launch, Options, Scenario, StandIn};
use session::Session;
use tokio::task::block_in_place;

async fn stand_in() -> StandIn {
    let scenario = Scenario::named("steady").unwrap();
    let launch =
        Launch::Process { program: env!("CARGO_BIN_EXE_hello-dash").into(), args: vec!["serve-instance".into()] };
    StandIn::start(Options { scenario, launch, port: 0 }).await.unwrap()
}

/// A change on Cloud Run, up to the question.
fn asked(stand_in: &StandIn, arguments: &[&str]) -> Session {
    let mut all = vec!["redeploy", "--target", "gcp"];
    all.extend(arguments);
    let mut session = Session::start_in(&stand_in.environment(), &all, 120, 40);
    session.until_text("to start, anything else to leave");
    session
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_shown_the_plan_and_asked() {
    let stand_in = stand_in().await;
    block_in_place(|| {
        for answer in ["no\r", "\r", "y\r", "\x04"] {
            let mut session = asked(&stand_in, &[]);
            assert!(session.screen().contains("forceNewRevision"), "{}", session.screen());
            session.press(answer);
            assert_eq!(session.end().exit_code(), 8, "{answer:?}");
        }
        let mut session = asked(&stand_in, &[]);
        session.press("\x03");
        assert_eq!(session.end().exit_code(), 130);
        assert_eq!(stand_in.control().writes(), 0);

        let mut session = asked(&stand_in, &["--wait"]);
        session.press("yes\r");
        assert_eq!(session.end().exit_code(), 0, "{}", session.screen());
        assert_eq!(stand_in.control().writes(), 1);
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_protected_environment_wants_the_name() {
    let stand_in = stand_in().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("c.toml");
    let text = stand_in.config().replace("writable = true", "writable = true\nprotected = true");
    std::fs::write(&file, text).unwrap();
    let protected = ["--config", file.to_str().unwrap()];
    block_in_place(|| {
        let mut session = asked(&stand_in, &protected);
        session.press("yes\r");
        assert_eq!((session.end().exit_code(), stand_in.control().writes()), (8, 0));
        let mut session = asked(&stand_in, &protected);
        session.press("hello\r");
        assert_eq!((session.end().exit_code(), stand_in.control().writes()), (0, 1), "{}", session.screen());
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changed_while_the_person_read_is_not_done() {
    let stand_in = stand_in().await;
    block_in_place(|| {
        let mut reading = asked(&stand_in, &[]);
        let mut other = asked(&stand_in, &["--wait"]);
        other.press("yes\r");
        assert_eq!(other.end().exit_code(), 0, "{}", other.screen());
        reading.press("yes\r");
        assert_eq!(reading.end().exit_code(), 8, "{}", reading.screen());
        assert_eq!(stand_in.control().writes(), 1);
    });
}

#[test]
fn the_demo_does_not_care_for_the_users_variables() {
    let nobody = "http://127.0.0.1:9";
    let clutter = [
        ("HELLO_DASH_CONFIG", "/nowhere"),
        ("AWS_ENDPOINT_URL_ECS", nobody),
        ("AWS_PROFILE", "none"),
        ("GOOGLE_APPLICATION_CREDENTIALS", "/nowhere"),
        ("GITHUB_API_URL", nobody),
        ("HTTP_PROXY", nobody),
        ("ALL_PROXY", nobody),
    ];
    let clutter = clutter.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let mut session = Session::start_in(&clutter, &["demo"], 120, 40);
    session.until("both targets Healthy", |screen| screen.matches("Healthy").count() >= 3);
    session.press("q");
    assert_eq!(session.end().exit_code(), 0);
}
