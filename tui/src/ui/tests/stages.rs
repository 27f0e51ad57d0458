//! The states of the data that the screen must be able to show, each by its name.

use std::time::Duration;

use hello_cloud::{
    BuildState, DeploymentState, ErrorKind, Identity, InstanceId, Instances, ProviderError, Readiness, Reported,
    Resolution, RevisionId, Slowed, TargetHealth, TargetState,
};

use super::fixture::{
    COMMITS, Stage, answer, at, build, cloud_run, deployment, digest, ecs, hold, name, revision, snapshot,
};
use crate::app::{
    Command, Event, Row, Target,
    operation::Kind,
    probe::Failure,
    state::{Pane, Tone},
};

/// Nothing was answered yet, for two seconds.
pub fn loading() -> Stage {
    let mut stage = Stage::new(vec![ecs(), cloud_run()]);
    for cloud in &mut stage.clouds {
        cloud.snapshot = None;
        cloud.builds = None;
        cloud.probe = None;
    }
    stage.pass(2);
    stage
}

/// Both clouds answer, and there is nothing in any list.
pub fn empty() -> Stage {
    let mut stage = Stage::good();
    for cloud in 0..2 {
        let seen = stage.snapshot(cloud);
        seen.revisions = Ok(vec![]);
        seen.deployments = Ok(vec![]);
        seen.events = Ok(vec![]);
        seen.failures = Ok(vec![]);
        seen.current = None;
        stage.clouds[cloud].builds = Some(Ok(vec![]));
    }
    stage.pass(40);
    stage.state.selected = Row::Group(0);
    stage
}

/// The filter leaves no target.
pub fn filtered() -> Stage {
    let mut stage = Stage::good();
    stage.command(Command::Filter);
    "azure".chars().for_each(|c| stage.happen(Event::Typed(c)));
    stage
}

pub fn good() -> Stage {
    Stage::good()
}

/// ECS is being redeployed by us; Cloud Run deploys by itself; one part may not be read.
pub fn busy() -> Stage {
    let mut stage = Stage::good();
    stage.command(Command::Plan(Kind::Redeploy));
    stage.seen();
    stage.pass(1);
    stage.command(Command::Accept);
    let mut running = deployment(4, DeploymentState::Progressing);
    running.created_at = Some(at(-121));
    running.instances = Some(Instances { desired: 2, running: 1, pending: 1 });
    for (cloud, target) in [ecs(), cloud_run()].iter().enumerate() {
        let seen = stage.snapshot(cloud);
        let mut running = running.clone();
        if cloud == 1 {
            running.instances = None;
        }
        seen.current = Some(running.clone());
        seen.wanted = Some(RevisionId::new("rev/4"));
        seen.revisions.as_mut().unwrap().insert(0, revision(target, 4));
        seen.deployments.as_mut().unwrap().insert(0, running);
    }
    stage.clouds[0].builds = Some(Ok(vec![build(5, BuildState::Running), build(4, BuildState::Succeeded)]));
    stage.pass(31);
    stage.command(Command::NextPane);
    stage
}

/// One cloud does not answer any more, and the service on it does not either.
pub fn stale() -> Stage {
    let mut stage = Stage::good();
    let error = ProviderError::new(ErrorKind::Unavailable, "run.services.get", "connection refused");
    stage.clouds[1].snapshot = Some(Err(error));
    stage.clouds[1].probe = None;
    stage.state.selected = Row::Target(1);
    stage.pass(95);
    stage
}

/// Nobody is signed in at one cloud, from the start; at the other one part is denied and the service answers 500.
pub fn error() -> Stage {
    let mut stage = Stage::good();
    let auth =
        ProviderError::new(ErrorKind::Auth, "sts:AssumeRole", "the sign-in has expired").hint("run: aws sso login");
    stage.clouds[0].snapshot = Some(Err(auth.clone()));
    stage.clouds[0].builds = Some(Err(ProviderError::new(ErrorKind::Denied, "GET /repos/acme/hello/actions", "403")));
    let denied = ProviderError::new(ErrorKind::Denied, "run.revisions.list", "caller lacks run.revisions.list")
        .hint("grant roles/run.viewer");
    stage.snapshot(1).revisions = Err(denied);
    stage.clouds[1].probe = Some(Err(Failure::Wrong("500 Internal Server Error".into())));
    let clouds = std::mem::take(&mut stage.clouds);
    let mut stage = Stage::with(vec![ecs(), cloud_run()], clouds);
    stage.pass(30);
    stage.state.selected = Row::Group(0);
    stage
}

