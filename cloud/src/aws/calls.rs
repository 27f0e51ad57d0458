//! The calls of ECS that read. Each is a method here, so that paging and limits are in one place.

use std::collections::HashSet;

use aws_sdk_ecs::types::{
    self, DesiredStatus, Service, ServiceDeployment, ServiceRevision, SortOrder, Task, TaskDefinition,
    TaskDefinitionStatus,
};
use futures::future::{try_join, try_join_all};

use super::{client::Client, error::Failure};
use crate::error::{ErrorKind, ProviderError};

/// Names in one `DescribeServiceDeployments` or `DescribeServiceRevisions`.
const DESCRIBE_LIMIT: usize = 20;
/// Names in one `DescribeServices`.
pub(super) const SERVICES_LIMIT: usize = 10;
/// ARNs in one `DescribeTasks`.
const TASKS_LIMIT: usize = 100;
/// Deployments of the history that are shown; ECS keeps 90 days of them.
const HISTORY: usize = 100;
/// Pages of any one listing: a server that never ends its pages must not keep us.
const PAGES: usize = 20;

/// The active definitions of a family, newest first.
#[derive(Clone, Debug, Default)]
pub(super) struct Definitions {
    pub active: Vec<String>,
    /// Whether all were listed. Only then is a definition that is missing no longer active.
    pub complete: bool,
}

