//! ECS: how deployments go under every configuration.

use super::*;
use crate::clouds::ecs::{
    Key,
    change::{Refusal, Update},
    create::Create,
    deployment::{Breaker, Rollout, ServiceDeployment, Status, Step, Waiting},
    service::Life,
    stop::How,
    task::Task,
};
use serde_json::{Value, json};

fn hello(clouds: &Clouds) -> &Service {
    clouds.ecs.hello().unwrap()
}

impl Simulation {
    /// `UpdateService` with this deployment configuration, and another definition.
    fn deploy_with(&mut self, definition: &str, configuration: &Value) {
        let settings = json!({"deploymentConfiguration": configuration});
        let update = Update { task_definition: Some(definition.to_owned()), settings, ..Update::default() };
        let clouds = &mut self.clouds;
        clouds.ecs.update(self.now, &clouds.images, &Key::hello(), &update).unwrap();
    }

    fn scale(&mut self, desired: usize) {
        let update = Update { desired: Some(desired), ..Update::default() };
        let clouds = &mut self.clouds;
        clouds.ecs.update(self.now, &clouds.images, &Key::hello(), &update).unwrap();
        self.until("the scale is reached", |clouds| !clouds.ecs.is_moving());
    }

    fn settled(&mut self) -> ServiceDeployment {
        self.until("the deployment settles", |clouds| hello(clouds).current().status.is_settled());
        self.hello().current().clone()
    }

    /// The steps of the deployment under way, with the percent of production traffic in each, until it settles.
    fn steps(&mut self) -> Vec<(Step, f64)> {
        let mut steps: Vec<(Step, f64)> = Vec::new();
        self.until("the deployment settles", |clouds| {
            let current = hello(clouds).current();
            let seen = (current.step, current.production);
            if current.status == Status::InProgress && steps.last() != Some(&seen) {
                steps.push(seen);
            }
            current.status.is_settled()
        });
        steps
    }
}

/// Least running and most living tasks until the deployment settles.
fn extremes(simulation: &mut Simulation) -> (usize, usize) {
    let (mut fewest, mut most) = (usize::MAX, 0);
    simulation.until("the deployment settles", |clouds| {
        let service = hello(clouds);
        fewest = fewest.min(service.tasks.iter().filter(|task| task.is_running()).count());
        most = most.max(service.tasks.iter().filter(|task| task.is_live()).count());
        service.current().status.is_settled()
    });
    (fewest, most)
}

#[test]
fn minimum_and_maximum_are_kept_and_used() {
    for (minimum, maximum, fewest, most) in [(100, 150, 4, 6), (50, 100, 2, 4), (75, 125, 3, 5), (100, 200, 4, 8)] {
        let mut simulation = Simulation::new("steady");
        simulation.scale(4);
        simulation.deploy_with("hello:1", &json!({"minimumHealthyPercent": minimum, "maximumPercent": maximum}));
        let seen = extremes(&mut simulation);
        assert_eq!(seen, (fewest, most), "{minimum} to {maximum} percent of 4, in waves of 2");
        assert_eq!(simulation.hello().current().status, Status::Successful);
        assert!(simulation.hello().tasks.iter().filter(|task| task.is_running()).all(|task| task.revision == 3));
    }
}

#[test]
fn side_by_side_deployments_go_through_every_step_in_order() {
    let bake = 1;
    let strategies = [
        (json!({"strategy": "BLUE_GREEN", "bakeTimeInMinutes": bake}), vec![0.0, 100.0]),
        (
            json!({"strategy": "CANARY", "bakeTimeInMinutes": bake,
                "canaryConfiguration": {"canaryPercent": 10.0, "canaryBakeTimeInMinutes": 1}}),
            vec![0.0, 10.0, 100.0],
        ),
        (
            json!({"strategy": "LINEAR", "bakeTimeInMinutes": bake,
                "linearConfiguration": {"stepPercent": 30.0, "stepBakeTimeInMinutes": 1}}),
            vec![0.0, 30.0, 60.0, 90.0, 100.0],
        ),
    ];
    for (configuration, shares) in strategies {
        let mut simulation = Simulation::new("steady");
        simulation.deploy_with("hello:1", &configuration);
        let steps = simulation.steps();
        let mut order: Vec<Step> = steps.iter().map(|(step, _)| *step).collect();
        order.dedup();
        let all = std::iter::successors(Some(Step::Reconcile), |step| (*step != Step::CleanUp).then(|| step.next()));
        assert_eq!(order, all.collect::<Vec<_>>(), "{configuration}");
        let mut seen: Vec<f64> = steps.iter().map(|(_, percent)| *percent).collect();
        seen.dedup();
        assert_eq!(seen, shares, "{configuration}");
        let service = simulation.hello();
        assert_eq!((service.current().status, service.stable), (Status::Successful, Some(3)));
        assert_eq!((service.rollings.len(), service.primary().rollout), (1, Rollout::Completed));
    }
}

