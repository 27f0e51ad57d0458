//! Over the wire and straight from the state machine the same is seen: at rest, after a redeploy, and after a rollback.

use hello_cloud::{Change, ProviderError, Revision, RevisionId, Section, Snapshot};

use crate::bench::{Bench, Cloud, Face};

/// What must be the same: everything but times, ids that are made up anew, and prose.
fn told(seen: &Snapshot) -> Vec<String> {
    let name = |id: &RevisionId| seen.revision(id).map_or_else(|| format!("unlisted {id:?}"), |r| r.name.show());
    let mut told = vec![
        format!("readiness {:?} {:?}", seen.readiness.state, seen.readiness.word),
        format!("wanted {:?}", seen.wanted.as_ref().map(name)),
        format!("hold {:?}", seen.hold.as_ref().map(|hold| name(&hold.revision))),
        format!("instances {:?}", seen.instances),
        format!("failures {:?}", seen.failures.as_ref().map(Vec::len).map_err(kind)),
    ];
    for serving in &seen.serving {
        told.push(format!("serving {} {:?} {:?}", name(&serving.revision), serving.share, serving.running));
    }
    let resolution = seen.resolution.as_ref().map(|r| r.as_ref().map(|r| (&r.reference, &r.digest, &r.commit)));
    told.push(format!("resolution {:?}", resolution.map_err(kind)));
    each("deployment", &seen.deployments, &mut told, |deployment| {
        let from: Vec<_> = deployment.from.iter().map(name).collect();
        format!(
            "{:?} {:?} to {:?} from {from:?} started {} stoppable {}",
            deployment.state.state,
            deployment.state.word,
            deployment.to.as_ref().map(name),
            deployment.started.len(),
            deployment.stoppable,
        )
    });
    each("revision", &seen.revisions, &mut told, |revision: &Revision| {
        let (image, commit) = (&revision.image, &revision.commit);
        let (state, served) = (&revision.state, revision.served);
        format!(
            "{:?} {image:?} {commit:?} {:?} {:?} served {served:?} gone {} exact {}",
            revision.name,
            state.state,
            state.word,
            revision.gone.is_some(),
            revision.exact,
        )
    });
    told
}

fn kind(error: &ProviderError) -> String {
    format!("{:?} in {}", error.kind, error.call)
}

fn each<T>(what: &str, section: &Section<Vec<T>>, told: &mut Vec<String>, say: impl Fn(&T) -> String) {
    match section {
        Ok(items) => told.extend(items.iter().map(|item| format!("{what} {}", say(item)))),
        Err(error) => told.push(format!("{what}: {}", kind(error))),
    }
}

/// The three views of one face. Made-up names of new revisions are cut, which differ in every run.
async fn views(cloud: Cloud, face: Face, scenario: &str) -> Vec<Vec<String>> {
    let bench = Bench::new(cloud, face, scenario).await;
    let before = bench.observe().await;
    let mut views = vec![told(&before)];
    for change in [
        Change::Redeploy,
        Change::Rollback { to: before.revisions.as_ref().ok().and_then(|r| Some(r.get(1)?.id.clone())).unwrap() },
    ] {
        let started = bench.start(change).await;
        bench.settled(&started).await;
        let calm = |seen: &Snapshot| {
            let instances = seen.instances.is_none_or(|instances| instances.running == instances.desired);
            instances && seen.serving.len() == 1 && seen.current.as_ref().unwrap().state.state.is_settled()
        };
        let mut seen = told(&bench.until(None, "calm", calm).await);
        // Instances that gave way may still be draining: what was started is told by the contract.
        for line in &mut seen {
            if let Some((kept, _)) = line.split_once(" started ") {
                *line = kept.to_owned();
            }
        }
        views.push(seen);
    }
    bench.stop().await;
    views
}

async fn agree(cloud: Cloud, scenario: &str) {
    let (wire, direct) = tokio::join!(views(cloud, Face::Wire, scenario), views(cloud, Face::Direct, scenario));
    for (moment, (wire, direct)) in ["at rest", "redeployed", "rolled back"].iter().zip(wire.iter().zip(&direct)) {
        assert!(wire.len() > 8, "{wire:#?}");
        for (wire, direct) in wire.iter().zip(direct) {
            assert_eq!(wire, direct, "{cloud:?} {scenario}, {moment}: wire, then direct");
        }
        assert_eq!(wire.len(), direct.len(), "{cloud:?} {scenario}, {moment}: {wire:#?} {direct:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ecs_is_seen_the_same_over_the_wire_and_directly() {
    tokio::join!(agree(Cloud::Ecs, "steady"), agree(Cloud::Ecs, "tag-moved"), agree(Cloud::Ecs, "no-history"));
}

#[tokio::test(flavor = "multi_thread")]
async fn cloud_run_is_seen_the_same_over_the_wire_and_directly() {
    tokio::join!(agree(Cloud::CloudRun, "steady"), agree(Cloud::CloudRun, "tag-moved"), agree(Cloud::CloudRun, "held"));
}
