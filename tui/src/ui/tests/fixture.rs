//! Two pretend clouds for the screen: the state is always made by the real reducer, from values that a test sets.

use std::time::Duration;

use hello_cloud::{
    Build, BuildState, Capabilities, CloudEvent, Commit, Deployment, DeploymentId, DeploymentState, Digest, Fact,
    Fingerprint, Hold, Identity, Image, Instances, Preview, ProviderError, ProviderInfo, Readiness, Reported, Revision,
    RevisionId, RevisionState, Serving, Snapshot, Started, Timestamp, Untrusted,
};

use crate::app::{
    Command, Effect, Event, Now, Row, State, Target,
    probe::{Answer, Failure, Probe},
    reduce,
};

/// Calendar time at the start: 2026-11-21T10:00:00Z.
pub const EPOCH: i64 = 1_795_255_200_000;
pub const COMMITS: [&str; 5] = ["3b9f00d1122", "7d41aa03344", "9f2c1e75566", "c0ffee17788", "e5a2b6c9900"];

/// One pretend cloud. `None`: it never answers.
pub struct Cloud {
    pub snapshot: Option<Result<Snapshot, ProviderError>>,
    pub builds: Option<Result<Vec<Build>, ProviderError>>,
    pub probe: Option<Result<Answer, Failure>>,
    /// Latencies in milliseconds, one after the other, over and over.
    pub latencies: Vec<u64>,
    pub preview: Preview,
    /// `None`: nobody says.
    pub identity: Option<Identity>,
}

/// The core and its pretend clouds.
pub struct Stage {
    pub state: State,
    pub clouds: Vec<Cloud>,
    pub now: Duration,
    asked: usize,
}

pub fn at(seconds_ago: i64) -> Timestamp {
    Timestamp::from_millis(EPOCH - seconds_ago * 1000)
}

pub fn ecs() -> Target {
    target(ProviderInfo {
        label: "ECS",
        id: "aws",
        region: "eu-central-1".into(),
        scope: "cluster hello".into(),
        capabilities: Capabilities { stop: true, hold: false, instances: true, sleeps: false },
        endpoint: None,
    })
}

pub fn cloud_run() -> Target {
    target(ProviderInfo {
        label: "Cloud Run",
        id: "gcp",
        region: "europe-west1".into(),
        scope: "project acme-staging".into(),
        capabilities: Capabilities { stop: false, hold: true, instances: false, sleeps: true },
        endpoint: None,
    })
}

fn target(info: ProviderInfo) -> Target {
    Target {
        service: "hello".into(),
        environment: "staging".into(),
        url: Some(format!("https://hello.{}.example", info.id)),
        info,
        probe_path: "/version".into(),
        interval: Duration::from_secs(10),
        writable: true,
        protected: false,
        builds: Some("GitHub Actions acme/hello".into()),
    }
}

pub fn digest(n: usize) -> Digest {
    Digest::parse(&format!("sha256:{}", format!("{n}a0b{n}c4d5e6f{n}708").repeat(6).get(..64).unwrap())).unwrap()
}

/// How a cloud calls revision `n`, counted from 1.
pub fn name(target: &Target, n: usize) -> String {
    if target.info.id == "aws" { format!("hello:{n}") } else { format!("hello-0000{n}-x7q") }
}

pub fn revision(target: &Target, n: usize) -> Revision {
    Revision {
        id: RevisionId::new(format!("rev/{n}")),
        name: name(target, n).into(),
        image: Some(Image { reference: "acme/hello:staging".into(), digest: Some(digest(n)) }),
        commit: Commit::parse(COMMITS[n - 1]),
        created_at: Some(at(90_000 - i64::try_from(n).unwrap() * 20_000)),
        state: Reported::new(RevisionState::Ready, if target.info.id == "aws" { "ACTIVE" } else { "Ready" }),
        served: Some(true),
        gone: None,
        exact: true,
        facts: vec![],
    }
}

