//! A pretend outside for the core: it answers what the core asks, from values that a test sets.

use std::time::Duration;

use hello_cloud::{
    Build, BuildState, Capabilities, Commit, Deployment, DeploymentId, DeploymentState, Digest, ErrorKind, Fingerprint,
    Image, InstanceId, Instances, Preview, ProviderError, ProviderInfo, Readiness, Reported, Revision, RevisionId,
    RevisionState, Serving, Snapshot, StartError, Started, Timestamp, Untrusted,
};

use crate::app::{
    Command, Effect, Event, Now, State, Target,
    operation::{Outcome, StepState},
    probe::{Answer, Failure, Probe},
    reduce,
};

pub const COMMITS: [&str; 4] = ["1111111aaaa", "2222222bbbb", "3333333cccc", "4444444dddd"];
/// Calendar time at the start of a test.
pub const EPOCH: i64 = 1_800_000_000_000;

/// A target of a given cloud: `aws` stops deployments and counts instances, `gcp` holds traffic and sleeps.
pub fn target(id: &'static str) -> Target {
    let aws = id == "aws";
    Target {
        service: "hello".into(),
        environment: "staging".into(),
        info: ProviderInfo {
            label: if aws { "ECS" } else { "Cloud Run" },
            id,
            region: "somewhere-1".into(),
            scope: "scope".into(),
            capabilities: Capabilities { stop: aws, hold: !aws, instances: aws, sleeps: !aws },
            endpoint: None,
        },
        url: Some(format!("http://{id}.test")),
        probe_path: "/version".into(),
        interval: Duration::from_secs(10),
        writable: true,
        protected: false,
        builds: Some("builds".into()),
    }
}

pub fn digest(n: usize) -> Digest {
    Digest::parse(&format!("sha256:{n:064x}")).unwrap()
}

/// Revision number `n`, counted from 1, made `n` hours after the beginning, of commit `n`.
pub fn revision(n: usize) -> Revision {
    Revision {
        id: RevisionId::new(format!("rev/{n}")),
        name: Untrusted::new(format!("hello:{n}")),
        image: Some(Image { reference: Untrusted::new(format!("repo:{n}")), digest: Some(digest(n)) }),
        commit: Commit::parse(COMMITS[n - 1]),
        created_at: Some(Timestamp::from_millis(EPOCH - 100_000_000 + i64::try_from(n).unwrap() * 3_600_000)),
        state: Reported::new(RevisionState::Ready, "ACTIVE"),
        served: Some(true),
        gone: None,
        exact: true,
        facts: vec![],
    }
}

pub fn deployment(id: &str, state: DeploymentState, to: usize) -> Deployment {
    Deployment {
        id: DeploymentId::new(id),
        state: Reported::new(state, format!("{state:?}")),
        to: Some(RevisionId::new(format!("rev/{to}"))),
        from: vec![RevisionId::new("rev/2")],
        created_at: Some(Timestamp::from_millis(EPOCH)),
        finished_at: None,
        instances: Some(Instances { desired: 2, running: 1, pending: 1 }),
        failed: Some(0),
        started: vec![],
        stoppable: !state.is_settled(),
        facts: vec![],
    }
}

/// Three good revisions, the newest serving.
pub fn snapshot() -> Snapshot {
    Snapshot {
        url: None,
        readiness: Reported::new(Readiness::Ready, "ACTIVE"),
        wanted: Some(RevisionId::new("rev/3")),
        serving: vec![Serving { revision: RevisionId::new("rev/3"), share: None, running: Some(2) }],
        hold: None,
        instances: Some(Instances { desired: 2, running: 2, pending: 0 }),
        current: Some(deployment("dep/3", DeploymentState::Succeeded, 3)),
        deployments: Ok(vec![deployment("dep/3", DeploymentState::Succeeded, 3)]),
        revisions: Ok(vec![revision(3), revision(2), revision(1)]),
        resolution: Ok(None),
        events: Ok(vec![]),
        failures: Ok(vec![]),
        targets: Ok(None),
        slowed: None,
        changed_by: None,
        facts: vec![],
        fingerprint: Fingerprint::new("seen/3"),
    }
}

pub fn build(n: usize) -> Build {
    Build {
        id: n.to_string(),
        attempt: 1,
        title: Untrusted::from("build"),
        commit: Commit::parse(COMMITS[n - 1]),
        branch: None,
        state: Reported::new(BuildState::Succeeded, "success"),
        created_at: None,
        finished_at: None,
        digests: vec![],
        url: None,
        jobs: None,
    }
}

