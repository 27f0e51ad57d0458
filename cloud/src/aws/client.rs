//! How AWS is called: one client that reads and retries, one that writes and never does, deadlines for both, bodies
//! capped. Every call of the adapter is a method here, so that paging and limits are in one place.

use std::{fmt, time::Duration};

use aws_config::{BehaviorVersion, Region};
use aws_sdk_ecs::{
    Client as EcsClient,
    config::{
        ConfigBag, Credentials, Intercept, RuntimeComponents, interceptors::BeforeDeserializationInterceptorContextMut,
        retry::RetryConfig, timeout::TimeoutConfig,
    },
    error::BoxError,
    types::{
        DesiredStatus, Service, ServiceDeployment, ServiceRevision, SortOrder, Task, TaskDefinition,
        TaskDefinitionStatus,
    },
};
use aws_smithy_types::body::SdkBody;
use futures::future::{try_join, try_join_all};
use http_body_util::Limited;

use super::{
    Settings,
    error::{Failure, read},
};
use crate::error::{ErrorKind, ProviderError};

/// The largest answer read, in bytes.
const BODY_LIMIT: usize = 8 << 20;
/// Names in one `DescribeServiceDeployments` or `DescribeServiceRevisions`.
const DESCRIBE_LIMIT: usize = 20;
/// ARNs in one `DescribeTasks`.
const TASKS_LIMIT: usize = 100;
/// Pages of any one listing: a server that never ends its pages must not keep us.
const PAGES: usize = 20;

/// The clients for one cluster.
pub(super) struct Client {
    pub reads: EcsClient,
    pub writes: EcsClient,
    pub registry: aws_sdk_ecr::Client,
    pub cluster: String,
    /// What to do when nobody is signed in.
    pub sign_in: String,
    /// The addresses in force that are not the vendor's, by service.
    pub endpoints: Vec<(&'static str, String)>,
}

/// The active definitions of a family, newest first.
#[derive(Clone, Debug, Default)]
pub(super) struct Definitions {
    pub active: Vec<String>,
    /// Whether all were listed. Only then is a definition that is missing no longer active.
    pub complete: bool,
}

impl Client {
    pub async fn new(settings: &Settings) -> Self {
        let retry = RetryConfig::standard().with_max_attempts(3).with_initial_backoff(Duration::from_millis(200));
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(2))
            .operation_attempt_timeout(Duration::from_secs(5))
            .operation_timeout(Duration::from_secs(10))
            .build();
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .region(Region::new(settings.region.clone()))
            .retry_config(retry)
            .timeout_config(timeouts);
        if let Some(profile) = &settings.profile {
            loader = loader.profile_name(profile);
        }
        if let Some(endpoint) = &settings.endpoint {
            loader = loader.endpoint_url(endpoint);
        }
        if let Some(keys) = &settings.credentials {
            loader = loader.credentials_provider(Credentials::new(&keys.id, &keys.secret, None, None, "settings"));
        }
        let shared = loader.load().await;
        let reads = aws_sdk_ecs::config::Builder::from(&shared).interceptor(BodyLimit);
        let writes = reads.clone().retry_config(RetryConfig::standard().with_max_attempts(1));
        let registry = aws_sdk_ecr::config::Builder::from(&shared).interceptor(BodyLimit);
        Self {
            reads: EcsClient::from_conf(reads.build()),
            writes: EcsClient::from_conf(writes.build()),
            registry: aws_sdk_ecr::Client::from_conf(registry.build()),
            cluster: settings.cluster.clone(),
            sign_in: sign_in(settings.profile.as_deref()),
            endpoints: endpoints(settings, &shared),
        }
    }

    /// Names of all services of the cluster.
    pub async fn services(&self) -> Result<Vec<String>, ProviderError> {
        const CALL: &str = "ecs:ListServices";
        let mut names = Vec::new();
        let mut token = None;
        for _ in 0..PAGES {
            let page = self.reads.list_services().cluster(&self.cluster).max_results(100).set_next_token(token).send();
            let page = page.await.map_err(|error| read(CALL, &self.sign_in, error).error)?;
            names.extend(page.service_arns().iter().map(|arn| last(arn).to_owned()));
            token = page.next_token;
            if token.is_none() {
                return Ok(names);
            }
        }
        Err(endless(CALL))
    }

