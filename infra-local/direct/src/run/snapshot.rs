//! What is seen of Cloud Run: one look at the state machine, as far as the calls were answered.

use std::collections::BTreeMap;

use hello_cloud::{
    DeploymentId, Fact, Fingerprint, Hold, Readiness, Reported, RevisionId, Section, Serving, Snapshot, Standing,
    Summary,
};
use hello_local::{
    Moment,
    clouds::{
        Clouds,
        run::{
            Run, Verdict,
            traffic::{Allocation, Target},
        },
    },
};

use super::{IMAGES, Sent, deployments, entries, revisions};
use crate::image::{self, at};

/// How the calls of one observation went.
pub struct Seen {
    /// The registry.
    pub images: Section<()>,
    /// The logs.
    pub events: Section<()>,
    /// The revisions.
    pub revisions: Section<()>,
    /// Index of the followed operation.
    pub followed: Section<Option<usize>>,
    /// What somebody follows.
    pub follow: Option<DeploymentId>,
    /// The changes that were sent, by generation.
    pub aims: BTreeMap<u64, Sent>,
}

/// The id of a revision, by its index.
pub fn id(run: &Run, index: usize) -> Option<RevisionId> {
    Some(RevisionId::new(run.revisions.get(index)?.name.clone()))
}

/// The snapshot.
pub fn snapshot(clouds: &Clouds, now: Moment, seen: &Seen) -> Snapshot {
    let run = clouds.run_seen(now);
    let shares = run.shares();
    let whole = shares.iter().map(|(_, percent)| percent).sum::<u32>() == 100;
    let serving = shares.iter().filter_map(|(index, percent)| {
        let share = u8::try_from(*percent).ok().filter(|_| whole);
        Some(Serving { revision: id(run, *index)?, share, running: None })
    });
    let resolution = seen.images.clone().and_then(|()| {
        let image = run.template["containers"][0]["image"].as_str().unwrap_or_default();
        image::resolve(&clouds.images, image, IMAGES)
    });
    Snapshot {
        url: None,
        readiness: readiness(run),
        wanted: id(run, run.latest_created()),
        serving: serving.collect(),
        hold: held(run).map(|revision| Hold {
            revision,
            since: Some(at(run.updated_at)),
            by: Some(run.last_modifier.clone().into()),
        }),
        instances: None,
        current: Some(deployments::current(run, seen)),
        deployments: deployments::section(run, seen),
        revisions: revisions::section(run, &clouds.images, seen),
        resolution,
        events: seen.events.clone().map(|()| entries::events(clouds, &run.name)),
        failures: revisions::failures(run, seen),
        targets: Ok(None),
        slowed: None,
        changed_by: Some(run.last_modifier.clone().into()),
        facts: vec![Fact { label: "generation", value: run.generation.to_string().into() }],
        fingerprint: Fingerprint::new(run.etag()),
    }
}

/// How a service stands.
pub fn summary(run: &Run) -> Summary {
    let standing = Standing {
        readiness: readiness(run),
        wanted: id(run, run.latest_created()).map(|wanted| wanted.as_str().into()),
        instances: None,
        url: None,
    };
    Summary { name: run.name.as_str().into(), standing: Ok(standing) }
}

/// The word for how the whole is, and why.
pub fn readiness(run: &Run) -> Reported<Readiness> {
    if run.is_reconciling() {
        return Reported::new(Readiness::Pending, "reconciling");
    }
    match &run.verdict {
        Verdict::Succeeded => Reported::new(Readiness::Ready, "CONDITION_SUCCEEDED"),
        // What served before still does.
        Verdict::Failed { reason, message } => {
            Reported::new(Readiness::Partly, "CONDITION_FAILED").because(Some(format!("{reason}: {message}")))
        }
    }
}

/// Where traffic is held: nothing of it follows the newest revision.
pub fn held(run: &Run) -> Option<RevisionId> {
    let with_traffic = || run.traffic.iter().filter(|target| target.percent > 0);
    let named = |target: &Target| match &target.allocation {
        Allocation::Latest => None,
        Allocation::Revision(name) => Some(RevisionId::new(name.clone())),
    };
    if with_traffic().any(|target| named(target).is_none()) {
        return None;
    }
    with_traffic().max_by_key(|target| target.percent).and_then(named)
}
