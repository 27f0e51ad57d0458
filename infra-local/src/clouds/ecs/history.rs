//! The world as it is when the stand-in starts: each commit deployed in turn, the newest serves.

use std::{collections::VecDeque, time::Duration};

use super::{
    Ecs, REGION, SERVICE,
    definition::Definitions,
    deployment::{Breaker, Rolling, Rollout, ServiceDeployment, ServiceRevision, Status},
    task::{Stage, Task},
};
use serde_json::{Value, json};

use crate::{
    clouds::{Past, images::ECR, logs},
    ids::Ids,
    moment::Moment,
};

/// How long the deployments of the past took.
const TOOK: Duration = Duration::from_secs(164);

impl Ecs {
    /// A service with these deployments behind it, oldest first, the last one serving with `desired` tasks.
    pub fn with_history(past: &[Past], now: Moment, desired: usize, pace: f64, deployment_calls: bool) -> Self {
        let mut ecs = Self {
            deployment_calls,
            definitions: Definitions::default(),
            revisions: Vec::new(),
            deployments: Vec::new(),
            rollings: Vec::new(),
            tasks: Vec::new(),
            events: VecDeque::new(),
            desired,
            created_at: past.first().map_or(now, |first| first.at.before(Duration::from_hours(24 * 30))),
            stable: past.len().saturating_sub(1),
            pace,
            next_start: now,
            ids: Ids::new(0xEC5),
        };
        let mut before = None;
        for (index, entry) in past.iter().enumerate() {
            let image = format!("{ECR}:{}", entry.tag);
            let done = entry.at.after(TOOK);
            let registered_at = entry.at.before(Duration::from_secs(9));
            let definition = ecs.definitions.register(registered_at, SERVICE, &first_definition(&image)).name();
            let revision = ecs.ids.digits();
            ecs.revisions.push(ServiceRevision {
                number: revision,
                definition,
                container: SERVICE.to_owned(),
                image,
                digest: Some(entry.digest.clone()),
                created_at: entry.at,
            });
            let rolling = format!("ecs-svc/{}", ecs.ids.digits());
            let id = ecs.ids.hex(21);
            ecs.deployments.push(ServiceDeployment {
                id,
                status: Status::Successful,
                reason: None,
                sources: before.into_iter().map(|revision| (revision, desired)).collect(),
                target: index,
                rolling: rolling.clone(),
                breaker: Breaker::MonitoringComplete,
                failures: 0,
                rollback: None,
                created_at: entry.at,
                started_at: Some(entry.at.after(Duration::from_secs(2))),
                finished_at: Some(done),
                stopped_at: None,
                updated_at: done,
            });
            before = Some(index);
            ecs.rollings = vec![Rolling {
                reason: format!("ECS deployment {rolling} completed."),
                id: rolling.clone(),
                revision: index,
                rollout: Rollout::Completed,
                failed: 0,
                created_at: entry.at,
                updated_at: done,
                settled_since: None,
            }];
            ecs.say(done, &format!("(deployment {rolling}) deployment completed."));
            ecs.say(done, "has reached a steady state.");
        }
        let (serving, at) = (past.len().saturating_sub(1), past.last().map_or(now, |last| last.at));
        for number in 0..desired {
            let placed = at.after(Duration::from_secs(20 + 60 * u64::try_from(number).unwrap_or(0)));
            let started_by = ecs.primary().id.clone();
            let mut task = Task::new(ecs.ids.hex(32), serving, started_by, placed, placed);
            task.started_at = Some(placed.after(Duration::from_secs(14)));
            task.stage = Stage::Running;
            ecs.tasks.push(task);
        }
        ecs
    }
}

/// What the pipeline registers. It carries an environment value, as real ones do: whoever shows it has a leak.
fn first_definition(image: &str) -> Value {
    json!({
        "containerDefinitions": [{
            "name": SERVICE,
            "image": image,
            "portMappings": [{"containerPort": 8080}],
            "environment": [{"name": "UPSTREAM_TOKEN", "value": "stand-in-value-never-to-be-shown"}],
            "versionConsistency": "enabled",
            "logConfiguration": {"logDriver": "awslogs", "options": {
                "awslogs-group": logs::GROUP, "awslogs-region": REGION, "awslogs-stream-prefix": SERVICE,
            }},
        }],
        "networkMode": "awsvpc",
        "requiresCompatibilities": ["FARGATE"],
        "cpu": "256",
        "memory": "512",
        "executionRoleArn": "hello-execution",
        "tags": [{"key": "team", "value": "hello"}],
    })
}
