//! The only place with spawns and deadlines. The engine owns the state, hands every event to the core, does the effects
//! the core asks for, and turns what they bring back into events again. Faces drive it: [`Engine::next`], then
//! [`Engine::handle`], then look at [`Engine::state`].

pub mod clock;
pub mod contain;
pub mod effects;
pub mod journal;
pub mod probe;
pub mod signals;
pub mod world;

use std::{future::pending, time::Duration};

use thiserror::Error;
use tokio::{
    task::{JoinError, JoinSet},
    time::{sleep, timeout},
};

use crate::app::{
    Command, Effect, Event, State,
    operation::{Consent, Phase},
    reduce, schedule,
};

pub use clock::{Clock, wall};
pub use journal::Journal;
pub use signals::Signals;
pub use world::{Connection, World};

/// Ages on the screen move this often when nothing else happens.
const HEARTBEAT: Duration = Duration::from_secs(1);
/// A countdown moves this often.
const COUNTDOWN_BEAT: Duration = Duration::from_millis(200);
/// How long a write that was sent is waited for on the way out.
const LAST_WRITE: Duration = Duration::from_secs(5);

/// The state, the world, and what is under way between them.
pub struct Engine {
    state: State,
    world: World,
    clock: Clock,
    reads: JoinSet<Event>,
    writes: JoinSet<Event>,
}

/// A task of ours panicked: a defect, which the panic hook has told of already.
#[derive(Debug, Error)]
#[error("a task failed: {0}")]
pub struct TaskFailed(#[from] JoinError);

impl Engine {
    /// Sets everything up and asks the first questions.
    pub fn new(state: State, world: World) -> Self {
        let mut engine = Self { state, world, clock: Clock::start(), reads: JoinSet::new(), writes: JoinSet::new() };
        engine.handle(Event::Ticked);
        engine
    }

    /// What is known.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Lets an event happen, and starts the work that follows from it.
    pub fn handle(&mut self, event: Event) {
        let now = self.clock.now();
        for effect in reduce(&mut self.state, now, event) {
            match effect {
                Effect::Start { .. } | Effect::Journal(_) => {
                    self.writes.spawn(effects::perform(self.world.clone(), effect));
                }
                Effect::Observe { .. }
                | Effect::Identify { .. }
                | Effect::ReadBuilds { .. }
                | Effect::Probe { .. }
                | Effect::Preview { .. } => {
                    self.reads.spawn(effects::perform(self.world.clone(), effect));
                }
            }
        }
    }

    /// Plants a panic in a task, so that a test can see what becomes of the terminal and the children.
    ///
    /// # Panics
    /// Not this, but the task, after the given time.
    #[cfg(debug_assertions)]
    #[expect(clippy::panic, reason = "that is what it is for")]
    #[must_use]
    pub fn with_planted_panic(mut self, after: Duration) -> Self {
        self.reads.spawn(async move {
            sleep(after).await;
            panic!("planted")
        });
        self
    }

    /// Waits for the next event: work that came back, or time that passed. Safe to drop and call again.
    pub async fn next(&mut self) -> Result<Event, TaskFailed> {
        let beat = self.beat();
        tokio::select! {
            Some(done) = self.writes.join_next() => Ok(done?),
            Some(done) = self.reads.join_next() => Ok(done?),
            () = sleep(beat) => Ok(Event::Ticked),
            else => pending().await,
        }
    }

    /// Work that has come back already, without waiting.
    pub fn ready(&mut self) -> Result<Option<Event>, TaskFailed> {
        match self.writes.try_join_next().or_else(|| self.reads.try_join_next()) {
            Some(done) => Ok(Some(done?)),
            None => Ok(None),
        }
    }

    /// How long nothing needs to be looked at.
    fn beat(&mut self) -> Duration {
        let now = self.clock.now().mono;
        let due = schedule::next_due(&self.state).map_or(HEARTBEAT, |due| due.saturating_sub(now));
        let counting = self
            .state
            .planned()
            .is_some_and(|operation| matches!(operation.phase, Phase::Armed { consent: Consent::Countdown(_), .. }));
        let beat = if counting { COUNTDOWN_BEAT } else { HEARTBEAT };
        due.min(beat).max(Duration::from_millis(1))
    }

    /// Ends: reads are dropped, a write under way may finish so that its outcome reaches the journal.
    pub async fn end(mut self) -> State {
        self.reads.abort_all();
        // From here on nothing is begun, and what goes on without us is written down.
        self.handle(Event::Commanded(Command::Quit));
        self.reads.abort_all();
        let finish = async {
            while let Some(done) = self.writes.join_next().await {
                let Ok(event) = done else { continue };
                let now = self.clock.now();
                for effect in reduce(&mut self.state, now, event) {
                    if let Effect::Journal(_) = effect {
                        self.writes.spawn(effects::perform(self.world.clone(), effect));
                    }
                }
            }
        };
        let _ = timeout(LAST_WRITE, finish).await;
        self.state
    }
}