impl Client {
    /// Names of all services of the cluster, a hundred to a call.
    pub async fn services(&self) -> Result<Vec<String>, ProviderError> {
        const CALL: &str = "ecs:ListServices";
        let mut names = Vec::new();
        let mut token: Option<String> = None;
        for _ in 0..PAGES {
            let call =
                || self.ecs.list_services().cluster(&self.cluster).max_results(100).set_next_token(token.clone());
            let page = self.read(CALL, || call().send()).await?;
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
        let call = || self.ecs.describe_services().cluster(&self.cluster).services(name);
        let answer = self.read(CALL, || call().send()).await?;
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

    /// At most [`SERVICES_LIMIT`] services by name. One that went away meanwhile is not among them.
    pub async fn batch(&self, names: &[String]) -> Result<Vec<Service>, ProviderError> {
        const CALL: &str = "ecs:DescribeServices";
        let call = || self.ecs.describe_services().cluster(&self.cluster).set_services(Some(names.to_vec()));
        let answer = self.read(CALL, || call().send()).await?;
        let told = answer.services().iter().filter_map(Service::service_name);
        answers_for(CALL, names, told, answer.failures())?;
        Ok(answer.services.unwrap_or_default())
    }

    /// ARNs of the newest service deployments, with the revision each goes to, newest first.
    pub async fn deployment_arns(&self, service: &str) -> Result<Vec<(String, Option<String>)>, Failure> {
        let limit = i32::try_from(HISTORY).unwrap_or(i32::MAX);
        let mut briefs = Vec::new();
        let mut token: Option<String> = None;
        for _ in 0..PAGES {
            let call = || self.ecs.list_service_deployments().cluster(&self.cluster).service(service);
            let call = || call().max_results(limit).set_next_token(token.clone());
            let page = self.ask("ecs:ListServiceDeployments", || call().send()).await?;
            briefs.extend(page.service_deployments.unwrap_or_default());
            token = page.next_token;
            if token.is_none() || briefs.len() >= HISTORY {
                break;
            }
        }
        // The order of the list is not promised.
        briefs.sort_by_key(|brief| std::cmp::Reverse(brief.created_at().and_then(|at| at.to_millis().ok())));
        briefs.truncate(HISTORY);
        Ok(briefs
            .into_iter()
            .filter_map(|brief| Some((brief.service_deployment_arn?, brief.target_service_revision_arn)))
            .collect())
    }

    /// Service deployments by ARN.
    pub async fn deployments(&self, arns: &[String]) -> Result<Vec<ServiceDeployment>, ProviderError> {
        const CALL: &str = "ecs:DescribeServiceDeployments";
        let calls = arns.chunks(DESCRIBE_LIMIT).map(|arns| async {
            let call = || self.ecs.describe_service_deployments().set_service_deployment_arns(Some(arns.to_vec()));
            let answer = self.read(CALL, || call().send()).await?;
            let told = answer.service_deployments().iter().filter_map(ServiceDeployment::service_deployment_arn);
            answers_for(CALL, arns, told, answer.failures())?;
            Ok::<_, ProviderError>(answer.service_deployments.unwrap_or_default())
        });
        Ok(try_join_all(calls).await?.concat())
    }

    /// Service revisions by ARN.
    pub async fn revisions(&self, arns: &[String]) -> Result<Vec<ServiceRevision>, ProviderError> {
        const CALL: &str = "ecs:DescribeServiceRevisions";
        let calls = arns.chunks(DESCRIBE_LIMIT).map(|arns| async {
            let call = || self.ecs.describe_service_revisions().set_service_revision_arns(Some(arns.to_vec()));
            let answer = self.read(CALL, || call().send()).await?;
            let told = answer.service_revisions().iter().filter_map(ServiceRevision::service_revision_arn);
            answers_for(CALL, arns, told, answer.failures())?;
            Ok::<_, ProviderError>(answer.service_revisions.unwrap_or_default())
        });
        Ok(try_join_all(calls).await?.concat())
    }

    /// The active definitions of a family, newest first.
    pub async fn definitions(&self, family: &str) -> Result<Definitions, ProviderError> {
        let mut found = Definitions::default();
        let mut token: Option<String> = None;
        for _ in 0..3 {
            let call = || self.ecs.list_task_definitions().family_prefix(family).max_results(100);
            let call = || call().status(TaskDefinitionStatus::Active).sort(SortOrder::Desc);
            let page = self.read("ecs:ListTaskDefinitions", || call().set_next_token(token.clone()).send()).await?;
            found.active.extend(page.task_definition_arns.unwrap_or_default());
            token = page.next_token;
            if token.is_none() {
                found.complete = true;
                break;
            }
        }
        Ok(found)
    }

    /// One definition. Its environment stays in here: callers keep names of images and of log groups only.
    pub async fn definition(&self, arn: &str) -> Result<TaskDefinition, ProviderError> {
        const CALL: &str = "ecs:DescribeTaskDefinition";
        let call = || self.ecs.describe_task_definition().task_definition(arn);
        let answer = self.read(CALL, || call().send()).await?;
        answer.task_definition.ok_or_else(|| ProviderError::new(ErrorKind::Unexpected, CALL, "no definition in it"))
    }

    /// Running tasks and those that ended within the hour or so that ECS keeps them.
    pub async fn tasks(&self, service: &str) -> Result<(Vec<Task>, Vec<Task>), ProviderError> {
        try_join(self.tasks_with(service, DesiredStatus::Running), self.tasks_with(service, DesiredStatus::Stopped))
            .await
    }

    async fn tasks_with(&self, service: &str, status: DesiredStatus) -> Result<Vec<Task>, ProviderError> {
        const CALL: &str = "ecs:ListTasks";
        const DESCRIBE: &str = "ecs:DescribeTasks";
        let mut tasks = Vec::new();
        let mut token: Option<String> = None;
        for _ in 0..PAGES {
            let call = || self.ecs.list_tasks().cluster(&self.cluster).service_name(service);
            let call = || call().desired_status(status.clone()).set_next_token(token.clone());
            let page = self.read(CALL, || call().send()).await?;
            for arns in page.task_arns().chunks(TASKS_LIMIT) {
                let call = || self.ecs.describe_tasks().cluster(&self.cluster).set_tasks(Some(arns.to_vec()));
                let answer = self.read(DESCRIBE, || call().send()).await?;
                answers_for(DESCRIBE, arns, answer.tasks().iter().filter_map(Task::task_arn), answer.failures())?;
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

/// Whether an answer speaks of everything that was asked for: described, or said to be missing. What is neither was not
/// read, and must not look as if it were gone.
fn answers_for<'a>(
    call: &'static str,
    asked: &[String],
    told: impl Iterator<Item = &'a str>,
    failures: &[types::Failure],
) -> Result<(), ProviderError> {
    // Services are asked for by name and answered for by ARN; the last part of either is the same.
    let told: HashSet<_> = told.map(last).collect();
    for name in asked.iter().map(|name| last(name)).filter(|name| !told.contains(name)) {
        let failure = failures.iter().find(|failure| failure.arn().map(last) == Some(name));
        let message = match failure.and_then(types::Failure::reason) {
            Some("MISSING") => continue,
            Some(reason) => format!("{name}: {reason}"),
            None => format!("the answer says nothing of {name}"),
        };
        return Err(ProviderError::new(ErrorKind::Unexpected, call, message));
    }
    Ok(())
}

fn endless(call: &'static str) -> ProviderError {
    ProviderError::new(ErrorKind::Unexpected, call, format!("more than {PAGES} pages"))
}
