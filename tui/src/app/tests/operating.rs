//! Changing things: what starts, what does not, and what each end is called.

use std::time::Duration;

use hello_cloud::{Change, DeploymentState, ErrorKind, ProviderError, Resolution, StartError, Untrusted};

use super::world::{World, deployment, digest, target};
use crate::app::{
    Command, Event, Mode, Outcome, Row,
    effect::JOURNAL,
    operation::{Consent, Kind, Phase},
};

fn plan(world: &mut World, row: Row, kind: Kind) {
    world.state.selected = row;
    world.command(Command::Plan(kind));
    assert_eq!(world.state.mode, Mode::Plan);
}

const ECS: Row = Row::Target(0);
const RUN: Row = Row::Target(1);
const BOTH: Row = Row::Group(0);

#[test]
fn escape_writes_nothing() {
    let mut world = World::both();
    plan(&mut world, ECS, Kind::Redeploy);
    world.read_plan();
    world.command(Command::Cancel);
    world.pass(10);
    assert_eq!(world.writes, []);
    assert_eq!(world.outcomes(), [Some(Outcome::Cancelled)]);
}

#[test]
fn the_countdown_starts_it_by_itself_once() {
    let mut world = World::both();
    plan(&mut world, ECS, Kind::Redeploy);
    world.pass(10);
    assert_eq!(world.writes, [], "a plan that was never drawn does not start");
    world.read_plan();
    assert_eq!(world.writes, []);
    world.pass(3);
    assert_eq!(world.writes, [(0, Change::Redeploy)]);
    world.pass(30);
    assert_eq!(world.writes.len(), 1);
}

#[test]
fn what_is_typed_before_the_plan_could_be_read_stops_the_countdown() {
    let mut world = World::both();
    plan(&mut world, ECS, Kind::Redeploy);
    world.command(Command::Accept);
    world.happen(Event::Drawn);
    world.pass(20);
    assert_eq!(world.writes, []);
    world.command(Command::Accept);
    assert_eq!(world.writes.len(), 1, "a deliberate Enter still starts it");
}

#[test]
fn any_other_key_leaves_the_plan() {
    let mut world = World::both();
    plan(&mut world, ECS, Kind::Redeploy);
    world.read_plan();
    world.happen(Event::Typed('x'));
    world.pass(10);
    assert_eq!((world.state.mode, world.writes.len()), (Mode::Browse, 0));
}

#[test]
fn a_protected_target_wants_the_name() {
    let mut protected = target("aws");
    protected.protected = true;
    let mut world = World::new(vec![protected]);
    world.pass(3);
    plan(&mut world, ECS, Kind::Redeploy);
    world.read_plan();
    world.pass(10);
    world.command(Command::Accept);
    assert_eq!(world.writes, []);
    "helli".chars().for_each(|c| world.happen(Event::Typed(c)));
    world.command(Command::Accept);
    assert_eq!(world.writes, []);
    world.happen(Event::Erased);
    world.happen(Event::Typed('o'));
    world.command(Command::Accept);
    assert_eq!(world.writes.len(), 1);
}

#[test]
fn an_emergency_on_a_protected_target_wants_only_enter() {
    let mut protected = target("aws");
    protected.protected = true;
    let mut world = World::new(vec![protected]);
    world.pass(3);
    world.clouds[0].answers = None;
    world.pass(20);
    plan(&mut world, ECS, Kind::Rollback);
    world.read_plan();
    world.command(Command::Accept);
    assert_eq!(world.writes.len(), 1);
}

#[test]
fn a_row_that_the_filter_hides_is_not_acted_on() {
    let mut world = World::both();
    world.command(Command::Filter);
    "nothing like it".chars().for_each(|c| world.happen(Event::Typed(c)));
    world.command(Command::Accept);
    world.command(Command::Plan(Kind::Redeploy));
    assert_eq!((world.state.mode, world.state.operations.len()), (Mode::Browse, 0));
    assert!(world.state.toasts.iter().any(|toast| toast.text == "nothing is selected"));
}

#[test]
fn a_read_only_target_is_never_written() {
    let mut read_only = target("aws");
    read_only.writable = false;
    let mut world = World::new(vec![read_only]);
    world.pass(3);
    for kind in [Kind::Redeploy, Kind::Rollback, Kind::Stop, Kind::Release] {
        world.state.selected = ECS;
        world.command(Command::Plan(kind));
        world.happen(Event::Drawn);
        world.pass(10);
        world.command(Command::Accept);
        world.command(Command::Order { kind, targets: vec![0], to: None, dry_run: false });
        world.pass(5);
    }
    assert_eq!(world.writes, []);
    assert!(world.state.toasts.iter().any(|toast| toast.text.contains("read-only")));
}