/// Traffic is held on the revision before.
pub fn held() -> Stage {
    let mut stage = Stage::good();
    hold(&mut stage, 2);
    stage.state.selected = Row::Target(1);
    stage.pass(60);
    stage
}

/// The tag now means another build, on both clouds.
pub fn moved_tag() -> Stage {
    let mut stage = Stage::good();
    for cloud in 0..2 {
        stage.snapshot(cloud).resolution = Ok(Some(Resolution {
            reference: "acme/hello:staging".into(),
            digest: digest(4),
            commit: hello_cloud::Commit::parse(COMMITS[3]),
            pushed_at: Some(at(100)),
        }));
    }
    stage.pass(10);
    stage.state.selected = Row::Group(0);
    stage.command(Command::Plan(Kind::Redeploy));
    stage.seen();
    stage.pass(1);
    stage
}

/// A rollback of both, with revisions that cannot be returned to.
pub fn rollback_both() -> Stage {
    let mut stage = Stage::good();
    for (cloud, target) in [ecs(), cloud_run()].iter().enumerate() {
        let revisions = stage.snapshot(cloud).revisions.as_mut().unwrap();
        revisions[1].gone = Some("its image is gone from the registry".into());
        let mut newer = revision(target, 4);
        newer.served = Some(false);
        revisions.insert(0, newer);
    }
    stage.pass(10);
    stage.state.selected = Row::Group(0);
    stage.command(Command::Plan(Kind::Rollback));
    stage.seen();
    stage
}

/// A protected target, and half of its name typed.
pub fn typed_name() -> Stage {
    let mut stage = Stage::new(vec![Target { protected: true, environment: "production".into(), ..ecs() }]);
    stage.pass(60);
    stage.command(Command::Plan(Kind::Redeploy));
    stage.seen();
    stage.pass(1);
    "hel".chars().for_each(|c| stage.happen(Event::Typed(c)));
    stage
}

/// Nothing can be done on a held target.
pub fn blocked() -> Stage {
    let mut stage = held();
    stage.command(Command::Plan(Kind::Redeploy));
    stage.seen();
    stage
}

pub fn help() -> Stage {
    let mut stage = Stage::good();
    stage.command(Command::Help);
    stage
}

/// Notes about what ended.
pub fn notes() -> Stage {
    let mut stage = Stage::good();
    stage.state.toast(Tone::Good, "redeploy ECS: verified");
    let text = "redeploy Cloud Run: failed: still serving hello-00003-x7q: the container did not start and listen on \
                the port it was given within the time it was given";
    stage.state.toast(Tone::Bad, text);
    stage.state.toast(Tone::Neutral, "no traffic is held on ECS");
    stage
}

/// Names as long as clouds allow, and longer.
pub fn long_names() -> Stage {
    let long = "a-service-with-a-name-that-is-as-long-as-the-cloud-allows-it-to-be";
    let mut stage = named(long, "an-environment-with-a-long-name", "hello-service-with-a-name-of-its-own-00042-abc");
    stage.state.selected = Row::Target(1);
    stage
}

/// Names in characters that take two cells.
pub fn wide_characters() -> Stage {
    named("東京サービス", "本番🚀環境", "東京サービス-00003-猫")
}

/// Names that try to drive the terminal.
pub fn hostile() -> Stage {
    let mut stage = named("hel\u{1b}[31mlo", "stag\u{202e}ing", "rev\u{1b}]0;owned\u{7}\u{200b}-3");
    stage.state.pane = Pane::Events;
    stage
}

fn named(service: &str, environment: &str, revision_name: &str) -> Stage {
    let rename = |target: Target| Target { service: service.into(), environment: environment.into(), ..target };
    let targets = vec![rename(ecs()), rename(cloud_run())];
    let mut stage = Stage::new(targets);
    for (cloud, target) in [ecs(), cloud_run()].iter().enumerate() {
        let mut seen = snapshot(target);
        seen.revisions.as_mut().unwrap()[0].name = revision_name.into();
        seen.events.as_mut().unwrap()[0].message = format!("{revision_name} is {service}").into();
        seen.changed_by = Some(service.into());
        stage.clouds[cloud].snapshot = Some(Ok(seen));
        let mut said = answer(target, 3);
        said.revision = Some(revision_name.into());
        stage.clouds[cloud].probe = Some(Ok(said));
        stage.clouds[cloud].builds = Some(Ok(vec![hello_cloud::Build {
            title: revision_name.into(),
            branch: Some(service.into()),
            ..build(3, BuildState::Succeeded)
        }]));
    }
    stage.pass(60);
    stage
}

