//! Reading: what is asked when, and what verdicts come of the answers.

use std::time::Duration;

use hello_cloud::{
    DeploymentState, ErrorKind, Hold, Readiness, Reported, RevisionId, TargetHealth, TargetState, Timestamp,
};

use super::world::{EPOCH, World, deployment, target};
use crate::app::{Command, Effect, Event, Now, State, VerdictState, reduce};

fn states(world: &World) -> Vec<VerdictState> {
    world.state.targets.iter().map(|t| t.verdict.state).collect()
}

fn causes(world: &World, target: usize) -> String {
    world.state.targets[target].verdict.causes.join("\n")
}

#[test]
fn everything_is_asked_once_and_not_again_while_no_answer_came() {
    let mut state = State::new(vec![target("aws"), target("gcp")], None);
    let now = |seconds| Now { mono: Duration::from_secs(seconds), wall: Timestamp::from_millis(EPOCH) };
    let first = reduce(&mut state, now(0), Event::Ticked);
    let asked = |kind: fn(&Effect) -> bool| first.iter().filter(|effect| kind(effect)).count();
    assert_eq!(asked(|e| matches!(e, Effect::Observe { .. })), 2);
    assert_eq!(asked(|e| matches!(e, Effect::ReadBuilds { .. })), 2);
    assert_eq!(asked(|e| matches!(e, Effect::Probe { .. })), 2);
    assert_eq!(reduce(&mut state, now(3600), Event::Ticked), []);
}

#[test]
fn healthy_needs_both_planes() {
    let mut world = World::new(vec![target("aws"), target("gcp")]);
    world.clouds[0].answers = None;
    world.clouds[1].snapshot = Err(ErrorKind::Denied);
    world.pass(1);
    assert_eq!(states(&world)[1], VerdictState::Unknown);
    assert!(causes(&world, 1).contains("denied"));
    world.pass(3);
    assert_eq!(states(&world)[0], VerdictState::Unhealthy);
    world.clouds[0].answers = Some((3, "a"));
    world.clouds[1].snapshot = World::both().clouds.remove(1).snapshot;
    world.pass(60);
    world.pass(300);
    assert_eq!(states(&world), [VerdictState::Healthy, VerdictState::Healthy]);
}

#[test]
fn one_cloud_gone_turns_stale_never_green_and_leaves_the_other_alone() {
    let mut world = World::both();
    assert_eq!(states(&world), [VerdictState::Healthy, VerdictState::Healthy]);
    world.clouds[0].snapshot = Err(ErrorKind::Unavailable);
    for _ in 0..120 {
        world.pass(1);
        let t = &world.state.targets[0];
        let old = t.snapshot.age(world.now).unwrap() > t.patience();
        assert_eq!(old, t.verdict.state == VerdictState::Stale, "at {:?}", world.now);
        assert_eq!(states(&world)[1], VerdictState::Healthy);
    }
    assert_eq!(world.state.targets[0].verdict.was, Some(VerdictState::Healthy));
    assert!(causes(&world, 0).contains("unavailable"), "{}", causes(&world, 0));
    world.clouds[0].snapshot = World::both().clouds.remove(0).snapshot;
    world.pass(16);
    assert_eq!(states(&world)[0], VerdictState::Healthy, "it recovers by itself within the longest pause");
}

#[test]
fn a_conclusion_a_quarter_of_an_hour_old_is_forgotten() {
    let mut world = World::both();
    world.clouds[0].snapshot = Err(ErrorKind::Auth);
    world.pass(16 * 60);
    assert_eq!(states(&world)[0], VerdictState::Unknown);
    assert!(causes(&world, 0).contains("not signed in"));
}

#[test]
fn when_nothing_answers_anywhere_the_service_is_not_called_down() {
    let mut world = World::both();
    for cloud in &mut world.clouds {
        cloud.snapshot = Err(ErrorKind::Unavailable);
        cloud.answers = None;
    }
    world.pass(45);
    assert!(world.state.offline);
    assert_eq!(states(&world), [VerdictState::Stale, VerdictState::Stale]);
    assert!(causes(&world, 0).contains("this machine may be offline"));
}

#[test]
fn a_service_that_fails_is_unhealthy_within_seconds_and_says_so_during_a_deployment() {
    let mut world = World::both();
    let Ok(seen) = &mut world.clouds[0].snapshot else { unreachable!() };
    seen.current = Some(deployment("dep/4", DeploymentState::Progressing, 3));
    world.pass(10);
    assert_eq!(states(&world)[0], VerdictState::Deploying);
    world.clouds[0].answers = None;
    world.pass(6);
    assert_eq!(states(&world)[0], VerdictState::Unhealthy);
    assert!(causes(&world, 0).contains("during a deployment"));
}