#[test]
fn verified_needs_the_deployment_we_started_and_five_answers_of_it() {
    let mut world = World::both();
    plan(&mut world, ECS, Kind::Redeploy);
    world.read_plan();
    world.command(Command::Accept);
    world.deploy(0, DeploymentState::Progressing, 3);
    world.pass(10);
    assert_eq!(world.outcomes(), [None]);
    world.deploy(0, DeploymentState::Succeeded, 3);
    world.pass(10);
    assert_eq!(world.outcomes(), [None], "the old instance still answers");
    world.clouds[0].answers = Some((3, "new"));
    world.pass(5);
    assert_eq!(world.outcomes(), [Some(Outcome::Verified)]);
    assert_eq!(world.journal, ["verified"]);
}

#[test]
fn deployed_but_never_answering_as_the_new_one_is_a_failure() {
    let mut world = World::both();
    plan(&mut world, RUN, Kind::Redeploy);
    world.read_plan();
    world.command(Command::Accept);
    world.deploy(1, DeploymentState::Succeeded, 1);
    world.pass(70);
    let [Some(Outcome::Failed(why))] = &world.outcomes()[..] else { panic!("{:?}", world.outcomes()) };
    assert!(why.contains("answers as hello:3 · 3333333, not as hello:1"), "{why}");
}

#[test]
fn each_bad_end_has_its_own_name() {
    for (state, word) in [
        (DeploymentState::RolledBack, "rolled back"),
        (DeploymentState::Failed, "failed"),
        (DeploymentState::Stopped, "failed"),
    ] {
        let mut world = World::both();
        plan(&mut world, ECS, Kind::Redeploy);
        world.read_plan();
        world.command(Command::Accept);
        world.deploy(0, state, 3);
        world.pass(5);
        assert_eq!(world.outcomes()[0].as_ref().unwrap().word(), word);
    }
}

#[test]
fn a_newer_deployment_supersedes_ours() {
    let mut world = World::both();
    plan(&mut world, ECS, Kind::Redeploy);
    world.read_plan();
    world.command(Command::Accept);
    world.deploy(0, DeploymentState::Stopped, 3);
    let Ok(seen) = &mut world.clouds[0].snapshot else { unreachable!() };
    seen.current = Some(deployment("theirs", DeploymentState::Progressing, 3));
    world.pass(5);
    assert_eq!(world.outcomes()[0].as_ref().unwrap().word(), "superseded");
}

#[test]
fn an_unknown_outcome_is_an_end_and_is_never_sent_again() {
    let mut world = World::both();
    world.clouds[0].start = Err(StartError::Unknown(ProviderError::new(ErrorKind::Timeout, "test:Write", "")));
    plan(&mut world, ECS, Kind::Redeploy);
    world.read_plan();
    world.command(Command::Accept);
    world.pass(120);
    assert_eq!(world.outcomes()[0].as_ref().unwrap().word(), "outcome unknown");
    assert_eq!(world.writes.len(), 1);
}

#[test]
fn a_conflict_is_refused_and_says_that_the_world_moved() {
    let mut world = World::both();
    world.clouds[0].start = Err(StartError::Refused(ProviderError::new(ErrorKind::Conflict, "test:Write", "")));
    plan(&mut world, ECS, Kind::Redeploy);
    world.read_plan();
    world.command(Command::Accept);
    let [Some(Outcome::Refused(why))] = &world.outcomes()[..] else { panic!("{:?}", world.outcomes()) };
    assert!(why.contains("changed since the plan"));
}

#[test]
fn a_deployment_that_never_shows_is_unknown_not_well() {
    let mut world = World::both();
    plan(&mut world, ECS, Kind::Redeploy);
    world.read_plan();
    world.command(Command::Accept);
    world.pass(30);
    assert_eq!(world.outcomes()[0].as_ref().unwrap().word(), "outcome unknown");
}

#[test]
fn both_clouds_go_one_after_the_other() {
    let mut world = World::both();
    plan(&mut world, BOTH, Kind::Redeploy);
    world.read_plan();
    world.command(Command::Accept);
    world.pass(5);
    assert_eq!(world.writes.len(), 1, "the second waits for the first to be verified");
    world.deploy(0, DeploymentState::Succeeded, 3);
    world.clouds[0].answers = Some((3, "new"));
    world.pass(10);
    assert_eq!(world.writes.len(), 2);
    world.deploy(1, DeploymentState::Succeeded, 3);
    world.clouds[1].answers = Some((3, "new"));
    world.pass(10);
    assert_eq!(world.outcomes(), [Some(Outcome::Verified), Some(Outcome::Verified)]);
}

