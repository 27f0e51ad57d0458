//! The world as it is when the stand-in starts: each commit deployed in turn, the newest revision ready.

use std::time::Duration;

use serde_json::{Value, json};

use super::{
    Run, SERVICE, Verdict, policy,
    revision::{Revision, State},
    services::ids_of,
    template,
    traffic::Target,
};
use crate::{
    clouds::{
        Past,
        images::{ARTIFACT_REGISTRY, Images},
    },
    ids::{Ids, seed_of},
    moment::Moment,
    scenario::World,
};

/// How long the newest revision had served when traffic was held on an older one.
const HELD_AFTER: Duration = Duration::from_mins(25);
/// Who made everything that was there before.
const MAKER: &str = "maria.lindt@acme.example";

impl Run {
    /// A service with these revisions, oldest first. Traffic is held on the one numbered `held` (from 1), else it follows the
    /// newest.
    pub fn with_history(past: &[Past], now: Moment, world: &World) -> Self {
        let (held, pace) = (world.held, world.run_pace);
        let mut ids = Ids::new(0xC10D);
        let mut revisions = Vec::new();
        for (index, entry) in past.iter().enumerate() {
            let image = format!("{ARTIFACT_REGISTRY}:{}", entry.tag);
            let name = format!("{SERVICE}-{:05}-{}", index + 1, ids.suffix());
            let generation = index as u64 + 1;
            revisions.push(ready(name, template_of(&image, 1), entry, generation));
        }
        let newest = revisions.len().saturating_sub(1);
        let before = newest.checked_sub(1).and_then(|before| revisions.get(before)).map(|before| &before.name);
        let held = held.and_then(|number| revisions.get(number.checked_sub(1)?)).map(|revision| &revision.name);
        let traffic = match (held, before, world.split) {
            (Some(name), _, _) => vec![Target::pinned(name)],
            (None, Some(before), Some(percent)) => {
                let older = Target { percent, ..Target::pinned(before) };
                vec![Target { percent: 100 - percent, ..Target::latest() }, older]
            }
            (None, _, _) => vec![Target::latest()],
        };
        let moved = traffic != [Target::latest()];
        let generation = revisions.len() as u64 + u64::from(moved);
        // Traffic was moved after the newest revision had been made: the last write is that one.
        let held_after = if moved { HELD_AFTER } else { Duration::ZERO };
        let at = past.last().map_or(now, |last| last.at.after(held_after));
        let mut run = Self {
            name: SERVICE.to_owned(),
            uid: Ids::new(seed_of(SERVICE)).uuid(),
            settings: json!({"ingress": "INGRESS_TRAFFIC_ALL", "client": "cloud-console"}),
            generation,
            observed: generation,
            template: revisions.last().map_or(Value::Null, |revision| revision.template.clone()),
            named: None,
            traffic: traffic.clone(),
            statuses: traffic,
            revisions,
            latest_ready: newest,
            verdict: Verdict::Succeeded,
            reconcile: None,
            operations: Vec::new(),
            created_at: past.first().map_or(now, |first| first.at),
            updated_at: at,
            creator: MAKER.to_owned(),
            last_modifier: MAKER.to_owned(),
            deleted_at: None,
            gone: false,
            policy: policy::empty(),
            processes: true,
            revisions_made: past.len(),
            etag: 0xE7A6,
            pace,
            ids,
        };
        for (index, _) in run.shares() {
            run.revisions[index].start_instance();
        }
        run
    }

    /// A service without processes, scaled to nothing, that runs what was deployed first.
    pub fn asleep(name: &str, past: &Past, created_at: Moment, pace: f64) -> Self {
        let mut ids = ids_of(name);
        let entry = Past { at: created_at, ..past.clone() };
        let template = template_of(&format!("{ARTIFACT_REGISTRY}:{}", past.tag), 0);
        let revision = ready(format!("{name}-00001-{}", ids.suffix()), template.clone(), &entry, 1);
        Self {
            name: name.to_owned(),
            uid: ids.uuid(),
            // Nobody answers for it, so it has no address either.
            settings: json!({
                "ingress": "INGRESS_TRAFFIC_INTERNAL_ONLY", "defaultUriDisabled": true, "client": "terraform",
            }),
            generation: 1,
            observed: 1,
            template,
            named: None,
            traffic: vec![Target::latest()],
            statuses: vec![Target::latest()],
            revisions: vec![revision],
            latest_ready: 0,
            verdict: Verdict::Succeeded,
            reconcile: None,
            operations: Vec::new(),
            created_at,
            updated_at: created_at,
            creator: MAKER.to_owned(),
            last_modifier: MAKER.to_owned(),
            deleted_at: None,
            gone: false,
            policy: policy::empty(),
            processes: false,
            revisions_made: 1,
            etag: seed_of(name),
            pace,
            ids,
        }
    }
}

/// A revision that proved itself long ago.
fn ready(name: String, template: Value, past: &Past, generation: u64) -> Revision {
    let nothing = Images::default();
    Revision {
        digest: Some(past.digest.clone()),
        state: State::Ready,
        creator: MAKER.to_owned(),
        ..Revision::new(name, template, &nothing, past.at, generation)
    }
}

fn template_of(image: &str, least: u32) -> Value {
    let mut template = json!({
        "containers": [{
            "image": image,
            "resources": {"limits": {"cpu": "1", "memory": "128Mi"}, "cpuIdle": true, "startupCpuBoost": true},
            "ports": [{"name": "http1", "containerPort": 8080}],
            "startupProbe": {"timeoutSeconds": 1, "periodSeconds": 1, "failureThreshold": 3, "httpGet": {"path": "/readyz", "port": 8080}},
        }],
        "scaling": {"minInstanceCount": least, "maxInstanceCount": 4},
        "timeout": "30s",
        "serviceAccount": "hello@acme-local.iam.gserviceaccount.com",
        "maxInstanceRequestConcurrency": 80,
    });
    if least == 0
        && let Some(scaling) = template["scaling"].as_object_mut()
    {
        scaling.remove("minInstanceCount");
    }
    template::fill_in(&mut template);
    template
}
