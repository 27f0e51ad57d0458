//! The clouds with explicit time and made-up processes: seconds of rollout in microseconds.

mod deployments;
mod ecs;
mod run;

use std::{collections::BTreeMap, time::Duration};

use super::{
    ecs::{Key, change::Update, service::Service},
    *,
};
use crate::Scenario;

/// Between two steps of the simulation.
const STEP: Duration = Duration::from_millis(50);

/// Both clouds, and processes that start, become ready or crash as their build does.
struct Simulation {
    clouds: Clouds,
    start: Moment,
    now: Moment,
    /// Age of each process in steps.
    processes: BTreeMap<InstanceId, u32>,
    /// The largest number of ECS processes seen at once.
    most: usize,
}

impl Simulation {
    fn new(scenario: &str) -> Self {
        Self::of(&Scenario::named(scenario).unwrap().world)
    }

    fn of(world: &World) -> Self {
        let start = Moment::from_millis(1_790_000_000_000);
        let clouds = Clouds::new(world, start);
        let mut simulation = Self { clouds, start, now: start, processes: BTreeMap::new(), most: 0 };
        simulation.run_for(1.0);
        simulation
    }

    fn step(&mut self) {
        self.now = self.now.after(STEP);
        self.clouds.advance(self.now);
        let wanted = self.clouds.wanted();
        self.processes.retain(|id, _| wanted.iter().any(|wanted| wanted.id == *id));
        for wanted in &wanted {
            let age = self.processes.entry(wanted.id.clone()).or_default();
            *age += 1;
            let happening = match (wanted.manner, *age) {
                (Manner::Crash, 2) => Happening::Exited { code: Some(1) },
                (Manner::Well | Manner::NeverReady, 2) => Happening::Started,
                (Manner::Well, 3) => Happening::Ready,
                _ => continue,
            };
            self.clouds.happened(self.now, wanted.provider, &wanted.id, happening);
        }
        let on_ecs = wanted.iter().filter(|wanted| wanted.provider == Provider::Aws).count();
        self.most = self.most.max(on_ecs);
    }

    /// The service that has a public address.
    fn hello(&self) -> &Service {
        self.clouds.ecs.hello().unwrap()
    }

    fn run_for(&mut self, seconds: f64) {
        let until = self.now.after(Duration::from_secs_f64(seconds));
        while self.now < until {
            self.step();
        }
    }

    /// Steps until the condition holds; the seconds it took. Fails after a minute.
    fn until(&mut self, what: &str, mut holds: impl FnMut(&Clouds) -> bool) -> f64 {
        let since = self.now;
        while !holds(&self.clouds) {
            assert!(self.now.since(since) < Duration::from_mins(1), "never: {what}");
            self.step();
        }
        self.now.since(since).as_secs_f64()
    }
}

#[test]
fn the_same_script_gives_the_same_clouds() {
    let play = || {
        let mut simulation = Simulation::new("steady");
        let clouds = &mut simulation.clouds;
        let update = Update { force: true, ..Default::default() };
        clouds.ecs.update(simulation.now, &clouds.images, &Key::hello(), &update).unwrap();
        simulation.run_for(20.0);
        format!("{:?}", simulation.clouds)
    };
    assert_eq!(play(), play());
}

#[test]
fn both_clouds_begin_with_three_deployments_and_serve_the_newest() {
    let simulation = Simulation::new("steady");
    let clouds = &simulation.clouds;
    let hello = clouds.ecs.hello().unwrap();
    assert_eq!((hello.deployments.len(), clouds.run.revisions.len()), (3, 3));
    let wanted = clouds.wanted();
    assert_eq!(wanted.len(), DESIRED + 1);
    assert!(wanted.iter().all(|wanted| wanted.commit == DEPLOYED[2].sha));
    let digest =
        |index: usize| (hello.revisions[index].digest().map(str::to_owned), clouds.run.revisions[index].digest.clone());
    for index in 0..3 {
        let (on_ecs, on_run) = digest(index);
        assert!(on_ecs.is_some() && on_ecs == on_run, "the same commit has the same digest on both clouds");
    }
    let builds = clouds.builds.newest_first(simulation.now);
    assert!(builds.iter().all(|build| build.ends_at().unwrap() < hello.deployments[2].created_at));
    assert!(simulation.start > hello.deployments[2].created_at);
}

#[test]
fn the_clouds_rest_until_something_is_asked_and_rest_again_after_it() {
    let mut simulation = Simulation::new("steady");
    assert!(!simulation.clouds.is_moving());
    let clouds = &mut simulation.clouds;
    let update = Update { force: true, ..Default::default() };
    clouds.ecs.update(simulation.now, &clouds.images, &Key::hello(), &update).unwrap();
    assert!(simulation.clouds.is_moving());
    let took = simulation.until("rest", |clouds| !clouds.is_moving());
    assert!(took > 4.0, "not before the deployment has settled: {took} s");
}

#[test]
fn a_build_appears_after_twenty_seconds_and_pushes_without_deploying() {
    let mut simulation = Simulation::new("steady");
    assert_eq!(simulation.clouds.builds.newest_first(simulation.now).len(), 3);
    simulation.run_for(20.0);
    assert_eq!(simulation.clouds.builds.newest_first(simulation.now).len(), 4);
    assert!(simulation.clouds.images.by_tag(UPCOMING.sha).is_none());
    simulation.run_for(26.0);
    assert!(simulation.clouds.images.by_tag(UPCOMING.sha).is_some());
    assert!(simulation.clouds.wanted().iter().all(|wanted| wanted.commit == DEPLOYED[2].sha));
}
