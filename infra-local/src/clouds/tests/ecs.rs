//! ECS: rollouts, the breaker, stopping, superseding.

use super::*;
use crate::clouds::ecs::{
    Key,
    change::{Refusal, Update},
    definition::Standing,
    deployment::{Breaker, Rollout, Status},
    stop::How,
};
use serde_json::json;

impl Simulation {
    fn update(&mut self, update: &Update) -> Result<(), Refusal> {
        let clouds = &mut self.clouds;
        clouds.ecs.update(self.now, &clouds.images, &Key::hello(), update)
    }

    fn redeploy(&mut self) {
        self.update(&Update { force: true, ..Update::default() }).unwrap();
    }

    fn until_settled(&mut self) -> f64 {
        self.until("the deployment settles", |clouds| clouds.ecs.hello().unwrap().current().status.is_settled())
    }
}

fn to(definition: &str) -> Update {
    Update { task_definition: Some(definition.to_owned()), ..Update::default() }
}

fn running_commits(clouds: &Clouds) -> Vec<String> {
    clouds.ecs.wanted(&clouds.images).into_iter().map(|wanted| wanted.commit).collect()
}

#[test]
fn a_redeploy_replaces_every_task_without_ever_having_too_few() {
    let mut simulation = Simulation::new("steady");
    let before = simulation.clouds.ecs.routed();
    simulation.redeploy();
    assert_eq!(simulation.hello().current().status, Status::Pending);
    let mut fewest = usize::MAX;
    let took = simulation.until("the deployment settles", |clouds| {
        let ready = clouds.ecs.tasks().filter(|(_, task)| task.is_running() && task.ready).count();
        fewest = fewest.min(ready);
        clouds.ecs.hello().unwrap().current().status.is_settled()
    });
    let ecs = simulation.hello();
    assert_eq!(ecs.current().status, Status::Successful);
    assert_eq!(ecs.current().breaker, Breaker::MonitoringComplete);
    assert!((5.0..8.0).contains(&took), "took {took} s");
    assert!(fewest >= DESIRED, "never fewer than wanted, but {fewest}");
    assert!(simulation.most <= 2 * DESIRED, "never more than twice as many");
    assert!(simulation.clouds.ecs.routed().iter().all(|id| !before.contains(id)), "every task is new");
    assert_eq!((ecs.rollings.len(), ecs.primary().rollout), (1, Rollout::Completed));
    assert_eq!((ecs.deployments.len(), ecs.revisions.len()), (4, 4));
    assert!(ecs.tasks.iter().filter(|task| task.is_running()).all(|task| task.started_by == ecs.primary().id));
    assert!(ecs.events[0].message.ends_with("has reached a steady state."));
}

#[test]
fn a_task_definition_of_the_past_brings_its_commit_back() {
    let mut simulation = Simulation::new("steady");
    simulation.update(&to("arn:aws:ecs:eu-central-1:123456789012:task-definition/hello:2")).unwrap();
    simulation.until_settled();
    assert_eq!(simulation.hello().current().status, Status::Successful);
    assert_eq!(running_commits(&simulation.clouds), [DEPLOYED[1].sha, DEPLOYED[1].sha]);
}

#[test]
fn an_unchanged_definition_starts_nothing() {
    let mut simulation = Simulation::new("steady");
    simulation.update(&to("hello:3")).unwrap();
    assert_eq!(simulation.hello().deployments.len(), 3);
}

#[test]
fn inactive_and_unknown_definitions_are_refused() {
    let mut simulation = Simulation::new("steady");
    simulation.clouds.ecs.definitions.find_mut("hello:1").unwrap().standing = Standing::Inactive;
    assert!(matches!(simulation.update(&to("hello:1")), Err(Refusal::Definition(_))));
    assert!(matches!(simulation.update(&to("hello:9")), Err(Refusal::Definition(_))));
    assert!(matches!(simulation.update(&to("other:1")), Err(Refusal::Definition(_))));
    assert_eq!(simulation.hello().deployments.len(), 3);
}

#[test]
fn a_moved_tag_trips_the_breaker_and_the_pinned_digest_comes_back() {
    for (scenario, code, exit) in [
        ("tag-moved-crash", "EssentialContainerExited", Some(1)),
        ("tag-moved", "ServiceSchedulerInitiated", Some(143)),
    ] {
        let mut simulation = Simulation::new(scenario);
        simulation.redeploy();
        let served = simulation.clouds.ecs.routed();
        let took = simulation.until_settled();
        let ecs = simulation.hello();
        let deployment = ecs.current();
        assert_eq!(deployment.status, Status::RollbackSuccessful, "{scenario}");
        assert_eq!((deployment.breaker, deployment.failures), (Breaker::Triggered, 3), "{scenario}");
        assert!((5.0..14.0).contains(&took), "{scenario} took {took} s");
        assert_eq!(deployment.rollback.as_ref().map(|rollback| rollback.to), Some(2), "{scenario}");
        assert_eq!(ecs.revisions.len(), 4, "a rollback makes no service revision");
        assert_eq!(simulation.clouds.ecs.routed(), served, "what served goes on serving");
        assert_eq!(running_commits(&simulation.clouds), [DEPLOYED[2].sha, DEPLOYED[2].sha], "{scenario}");
        let stops: Vec<_> = ecs.tasks.iter().filter_map(|task| task.stop.clone()).collect();
        assert_eq!(stops.len(), 3, "{scenario}");
        assert!(stops.iter().all(|stop| (stop.code, stop.exit) == (code, exit)), "{scenario}: {stops:?}");
    }
}

