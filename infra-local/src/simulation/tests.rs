//! The same script twice, and differently.

use std::time::Duration;

use serde_json::json;

use super::*;
use crate::{
    clouds::{
        ecs::{Key, change::Update, stop::How},
        images::ARTIFACT_REGISTRY,
        run::patch::Patch,
    },
    fault::Fault,
};

const DAY: Duration = Duration::from_hours(24);

fn start() -> Moment {
    Moment::from_millis(1_790_000_000_000)
}

fn simulation(scenario: &str, seed: u64) -> Simulation {
    Simulation::new(Scenario::named(scenario).unwrap(), seed, start())
}

fn deploy(simulation: &mut Simulation, definition: Option<&str>) -> bool {
    let update =
        Update { force: definition.is_none(), task_definition: definition.map(str::to_owned), ..Update::default() };
    let done = simulation.request(Party::Aws, "UpdateService", |clouds, now| {
        clouds.ecs.update(now, &clouds.images, &Key::hello(), &update)
    });
    done.is_ok()
}

fn stop(simulation: &mut Simulation) -> bool {
    let arn = simulation.clouds().ecs.hello().unwrap().current().arn();
    simulation
        .request(Party::Aws, "StopServiceDeployment", |clouds, now| clouds.ecs.stop(now, &arn, How::Rollback))
        .is_ok()
}

fn patch(simulation: &mut Simulation, mask: &str, service: serde_json::Value) -> bool {
    let patch = Patch {
        mask: vec![mask.to_owned()],
        service,
        force_new_revision: mask == "template",
        by: "script@acme.example".to_owned(),
        ..Patch::default()
    };
    let done = simulation
        .request(Party::Gcp, "run.services.patch", |clouds, now| clouds.run.patch(now, &clouds.images, &patch));
    done.is_ok()
}

fn redeploy_run(simulation: &mut Simulation) -> bool {
    let template = simulation.clouds().run.template.clone();
    patch(simulation, "template", json!({ "template": template }))
}

fn hold(simulation: &mut Simulation, revision: usize) -> bool {
    let name = simulation.clouds().run.revisions[revision].name.clone();
    let target = json!({"type": "TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION", "revision": name, "percent": 100});
    patch(simulation, "traffic", json!({ "traffic": [target] }))
}

/// Five days of both clouds: deployments, rollbacks, a stop, a bad image, sick instances, and every fault that answers.
fn days(scenario: &str, seed: u64, piece: Duration) -> Simulation {
    let mut simulation = simulation(scenario, seed);
    let pass = |simulation: &mut Simulation, duration: Duration| {
        let until = simulation.now().after(duration);
        while simulation.now() < until {
            let next = simulation.now().after(piece).min(until);
            simulation.advance(next);
        }
    };
    for day in 0..5_u64 {
        pass(&mut simulation, Duration::from_secs(day * 37 + 11));
        assert!(deploy(&mut simulation, None));
        assert!(redeploy_run(&mut simulation));
        pass(&mut simulation, Duration::from_millis(2_750));
        if day % 2 == 0 {
            assert!(stop(&mut simulation));
        }
        pass(&mut simulation, Duration::from_mins(40));
        assert!(deploy(&mut simulation, Some("hello:2")));
        assert!(hold(&mut simulation, 1));
        pass(&mut simulation, Duration::from_hours(3));
        simulation.answer(Provider::Aws, Some(500));
        let kinds = [
            Kind::Throttle { retry_after: Some(3) },
            Kind::Error { status: 503 },
            Kind::Latency { ms: 1_234 },
            Kind::Denied,
            Kind::Off,
        ];
        let kind = kinds[usize::try_from(day).unwrap()];
        for cloud in [Party::Aws, Party::Gcp] {
            let fault = Fault { cloud, call: None, from: 0.0, until: Some(60.0), kind };
            let at = simulation.now();
            simulation.faults().add(at, fault);
        }
        let through = matches!(kind, Kind::Latency { .. });
        assert_eq!(deploy(&mut simulation, None), through, "{kind:?}");
        assert_eq!(redeploy_run(&mut simulation), through, "{kind:?}");
        pass(&mut simulation, Duration::from_mins(2));
        simulation.answer(Provider::Aws, None);
        assert!(patch(
            &mut simulation,
            "template",
            json!({"template": {"containers": [{"image": format!("{ARTIFACT_REGISTRY}:nobody")}]}})
        ));
        pass(&mut simulation, Duration::from_mins(5));
        assert!(deploy(&mut simulation, Some("hello:3")));
        let target = json!([{"type": "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST", "percent": 100}]);
        assert!(patch(&mut simulation, "traffic", json!({ "traffic": target })));
        let rest = start().after(DAY * u32::try_from(day + 1).unwrap()).since(simulation.now());
        pass(&mut simulation, rest);
    }
    simulation
}