#[test]
fn requests_follow_the_weights_and_both_sides_stay_full() {
    let mut simulation = Simulation::new("steady");
    let configuration = json!({"strategy": "CANARY",
        "canaryConfiguration": {"canaryPercent": 20.0, "canaryBakeTimeInMinutes": 2}});
    simulation.deploy_with("hello:1", &configuration);
    let old = simulation.clouds.ecs.routed();
    simulation.until("the canary gets traffic", |clouds| hello(clouds).current().production > 0.0);
    let weights = simulation.clouds.ecs.weights();
    let sum = |is_old: bool| -> u32 {
        weights.iter().filter(|(id, _)| old.contains(id) == is_old).map(|(_, weight)| weight).sum()
    };
    assert_eq!((weights.len(), sum(true), sum(false)), (2 * DESIRED, 80_000, 20_000));
    let service = simulation.hello();
    assert_eq!(service.rollings.len(), 2);
    assert!(service.current().test > 99.9);
    simulation.settled();
    assert_eq!(simulation.clouds.ecs.weights().len(), DESIRED);
    assert!(simulation.clouds.ecs.routed().iter().all(|id| !old.contains(id)));
}

/// Percent of the requests that go to tasks other than `old`.
fn percent_new(clouds: &Clouds, old: &[InstanceId]) -> u32 {
    let weights = clouds.ecs.weights();
    let all: u32 = weights.iter().map(|(_, weight)| weight).sum();
    let new: u32 = weights.iter().filter(|(id, _)| !old.contains(id)).map(|(_, weight)| weight).sum();
    assert!(all > 0, "somebody always gets the requests");
    new * 100 / all
}

#[test]
fn requests_go_where_the_weights_say_at_every_step() {
    let strategies = [
        json!({"strategy": "BLUE_GREEN", "bakeTimeInMinutes": 1}),
        json!({"strategy": "CANARY", "bakeTimeInMinutes": 1,
            "canaryConfiguration": {"canaryPercent": 20.0, "canaryBakeTimeInMinutes": 1}}),
        json!({"strategy": "LINEAR", "bakeTimeInMinutes": 1,
            "linearConfiguration": {"stepPercent": 50.0, "stepBakeTimeInMinutes": 1}}),
    ];
    for configuration in strategies {
        let mut simulation = Simulation::new("steady");
        let old = simulation.clouds.ecs.routed();
        simulation.deploy_with("hello:1", &configuration);
        let mut seen: Vec<Step> = Vec::new();
        simulation.until("the deployment settles", |clouds| {
            let current = hello(clouds).current();
            let expected = match current.step {
                Step::ProductionShift => current.production,
                step if step < Step::ProductionShift => 0.0,
                _ => 100.0,
            };
            let got = f64::from(percent_new(clouds, &old));
            assert!((got - expected).abs() < 1.0, "{:?}: {got}, not {expected}, {configuration}", current.step);
            seen.push(current.step);
            current.status.is_settled()
        });
        seen.dedup();
        assert_eq!(seen.last(), Some(&Step::CleanUp), "{configuration}");
    }
}

