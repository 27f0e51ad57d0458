//! The calls of ECS about service deployments and service revisions.

use serde_json::{Value, json};

use super::{
    Output, at_most, cut,
    deployment_json::{brief_json, deployment_json, revision_json},
    exception, look_up, required, service,
};
use crate::{
    clouds::ecs::{Ecs, change::Refusal, deployment::ServiceDeployment, stop::How},
    moment::Moment,
    wire::aws::{Exception, page_size, texts},
};

fn known(ecs: &Ecs) -> Result<(), Exception> {
    if ecs.deployment_calls {
        return Ok(());
    }
    let message = "The service was last updated before service deployments were recorded.";
    Err(Exception("UnsupportedFeatureException", message.to_owned()))
}

/// `ListServiceDeployments`: newest first.
pub fn list(ecs: &Ecs, input: &Value) -> Output {
    let key = service(ecs, input, "service")?;
    known(ecs)?;
    let size = page_size(input, 20, 100)?;
    let service = ecs.service(&key).ok_or_else(|| exception(Refusal::NoService))?;
    let statuses = texts(input, "status");
    let (after, before) = (input["createdAt"]["after"].as_f64(), input["createdAt"]["before"].as_f64());
    let wanted = |deployment: &&ServiceDeployment| {
        let created = deployment.created_at.epoch_seconds();
        (statuses.is_empty() || statuses.contains(&deployment.status.word()))
            && after.is_none_or(|after| created > after)
            && before.is_none_or(|before| created < before)
    };
    let deployments = service.deployments.iter().rev().filter(wanted);
    let items = deployments.map(|deployment| brief_json(service, deployment)).collect();
    let page = cut("deployments", items, size, input)?;
    Ok(json!({"serviceDeployments": page.items, "nextToken": page.next}))
}

/// `DescribeServiceDeployments`: up to 20.
pub fn describe(ecs: &Ecs, input: &Value) -> Output {
    known(ecs)?;
    let arns = at_most(input, "serviceDeploymentArns", 20)?;
    let find = |arn: &str| {
        let own = |deployment: &&ServiceDeployment| deployment.arn() == arn;
        let found = ecs.services.values().find_map(|service| Some((service, service.deployments.iter().find(own)?)));
        found.map(|(service, deployment)| deployment_json(service, deployment))
    };
    let (found, failures) = look_up(arns, find, ToOwned::to_owned);
    Ok(json!({"serviceDeployments": found, "failures": failures}))
}

/// `DescribeServiceRevisions`: up to 20.
pub fn revisions(ecs: &Ecs, input: &Value) -> Output {
    known(ecs)?;
    let arns = at_most(input, "serviceRevisionArns", 20)?;
    let all = || ecs.services.values().flat_map(|service| service.revisions.iter());
    let find = |arn: &str| all().find(|revision| revision.arn() == arn).map(revision_json);
    let (found, failures) = look_up(arns, find, ToOwned::to_owned);
    Ok(json!({"serviceRevisions": found, "failures": failures}))
}

/// `StopServiceDeployment`.
pub fn stop(ecs: &mut Ecs, now: Moment, input: &Value) -> Output {
    known(ecs)?;
    let arn = required(input, "serviceDeploymentArn")?;
    let how = if input["stopType"] == "ABORT" { How::Abort } else { How::Rollback };
    ecs.stop(now, arn, how).map_err(exception)?;
    Ok(json!({"serviceDeploymentArn": arn}))
}

/// `ContinueServiceDeployment`.
pub fn go_on(ecs: &mut Ecs, now: Moment, input: &Value) -> Output {
    known(ecs)?;
    let (arn, hook) = (required(input, "serviceDeploymentArn")?, required(input, "hookId")?);
    ecs.go_on(now, arn, hook, input["action"] == "ROLLBACK").map_err(exception)?;
    Ok(json!({"serviceDeploymentArn": arn}))
}
