//! The calls of ECS about task definitions.

use serde_json::{Value, json};

use super::{Output, at_most, cut, json::definition_json, required};
use crate::{
    clouds::ecs::{
        Ecs,
        definition::{Definition, Standing},
    },
    moment::Moment,
    wire::aws::{Exception, page_size, texts},
};

/// CPU units of Fargate, with the least and most memory in MiB that go with them.
const FARGATE: [(u32, u32, u32); 7] = [
    (256, 512, 2048),
    (512, 1024, 4096),
    (1024, 2048, 8192),
    (2048, 4096, 16384),
    (4096, 8192, 30720),
    (8192, 16384, 61440),
    (16384, 32768, 122_880),
];

fn client(message: &str) -> Exception {
    Exception("ClientException", message.to_owned())
}

/// `RegisterTaskDefinition`.
pub fn register(ecs: &mut Ecs, now: Moment, input: &Value) -> Output {
    let family = input["family"].as_str().unwrap_or_default();
    if family.is_empty() {
        return Err(client("Family should not be null or empty."));
    }
    let letters = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if family.len() > 255 || !family.chars().all(letters) {
        return Err(client("Invalid family name: up to 255 letters, numbers, underscores and hyphens are allowed."));
    }
    check_containers(input)?;
    check_fargate(input)?;
    let definition = ecs.definitions.register(now, family, input);
    let tags = (!definition.tags.is_empty()).then(|| definition.tags.clone());
    Ok(json!({"taskDefinition": definition_json(definition), "tags": tags}))
}

fn check_containers(input: &Value) -> Result<(), Exception> {
    let Some(containers) = input["containerDefinitions"].as_array().filter(|containers| !containers.is_empty()) else {
        return Err(client("Container list cannot be empty."));
    };
    let on_task = input["memory"].is_string();
    let mut names = Vec::new();
    for container in containers {
        let text = |name: &str| container[name].as_str().unwrap_or_default();
        for name in ["name", "image"] {
            if text(name).is_empty() {
                return Err(client(&format!("Container.{name} should not be null or empty.")));
            }
        }
        if names.contains(&text("name")) {
            return Err(client("Container names must be unique within a task definition."));
        }
        names.push(text("name"));
        if !on_task && container["memory"].is_null() && container["memoryReservation"].is_null() {
            let name = text("name");
            return Err(client(&format!(
                "Invalid setting for container '{name}'. At least one of 'memory' or 'memoryReservation' must be specified."
            )));
        }
    }
    let essential = |container: &Value| container["essential"].as_bool().unwrap_or(true);
    if !containers.iter().any(essential) {
        return Err(client("A task definition must have at least one essential container."));
    }
    Ok(())
}

fn check_fargate(input: &Value) -> Result<(), Exception> {
    if !texts(input, "requiresCompatibilities").contains(&"FARGATE") {
        return Ok(());
    }
    if input["networkMode"] != "awsvpc" {
        return Err(client("Fargate only supports network mode 'awsvpc'."));
    }
    let number = |name: &str| input[name].as_str().and_then(|text| text.parse::<u32>().ok());
    let (Some(cpu), Some(memory)) = (number("cpu"), number("memory")) else {
        return Err(client("Fargate requires that 'cpu' and 'memory' be defined at the task level."));
    };
    let fits = |(units, least, most): &(u32, u32, u32)| cpu == *units && (*least..=*most).contains(&memory);
    if !FARGATE.iter().any(fits) {
        return Err(client("No Fargate configuration exists for given values."));
    }
    let on_ecr = |container: &Value| container["image"].as_str().is_some_and(|image| image.contains(".dkr.ecr."));
    let needs_role = input["containerDefinitions"].as_array().is_some_and(|containers| containers.iter().any(on_ecr));
    if needs_role && input["executionRoleArn"].as_str().is_none_or(str::is_empty) {
        return Err(client("Fargate requires task definition to have execution role ARN to support ECR images."));
    }
    Ok(())
}

