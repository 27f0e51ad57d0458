//! The real program in a real pseudo-terminal: what a person sees and does, and every way out.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test ends at the first thing that is not as it should be")]
#![expect(clippy::disallowed_methods, reason = "a test waits by the real clock")]

#[path = "pty/session.rs"]
mod session;

use rustix::process::Signal;
use session::{Session, assert_gone, is_alive};

/// Selects the row: the service row, then ECS, then Cloud Run.
const SERVICE: &str = "g";
const ECS: &str = "gj";
const RUN: &str = "G";

fn writes(session: &Session) -> u64 {
    session.stand_in()["writes"].as_object().unwrap().values().filter_map(serde_json::Value::as_u64).sum()
}

#[test]
fn the_demo_shows_both_targets_healthy_with_real_processes_and_touches_no_files() {
    let session = Session::demo(&[]);
    let screen = session.screen();
    assert!(screen.contains("ECS") && screen.contains("Cloud Run") && screen.contains("same commit"), "{screen}");
    let children = session.children();
    assert!(children.len() >= 2 && children.iter().all(|pid| is_alive(*pid)), "{children:?}");
    assert_eq!(session.home_files(), Vec::<String>::new());
}

#[test]
fn escape_writes_nothing_and_enter_redeploys_each_cloud_and_both() {
    let mut session = Session::demo(&[]);
    session.press(ECS);
    session.press("D");
    session.until_text("Esc");
    session.until("the plan", |screen| screen.contains("forceNewDeployment"));
    session.press("\x1b");
    session.until("the plan closed", |screen| !screen.contains("forceNewDeployment"));
    assert_eq!(writes(&session), 0);

    let before = session.children();
    redeploy(&mut session, ECS, "forceNewDeployment", "redeploy ECS: verified");
    assert_eq!(writes(&session), 1);
    assert!(session.children().iter().any(|pid| !before.contains(pid)), "a new process serves");
    redeploy(&mut session, RUN, "forceNewRevision", "redeploy Cloud Run: verified");
    assert_eq!(writes(&session), 2);

    session.press(SERVICE);
    session.press("D");
    session.until_text("forceNewRevision");
    wait_for_guard();
    session.press("\r");
    session.until("both verified in turn", |screen| {
        screen.contains("redeploy ECS: verified") && screen.contains("redeploy Cloud Run: verified")
    });
    assert_eq!(writes(&session), 4);
}

#[test]
fn roll_back_returns_both_to_the_commit_before_and_release_ends_the_hold() {
    let mut session = Session::demo(&[]);
    let before = commits(&session.screen());
    session.press(SERVICE);
    session.press("B");
    session.until_text("traffic");
    wait_for_guard();
    session.press("\r");
    session.until("both verified", |screen| {
        screen.contains("rollback ECS: verified") && screen.contains("rollback Cloud Run: verified")
    });
    let after = session.until("HELD, and the same commit on both", |screen| {
        screen.contains("HELD") && commits(screen).len() == 2 && screen.contains("same commit")
    });
    assert_ne!(commits(&after), before);

    session.press(RUN);
    session.press("H");
    session.until_text("Release");
    wait_for_guard();
    session.press("\r");
    session.until("released", |screen| screen.contains("release Cloud Run: verified") && !screen.contains("HELD"));
}

#[test]
fn a_pasted_text_changes_nothing() {
    let mut session = Session::demo(&[]);
    session.press("\x1b[200~DDB\rHX\x1b[201~");
    session.press("?");
    session.until_text("redeploy");
    session.press("\x1b");
    assert_eq!(writes(&session), 0);
}

#[test]
fn it_says_so_when_the_terminal_is_too_small_and_recovers() {
    let mut session = Session::demo(&[]);
    session.resize(40, 10);
    session.until_text("60x16");
    session.resize(80, 24);
    session.until("the rows again", |screen| screen.contains("2 Healthy") && screen.contains("same commit"));
}

/// A way to leave.
type Way = fn(&mut Session);

#[test]
fn every_way_out_restores_the_terminal_and_leaves_no_process() {
    let ways: [(&str, Way, u32); 5] = [
        ("q", |session| session.press("q"), 0),
        ("Ctrl-C", |session| session.press("\x03"), 0),
        ("SIGTERM", |session| session.signal(Signal::TERM), 143),
        ("SIGHUP", |session| session.signal(Signal::HUP), 129),
        ("SIGINT", |session| session.signal(Signal::INT), 130),
    ];
    for (name, leave, code) in ways {
        let mut session = Session::demo(&[]);
        let children = session.children();
        leave(&mut session);
        assert_eq!(session.end().exit_code(), code, "{name}");
        session.assert_restored();
        assert_gone(&children);
    }
}

#[test]
#[cfg(debug_assertions)]
fn a_panic_in_a_task_restores_the_terminal_then_says_so_and_leaves_no_process() {
    let mut session = Session::demo(&["--panic-after", "4000"]);
    let children = session.children();
    assert_eq!(session.end().exit_code(), 101);
    session.assert_restored();
    assert_gone(&children);
    let written = session.written();
    assert!(written.rfind("planted") > written.rfind("\x1b[?1049l"), "the message comes after the screen is left");
}

#[test]
fn a_vanished_terminal_ends_it() {
    let mut session = Session::demo(&[]);
    let children = session.children();
    session.vanish();
    session.end();
    assert_gone(&children);
}

#[test]
fn killed_outright_it_still_leaves_no_process() {
    let mut session = Session::demo(&[]);
    let children = session.children();
    session.signal(Signal::KILL);
    session.end();
    assert_gone(&children);
}

fn redeploy(session: &mut Session, row: &str, plan: &str, end: &str) {
    session.press(row);
    session.press("D");
    session.until_text(plan);
    wait_for_guard();
    session.press("\r");
    session.until_text(end);
    session.press("\x1b");
    session.until("the note closed", |screen| !screen.contains(end));
}

/// What is typed within 300 ms of the plan's appearance does not count, by design; a person reads longer.
fn wait_for_guard() {
    std::thread::sleep(std::time::Duration::from_millis(500));
}

/// The commits in the rows of the two targets.
fn commits(screen: &str) -> Vec<String> {
    let rows = screen.lines().filter(|line| line.contains("eu-central-1") || line.contains("europe-west1"));
    let commit = |line: &str| {
        line.split_whitespace()
            .find(|word| word.len() == 7 && word.bytes().all(|b| b.is_ascii_hexdigit()))
            .map(str::to_owned)
    };
    rows.filter_map(commit).collect()
}
