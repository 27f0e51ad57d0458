//! What is seen of ECS: one look at the state machine, as far as the calls were answered.

use std::collections::BTreeMap;

use hello_cloud::{
    CloudEvent, DeploymentId, Fact, Fingerprint, InstanceId, Instances, ProviderError, Readiness, Reported, Resolution,
    Section, Serving, Snapshot, Standing, Summary, TargetHealth, TargetState,
};
use hello_local::clouds::{
    Clouds,
    ecs::{deployment::Rollout, task::Task},
    elb::group_arn,
    images::Images,
};

use super::{IMAGES, View, deployments, revisions};
use crate::image;

/// How the calls of one observation went.
pub struct Seen {
    /// Whether there is a history.
    pub history: Section<bool>,
    /// The revisions in it.
    pub revisions: Section<()>,
    /// Which definitions are active.
    pub definitions: Section<()>,
    /// The tasks.
    pub tasks: Section<()>,
    /// The registry.
    pub images: Section<()>,
    /// The load balancer.
    pub targets: Section<()>,
    /// The deployment somebody follows.
    pub follow: Option<DeploymentId>,
}

impl Seen {
    /// Whether the service has service deployments and revisions; one that could not be read has.
    pub fn has_history(&self) -> bool {
        self.history.as_ref().is_ok_and(|has| *has) || self.history.is_err()
    }
}

/// Running and starting tasks among those that `of` picks.
pub fn count(ecs: View<'_>, of: impl Fn(&Task) -> bool) -> Instances {
    let number = |is: fn(&Task) -> bool| {
        u32::try_from(ecs.tasks.iter().filter(|task| of(task) && is(task)).count()).unwrap_or(u32::MAX)
    };
    let desired = u32::try_from(ecs.desired).unwrap_or(u32::MAX);
    Instances { desired, running: number(Task::is_running), pending: number(Task::is_starting) }
}

/// What a change is bound to: the deployment in force and the definition wished for.
pub fn fingerprint(ecs: View<'_>) -> Fingerprint {
    Fingerprint::new(format!("{}|{}", current_id(ecs).as_str(), revisions::wished(ecs)))
}

/// The deployment in force, by the name it can be followed by.
pub fn current_id(ecs: View<'_>) -> DeploymentId {
    DeploymentId::new(if ecs.all.deployment_calls { ecs.current().arn() } else { ecs.primary().id.clone() })
}

/// The snapshot.
pub fn snapshot(clouds: &Clouds, ecs: View<'_>, seen: &Seen) -> Snapshot {
    let mut running: BTreeMap<usize, u32> = BTreeMap::new();
    for task in ecs.tasks.iter().filter(|task| task.is_running()) {
        *running.entry(task.revision).or_default() += 1;
    }
    let weights: Vec<_> = running.keys().map(|revision| weight(ecs, *revision)).collect();
    let whole = weights.iter().flatten().map(|share| u32::from(*share)).sum::<u32>() == 100;
    let mut serving: Vec<Serving> = Vec::new();
    for (revision, n) in running {
        let share = weight(ecs, revision).filter(|_| whole);
        let revision = revisions::id(ecs, seen, revision);
        match serving.iter_mut().find(|serving| serving.revision == revision) {
            // Without a history several revisions are one definition.
            Some(known) => known.running = known.running.map(|known| known + n),
            None => serving.push(Serving { revision, share, running: Some(n) }),
        }
    }
    serving.sort_by_key(|serving| std::cmp::Reverse((serving.share, serving.running)));
    Snapshot {
        url: None,
        readiness: readiness(ecs),
        wanted: Some(revisions::id(ecs, seen, ecs.primary().revision)),
        hold: None,
        instances: Some(count(ecs, |_| true)),
        current: Some(deployments::current(ecs, seen)),
        deployments: deployments::section(ecs, seen),
        revisions: revisions::section(ecs, &clouds.images, seen, &serving),
        resolution: resolution(ecs, &clouds.images, seen),
        events: Ok(ecs.events.iter().map(|event| said(image::at(event.at), event.message.clone())).collect()),
        failures: failures(ecs, &seen.tasks),
        targets: targets(clouds, ecs, &seen.targets),
        slowed: None,
        changed_by: None,
        facts: facts(seen),
        fingerprint: fingerprint(ecs),
        serving,
    }
}

/// Percent of requests of a revision, where old and new ones stand side by side.
fn weight(ecs: View<'_>, revision: usize) -> Option<u8> {
    let current = ecs.current();
    let new = if current.rules.side_by_side() { current.production } else { return None };
    let weight = if revision == current.target { new } else { 100.0 - new };
    (0..=100).find(|percent| (f64::from(*percent) - weight).abs() <= 0.5)
}

