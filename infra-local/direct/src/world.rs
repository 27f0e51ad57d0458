//! One simulation for both providers, kept at the time of tokio's clock.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use hello_local::{Moment, Scenario, Simulation};
use tokio::time::Instant;

use crate::{CloudRun, Ecs};

/// When every world begins: 2026-09-21, a time like any other.
const BEGIN: Moment = Moment::from_millis(1_790_000_000_000);
/// How long the first instances take to come up. Nobody is asked before.
const SETTLED: Duration = Duration::from_secs(1);

/// A scenario that is played. Cheap to clone; clones are the same world.
#[derive(Clone)]
pub struct World {
    inner: Arc<Inner>,
}

struct Inner {
    simulation: Mutex<Simulation>,
    origin: Instant,
}

impl World {
    /// Begins now, by tokio's clock, with the first instances ready. Must be called inside a runtime.
    pub fn new(scenario: Scenario, seed: u64) -> Self {
        let mut simulation = Simulation::new(scenario, seed, BEGIN);
        simulation.advance(BEGIN.after(SETTLED));
        Self { inner: Arc::new(Inner { simulation: Mutex::new(simulation), origin: Instant::now() }) }
    }

    /// The simulation as it is now: to look at, to ask, to make trouble in.
    pub fn with<T>(&self, look: impl FnOnce(&mut Simulation) -> T) -> T {
        // A test that failed while it looked has left plain data behind.
        let mut simulation = self.inner.simulation.lock().unwrap_or_else(PoisonError::into_inner);
        simulation.advance(BEGIN.after(SETTLED).after(self.inner.origin.elapsed()));
        look(&mut simulation)
    }

    /// ECS in this world.
    pub fn ecs(&self) -> Ecs {
        Ecs::new(self.clone())
    }

    /// Cloud Run in this world.
    pub fn cloud_run(&self) -> CloudRun {
        CloudRun::new(self.clone())
    }
}
