//! What the driver, the wire faces, the balancers and the control share: the clouds, the faults, the counts, and which
//! instances live. Locks are held for a few microseconds and never across an await.

use std::{
    collections::{BTreeMap, VecDeque},
    net::SocketAddr,
    sync::{Mutex, MutexGuard, PoisonError, atomic::AtomicU64},
    time::Duration,
};

use serde::Serialize;
use tokio::sync::Notify;

use crate::{
    clock::Clock,
    clouds::Clouds,
    fault::{Faults, Party},
    instance::{InstanceId, Provider},
    moment::Moment,
    scenario::Answer,
};

/// Problems kept for the state.
const PROBLEMS: usize = 20;

/// A live instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Live {
    /// Whose it is.
    pub provider: Provider,
    /// The revision it runs.
    pub revision: String,
    /// The commit it was built from.
    pub commit: String,
    /// Process id; `None` when it is a task of this process.
    pub pid: Option<u32>,
    /// Where it listens, once it does.
    pub address: Option<SocketAddr>,
    /// Whether `/readyz` answers 200.
    pub ready: bool,
}

/// Calls so far, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Everything that arrived, as `party:call`, refused or not.
    pub calls: BTreeMap<String, u64>,
    /// Those that asked for a change, refused or not.
    pub writes: BTreeMap<String, u64>,
}

impl Counts {
    /// Counts a call.
    pub(crate) fn count(&mut self, party: Party, call: &str, write: bool) {
        let name = format!("{}:{call}", party.word());
        if write {
            *self.writes.entry(name.clone()).or_default() += 1;
        }
        *self.calls.entry(name).or_default() += 1;
    }
}

/// What instances answer, apart from themselves.
#[derive(Clone, Debug, Default)]
pub struct Answers {
    /// From the scenario.
    pub scripted: Vec<Answer>,
    /// Set by hand: wins over the scenario. `Some(None)`: well, whatever the scenario says.
    pub by_hand: BTreeMap<Provider, Option<u16>>,
    /// Whether they say that they are ready, set by hand: wins over the scenario.
    pub ready_by_hand: BTreeMap<Provider, bool>,
}

impl Answers {
    /// The status that instances of this provider answer with now; `None`: as they are.
    pub fn status(&self, provider: Provider, origin: Moment, now: Moment) -> Option<u16> {
        if let Some(status) = self.by_hand.get(&provider) {
            return *status;
        }
        self.due(provider, origin, now).map(|answer| answer.status)
    }

    /// Whether instances of this provider say that they are ready, as far as they are.
    pub fn ready(&self, provider: Provider, origin: Moment, now: Moment) -> bool {
        let by_hand = self.ready_by_hand.get(&provider).copied();
        by_hand.unwrap_or_else(|| self.due(provider, origin, now).is_none_or(|answer| answer.ready))
    }

    fn due(&self, provider: Provider, origin: Moment, now: Moment) -> Option<&Answer> {
        let age = now.since(origin).as_secs_f64();
        let due = |answer: &&Answer| {
            answer.cloud == provider && age >= answer.from && answer.until.is_none_or(|until| age < until)
        };
        self.scripted.iter().find(due)
    }

    /// When the script changes its mind next.
    pub fn next_after(&self, origin: Moment, now: Moment) -> Option<Moment> {
        let edges = self.scripted.iter().flat_map(|answer| std::iter::once(answer.from).chain(answer.until));
        let edges = edges.filter_map(|seconds| Duration::try_from_secs_f64(seconds).ok());
        edges.map(|edge| origin.after(edge)).filter(|at| *at > now).min()
    }
}

/// The shared part.
#[derive(Debug)]
pub struct Site {
    /// Time.
    pub clock: Clock,
    /// Name of the scenario.
    pub scenario: String,
    /// The address of the wire faces.
    pub address: SocketAddr,
    /// Public address of the service on each provider.
    pub public: BTreeMap<Provider, SocketAddr>,
    /// Wakes the driver before its next tick, because something was written.
    pub wake: Notify,
    /// Numbers replies.
    pub replies: AtomicU64,
    clouds: Mutex<Clouds>,
    faults: Mutex<Faults>,
    counts: Mutex<Counts>,
    fleet: Mutex<BTreeMap<InstanceId, Live>>,
    answers: Mutex<Answers>,
    problems: Mutex<VecDeque<String>>,
}

/// A thread that panicked while it held a lock has left plain data behind: the others go on with it.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Site {
    /// All parts, nothing running yet.
    pub fn new(
        clock: Clock,
        scenario: String,
        address: SocketAddr,
        public: BTreeMap<Provider, SocketAddr>,
        clouds: Clouds,
        faults: Faults,
        answers: Answers,
    ) -> Self {
        Self {
            clock,
            scenario,
            address,
            public,
            wake: Notify::new(),
            replies: AtomicU64::new(0),
            clouds: Mutex::new(clouds),
            faults: Mutex::new(faults),
            counts: Mutex::default(),
            fleet: Mutex::default(),
            answers: Mutex::new(answers),
            problems: Mutex::default(),
        }
    }

    /// The clouds.
    pub fn clouds(&self) -> MutexGuard<'_, Clouds> {
        lock(&self.clouds)
    }

    /// The faults.
    pub fn faults(&self) -> MutexGuard<'_, Faults> {
        lock(&self.faults)
    }

    /// The live instances.
    pub fn fleet(&self) -> MutexGuard<'_, BTreeMap<InstanceId, Live>> {
        lock(&self.fleet)
    }

    /// What instances answer.
    pub fn answers(&self) -> MutexGuard<'_, Answers> {
        lock(&self.answers)
    }

    /// Calls so far.
    pub fn counts(&self) -> Counts {
        lock(&self.counts).clone()
    }

    /// Counts a call.
    pub fn count(&self, party: Party, call: &str, write: bool) {
        lock(&self.counts).count(party, call, write);
    }

    /// Writes down what went wrong inside the stand-in itself.
    pub fn problem(&self, problem: String) {
        let mut problems = lock(&self.problems);
        problems.push_front(problem);
        problems.truncate(PROBLEMS);
    }

    /// What went wrong inside the stand-in itself, newest first.
    pub fn problems(&self) -> Vec<String> {
        lock(&self.problems).iter().cloned().collect()
    }

    /// `http://` and the public address of a provider's service.
    pub fn public_url(&self, provider: Provider) -> String {
        self.public.get(&provider).map(|address| format!("http://{address}")).unwrap_or_default()
    }
}