fn said(at: hello_cloud::Timestamp, message: String) -> CloudEvent {
    CloudEvent { at: Some(at), message: message.into(), by: None }
}

fn facts(seen: &Seen) -> Vec<Fact> {
    let mut facts = vec![Fact { label: "status", value: "ACTIVE".into() }];
    if let Err(error) = &seen.definitions {
        facts.push(Fact { label: "definitions not read", value: error.to_string().into() });
    }
    facts
}

fn readiness(ecs: View<'_>) -> Reported<Readiness> {
    let counted = count(ecs, |_| true);
    let (rollout, said) = (ecs.primary().rollout, ecs.primary().reason.clone());
    let short = format!("{} of {} tasks running", counted.running, counted.desired);
    let (state, reason) = match rollout {
        Rollout::InProgress => (Readiness::Pending, Some(said)),
        Rollout::Completed | Rollout::Failed if counted.running == 0 && counted.desired > 0 => {
            (Readiness::NotReady, Some(short))
        }
        Rollout::Failed => (Readiness::Partly, Some(said)),
        Rollout::Completed if counted.running < counted.desired => (Readiness::Partly, Some(short)),
        Rollout::Completed => (Readiness::Ready, None),
    };
    Reported::new(state, format!("ACTIVE, rollout {}", rollout.word())).because(reason)
}

fn resolution(ecs: View<'_>, images: &Images, seen: &Seen) -> Result<Option<Resolution>, ProviderError> {
    seen.images.clone()?;
    image::resolve(images, &ecs.revisions[ecs.primary().revision].image(), IMAGES)
}

/// Why tasks ended, newest first; those that a rollout replaced are left out.
fn failures(ecs: View<'_>, tasks: &Section<()>) -> Section<Vec<CloudEvent>> {
    tasks.clone()?;
    let ended = ecs.tasks.iter().filter_map(|task| Some((task.stopped_at?, task, task.stop.as_ref()?)));
    let failed = ended.filter(|(_, _, stop)| !stop.reason.starts_with("Scaling activity initiated by"));
    let mut events: Vec<_> = failed
        .map(|(at, task, stop)| said(image::at(at), format!("task {}; {}; {}", task.id, stop.code, stop.reason)))
        .collect();
    events.sort_by_key(|event| std::cmp::Reverse(event.at));
    Ok(events)
}

/// What the load balancer says of each address, the worst first.
fn targets(clouds: &Clouds, ecs: View<'_>, seen: &Section<()>) -> Section<Option<Vec<TargetHealth>>> {
    seen.clone()?;
    let Ok(group) = clouds.elb.group(&group_arn()) else { return Ok(None) };
    let mut targets: Vec<_> = clouds
        .elb
        .health(group)
        .map(|(target, health)| {
            let state = match health.state {
                "healthy" => TargetState::Healthy,
                "initial" => TargetState::Initial,
                "unhealthy" => TargetState::Unhealthy,
                "draining" => TargetState::Draining,
                _ => TargetState::Unused,
            };
            let why = health.reason.map(|reason| match &health.description {
                Some(prose) => format!("{reason}: {prose}"),
                None => reason.to_owned(),
            });
            let task = ecs.tasks.iter().find(|task| task.is_running() && task.address() == target.id);
            TargetHealth {
                group: group.name.as_str().into(),
                id: target.id.as_str().into(),
                port: Some(target.port),
                state: Reported::new(state, health.state).because(why),
                instance: task.map(|task| InstanceId::new(task.id.clone())),
            }
        })
        .collect();
    targets.sort_by(|a, b| (rank(a.state.state), &a.id, a.port).cmp(&(rank(b.state.state), &b.id, b.port)));
    Ok(Some(targets))
}

fn rank(state: TargetState) -> u8 {
    match state {
        TargetState::Unhealthy => 0,
        TargetState::Unknown | TargetState::Unused => 1,
        TargetState::Initial => 2,
        TargetState::Draining => 3,
        TargetState::Healthy => 4,
    }
}

/// How a service stands.
pub fn summary(ecs: View<'_>) -> Summary {
    let standing = Standing {
        readiness: readiness(ecs),
        wanted: Some(ecs.revisions[ecs.primary().revision].definition.as_str().into()),
        instances: Some(count(ecs, |_| true)),
        url: None,
    };
    Summary { name: ecs.key.name.as_str().into(), standing: Ok(standing) }
}