#[test]
fn a_rollback_gives_the_requests_back_before_the_new_tasks_go() {
    let mut simulation = Simulation::new("steady");
    let old = simulation.clouds.ecs.routed();
    simulation.deploy_with("hello:1", &json!({"strategy": "BLUE_GREEN", "bakeTimeInMinutes": 10}));
    simulation.until("it bakes", |clouds| hello(clouds).current().step == Step::Bake);
    assert_eq!(percent_new(&simulation.clouds, &old), 100);
    let arn = simulation.hello().current().arn();
    simulation.clouds.ecs.stop(simulation.now, &arn, How::Rollback).unwrap();
    simulation.until("it goes back", |clouds| hello(clouds).current().status == Status::RollbackInProgress);
    let mut running: Vec<usize> = Vec::new();
    simulation.until("the deployment settles", |clouds| {
        assert_eq!(percent_new(clouds, &old), 0);
        let service = hello(clouds);
        running.push(service.tasks.iter().filter(|task| task.is_running() && task.revision == 3).count());
        service.current().status.is_settled()
    });
    running.dedup();
    assert!(running == [DESIRED, 0] || running == [0], "the new tasks go at once: {running:?}");
    assert_eq!(simulation.clouds.ecs.routed(), old);
}

#[test]
fn an_abort_before_the_shift_keeps_the_old_tasks_and_one_after_it_the_new() {
    for (step, new) in [(Step::PostScaleUp, 0), (Step::Bake, 100)] {
        let mut simulation = Simulation::new("steady");
        let old = simulation.clouds.ecs.routed();
        simulation.deploy_with("hello:1", &json!({"strategy": "BLUE_GREEN", "bakeTimeInMinutes": 10}));
        simulation.until("it gets there", |clouds| hello(clouds).current().step == step);
        let arn = simulation.hello().current().arn();
        simulation.clouds.ecs.stop(simulation.now, &arn, How::Abort).unwrap();
        for _ in 0..100 {
            simulation.run_for(0.05);
            assert_eq!(percent_new(&simulation.clouds, &old), new, "{step:?}");
        }
        assert_eq!(simulation.hello().current().status, Status::Stopped);
        assert_eq!(simulation.clouds.ecs.routed().len(), DESIRED, "{step:?}");
    }
}

#[test]
fn a_newer_deployment_takes_no_requests_to_the_tasks_of_the_one_it_replaces() {
    let mut simulation = Simulation::new("steady");
    let old = simulation.clouds.ecs.routed();
    let configuration = json!({"strategy": "BLUE_GREEN"});
    simulation.deploy_with("hello:1", &configuration);
    simulation.until("it is full", |clouds| hello(clouds).current().step == Step::PostScaleUp);
    simulation.deploy_with("hello:2", &configuration);
    simulation.until("it shifts", |clouds| {
        assert_eq!(percent_new(clouds, &old), 0);
        hello(clouds).current().step == Step::PostTestShift
    });
    assert_eq!(simulation.settled().status, Status::Successful);
}

#[test]
fn a_canary_that_is_stopped_gives_all_requests_back() {
    let mut simulation = Simulation::new("steady");
    let configuration = json!({"strategy": "CANARY",
        "canaryConfiguration": {"canaryPercent": 20.0, "canaryBakeTimeInMinutes": 10}});
    let old = simulation.clouds.ecs.routed();
    simulation.deploy_with("hello:1", &configuration);
    simulation.until("the canary gets traffic", |clouds| hello(clouds).current().production > 0.0);
    let arn = simulation.hello().current().arn();
    simulation.clouds.ecs.stop(simulation.now, &arn, How::Rollback).unwrap();
    let deployment = simulation.settled();
    assert_eq!((deployment.status, deployment.production), (Status::RollbackSuccessful, 0.0));
    assert_eq!(simulation.clouds.ecs.routed(), old, "the old tasks never went");
    assert_eq!(simulation.hello().revisions.len(), 4, "a rollback makes no service revision");
}

#[test]
fn a_bake_time_holds_a_rolling_deployment_back() {
    let took = |minutes: u64| {
        let mut simulation = Simulation::new("steady");
        simulation.deploy_with("hello:1", &json!({"bakeTimeInMinutes": minutes}));
        let since = simulation.now;
        simulation.settled();
        simulation.now.since(since).as_secs_f64()
    };
    let longer = took(5) - took(0);
    assert!((9.5..10.5).contains(&longer), "five minutes of two seconds each, not {longer}");
}

