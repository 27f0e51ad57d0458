//! The world as it is when the stand-in starts: each commit deployed in turn, the newest serves.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use serde_json::{Value, json};

use super::{
    ACCOUNT, CLUSTER, Ecs, Key, REGION, SERVICE,
    change::pinned,
    create::of_revision,
    definition::Definitions,
    deployment::{Breaker, Rolling, Rollout, ServiceDeployment, ServiceRevision, Status, Step},
    service::Service,
    task::{Stage, Task},
};
use crate::{
    clouds::{
        Past,
        images::{ECR, Images},
        logs,
        names::names,
    },
    ids::{Ids, seed_of},
    moment::Moment,
    scenario,
};

/// How long the deployments of the past took.
const TOOK: Duration = Duration::from_secs(164);

/// What the world begins with.
#[derive(Clone, Debug)]
pub struct Beginning<'a> {
    /// Deployments of `hello`, oldest first: the last one serves.
    pub past: &'a [Past],
    /// What the images of those mean.
    pub images: &'a Images,
    /// Tasks of `hello`.
    pub desired: usize,
    /// Services, `hello` included. The others want no task.
    pub services: usize,
    /// How much longer than usual everything takes.
    pub pace: f64,
    /// Whether the deployment calls know the services.
    pub deployment_calls: bool,
    /// How the services are deployed.
    pub rollout: scenario::Rollout,
    /// What becomes of deployments that fail.
    pub breaker: scenario::Breaker,
}

impl Ecs {
    /// A cluster with these services and their deployments behind them.
    pub fn with_history(beginning: &Beginning, now: Moment) -> Self {
        let Beginning { past, images, desired, services, pace, deployment_calls, rollout, breaker } = *beginning;
        let configuration = configuration(rollout, breaker);
        let created_at = past.first().map_or(now, |first| first.at.before(Duration::from_hours(24 * 30)));
        let mut ecs = Self {
            deployment_calls,
            definitions: Definitions::default(),
            clusters: BTreeMap::new(),
            services: BTreeMap::new(),
            ringing: BTreeSet::new(),
            created_at,
            pace,
            ids: Ids::new(0xEC5),
        };
        let tags = vec![json!({"key": "team", "value": "hello"})];
        ecs.create_cluster(created_at, CLUSTER, json!({}), tags.clone());
        let hello = ecs.served(now, &Key::hello(), &configuration, past, images, desired);
        ecs.services.insert(Key::hello(), hello);
        for (index, name) in names(services.saturating_sub(1)).into_iter().enumerate() {
            // They differ in what they were deployed from last.
            let from = index % past.len().max(1);
            let key = Key::new(CLUSTER, &name);
            let service = ecs.served(now, &key, &configuration, past.get(from..=from).unwrap_or_default(), images, 0);
            ecs.services.insert(key, service);
        }
        ecs
    }

    /// A service that was deployed so, with `desired` tasks of the last deployment.
    fn served(
        &mut self,
        now: Moment,
        key: &Key,
        configuration: &Value,
        past: &[Past],
        images: &Images,
        desired: usize,
    ) -> Service {
        let mut service = Service::empty(self.created_at, key.clone(), self.pace, seed_of(&format!("ecs {key}")));
        let given = given(&key.name, configuration);
        service.take(&given);
        service.desired = desired;
        (service.next_start, service.steady_said) = (now, now);
        for entry in past {
            let image = format!("{ECR}:{}", entry.tag);
            let registered_at = entry.at.before(Duration::from_secs(9));
            let definition = self.definitions.register(registered_at, &key.name, &first_definition(&key.name, &image));
            let mut containers = pinned(definition, images);
            if let Some(first) = containers.first_mut() {
                // Its tag may have moved since.
                first.digest = Some(entry.digest.clone());
            }
            let number = service.ids.digits();
            service.revisions.push(ServiceRevision {
                key: key.clone(),
                number,
                definition: definition.name(),
                containers,
                checked: definition.is_checked(),
                settings: of_revision(&given),
                created_at: entry.at,
            });
            service.deployed(entry.at, desired);
        }
        let at = past.last().map_or(now, |last| last.at);
        for number in 0..desired {
            let placed = at.after(Duration::from_secs(20 + 60 * u64::try_from(number).unwrap_or(0)));
            let (serving, started_by) = (service.revisions.len() - 1, service.primary().id.clone());
            let mut task = Task::new(&key.cluster, service.ids.hex(32), serving, started_by, placed, placed);
            task.started_at = Some(placed.after(Duration::from_secs(14)));
            task.stage = Stage::Running;
            service.tasks.push(task);
        }
        service
    }
}