/// `DescribeTaskDefinition`.
pub fn describe(ecs: &Ecs, input: &Value) -> Output {
    let reference = required(input, "taskDefinition")?;
    let definition = ecs.definitions.find(reference).ok_or_else(|| client("Unable to describe task definition."))?;
    let tags = texts(input, "include").contains(&"TAGS").then(|| definition.tags.clone());
    Ok(json!({"taskDefinition": definition_json(definition), "tags": tags}))
}

/// `ListTaskDefinitions`.
pub fn list(ecs: &Ecs, input: &Value) -> Output {
    let standing = match input["status"].as_str() {
        None => Standing::Active,
        Some(word) => Standing::of(word).ok_or_else(|| Exception::invalid("Invalid status value."))?,
    };
    let family = input["familyPrefix"].as_str();
    let wanted = |definition: &&Definition| {
        definition.standing == standing && family.is_none_or(|family| definition.family == family)
    };
    let mut arns: Vec<String> = ecs.definitions.all().filter(wanted).map(Definition::arn).collect();
    match input["sort"].as_str() {
        None | Some("ASC") => {}
        Some("DESC") => arns.reverse(),
        Some(_) => return Err(Exception::invalid("Invalid sort value.")),
    }
    let page = cut("definitions", arns, page_size(input, 100, 100)?, input)?;
    Ok(json!({"taskDefinitionArns": page.items, "nextToken": page.next}))
}

/// `ListTaskDefinitionFamilies`: `INACTIVE` are those without any active definition.
pub fn families(ecs: &Ecs, input: &Value) -> Output {
    let status = input["status"].as_str().unwrap_or("ACTIVE");
    if !["ACTIVE", "INACTIVE", "ALL"].contains(&status) {
        return Err(Exception::invalid("Invalid status value."));
    }
    let prefix = input["familyPrefix"].as_str().unwrap_or_default();
    let wanted = |(family, active): &(&str, bool)| {
        family.starts_with(prefix) && (status == "ALL" || (status == "ACTIVE") == *active)
    };
    let families: Vec<&str> = ecs.definitions.families().filter(wanted).map(|(family, _)| family).collect();
    let page = cut("families", families, page_size(input, 100, 100)?, input)?;
    Ok(json!({"families": page.items, "nextToken": page.next}))
}

/// `DeregisterTaskDefinition`. Deregistering again changes nothing.
pub fn deregister(ecs: &mut Ecs, now: Moment, input: &Value) -> Output {
    let reference = required(input, "taskDefinition")?;
    let missing = || client("The specified task definition does not exist.");
    let definition = ecs.definitions.find_mut(reference).ok_or_else(missing)?;
    if definition.standing == Standing::Active {
        definition.standing = Standing::Inactive;
        definition.deregistered_at = Some(now);
    }
    Ok(json!({"taskDefinition": definition_json(definition)}))
}

/// `DeleteTaskDefinitions`: only what has been deregistered can be deleted; it stays visible as `DELETE_IN_PROGRESS`.
pub fn delete(ecs: &mut Ecs, input: &Value) -> Output {
    let (mut deleted, mut failures) = (Vec::new(), Vec::new());
    for reference in at_most(input, "taskDefinitions", 10)? {
        match ecs.definitions.find_mut(reference) {
            None => failures.push(json!({"arn": reference, "reason": "MISSING"})),
            Some(definition) if definition.standing == Standing::Active => failures.push(json!({
                "arn": definition.arn(),
                "reason": "INVALID_STATE",
                "detail": "The specified task definition is still in ACTIVE status. Please deregister it first.",
            })),
            Some(definition) => {
                definition.standing = Standing::Deleting;
                deleted.push(definition_json(definition));
            }
        }
    }
    Ok(json!({"taskDefinitions": deleted, "failures": failures}))
}