#[test]
fn without_a_breaker_a_broken_deployment_goes_on_for_ever() {
    let mut simulation = Simulation::new("tag-moved-crash");
    let off = json!({"deploymentCircuitBreaker": {"enable": false, "rollback": false}});
    let settings = json!({"deploymentConfiguration": off});
    let update = Update { force: true, settings, ..Update::default() };
    let clouds = &mut simulation.clouds;
    clouds.ecs.update(simulation.now, &clouds.images, &Key::hello(), &update).unwrap();
    simulation.run_for(50.0);
    let current = simulation.hello().current();
    assert_eq!((current.status, current.breaker), (Status::InProgress, Breaker::Disabled));
    assert!(current.failures > 10);
    assert_eq!(simulation.clouds.ecs.routed().len(), DESIRED);
}

#[test]
fn a_breaker_without_rollback_stops_and_its_threshold_can_be_set() {
    let mut simulation = Simulation::new("tag-moved-crash");
    let breaker = json!({"enable": true, "rollback": false, "thresholdConfiguration": {"type": "COUNT", "value": 5}});
    let settings = json!({"deploymentConfiguration": {"deploymentCircuitBreaker": breaker}});
    let update = Update { force: true, settings, ..Update::default() };
    let clouds = &mut simulation.clouds;
    clouds.ecs.update(simulation.now, &clouds.images, &Key::hello(), &update).unwrap();
    let deployment = simulation.settled();
    assert_eq!((deployment.status, deployment.breaker, deployment.failures), (Status::Stopped, Breaker::Triggered, 5));
    let before = simulation.hello().tasks.len();
    simulation.run_for(10.0);
    let service = simulation.hello();
    assert_eq!((service.primary().rollout, service.tasks.len()), (Rollout::Failed, before), "nothing new is tried");
    assert_eq!(simulation.clouds.ecs.routed().len(), DESIRED);
}

#[test]
fn the_scenarios_deploy_as_they_say() {
    for (scenario, strategy, end) in [
        ("blue-green", "BLUE_GREEN", Status::Successful),
        ("canary", "CANARY", Status::Successful),
        ("breaker-stops", "ROLLING", Status::Stopped),
    ] {
        let mut simulation = Simulation::new(scenario);
        let update = Update { force: true, ..Update::default() };
        let clouds = &mut simulation.clouds;
        clouds.ecs.update(simulation.now, &clouds.images, &Key::hello(), &update).unwrap();
        let deployment = simulation.settled();
        assert_eq!(
            (deployment.rules.shown["strategy"].as_str(), deployment.status),
            (Some(strategy), end),
            "{scenario}"
        );
        assert_eq!(simulation.clouds.ecs.routed().len(), DESIRED, "{scenario}");
    }
}

#[test]
fn a_failed_deployment_starts_no_new_tasks() {
    let off = json!({"enable": true, "rollback": false});
    for minimum in [0, 50] {
        let mut simulation = Simulation::new("tag-moved-crash");
        let settings = json!({"deploymentConfiguration":
            {"deploymentCircuitBreaker": off, "minimumHealthyPercent": minimum, "maximumPercent": 100}});
        let update = Update { force: true, settings, ..Update::default() };
        let clouds = &mut simulation.clouds;
        clouds.ecs.update(simulation.now, &clouds.images, &Key::hello(), &update).unwrap();
        assert_eq!(simulation.settled().status, Status::Stopped);
        simulation.run_for(2.0);
        let before = simulation.hello().tasks.len();
        simulation.run_for(10.0);
        assert_eq!(simulation.hello().tasks.len(), before, "minimum {minimum} percent");
        assert!(!simulation.clouds.ecs.is_moving(), "minimum {minimum} percent: nothing will change any more");
    }
    let mut simulation = Simulation::new("tag-moved-crash");
    let key = Key::new("hello", "first");
    let input = json!({"containerDefinitions": [{"name": "first", "image": format!("{}:stable", super::images::ECR)}]});
    simulation.clouds.ecs.definitions.register(simulation.now, "first", &input);
    let settings = json!({"deploymentConfiguration": {"deploymentCircuitBreaker": off}});
    let create = Create { task_definition: "first".to_owned(), desired: 1, settings };
    let clouds = &mut simulation.clouds;
    clouds.ecs.create(simulation.now, &clouds.images, &key, &create).unwrap();
    simulation.until("it fails", |clouds| clouds.ecs.service(&key).unwrap().current().status == Status::Stopped);
    let before = simulation.clouds.ecs.service(&key).unwrap().tasks.len();
    simulation.run_for(10.0);
    let service = simulation.clouds.ecs.service(&key).unwrap();
    assert_eq!((service.tasks.len(), service.primary().rollout), (before, Rollout::Failed));
    assert!(!service.is_moving());
}