impl Service {
    /// Its newest revision was deployed well, from `at` on.
    fn deployed(&mut self, at: Moment, desired: usize) {
        let target = self.revisions.len() - 1;
        let done = at.after(TOOK);
        let rolling = format!("ecs-svc/{}", self.ids.digits());
        let id = self.ids.hex(21);
        self.deployments.push(ServiceDeployment {
            key: self.key.clone(),
            id,
            status: Status::Successful,
            reason: None,
            sources: self.stable.into_iter().map(|revision| (revision, desired)).collect(),
            target,
            rolling: rolling.clone(),
            breaker: Breaker::MonitoringComplete,
            failures: 0,
            alarms: Breaker::Disabled,
            rang: Vec::new(),
            rules: self.rules.clone(),
            step: Step::Bake,
            step_since: done,
            production: 100.0,
            test: 100.0,
            holds: Vec::new(),
            rollback: None,
            created_at: at,
            started_at: Some(at.after(Duration::from_secs(2))),
            finished_at: Some(done),
            stopped_at: None,
            updated_at: done,
        });
        self.stable = Some(target);
        self.rollings = vec![Rolling {
            reason: format!("ECS deployment {rolling} completed."),
            id: rolling.clone(),
            revision: target,
            rollout: Rollout::Completed,
            failed: 0,
            created_at: at,
            updated_at: done,
            settled_since: None,
        }];
        self.say(done, &format!("(deployment {rolling}) deployment completed."));
        self.say(done, "has reached a steady state.");
    }
}

/// How the services are deployed: the API's `deploymentConfiguration`.
fn configuration(rollout: scenario::Rollout, breaker: scenario::Breaker) -> Value {
    let breaker = match breaker {
        scenario::Breaker::Rollback => json!({"enable": true, "rollback": true}),
        scenario::Breaker::Stop => json!({"enable": true, "rollback": false}),
        scenario::Breaker::Off => json!({"enable": false, "rollback": false}),
    };
    let mut configuration =
        json!({"deploymentCircuitBreaker": breaker, "maximumPercent": 200, "minimumHealthyPercent": 100});
    let strategy = match rollout {
        scenario::Rollout::Rolling => return configuration,
        scenario::Rollout::BlueGreen => "BLUE_GREEN",
        scenario::Rollout::Linear => {
            configuration["linearConfiguration"] = json!({"stepPercent": 25.0, "stepBakeTimeInMinutes": 3});
            "LINEAR"
        }
        scenario::Rollout::Canary => {
            configuration["canaryConfiguration"] = json!({"canaryPercent": 20.0, "canaryBakeTimeInMinutes": 5});
            "CANARY"
        }
    };
    configuration["strategy"] = json!(strategy);
    configuration["bakeTimeInMinutes"] = json!(5);
    configuration
}

/// What the services were made with.
fn given(name: &str, configuration: &Value) -> Value {
    let mut given = json!({
        "launchType": "FARGATE",
        "networkConfiguration": {"awsvpcConfiguration": {
            "subnets": ["subnet-0a1b2c3d4e5f60718"],
            "securityGroups": ["sg-0f1e2d3c4b5a69788"],
            "assignPublicIp": "DISABLED",
        }},
        "deploymentConfiguration": configuration,
        "tags": [{"key": "team", "value": name}],
    });
    if name == SERVICE {
        let group = format!("arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:targetgroup/hello/6d0ecf831eec9f09");
        given["loadBalancers"] = json!([{"targetGroupArn": group, "containerName": SERVICE, "containerPort": 8080}]);
    }
    given
}

/// What the pipeline registers. It carries an environment value, as real ones do: whoever shows it has a leak.
fn first_definition(name: &str, image: &str) -> Value {
    json!({
        "containerDefinitions": [{
            "name": name,
            "image": image,
            "portMappings": [{"containerPort": 8080}],
            "environment": [{"name": "UPSTREAM_TOKEN", "value": "stand-in-value-never-to-be-shown"}],
            "healthCheck": {"command": ["CMD", "/hello", "check"], "interval": 5, "timeout": 2, "startPeriod": 5},
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
        "tags": [{"key": "team", "value": name}],
    })
}