#[test]
fn a_stop_goes_back_and_a_settled_deployment_cannot_be_stopped() {
    let mut simulation = Simulation::new("steady");
    simulation.update(&to("hello:1")).unwrap();
    simulation.until("one task is replaced", |clouds| running_commits(clouds).contains(&DEPLOYED[0].sha.to_owned()));
    let arn = simulation.hello().current().arn();
    simulation.clouds.ecs.stop(simulation.now, &arn, How::Rollback).unwrap();
    assert_eq!(simulation.hello().current().status, Status::RollbackRequested);
    simulation.until_settled();
    assert_eq!(simulation.hello().current().status, Status::RollbackSuccessful);
    assert_ne!(simulation.hello().current().breaker, Breaker::Triggered);
    assert_eq!(running_commits(&simulation.clouds), [DEPLOYED[2].sha, DEPLOYED[2].sha]);
    let again = simulation.clouds.ecs.stop(simulation.now, &arn, How::Rollback);
    assert_eq!(again, Err(Refusal::Settled(Status::RollbackSuccessful)));
    assert_eq!(simulation.clouds.ecs.stop(simulation.now, "arn:none", How::Rollback), Err(Refusal::NoDeployment));
}

#[test]
fn a_stop_after_everything_was_replaced_still_goes_back() {
    let mut simulation = Simulation::new("steady");
    simulation.update(&to("hello:1")).unwrap();
    simulation.until("all old tasks are gone", |clouds| {
        let commits = running_commits(clouds);
        commits.len() == DESIRED && commits.iter().all(|commit| commit == DEPLOYED[0].sha)
    });
    let arn = simulation.hello().current().arn();
    simulation.clouds.ecs.stop(simulation.now, &arn, How::Rollback).unwrap();
    simulation.until_settled();
    assert_eq!(simulation.hello().current().status, Status::RollbackSuccessful);
    assert_eq!(running_commits(&simulation.clouds), [DEPLOYED[2].sha, DEPLOYED[2].sha]);
}

#[test]
fn a_newer_deployment_stops_the_one_under_way() {
    let mut simulation = Simulation::new("steady");
    simulation.update(&to("hello:1")).unwrap();
    simulation.run_for(2.5);
    let older = simulation.hello().deployments.len() - 1;
    simulation.update(&to("hello:2")).unwrap();
    assert_eq!(simulation.hello().deployments[older].status, Status::StopRequested);
    simulation.until_settled();
    let ecs = simulation.hello();
    assert_eq!(ecs.deployments[older].status, Status::Stopped);
    assert_eq!(ecs.current().status, Status::Successful);
    assert_eq!(running_commits(&simulation.clouds), [DEPLOYED[1].sha, DEPLOYED[1].sha]);
}

#[test]
fn a_task_that_dies_in_steady_state_is_replaced() {
    let mut simulation = Simulation::new("steady");
    let victim = simulation.clouds.ecs.routed()[0].clone();
    simulation.clouds.happened(simulation.now, Provider::Aws, &victim, Happening::Exited { code: Some(137) });
    simulation.run_for(0.1);
    assert_eq!(simulation.clouds.ecs.routed().len(), DESIRED - 1);
    simulation.run_for(6.0);
    let ecs = simulation.hello();
    assert_eq!(simulation.clouds.ecs.routed().len(), DESIRED);
    assert!(!simulation.clouds.ecs.routed().contains(&victim));
    assert_eq!(ecs.deployments.len(), 3, "no deployment is needed for that");
}

#[test]
fn an_image_that_is_gone_fails_to_start() {
    let mut simulation = Simulation::new("steady");
    let (now, image) = (simulation.now, format!("{}:gone", super::images::ECR));
    let input = json!({"containerDefinitions": [{"name": "hello", "image": image}]});
    assert_eq!(simulation.clouds.ecs.definitions.register(now, "hello", &input).number, 4);
    simulation.update(&to("hello")).unwrap();
    simulation.until_settled();
    let ecs = simulation.hello();
    assert_eq!(ecs.current().status, Status::RollbackSuccessful);
    assert!(ecs.tasks.iter().filter_map(|task| task.stop.as_ref()).all(|stop| stop.code == "TaskFailedToStart"));
}

#[test]
fn fewer_wanted_tasks_end_the_surplus_without_a_deployment() {
    let mut simulation = Simulation::new("steady");
    simulation.update(&Update { desired: Some(1), ..Update::default() }).unwrap();
    simulation.run_for(3.0);
    assert_eq!(simulation.clouds.ecs.routed().len(), 1);
    assert_eq!(simulation.hello().deployments.len(), 3);
}