impl Simulation {
    /// The first running task of this service stops answering well.
    fn sicken(&mut self, key: &Key) -> String {
        let service = self.clouds.ecs.service(key).unwrap();
        let id = service.tasks.iter().find(|task| task.is_running()).unwrap().id.clone();
        self.clouds.happened(self.now, Provider::Aws, &InstanceId(id.clone()), Happening::Unready);
        id
    }

    /// A service of one task of hello's image, without a load balancer, in which a container is checked or not.
    fn unbalanced(&mut self, name: &str, checked: bool) -> Key {
        let key = Key::new("hello", name);
        let image = format!("{}:{}", super::images::ECR, DEPLOYED[2].sha);
        let check = if checked { json!({"command": ["CMD", "true"]}) } else { Value::Null };
        let input = json!({"containerDefinitions": [{"name": name, "image": image, "healthCheck": check}]});
        self.clouds.ecs.definitions.register(self.now, name, &input);
        let breaker = json!({"enable": true, "rollback": false});
        let settings = json!({"deploymentConfiguration": {"deploymentCircuitBreaker": breaker}});
        let create = Create { task_definition: name.to_owned(), desired: 1, settings };
        let clouds = &mut self.clouds;
        clouds.ecs.create(self.now, &clouds.images, &key, &create).unwrap();
        self.until("it runs", |clouds| clouds.ecs.service(&key).unwrap().tasks.iter().any(Task::is_running));
        key
    }
}

#[test]
fn a_running_task_that_fails_its_checks_is_replaced() {
    let mut simulation = Simulation::new("steady");
    let checked = simulation.unbalanced("checked", true);
    for (key, what) in [(Key::hello(), "ELB health checks in (target-group arn:"), (checked, "container health checks")]
    {
        let id = simulation.sicken(&key);
        assert!(simulation.clouds.is_moving());
        let gone = |clouds: &Clouds| {
            let task = clouds.ecs.service(&key).unwrap().tasks.iter().find(|task| task.id == id).cloned().unwrap();
            if task.is_live() { None } else { task.stop }
        };
        simulation.until("it is stopped", |clouds| gone(clouds).is_some());
        let stop = gone(&simulation.clouds).unwrap();
        assert_eq!(stop.code, "ServiceSchedulerInitiated");
        assert!(stop.reason.starts_with(&format!("Task failed {what}")), "{stop:?}");
        simulation.until("it is replaced", |clouds| {
            let service = clouds.ecs.service(&key).unwrap();
            service.tasks.iter().filter(|task| task.is_running()).count() == service.desired
        });
        let told = format!("(service {}) (task {id}) failed {what}", key.name);
        let service = simulation.clouds.ecs.service(&key).unwrap();
        assert!(service.events.iter().any(|event| event.message.starts_with(&told)), "{told}");
    }
}

