//! Waiting for a deployment that somebody else started, and for the commit it brings.

use hello_cloud::{Commit, DeploymentId, DeploymentState, ErrorKind};

use super::world::{COMMITS, World, deployment, target};
use crate::app::{Awaited, Command, Outcome};

fn world(id: &'static str, commit: usize, followed: Option<&str>) -> World {
    let mut world = World::new(vec![target(id)]);
    world.pass(3);
    let commit = Commit::parse(COMMITS[commit - 1]).unwrap();
    world.command(Command::Await { target: 0, commit, deployment: followed.map(DeploymentId::new) });
    world
}

fn awaited(world: &World) -> &Awaited {
    world.state.targets[0].awaited.as_ref().unwrap()
}

fn outcome(world: &World) -> Option<&Outcome> {
    awaited(world).outcome()
}

#[test]
fn served_means_that_the_deployment_ended_well_and_five_answers_name_the_commit() {
    let mut world = world("aws", 4, Some("new/0"));
    world.deploy(0, DeploymentState::Progressing, 4);
    world.clouds[0].answers = Some((4, "new"));
    world.pass(30);
    assert_eq!(outcome(&world), None, "the service may answer before the rollout is over");
    world.deploy(0, DeploymentState::Succeeded, 4);
    world.clouds[0].answers = Some((3, "old"));
    world.pass(10);
    assert_eq!(outcome(&world), None, "{}", awaited(&world).progress());
    world.clouds[0].answers = Some((4, "new"));
    world.pass(2);
    assert_eq!(outcome(&world), Some(&Outcome::Verified));
    assert_eq!(world.writes, [], "looking changes nothing");
}

#[test]
fn a_deployment_may_take_as_long_as_the_caller_has() {
    let mut world = world("aws", 4, Some("new/0"));
    world.deploy(0, DeploymentState::Progressing, 4);
    world.pass(45 * 60);
    assert_eq!(outcome(&world), None);
}

#[test]
fn each_bad_end_has_its_own_name() {
    for (state, newer, wanted) in [
        (DeploymentState::RolledBack, false, "rolled back"),
        (DeploymentState::Failed, false, "failed"),
        (DeploymentState::Failed, true, "superseded"),
        (DeploymentState::Stopped, false, "failed"),
        (DeploymentState::Stopped, true, "superseded"),
    ] {
        let mut world = world("aws", 4, Some("new/0"));
        world.deploy(0, state, 4);
        if newer {
            let snapshot = world.clouds[0].snapshot.as_mut().unwrap();
            let after = deployment("after", DeploymentState::Progressing, 3);
            snapshot.current = Some(after.clone());
            snapshot.deployments.as_mut().unwrap().insert(0, after);
        }
        world.pass(11);
        assert_eq!(outcome(&world).map(Outcome::word), Some(wanted), "{state:?}");
    }
}

#[test]
fn another_commit_than_the_one_meant_is_a_failure() {
    let mut world = world("aws", 2, Some("new/0"));
    world.deploy(0, DeploymentState::Succeeded, 4);
    world.pass(11);
    assert_eq!(outcome(&world), Some(&Outcome::Failed("it deployed commit 4444444, not 2222222".into())));
}

#[test]
fn a_cloud_that_is_done_is_not_believed_for_long_when_the_service_says_otherwise() {
    let mut world = world("gcp", 4, Some("new/0"));
    world.deploy(0, DeploymentState::Succeeded, 4);
    world.pass(80);
    let Some(Outcome::Failed(note)) = outcome(&world) else { panic!("{}", awaited(&world).progress()) };
    assert!(note.contains("answers as hello:3") && note.contains("not with commit 4444444"), "{note}");
}

#[test]
fn what_nobody_knows_and_what_nobody_may_read_ends_it() {
    let mut unknown = world("aws", 4, Some("elsewhere"));
    unknown.pass(40);
    assert_eq!(outcome(&unknown).map(Outcome::word), Some("outcome unknown"));
    let mut denied = world("aws", 4, Some("new/0"));
    denied.clouds[0].snapshot = Err(ErrorKind::Denied);
    denied.pass(11);
    assert!(matches!(outcome(&denied), Some(Outcome::NoAccess(_))));
    let mut gone = world("aws", 4, Some("new/0"));
    gone.clouds[0].snapshot = Err(ErrorKind::Unavailable);
    gone.pass(30);
    assert_eq!(outcome(&gone), None, "this may pass");
    assert!(awaited(&gone).progress().contains("cannot be read"));
}

#[test]
fn without_a_deployment_only_the_answers_count() {
    let mut world = world("gcp", 4, None);
    world.pass(120);
    assert_eq!(outcome(&world), None, "nobody said that it is done");
    world.clouds[0].answers = Some((4, "new"));
    world.pass(12);
    assert_eq!(outcome(&world), Some(&Outcome::Verified));
}