    /// The service; an error when there is none by that name.
    pub async fn service(&self, name: &str) -> Result<Service, ProviderError> {
        const CALL: &str = "ecs:DescribeServices";
        let answer = self.reads.describe_services().cluster(&self.cluster).services(name).send().await;
        let answer = answer.map_err(|error| read(CALL, &self.sign_in, error).error)?;
        let failure = answer.failures().first().and_then(|failure| failure.reason()).map(str::to_owned);
        match (answer.services.unwrap_or_default().into_iter().next(), failure) {
            (Some(service), _) => Ok(service),
            (None, None) => Err(ProviderError::new(ErrorKind::Unexpected, CALL, "neither a service nor a failure")),
            (None, Some(reason)) if reason == "MISSING" => {
                let message = format!("no service {name} in cluster {}", self.cluster);
                Err(ProviderError::new(ErrorKind::NotFound, CALL, message))
            }
            (None, Some(reason)) => Err(ProviderError::new(ErrorKind::Unexpected, CALL, reason)),
        }
    }

    /// ARNs of the newest service deployments, with the revision each goes to. One page: the history is for people.
    pub async fn deployment_arns(&self, service: &str) -> Result<Vec<(String, Option<String>)>, Failure> {
        let limit = i32::try_from(DESCRIBE_LIMIT).unwrap_or(i32::MAX);
        let call = self.reads.list_service_deployments().cluster(&self.cluster).service(service).max_results(limit);
        let page = call.send().await.map_err(|error| read("ecs:ListServiceDeployments", &self.sign_in, error))?;
        let mut briefs = page.service_deployments.unwrap_or_default();
        // The order of the list is not promised.
        briefs.sort_by_key(|brief| std::cmp::Reverse(brief.created_at().and_then(|at| at.to_millis().ok())));
        Ok(briefs
            .into_iter()
            .filter_map(|brief| Some((brief.service_deployment_arn?, brief.target_service_revision_arn)))
            .collect())
    }

    /// Service deployments by ARN.
    pub async fn deployments(&self, arns: &[String]) -> Result<Vec<ServiceDeployment>, ProviderError> {
        let calls = arns.chunks(DESCRIBE_LIMIT).map(|arns| async {
            let call = self.reads.describe_service_deployments().set_service_deployment_arns(Some(arns.to_vec()));
            let answer = call.send().await;
            let answer = answer.map_err(|error| read("ecs:DescribeServiceDeployments", &self.sign_in, error).error)?;
            Ok(answer.service_deployments.unwrap_or_default())
        });
        Ok(try_join_all(calls).await?.concat())
    }

    /// Service revisions by ARN.
    pub async fn revisions(&self, arns: &[String]) -> Result<Vec<ServiceRevision>, ProviderError> {
        let calls = arns.chunks(DESCRIBE_LIMIT).map(|arns| async {
            let call = self.reads.describe_service_revisions().set_service_revision_arns(Some(arns.to_vec()));
            let answer = call.send().await;
            let answer = answer.map_err(|error| read("ecs:DescribeServiceRevisions", &self.sign_in, error).error)?;
            Ok(answer.service_revisions.unwrap_or_default())
        });
        Ok(try_join_all(calls).await?.concat())
    }

    /// The active definitions of a family, newest first.
    pub async fn definitions(&self, family: &str) -> Result<Definitions, ProviderError> {
        let mut found = Definitions::default();
        let mut token = None;
        for _ in 0..3 {
            let call = self.reads.list_task_definitions().family_prefix(family).max_results(100);
            let call = call.status(TaskDefinitionStatus::Active).sort(SortOrder::Desc).set_next_token(token);
            let page = call.send().await;
            let page = page.map_err(|error| read("ecs:ListTaskDefinitions", &self.sign_in, error).error)?;
            found.active.extend(page.task_definition_arns.unwrap_or_default());
            token = page.next_token;
            if token.is_none() {
                found.complete = true;
                break;
            }
        }
        Ok(found)
    }