#[test]
fn lines_of_a_task_go_where_its_definition_says() {
    let mut simulation = Simulation::new("steady");
    let key = Key::new("hello", "talker");
    let log = json!({"logDriver": "awslogs",
        "options": {"awslogs-group": "/ecs/talker", "awslogs-region": "eu-central-1", "awslogs-stream-prefix": "t"}});
    let image = format!("{}:{}", super::images::ECR, DEPLOYED[2].sha);
    let talker = json!({"name": "main", "image": image, "logConfiguration": log});
    let silent = json!({"name": "main", "image": image});
    for (container, streams) in [(talker, 1), (silent, 1)] {
        let input = json!({"containerDefinitions": [container]});
        simulation.clouds.ecs.definitions.register(simulation.now, "talker", &input);
        let clouds = &mut simulation.clouds;
        if clouds.ecs.service(&key).is_none() {
            let create = Create { task_definition: "talker".to_owned(), desired: 1, settings: json!({}) };
            clouds.ecs.create(simulation.now, &clouds.images, &key, &create).unwrap();
        } else {
            let update = Update { task_definition: Some("talker".to_owned()), ..Update::default() };
            clouds.ecs.update(simulation.now, &clouds.images, &key, &update).unwrap();
        }
        simulation.until("it runs", |clouds| !clouds.ecs.is_moving());
        let service = simulation.clouds.ecs.service(&key).unwrap();
        let id = service.tasks.iter().find(|task| task.is_running()).unwrap().id.clone();
        simulation.clouds.logged(simulation.now, Provider::Aws, &InstanceId(id.clone()), Output::Standard, "hi");
        let group = &simulation.clouds.logs.groups["/ecs/talker"];
        assert_eq!(group.streams.len(), streams, "{id}");
        assert!(group.streams.keys().all(|name| name.starts_with("t/main/")));
        let own = simulation.clouds.logs.groups[logs::GROUP].streams.keys().any(|name| name.ends_with(&id));
        assert!(!own, "not in the group of hello");
    }
}

#[test]
fn a_task_that_recovers_or_that_nobody_checks_stays() {
    let mut simulation = Simulation::new("steady");
    let unchecked = simulation.unbalanced("unchecked", false);
    simulation.sicken(&unchecked);
    let id = simulation.sicken(&Key::hello());
    simulation.run_for(2.0);
    simulation.clouds.happened(simulation.now, Provider::Aws, &InstanceId(id), Happening::Ready);
    let before = simulation.clouds.ecs.tasks().count();
    simulation.run_for(10.0);
    assert_eq!(simulation.clouds.ecs.tasks().count(), before);
}

#[test]
fn tasks_that_turn_sick_during_a_deployment_count_for_its_breaker() {
    let mut simulation = Simulation::new("steady");
    let breaker = json!({"enable": true, "rollback": true, "resetOnHealthyTask": false});
    simulation.deploy_with("hello:1", &json!({"deploymentCircuitBreaker": breaker, "bakeTimeInMinutes": 100}));
    let mut sick: Vec<InstanceId> = Vec::new();
    for _ in 0..600 {
        let service = simulation.hello();
        let new = service.tasks.iter().filter(|task| task.is_running() && task.ready && task.revision == 3);
        let new: Vec<_> = new.map(|task| InstanceId(task.id.clone())).filter(|id| !sick.contains(id)).collect();
        for id in new {
            simulation.clouds.happened(simulation.now, Provider::Aws, &id, Happening::Unready);
            sick.push(id);
        }
        simulation.run_for(0.05);
    }
    let deployment = simulation.settled();
    assert_eq!((deployment.status, deployment.breaker), (Status::RollbackSuccessful, Breaker::Triggered));
    assert!(sick.len() >= 3, "{sick:?}");
}

#[test]
fn an_alarm_brings_the_old_revision_back() {
    let mut simulation = Simulation::new("steady");
    let alarms = json!({"alarms": {"alarmNames": ["errors", "latency"], "enable": true, "rollback": true}});
    simulation.deploy_with("hello:1", &alarms);
    simulation.run_for(1.0);
    simulation.clouds.ecs.ringing.insert("latency".to_owned());
    let deployment = simulation.settled();
    assert_eq!((deployment.status, deployment.alarms), (Status::RollbackSuccessful, Breaker::Triggered));
    assert_eq!(deployment.rang, ["latency"]);
    assert_ne!(deployment.breaker, Breaker::Triggered);
}