#[test]
fn one_seed_gives_one_history_and_another_seed_another() {
    for scenario in ["steady", "tag-moved-crash"] {
        let (one, two) = (days(scenario, 7, DAY), days(scenario, 7, DAY));
        assert_eq!(one.now(), start().after(DAY * 5));
        assert_eq!(one.history(), two.history(), "{scenario}");
        let lines = one.history().lines().count();
        assert!(lines > 500, "{scenario}: only {lines} lines");
        let other = days(scenario, 8, DAY);
        assert_ne!(one.history(), other.history(), "{scenario}");
        println!("{scenario}: 5 days, {lines} lines, {} bytes, twice the same", one.history().len());
    }
}

#[test]
fn it_makes_no_difference_in_how_many_pieces_time_passes() {
    let whole = days("steady", 3, DAY);
    assert_eq!(whole.history(), days("steady", 3, Duration::from_millis(4_977)).history());
}

#[test]
fn the_history_tells_what_happened_and_when() {
    let mut simulation = simulation("sick-aws", 1);
    simulation.advance(start().after(Duration::from_secs(100)));
    assert!(deploy(&mut simulation, None));
    simulation.advance(start().after(Duration::from_secs(130)));
    let history = simulation.history();
    for told in [
        "0d 00:00:15.000 aws instances answer 500",
        "0d 00:01:15.000 aws instances are well",
        "0d 00:01:40.000 UpdateService accepted",
        "SUCCESSFUL to 3 MONITORING_COMPLETE",
        "has reached a steady state.",
    ] {
        assert!(history.contains(told), "{told}: {history}");
    }
    assert_eq!(simulation.counts().writes.values().sum::<u64>(), 1);
}

#[test]
fn instances_that_fail_their_checks_are_replaced_until_the_script_lets_them_be() {
    let mut simulation = simulation("unhealthy-aws", 1);
    simulation.advance(start().after(Duration::from_secs(14)));
    let before = simulation.serve(Provider::Aws, 0).unwrap();
    simulation.advance(start().after(Duration::from_secs(30)));
    assert_eq!(simulation.serve(Provider::Aws, 0), None);
    assert_eq!(simulation.serve(Provider::Gcp, 0).unwrap().status, 200, "Cloud Run stays well");
    simulation.advance(start().after(Duration::from_mins(1)));
    let after = simulation.serve(Provider::Aws, 0).unwrap();
    assert_eq!((after.status, after.revision), (200, before.revision));
    assert_ne!(after.instance, before.instance);
    assert!(simulation.history().contains(") failed ELB health checks in (target-group"));
}

#[test]
fn the_public_address_answers_by_share_and_as_sick_as_the_script_wants() {
    let mut simulation = simulation("steady", 1);
    assert_eq!(simulation.serve(Provider::Gcp, 0), None, "nothing is ready at once");
    simulation.advance(start().after(Duration::from_secs(5)));
    let instances: std::collections::BTreeSet<_> =
        (0..10).map(|turn| simulation.serve(Provider::Aws, turn).unwrap().instance).collect();
    assert_eq!(instances.len(), 2, "both tasks in turn");
    let newest = simulation.serve(Provider::Gcp, 0).unwrap();
    assert_eq!((newest.status, newest.revision.as_str()), (200, simulation.clouds().run.revisions[2].name.as_str()));
    simulation.answer(Provider::Gcp, Some(503));
    assert_eq!(simulation.serve(Provider::Gcp, 0).unwrap().status, 503);
    let split: Vec<_> = [(2, 75), (1, 25)]
        .map(|(revision, percent)| {
            let name = &simulation.clouds().run.revisions[revision].name;
            json!({"type": "TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION", "revision": name, "percent": percent})
        })
        .into();
    assert!(patch(&mut simulation, "traffic", json!({ "traffic": split })));
    simulation.advance(start().after(Duration::from_secs(20)));
    let newest = (0..100).filter(|turn| simulation.serve(Provider::Gcp, *turn).unwrap().revision == newest.revision);
    assert_eq!(newest.count(), 75);
}
