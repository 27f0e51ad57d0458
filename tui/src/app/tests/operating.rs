//! Changing things: what starts, what does not, and what each end is called.

use std::time::Duration;

use hello_cloud::{
    Change, DeploymentId, DeploymentState, ErrorKind, ProviderError, Resolution, RevisionId, StartError, Started,
    Untrusted,
};

use super::world::{World, deployment, digest, target};
use crate::app::{
    Command, Event, Mode, Outcome, Row,
    effect::JOURNAL,
    operation::{Consent, Kind, Phase, StepState},
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
        world.command(Command::Order { kind, targets: vec![0], to: None, dry_run: false, agreed: vec![] });
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
    assert_eq!(world.journal, ["accepted", "verified"]);
}

#[test]
fn deployed_but_never_answering_as_the_new_one_is_a_failure() {
    let mut world = World::both();
    plan(&mut world, RUN, Kind::Redeploy);
    world.read_plan();
    world.command(Command::Accept);
    world.deploy(1, DeploymentState::Succeeded, 4);
    world.pass(70);
    let [Some(Outcome::Failed(why))] = &world.outcomes()[..] else { panic!("{:?}", world.outcomes()) };
    assert!(why.contains("answers as hello:3 · 3333333, not as hello:4"), "{why}");
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
fn what_the_cloud_will_not_do_was_asked_and_refused() {
    let mut world = World::both();
    let rejected = ProviderError::new(ErrorKind::Rejected, "test:Write", "TaskDefinition is inactive");
    world.clouds[0].start = Err(StartError::Refused(rejected));
    start(&mut world, ECS);
    let [Some(Outcome::Refused(why))] = &world.outcomes()[..] else { panic!("{:?}", world.outcomes()) };
    assert!(why.contains("TaskDefinition is inactive"), "{why}");
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
    world.command(Command::Order { kind: Kind::Redeploy, targets: vec![0], to: None, dry_run: true, agreed: vec![] });
    world.pass(2);
    assert_eq!((world.outcomes(), world.writes.len()), (vec![Some(Outcome::Planned)], 0));
    world.command(Command::Order { kind: Kind::Redeploy, targets: vec![0], to: None, dry_run: false, agreed: vec![] });
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

/// Starts a redeploy of the row, agreed to with Enter.
fn start(world: &mut World, row: Row) {
    plan(world, row, Kind::Redeploy);
    world.read_plan();
    world.command(Command::Accept);
}

fn seen(world: &mut World, target: usize) -> &mut hello_cloud::Snapshot {
    world.clouds[target].snapshot.as_mut().unwrap()
}

#[test]
fn nothing_is_verified_while_the_revision_to_expect_is_not_known() {
    let mut world = World::both();
    start(&mut world, RUN);
    world.deploy(1, DeploymentState::Succeeded, 4);
    seen(&mut world, 1).revisions =
        Err(ProviderError::new(ErrorKind::Throttled { retry_after: None }, "test:List", ""));
    world.pass(20);
    assert_eq!(world.outcomes(), [None], "five answers of the old revision are not those of the new one");
    world.deploy(1, DeploymentState::Succeeded, 4);
    world.clouds[1].answers = Some((4, "new"));
    world.pass(8);
    assert_eq!(world.outcomes(), [Some(Outcome::Verified)]);
}

#[test]
fn another_image_than_the_planned_one_is_not_verified() {
    let mut world = World::both();
    start(&mut world, ECS);
    world.deploy(0, DeploymentState::Succeeded, 2);
    world.clouds[0].answers = Some((2, "new"));
    world.pass(10);
    let [Some(Outcome::Failed(why))] = &world.outcomes()[..] else { panic!("{:?}", world.outcomes()) };
    assert!(why.contains("not what was planned"), "{why}");
}

#[test]
fn instances_that_could_not_be_listed_at_first_are_waited_for() {
    let mut world = World::both();
    start(&mut world, ECS);
    world.deploy(0, DeploymentState::Succeeded, 3);
    seen(&mut world, 0).current.as_mut().unwrap().started.clear();
    if let Ok(deployments) = &mut seen(&mut world, 0).deployments {
        deployments[0].started.clear();
    }
    world.pass(1);
    world.deploy(0, DeploymentState::Succeeded, 3);
    world.command(Command::Refresh);
    world.pass(10);
    assert_eq!(world.outcomes(), [None], "the old instance answers");
    world.clouds[0].answers = Some((3, "new"));
    world.pass(5);
    assert_eq!(world.outcomes(), [Some(Outcome::Verified)]);
}

#[test]
fn a_gap_in_time_stops_the_countdown() {
    let mut world = World::both();
    plan(&mut world, ECS, Kind::Redeploy);
    world.happen(Event::Drawn);
    world.pass(1);
    world.now += Duration::from_mins(10);
    world.happen(Event::Drawn);
    world.pass(10);
    assert_eq!(world.writes, [], "nobody looked at it meanwhile");
    world.command(Command::Accept);
    assert_eq!(world.writes.len(), 1);
}

#[test]
fn a_plan_that_is_no_longer_on_the_screen_does_not_start_by_itself() {
    let mut world = World::both();
    plan(&mut world, ECS, Kind::Redeploy);
    world.read_plan();
    world.happen(Event::Hidden);
    world.pass(10);
    assert_eq!(world.writes, []);
}

#[test]
fn a_held_enter_starts_nothing() {
    let mut world = World::both();
    plan(&mut world, ECS, Kind::Redeploy);
    world.happen(Event::Drawn);
    for _ in 0..100 {
        world.now += Duration::from_millis(33);
        world.command(Command::Accept);
    }
    assert_eq!(world.writes, []);
    world.pass(1);
    world.command(Command::Accept);
    assert_eq!(world.writes.len(), 1, "let go and pressed again it counts");
}

#[test]
fn leaving_starts_nothing_more() {
    let mut world = World::both();
    plan(&mut world, ECS, Kind::Redeploy);
    world.read_plan();
    world.now += Duration::from_secs(1);
    world.happen(Event::Ticked);
    world.now += Duration::from_millis(1400);
    world.command(Command::Quit);
    assert_eq!((world.writes.len(), world.state.quit), (0, true));
    world.pass(5);
    assert_eq!(world.writes, []);
}

#[test]
fn what_goes_on_when_we_leave_is_in_the_journal_with_its_id() {
    let mut world = World::both();
    start(&mut world, BOTH);
    world.command(Command::Quit);
    assert_eq!(world.journal, ["accepted", "no longer followed"]);
    assert_eq!(world.writes.len(), 1, "the second cloud is not begun");
}

#[test]
fn a_cloud_that_cannot_be_read_for_a_while_does_not_end_what_it_is_doing() {
    let mut world = World::both();
    start(&mut world, ECS);
    world.clouds[0].snapshot = Err(ErrorKind::Unavailable);
    world.pass(60);
    assert_eq!(world.outcomes(), [None]);
    world.deploy(0, DeploymentState::Succeeded, 3);
    world.clouds[0].answers = Some((3, "new"));
    world.pass(30);
    assert_eq!(world.outcomes(), [Some(Outcome::Verified)]);
}

#[test]
fn deployments_that_cannot_be_listed_are_not_taken_for_absent() {
    let mut world = World::both();
    start(&mut world, RUN);
    seen(&mut world, 1).deployments = Err(ProviderError::new(ErrorKind::Unavailable, "test:Get", ""));
    world.pass(60);
    assert_eq!(world.outcomes(), [None]);
}

#[test]
fn what_cannot_be_followed_or_asked_ends_all_the_same() {
    let mut world = World::both();
    start(&mut world, ECS);
    world.clouds[0].snapshot = Err(ErrorKind::Unavailable);
    world.pass(16 * 60);
    assert_eq!(world.outcomes()[0].as_ref().unwrap().word(), "outcome unknown");

    let mut nowhere = target("gcp");
    nowhere.url = None;
    let mut world = World::new(vec![nowhere]);
    world.pass(3);
    start(&mut world, Row::Target(0));
    let warnings = &world.state.operations[0].steps[0].plan.as_ref().unwrap().warnings;
    assert!(warnings.iter().any(|warning| warning.contains("no address")), "{warnings:?}");
    world.deploy(0, DeploymentState::Succeeded, 3);
    world.pass(150);
    assert_eq!(world.outcomes()[0].as_ref().unwrap().word(), "outcome unknown");
}

#[test]
fn a_stop_is_not_sent_twice() {
    let mut world = World::both();
    seen(&mut world, 0).current = Some(deployment("new/0", DeploymentState::Progressing, 3));
    world.pass(11);
    plan(&mut world, ECS, Kind::Stop);
    world.read_plan();
    world.command(Command::Accept);
    world.command(Command::Plan(Kind::Stop));
    assert_eq!((world.state.mode, world.writes.len()), (Mode::Browse, 1));
}

#[test]
fn an_order_that_was_agreed_to_for_other_facts_is_refused() {
    let mut world = World::both();
    world.command(Command::Order { kind: Kind::Redeploy, targets: vec![0], to: None, dry_run: true, agreed: vec![] });
    world.pass(2);
    let agreed = world.state.operations[0].agreement();
    seen(&mut world, 0).resolution = Ok(Some(Resolution {
        reference: Untrusted::from("repo:stable"),
        digest: digest(4),
        commit: None,
        pushed_at: None,
    }));
    world.pass(11);
    world.command(Command::Order { kind: Kind::Redeploy, targets: vec![0], to: None, dry_run: false, agreed });
    assert_eq!(world.writes, []);
    assert_eq!(world.outcomes()[0].as_ref().unwrap().word(), "refused");
}

#[test]
fn a_cloud_that_asks_for_minutes_of_patience_does_not_hold_up_the_answer() {
    let mut world = World::both();
    world.clouds[0].snapshot = Err(ErrorKind::Throttled { retry_after: Some(Duration::from_mins(5)) });
    world.pass(12);
    plan(&mut world, ECS, Kind::Redeploy);
    world.read_plan();
    assert_eq!(world.outcomes()[0].as_ref().unwrap().word(), "not asked");
}

#[test]
fn a_deployment_that_cannot_be_stopped_is_rolled_back_by_a_new_one() {
    let mut world = World::both();
    let mut running = deployment("ecs-svc/1", DeploymentState::Progressing, 3);
    running.stoppable = false;
    seen(&mut world, 0).current = Some(running);
    world.pass(11);
    world.command(Command::Order { kind: Kind::Stop, targets: vec![0], to: None, dry_run: false, agreed: vec![] });
    assert_eq!(world.outcomes()[0].as_ref().unwrap().word(), "refused");
    plan(&mut world, ECS, Kind::Rollback);
    world.read_plan();
    world.command(Command::Accept);
    assert!(matches!(&world.writes[..], [(0, Change::Rollback { .. })]), "{:?}", world.writes);
}

#[test]
fn a_change_of_ours_that_goes_wrong_is_rolled_back_while_it_goes_on() {
    let mut world = World::both();
    start(&mut world, RUN);
    world.deploy(1, DeploymentState::Progressing, 4);
    seen(&mut world, 1).current.as_mut().unwrap().stoppable = false;
    world.pass(3);
    plan(&mut world, RUN, Kind::Rollback);
    world.read_plan();
    world.clouds[1].start = Ok(Started { deployment: DeploymentId::new("back/1") });
    world.command(Command::Accept);
    let back = Change::Rollback { to: RevisionId::new("rev/3") };
    assert_eq!(world.writes, [(1, Change::Redeploy), (1, back)], "to what serves, not to what served before it");
    let Phase::Ended { .. } = world.state.operations[0].phase else { panic!("{:?}", world.state.operations[0].phase) };
    let [StepState::Ended(outcome)] = &world.state.operations[0].steps.iter().map(|s| &s.state).collect::<Vec<_>>()[..]
    else {
        panic!("{:?}", world.state.operations[0].steps[0].state)
    };
    assert_eq!(outcome.word(), "superseded");
    assert_eq!(world.outcomes(), [None], "and the rollback is followed");
    world.command(Command::Plan(Kind::Rollback));
    assert_eq!((world.state.mode, world.writes.len()), (Mode::Browse, 2), "which is not sent twice");
}

#[test]
fn what_was_sent_and_not_yet_accepted_is_not_rolled_back() {
    let mut world = World::both();
    plan(&mut world, RUN, Kind::Redeploy);
    world.read_plan();
    world.state.operations[0].phase = Phase::Running;
    world.state.operations[0].steps[0].state = StepState::Starting { since: world.now };
    world.state.mode = Mode::Browse;
    world.command(Command::Plan(Kind::Rollback));
    assert_eq!((world.state.mode, world.writes.len()), (Mode::Browse, 0));
}

#[test]
fn whoever_deploys_after_us_supersedes_what_is_still_to_be_verified() {
    let mut world = World::both();
    start(&mut world, ECS);
    world.deploy(0, DeploymentState::Succeeded, 4);
    world.pass(3);
    assert_eq!(world.outcomes(), [None], "it does not answer yet");
    let mut theirs = deployment("theirs", DeploymentState::Progressing, 2);
    theirs.created_at = Some(hello_cloud::Timestamp::from_millis(super::world::EPOCH + 60_000));
    seen(&mut world, 0).current = Some(theirs);
    world.pass(11);
    assert_eq!(world.outcomes()[0].as_ref().unwrap().word(), "superseded");
}