#[test]
fn asleep_is_not_down() {
    let mut world = World::both();
    let Ok(seen) = &mut world.clouds[1].snapshot else { unreachable!() };
    seen.instances = Some(hello_cloud::Instances { desired: 1, running: 0, pending: 0 });
    let Ok(seen) = &mut world.clouds[0].snapshot else { unreachable!() };
    seen.instances = Some(hello_cloud::Instances { desired: 1, running: 0, pending: 0 });
    world.pass(11);
    assert_eq!(states(&world)[0], VerdictState::Unhealthy);
    assert_ne!(states(&world)[1], VerdictState::Unhealthy);
}

#[test]
fn what_only_the_load_balancer_sees_is_a_cause() {
    let mut world = World::both();
    let state = |state, word| Reported::new(state, word).because(Some("Health checks failed with these codes: [503]"));
    let one = |id: &str, state| TargetHealth {
        group: "hello".into(),
        id: id.into(),
        port: Some(8080),
        state,
        instance: None,
    };
    let ill = one("10.0.0.2", state(TargetState::Unhealthy, "unhealthy"));
    let leaves = one("10.0.0.3", state(TargetState::Draining, "draining"));
    let set = |world: &mut World, targets| {
        world.clouds[0].snapshot.as_mut().unwrap().targets = Ok(Some(targets));
        world.pass(11);
    };
    set(&mut world, vec![one("10.0.0.1", state(TargetState::Healthy, "healthy")), ill]);
    assert_eq!(states(&world)[0], VerdictState::Degraded);
    let said = causes(&world, 0);
    assert!(said.contains("1 of 2 instances unhealthy: Health checks failed"), "{said}");
    set(&mut world, vec![one("10.0.0.1", state(TargetState::Healthy, "healthy")), leaves]);
    assert_eq!(states(&world)[0], VerdictState::Healthy, "what leaves is not ill");
}

#[test]
fn a_word_for_readiness_that_we_do_not_know_is_not_healthy() {
    let mut world = World::both();
    world.clouds[1].snapshot.as_mut().unwrap().readiness = Reported::new(Readiness::Unknown, "CONDITION_NEW");
    world.pass(11);
    assert_eq!(states(&world)[1], VerdictState::Degraded);
    assert!(causes(&world, 1).contains("CONDITION_NEW"));
}

#[test]
fn what_is_wrong_but_serves_is_degraded_with_its_cause() {
    let rolled_back = deployment("dep/4", DeploymentState::RolledBack, 3);
    let hold = Hold { revision: RevisionId::new("rev/2"), since: None, by: None };
    let mut world = World::both();
    let Ok(seen) = &mut world.clouds[0].snapshot else { unreachable!() };
    seen.current = Some(rolled_back);
    let Ok(seen) = &mut world.clouds[1].snapshot else { unreachable!() };
    seen.hold = Some(hold);
    world.pass(11);
    assert_eq!(states(&world), [VerdictState::Degraded, VerdictState::Degraded]);
    assert!(causes(&world, 0).contains("rolled back"));
    assert!(causes(&world, 1).contains("held on hello:2"));
}

#[test]
fn an_answer_from_a_revision_that_should_not_serve_is_said() {
    let mut world = World::both();
    world.clouds[0].answers = Some((1, "a"));
    world.pass(11);
    assert_eq!(states(&world)[0], VerdictState::Degraded);
    assert!(causes(&world, 0).contains("answers as hello:1"));
}

#[test]
fn refresh_asks_again_at_once_and_changes_nothing() {
    let mut world = World::both();
    let before = world.state.targets[0].snapshot.good.as_ref().unwrap().asked;
    world.now += Duration::from_millis(10);
    world.command(Command::Refresh);
    assert_eq!(world.state.targets[0].snapshot.good.as_ref().unwrap().asked, world.now);
    assert!(before < world.now && world.writes.is_empty());
}

#[test]
fn every_change_of_verdict_is_numbered() {
    let mut world = World::both();
    world.clouds[0].answers = None;
    world.pass(30);
    let changes: Vec<_> = world.state.changes.iter().map(|c| (c.number, c.target, c.from, c.to)).collect();
    assert_eq!(changes.last(), Some(&(4, 0, VerdictState::Degraded, VerdictState::Unhealthy)), "{changes:?}");
    assert!(changes.iter().map(|change| change.0).eq(1..=4));
}