#[test]
fn an_abort_leaves_everything_as_it_is() {
    let mut simulation = Simulation::new("steady");
    simulation.deploy_with("hello:1", &json!({}));
    simulation.until("one task is new", |clouds| {
        hello(clouds).tasks.iter().any(|task| task.is_running() && task.revision == 3)
    });
    let arn = simulation.hello().current().arn();
    simulation.clouds.ecs.stop(simulation.now, &arn, How::Abort).unwrap();
    assert_eq!(simulation.hello().current().status, Status::StopRequested);
    let deployment = simulation.settled();
    assert_eq!((deployment.status, deployment.rollback.is_none()), (Status::Stopped, true));
    simulation.run_for(5.0);
    assert_eq!(simulation.clouds.ecs.routed().len(), DESIRED);
    let again = simulation.clouds.ecs.stop(simulation.now, &arn, How::Rollback);
    assert_eq!(again, Err(Refusal::Settled(Status::Stopped)));
}

#[test]
fn a_pause_waits_for_a_person_and_only_its_own_hook_ends_it() {
    let configuration = |action: &str| {
        json!({"strategy": "BLUE_GREEN", "lifecycleHooks": [{
            "targetType": "PAUSE", "lifecycleStages": ["POST_TEST_TRAFFIC_SHIFT"],
            "timeoutConfiguration": {"timeoutInMinutes": 5, "action": action},
        }]})
    };
    let waits = |clouds: &Clouds| !hello(clouds).current().holds.is_empty();
    let mut simulation = Simulation::new("steady");
    simulation.deploy_with("hello:1", &configuration("ROLLBACK"));
    simulation.until("it waits", waits);
    simulation.run_for(3.0);
    let current = simulation.hello().current();
    let (arn, hook) = (current.arn(), current.holds[0].id.clone());
    assert_eq!((current.step, current.holds[0].waiting), (Step::PostTestShift, Waiting::AwaitingAction));
    let now = simulation.now;
    assert!(matches!(simulation.clouds.ecs.go_on(now, &arn, "other", false), Err(Refusal::Invalid(_))));
    simulation.clouds.ecs.go_on(now, &arn, &hook, false).unwrap();
    assert_eq!(simulation.settled().status, Status::Successful);
    assert!(matches!(simulation.clouds.ecs.go_on(now, &arn, &hook, false), Err(Refusal::Invalid(_))));

    let mut simulation = Simulation::new("steady");
    simulation.deploy_with("hello:1", &configuration("ROLLBACK"));
    let deployment = simulation.settled();
    assert_eq!((deployment.status, deployment.holds[0].waiting), (Status::RollbackSuccessful, Waiting::TimedOut));
    let mut simulation = Simulation::new("steady");
    simulation.deploy_with("hello:1", &configuration("CONTINUE"));
    assert_eq!(simulation.settled().status, Status::Successful);
}

#[test]
fn a_service_can_be_made_and_deleted_and_is_remembered_for_a_while() {
    let mut simulation = Simulation::new("steady");
    let key = Key::new("hello", "second");
    let create = Create { task_definition: "hello:3".to_owned(), desired: 1, settings: json!({}) };
    let create_it = |simulation: &mut Simulation| {
        let clouds = &mut simulation.clouds;
        clouds.ecs.create(simulation.now, &clouds.images, &key, &create)
    };
    create_it(&mut simulation).unwrap();
    assert!(matches!(create_it(&mut simulation), Err(Refusal::Invalid(_))));
    simulation.until("it runs", |clouds| clouds.ecs.service(&key).unwrap().current().status == Status::Successful);
    assert_eq!(simulation.clouds.ecs.routed().len(), DESIRED, "the public address is that of hello");
    assert!(matches!(simulation.clouds.ecs.delete(simulation.now, &key, false), Err(Refusal::Invalid(_))));
    assert!(matches!(simulation.clouds.ecs.delete_cluster("hello"), Err(Refusal::Invalid(_))));
    simulation.clouds.ecs.delete(simulation.now, &key, true).unwrap();
    assert_eq!(simulation.clouds.ecs.service(&key).unwrap().life, Life::Draining);
    simulation.until("it is gone", |clouds| matches!(clouds.ecs.service(&key).unwrap().life, Life::Inactive { .. }));
    let clouds = &mut simulation.clouds;
    let refused = clouds.ecs.update(simulation.now, &clouds.images, &key, &Update::default());
    assert_eq!(refused, Err(Refusal::NotActive));
    simulation.clouds.ecs.advance(simulation.now.after(Duration::from_hours(1)));
    assert!(simulation.clouds.ecs.service(&key).is_none());
}