pub fn deployment(n: usize, state: DeploymentState) -> Deployment {
    Deployment {
        id: DeploymentId::new(format!("dep/{n}")),
        state: Reported::new(state, "SUCCESSFUL"),
        to: Some(RevisionId::new(format!("rev/{n}"))),
        from: vec![RevisionId::new(format!("rev/{}", n - 1))],
        created_at: Some(at(90_000 - i64::try_from(n).unwrap() * 20_000)),
        finished_at: state.is_settled().then(|| at(90_000 - i64::try_from(n).unwrap() * 20_000 - 74)),
        instances: Some(Instances { desired: 2, running: 2, pending: 0 }),
        failed: Some(0),
        started: vec![],
        stoppable: !state.is_settled(),
        facts: vec![],
    }
}

/// Revision 3 serves, well; 1 and 2 did before it.
pub fn snapshot(target: &Target) -> Snapshot {
    let aws = target.info.id == "aws";
    let share = (!aws).then_some(100);
    Snapshot {
        url: None,
        readiness: Reported::new(Readiness::Ready, "ACTIVE"),
        wanted: Some(RevisionId::new("rev/3")),
        serving: vec![Serving { revision: RevisionId::new("rev/3"), share, running: aws.then_some(2) }],
        hold: None,
        instances: aws.then_some(Instances { desired: 2, running: 2, pending: 0 }),
        current: Some(deployment(3, DeploymentState::Succeeded)),
        deployments: Ok(vec![deployment(3, DeploymentState::Succeeded), deployment(2, DeploymentState::Succeeded)]),
        revisions: Ok(vec![revision(target, 3), revision(target, 2), revision(target, 1)]),
        resolution: Ok(None),
        events: Ok(vec![
            CloudEvent {
                at: Some(at(29_926)),
                message: "(service hello) has reached a steady state.".into(),
                by: None,
            },
            CloudEvent { at: Some(at(29_990)), message: "(service hello) has started 2 tasks.".into(), by: None },
        ]),
        failures: Ok(vec![CloudEvent {
            at: Some(at(29_950)),
            message: "task 4f1: Essential container in task exited (exit code 1)".into(),
            by: None,
        }]),
        targets: Ok(None),
        slowed: None,
        changed_by: Some("ci@acme.example".into()),
        facts: if aws { vec![Fact { label: "breaker", value: "on, rolls back".into() }] } else { vec![] },
        fingerprint: Fingerprint::new("seen/3"),
    }
}

pub fn build(n: usize, state: BuildState) -> Build {
    Build {
        id: n.to_string(),
        attempt: 1,
        title: ["Say hello", "Answer /version", "Drain on SIGTERM", "Speak French", "Speak Dutch"][n - 1].into(),
        commit: Commit::parse(COMMITS[n - 1]),
        branch: Some("main".into()),
        state: Reported::new(state, "success"),
        created_at: Some(at(90_300 - i64::try_from(n).unwrap() * 20_000)),
        finished_at: (state != BuildState::Running).then(|| at(90_105 - i64::try_from(n).unwrap() * 20_000)),
        digests: vec![],
        url: None,
        jobs: None,
    }
}

pub fn builds() -> Vec<Build> {
    (1..=3).rev().map(|n| build(n, BuildState::Succeeded)).collect()
}

/// What the service of a target answers when revision `n` serves.
pub fn answer(target: &Target, n: usize) -> Answer {
    Answer {
        commit: Commit::parse(COMMITS[n - 1]),
        revision: Some(Untrusted::new(name(target, n))),
        instance: None,
        version: None,
    }
}

impl Stage {
    /// Targets of which nothing is known yet.
    pub fn new(targets: Vec<Target>) -> Self {
        let cloud = |target: &Target| Cloud {
            snapshot: Some(Ok(snapshot(target))),
            builds: Some(Ok(builds())),
            probe: Some(Ok(answer(target, 3))),
            latencies: vec![14, 12, 15, 13, 41, 12, 14, 12, 13, 18, 12],
            preview: preview(target),
            identity: None,
        };
        let clouds = targets.iter().map(cloud).collect();
        Self::with(targets, clouds)
    }