    /// One definition. Its environment stays in here: callers keep names of images only.
    pub async fn definition(&self, arn: &str) -> Result<TaskDefinition, ProviderError> {
        const CALL: &str = "ecs:DescribeTaskDefinition";
        let answer = self.reads.describe_task_definition().task_definition(arn).send().await;
        let answer = answer.map_err(|error| read(CALL, &self.sign_in, error).error)?;
        answer.task_definition.ok_or_else(|| ProviderError::new(ErrorKind::Unexpected, CALL, "no definition in it"))
    }

    /// Running tasks and those that ended within the hour or so that ECS keeps them.
    pub async fn tasks(&self, service: &str) -> Result<(Vec<Task>, Vec<Task>), ProviderError> {
        try_join(self.tasks_with(service, DesiredStatus::Running), self.tasks_with(service, DesiredStatus::Stopped))
            .await
    }

    async fn tasks_with(&self, service: &str, status: DesiredStatus) -> Result<Vec<Task>, ProviderError> {
        const CALL: &str = "ecs:ListTasks";
        let mut tasks = Vec::new();
        let mut token = None;
        for _ in 0..PAGES {
            let call = self.reads.list_tasks().cluster(&self.cluster).service_name(service);
            let page = call.desired_status(status.clone()).set_next_token(token).send().await;
            let page = page.map_err(|error| read(CALL, &self.sign_in, error).error)?;
            for arns in page.task_arns().chunks(TASKS_LIMIT) {
                let call = self.reads.describe_tasks().cluster(&self.cluster).set_tasks(Some(arns.to_vec()));
                let answer = call.send().await;
                let answer = answer.map_err(|error| read("ecs:DescribeTasks", &self.sign_in, error).error)?;
                tasks.extend(answer.tasks.unwrap_or_default());
            }
            token = page.next_token;
            if token.is_none() {
                return Ok(tasks);
            }
        }
        Err(endless(CALL))
    }
}

/// The last part of an ARN: the name of a service, the id of a task.
pub(super) fn last(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

fn endless(call: &'static str) -> ProviderError {
    ProviderError::new(ErrorKind::Unexpected, call, format!("more than {PAGES} pages"))
}

fn sign_in(profile: Option<&str>) -> String {
    match profile {
        Some(profile) => crate::shell::command(["aws", "sso", "login", "--profile", profile]),
        None => "aws sso login, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY".to_owned(),
    }
}

/// What the settings, the environment or the profile put in place of the vendor's addresses, by the SDK's own rules.
fn endpoints(settings: &Settings, shared: &aws_config::SdkConfig) -> Vec<(&'static str, String)> {
    let in_force = |service| settings.endpoint.clone().or_else(|| endpoint_in_force(shared, service));
    [(super::ECS, "ECS"), (super::ECR, "ECR")]
        .into_iter()
        .filter_map(|(label, service)| Some((label, in_force(service)?)))
        .collect()
}

/// A service's own address goes before the one for all services.
fn endpoint_in_force(shared: &aws_config::SdkConfig, service: &str) -> Option<String> {
    let key = aws_types::service_config::ServiceConfigKey::builder();
    let key = key.service_id(service).env("AWS_ENDPOINT_URL").profile("endpoint_url").build().ok();
    let own = key.and_then(|key| shared.service_config()?.load_config(key));
    own.or_else(|| shared.endpoint_url().map(str::to_owned))
}

/// Cuts answers off at [`BODY_LIMIT`]: the SDK alone would read an endless one into memory until the deadline.
struct BodyLimit;

impl fmt::Debug for BodyLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BodyLimit")
    }
}

impl Intercept for BodyLimit {
    fn name(&self) -> &'static str {
        "BodyLimit"
    }

    fn modify_before_deserialization(
        &self,
        context: &mut BeforeDeserializationInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let body = context.response_mut().body_mut();
        let whole = std::mem::replace(body, SdkBody::empty());
        *body = SdkBody::from_body_1_x(Limited::new(whole, BODY_LIMIT));
        Ok(())
    }
}