#[test]
fn a_bad_redeploy_is_not_carried_to_the_second_cloud() {
    let mut world = World::both();
    plan(&mut world, BOTH, Kind::Redeploy);
    world.read_plan();
    world.command(Command::Accept);
    world.deploy(0, DeploymentState::RolledBack, 3);
    world.pass(5);
    let words: Vec<_> = world.outcomes().iter().map(|outcome| outcome.as_ref().unwrap().word()).collect();
    assert_eq!(words, ["rolled back", "not started"]);
    assert_eq!(world.writes.len(), 1);
}

#[test]
fn a_failed_rollback_does_not_hold_up_the_other_clouds() {
    let mut world = World::both();
    world.clouds[0].start = Err(StartError::Refused(ProviderError::new(ErrorKind::Unavailable, "test:Write", "")));
    plan(&mut world, BOTH, Kind::Rollback);
    world.read_plan();
    world.command(Command::Accept);
    assert_eq!(world.writes.len(), 2);
    assert_eq!(world.outcomes()[0].as_ref().unwrap().word(), "not asked");
    assert_eq!(world.outcomes()[1], None);
}

#[test]
fn with_one_cloud_unreadable_the_plan_is_partial_and_wants_enter() {
    let mut world = World::both();
    world.clouds[1].snapshot = Err(ErrorKind::Unavailable);
    world.pass(12);
    plan(&mut world, BOTH, Kind::Rollback);
    world.read_plan();
    let phase = &world.state.operations.last().unwrap().phase;
    assert!(matches!(phase, Phase::Armed { consent: Consent::Enter, .. }), "{phase:?}");
    world.pass(10);
    assert_eq!(world.writes, []);
}

#[test]
fn a_moved_tag_is_said_in_the_plan() {
    let mut world = World::both();
    let Ok(seen) = &mut world.clouds[0].snapshot else { unreachable!() };
    seen.resolution = Ok(Some(Resolution {
        reference: Untrusted::from("repo:stable"),
        digest: digest(4),
        commit: None,
        pushed_at: None,
    }));
    world.now += Duration::from_mins(1);
    world.pass(1);
    plan(&mut world, ECS, Kind::Redeploy);
    let plan = world.state.operations.last().unwrap().steps[0].plan.as_ref().unwrap();
    assert!(plan.warnings[0].starts_with("SHIPS OTHER CODE"), "{:?}", plan.warnings);
}

#[test]
fn an_order_without_a_screen_goes_through_at_once_and_a_dry_run_writes_nothing() {
    let mut world = World::both();
    world.command(Command::Order { kind: Kind::Redeploy, targets: vec![0], to: None, dry_run: true });
    world.pass(2);
    assert_eq!((world.outcomes(), world.writes.len()), (vec![Some(Outcome::Planned)], 0));
    world.command(Command::Order { kind: Kind::Redeploy, targets: vec![0], to: None, dry_run: false });
    assert_eq!(world.writes, [(0, Change::Redeploy)]);
}

#[test]
fn stopping_a_deployment_goes_back_to_what_served() {
    let mut world = World::both();
    let Ok(seen) = &mut world.clouds[0].snapshot else { unreachable!() };
    seen.current = Some(deployment("new/0", DeploymentState::Progressing, 3));
    world.pass(11);
    plan(&mut world, ECS, Kind::Stop);
    world.read_plan();
    world.command(Command::Accept);
    assert!(matches!(&world.writes[..], [(0, Change::Stop { .. })]));
    world.deploy(0, DeploymentState::RolledBack, 3);
    world.clouds[0].answers = Some((2, "old"));
    world.pass(5);
    assert_eq!(world.outcomes(), [Some(Outcome::Verified)]);
}

#[test]
fn without_a_journal_nothing_is_sent_and_that_is_a_refusal() {
    let mut world = World::both();
    let error = ProviderError::new(ErrorKind::Unexpected, JOURNAL, "read-only file system").hint("make it writable");
    world.clouds[0].start = Err(StartError::Refused(error));
    plan(&mut world, ECS, Kind::Redeploy);
    world.read_plan();
    world.command(Command::Accept);
    let [Some(Outcome::Refused(why))] = &world.outcomes()[..] else { panic!("{:?}", world.outcomes()) };
    assert!(why.contains("read-only file system") && why.contains("make it writable"), "{why}");
}