    /// Targets of which nothing is known yet, and clouds that answer as given.
    pub fn with(targets: Vec<Target>, clouds: Vec<Cloud>) -> Self {
        let banner = Some("stand-in: nothing here is a real cloud".to_owned());
        let mut stage = Self { state: State::new(targets, banner), clouds, now: Duration::ZERO, asked: 0 };
        stage.state.selected = Row::Target(0);
        stage
    }

    /// Both clouds, after two minutes of good answers.
    pub fn good() -> Self {
        let mut stage = Self::new(vec![ecs(), cloud_run()]);
        stage.pass(120);
        stage
    }

    /// Lets an event happen and answers everything the core asks because of it.
    pub fn happen(&mut self, event: Event) {
        let mut events = vec![event];
        while let Some(event) = events.pop() {
            let wall = Timestamp::from_millis(EPOCH + i64::try_from(self.now.as_millis()).unwrap());
            for effect in reduce(&mut self.state, Now { mono: self.now, wall }, event) {
                events.extend(self.answer(&effect));
            }
        }
    }

    pub fn command(&mut self, command: Command) {
        self.happen(Event::Commanded(command));
    }

    /// Lets seconds pass.
    pub fn pass(&mut self, seconds: u64) {
        for _ in 0..seconds * 5 {
            self.now += Duration::from_millis(200);
            self.happen(Event::Ticked);
        }
    }

    /// Shows the screen as a person would see it, so that a plan can be agreed to.
    pub fn seen(&mut self) {
        self.happen(Event::Drawn);
    }

    pub fn snapshot(&mut self, cloud: usize) -> &mut Snapshot {
        self.clouds[cloud].snapshot.as_mut().unwrap().as_mut().unwrap()
    }

    fn answer(&mut self, effect: &Effect) -> Option<Event> {
        Some(match *effect {
            Effect::Observe { target, sequence, .. } => {
                Event::Observed { target, sequence, result: self.clouds[target].snapshot.clone()?.map(Box::new) }
            }
            Effect::Identify { target } => {
                Event::Identified { target, result: Ok(self.clouds[target].identity.clone()?) }
            }
            Effect::ReadBuilds { target, sequence } => {
                Event::Built { target, sequence, result: self.clouds[target].builds.clone()? }
            }
            Effect::Probe { target, sequence, .. } => {
                self.asked += 1;
                let cloud = &self.clouds[target];
                let latency = Duration::from_millis(cloud.latencies[self.asked % cloud.latencies.len()]);
                Event::Probed { target, sequence, probe: Probe { latency, result: cloud.probe.clone()? } }
            }
            Effect::Preview { operation, target, .. } => {
                Event::Previewed { operation, target, preview: self.clouds[target].preview.clone() }
            }
            Effect::Start { operation, target, .. } => {
                Event::Started { operation, target, result: Ok(Started { deployment: DeploymentId::new("dep/4") }) }
            }
            Effect::Journal(_) => return None,
        })
    }
}

fn preview(target: &Target) -> Preview {
    if target.info.id == "aws" {
        Preview {
            call: "ecs:UpdateService forceNewDeployment".into(),
            command: "aws ecs update-service --region eu-central-1 --cluster hello --service hello \
                      --force-new-deployment"
                .into(),
            notes: vec!["tags are resolved anew".into()],
        }
    } else {
        Preview {
            call: "run.services.patch template.forceNewRevision".into(),
            command: "gcloud run services update hello --region europe-west1 --project acme-staging --update-labels \
                      redeployed-at=now"
                .into(),
            notes: vec!["environment variables and scaling stay as they are".into()],
        }
    }
}

/// Traffic held on revision `n` of the second cloud, where the newest is 3.
pub fn hold(stage: &mut Stage, n: usize) {
    let target = cloud_run();
    let seen = stage.snapshot(1);
    let revision = RevisionId::new(format!("rev/{n}"));
    seen.serving = vec![Serving { revision: revision.clone(), share: Some(100), running: None }];
    seen.hold = Some(Hold { revision, since: Some(at(4000)), by: Some("eve@acme.example".into()) });
    stage.clouds[1].probe = Some(Ok(answer(&target, n)));
}