/// One pretend cloud.
pub struct Cloud {
    pub snapshot: Result<Snapshot, ErrorKind>,
    /// The revision number that the service answers as, and from which instance; `None`: nothing answers.
    pub answers: Option<(usize, &'static str)>,
    /// What a write comes back with.
    pub start: Result<Started, StartError>,
}

/// The core, and a pretend outside that answers at once.
pub struct World {
    pub state: State,
    pub clouds: Vec<Cloud>,
    pub now: Duration,
    /// Every write the core asked for: target and change.
    pub writes: Vec<(usize, hello_cloud::Change)>,
    pub journal: Vec<&'static str>,
}

impl World {
    pub fn new(targets: Vec<Target>) -> Self {
        let cloud = |index: usize| Cloud {
            snapshot: Ok(snapshot()),
            answers: Some((3, "old")),
            start: Ok(Started { deployment: DeploymentId::new(format!("new/{index}")) }),
        };
        let clouds = (0..targets.len()).map(cloud).collect();
        Self { state: State::new(targets, None), clouds, now: Duration::ZERO, writes: vec![], journal: vec![] }
    }

    pub fn both() -> Self {
        let mut world = Self::new(vec![target("aws"), target("gcp")]);
        world.pass(3);
        world
    }

    /// Lets an event happen and answers everything the core asks because of it.
    pub fn happen(&mut self, event: Event) {
        let mut events = vec![event];
        while let Some(event) = events.pop() {
            let wall = Timestamp::from_millis(EPOCH + i64::try_from(self.now.as_millis()).unwrap());
            for effect in reduce(&mut self.state, Now { mono: self.now, wall }, event) {
                events.extend(self.answer(effect));
            }
        }
    }

    fn answer(&mut self, effect: Effect) -> Option<Event> {
        Some(match effect {
            Effect::Observe { target, sequence, .. } => {
                let result = self.clouds[target].snapshot.clone().map(Box::new);
                Event::Observed {
                    target,
                    sequence,
                    result: result.map_err(|kind| ProviderError::new(kind, "test:Read", "")),
                }
            }
            Effect::Identify { target } => {
                let identity = hello_cloud::Identity { name: Some("ann".into()), account: "1".into(), source: "test" };
                Event::Identified { target, result: Ok(identity) }
            }
            Effect::ReadBuilds { target, sequence } => {
                Event::Built { target, sequence, result: Ok(vec![build(4), build(3), build(2), build(1)]) }
            }
            Effect::Probe { target, sequence, .. } => {
                let result = match self.clouds[target].answers {
                    Some((n, instance)) => Ok(Answer {
                        commit: Commit::parse(COMMITS[n - 1]),
                        revision: Some(Untrusted::new(format!("hello:{n}"))),
                        instance: Some(InstanceId::new(instance)),
                        version: None,
                    }),
                    None => Err(Failure::Unreachable("no connection".into())),
                };
                Event::Probed { target, sequence, probe: Probe { latency: Duration::from_millis(5), result } }
            }
            Effect::Preview { operation, target, .. } => {
                let preview = Preview { call: "test:Write".into(), command: "test write".into(), notes: vec![] };
                Event::Previewed { operation, target, preview }
            }
            Effect::Start { operation, target, order, .. } => {
                self.writes.push((target, order.change));
                Event::Started { operation, target, result: self.clouds[target].start.clone() }
            }
            Effect::Journal(entry) => {
                self.journal.push(entry.what);
                return None;
            }
        })
    }

    pub fn command(&mut self, command: Command) {
        self.happen(Event::Commanded(command));
    }

    /// Seconds go by, in steps of a fifth.
    pub fn pass(&mut self, seconds: u64) {
        for _ in 0..seconds * 5 {
            self.now += Duration::from_millis(200);
            self.happen(Event::Ticked);
        }
    }

    /// The plan is drawn, and time enough passes to have read it, but less than the countdown.
    pub fn read_plan(&mut self) {
        self.happen(Event::Drawn);
        self.pass(1);
    }

    /// What the newest operation has become, by target.
    pub fn outcomes(&self) -> Vec<Option<Outcome>> {
        let outcome = |state: &StepState| match state {
            StepState::Ended(outcome) => Some(outcome.clone()),
            _ => None,
        };
        self.state.operations.last().unwrap().steps.iter().map(|step| outcome(&step.state)).collect()
    }

    /// From now on the cloud shows the deployment we started in this state, and on success serves it. Revision 4 is a new one
    /// of the image of revision 3.
    pub fn deploy(&mut self, target: usize, state: DeploymentState, to: usize) {
        let mut seen = snapshot();
        let again = hello_cloud::Revision { image: revision(3).image, ..revision(4) };
        seen.revisions = Ok(vec![again, revision(3), revision(2), revision(1)]);
        let mut new = deployment(&format!("new/{target}"), state, to);
        new.started = vec![InstanceId::new("new")];
        seen.current = Some(new.clone());
        seen.deployments = Ok(vec![new, deployment("dep/3", DeploymentState::Succeeded, 3)]);
        if state == DeploymentState::Succeeded {
            seen.serving[0].revision = RevisionId::new(format!("rev/{to}"));
        }
        self.clouds[target].snapshot = Ok(seen);
    }
}