#[test]
fn a_first_deployment_that_fails_has_nowhere_to_go_back_to() {
    let mut simulation = Simulation::new("steady");
    let key = Key::new("hello", "broken");
    let image = format!("{}:gone", super::images::ECR);
    let input = json!({"containerDefinitions": [{"name": "broken", "image": image}]});
    simulation.clouds.ecs.definitions.register(simulation.now, "broken", &input);
    let breaker = json!({"deploymentCircuitBreaker": {"enable": true, "rollback": true}});
    let settings = json!({"deploymentConfiguration": breaker});
    let create = Create { task_definition: "broken".to_owned(), desired: 1, settings };
    let clouds = &mut simulation.clouds;
    clouds.ecs.create(simulation.now, &clouds.images, &key, &create).unwrap();
    simulation.until("it fails", |clouds| clouds.ecs.service(&key).unwrap().current().status == Status::RollbackFailed);
    let service = simulation.clouds.ecs.service(&key).unwrap();
    assert_eq!((service.primary().rollout, service.stable), (Rollout::Failed, None));
    let stop = service.tasks[0].stop.clone().unwrap();
    assert!(stop.code == "TaskFailedToStart" && stop.reason.starts_with("CannotPullContainerError"), "{stop:?}");
}

#[test]
fn a_stopped_task_is_replaced_and_says_who_stopped_it() {
    let mut simulation = Simulation::new("steady");
    let id = simulation.clouds.ecs.routed()[0].0.clone();
    simulation.clouds.ecs.stop_task(simulation.now, "hello", &id, "by hand").unwrap();
    assert_eq!(simulation.clouds.ecs.stop_task(simulation.now, "hello", "none", ""), Err(Refusal::NoTask));
    simulation.until("another one is there", |clouds| !clouds.ecs.is_moving());
    let (_, task) = simulation.clouds.ecs.task(&id).unwrap();
    let stop = task.stop.clone().unwrap();
    assert_eq!((stop.code, stop.reason.as_str(), stop.exit), ("UserInitiated", "by hand", Some(0)));
    assert_eq!((simulation.clouds.ecs.routed().len(), simulation.hello().deployments.len()), (DESIRED, 3));
}

#[test]
fn many_services_cost_no_process_and_rest() {
    let simulation = Simulation::new("many");
    let ecs = &simulation.clouds.ecs;
    assert_eq!(ecs.services.len(), 250);
    assert_eq!(simulation.clouds.wanted().iter().filter(|wanted| wanted.provider == Provider::Aws).count(), DESIRED);
    assert!(!ecs.is_moving());
}

#[test]
fn deployments_of_more_than_ninety_days_ago_are_forgotten_and_the_newest_is_not() {
    let mut simulation = Simulation::new("steady");
    simulation.deploy_with("hello:1", &json!({}));
    simulation.settled();
    assert_eq!(simulation.hello().deployments.len(), 4);
    simulation.now = simulation.start.after(Duration::from_hours(90 * 24 - 24));
    simulation.run_for(1.0);
    assert_eq!(simulation.hello().deployments.len(), 2, "the first two are four days and one day older");
    simulation.now = simulation.start.after(Duration::from_hours(200 * 24));
    simulation.run_for(1.0);
    let service = simulation.hello();
    assert_eq!((service.deployments.len(), service.current().status), (1, Status::Successful));
}

#[test]
fn a_steady_state_is_said_again_after_six_hours() {
    let mut simulation = Simulation::new("steady");
    let steady = |simulation: &Simulation| {
        let events = simulation.hello().events.iter();
        events.filter(|event| event.message.ends_with("has reached a steady state.")).count()
    };
    let before = steady(&simulation);
    simulation.now = simulation.now.after(Duration::from_hours(6));
    simulation.run_for(1.0);
    assert_eq!(steady(&simulation), before + 1);
}
