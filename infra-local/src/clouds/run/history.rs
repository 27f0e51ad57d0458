//! The world as it is when the stand-in starts: each commit deployed in turn, the newest revision ready.

use std::time::Duration;

use serde_json::{Value, json};

use super::{
    Run, SERVICE, Verdict,
    revision::{Revision, State},
    traffic::Target,
};
use crate::{
    clouds::{Past, images::ARTIFACT_REGISTRY},
    ids::Ids,
    moment::Moment,
};

/// How long the newest revision had served when traffic was held on an older one.
const HELD_AFTER: Duration = Duration::from_mins(25);

impl Run {
    /// A service with these revisions, oldest first. Traffic is held on the one numbered `held` (from 1), else it follows the
    /// newest.
    pub fn with_history(past: &[Past], now: Moment, held: Option<usize>, pace: f64) -> Self {
        let mut ids = Ids::new(0xC10D);
        let mut revisions = Vec::new();
        for (index, entry) in past.iter().enumerate() {
            let image = format!("{ARTIFACT_REGISTRY}:{}", entry.tag);
            revisions.push(Revision {
                name: format!("{SERVICE}-{:05}-{}", index + 1, ids.suffix()),
                template: template(&image),
                image,
                digest: Some(entry.digest.clone()),
                created_at: entry.at,
                updated_at: entry.at,
                generation: index as u64 + 1,
                state: State::Ready,
                instance: None,
                idle_since: None,
                instances_made: 0,
            });
        }
        let newest = revisions.len().saturating_sub(1);
        let traffic = held
            .and_then(|number| revisions.get(number.checked_sub(1)?))
            .map_or_else(Target::latest, |revision| Target::pinned(&revision.name));
        let generation = revisions.len() as u64 + u64::from(held.is_some());
        // Traffic was held after the newest revision had been made: the last write is that one.
        let held_after = if held.is_some() { HELD_AFTER } else { Duration::ZERO };
        let at = past.last().map_or(now, |last| last.at.after(held_after));
        let mut run = Self {
            generation,
            observed: generation,
            template: revisions.last().map_or(Value::Null, |revision| revision.template.clone()),
            traffic: vec![traffic.clone()],
            statuses: vec![traffic],
            revisions,
            latest_ready: newest,
            verdict: Verdict::Succeeded,
            reconcile: None,
            operations: Vec::new(),
            created_at: past.first().map_or(now, |first| first.at),
            updated_at: at,
            last_modifier: "maria.lindt@acme.example".to_owned(),
            etag: 0xE7A6,
            pace,
            ids,
        };
        for (index, _) in run.shares() {
            run.revisions[index].start_instance();
        }
        run
    }
}

fn template(image: &str) -> Value {
    json!({
        "containers": [{
            "image": image,
            "resources": {"limits": {"cpu": "1", "memory": "128Mi"}, "cpuIdle": true, "startupCpuBoost": true},
            "ports": [{"name": "http1", "containerPort": 8080}],
            "startupProbe": {"timeoutSeconds": 1, "periodSeconds": 1, "failureThreshold": 3, "httpGet": {"path": "/readyz", "port": 8080}},
        }],
        "scaling": {"minInstanceCount": 1, "maxInstanceCount": 4},
        "timeout": "30s",
        "serviceAccount": "hello@acme-local.iam.gserviceaccount.com",
        "maxInstanceRequestConcurrency": 80,
    })
}