/// Two services on both clouds, each in another trouble.
fn troubled() -> Stage {
    let mut targets = vec![ecs(), cloud_run()];
    targets.extend([ecs(), cloud_run()].map(|target| Target { service: "greeter".into(), ..target }));
    let mut stage = Stage::new(targets);
    stage.pass(240);
    stage.clouds[1].probe = Some(Err(Failure::Wrong("500 Internal Server Error".into())));
    let mut running = deployment(4, DeploymentState::Progressing);
    running.created_at = Some(at(-230));
    stage.snapshot(2).current = Some(running);
    stage.snapshot(2).revisions.as_mut().unwrap().insert(0, revision(&ecs(), 4));
    stage.clouds[3].latencies = vec![1400, 700, 1900, 300];
    let seen = stage.snapshot(0);
    seen.readiness = Reported::new(Readiness::Partly, "PARTLY");
    seen.instances = Some(Instances { desired: 3, running: 2, pending: 1 });
    stage.pass(40);
    stage
}

pub fn trouble() -> Stage {
    troubled()
}

/// What stands beside ECS: a load balancer with one target that fails, a budget that is not whole, and a name.
pub fn beside() -> Stage {
    let mut stage = Stage::new(vec![ecs(), cloud_run()]);
    let target = |id: &str, state, word: &str, why: Option<&str>| TargetHealth {
        group: "hello".into(),
        id: id.into(),
        port: Some(8080),
        state: Reported::new(state, word).because(why),
        instance: Some(InstanceId::new("4f1c2a")),
    };
    let seen = stage.snapshot(0);
    seen.targets = Ok(Some(vec![
        target("10.0.1.8", TargetState::Unhealthy, "unhealthy", Some("Target.ResponseCodeMismatch: codes [503]")),
        target("10.0.1.9", TargetState::Draining, "draining", None),
        target("10.0.1.7", TargetState::Healthy, "healthy", None),
    ]));
    seen.slowed = Some(Slowed { waited: Duration::from_millis(820), rate: 2.5, usual: 20.0, pause: Duration::ZERO });
    stage.snapshot(1).targets = Err(ProviderError::new(ErrorKind::Denied, "test:Targets", "no"));
    stage.clouds[0].identity = Some(Identity {
        name: Some("arn:aws:sts::123456789012:assumed-role/dev/ann".into()),
        account: "123456789012".into(),
        source: "sts:GetCallerIdentity",
    });
    stage.pass(60);
    stage.state.pane = Pane::Events;
    stage
}

/// The board with two targets.
pub fn board() -> Stage {
    let mut stage = Stage::good();
    stage.pass(240);
    stage.command(Command::Board);
    stage
}

/// The board with four targets, each in another trouble.
pub fn board_in_trouble() -> Stage {
    let mut stage = troubled();
    stage.command(Command::Board);
    stage
}

/// A plan on which fresh facts are still awaited.
pub fn planning() -> Stage {
    let mut stage = Stage::good();
    stage.clouds[0].snapshot = None;
    stage.pass(20);
    stage.command(Command::Plan(Kind::Rollback));
    stage.now += Duration::from_millis(500);
    stage.happen(Event::Ticked);
    stage
}

/// A service whose clouds serve different commits.
pub fn ahead() -> Stage {
    let mut stage = Stage::good();
    stage.clouds[1].probe = Some(Ok(answer(&cloud_run(), 2)));
    let seen = stage.snapshot(1);
    seen.serving[0].revision = RevisionId::new("rev/2");
    seen.wanted = Some(RevisionId::new("rev/2"));
    seen.revisions.as_mut().unwrap().remove(0);
    assert_eq!(seen.revisions.as_ref().unwrap()[0].name.show(), name(&cloud_run(), 2));
    stage.pass(20);
    stage
}
