//! The calls of ECS about services.

use serde_json::{Value, json};

use super::{
    Output, at_most, cluster, cut, exception, full_arn, includes, json::service_json, key_in, look_up, required,
    service, tags_in,
};
use crate::{
    clouds::{
        Clouds,
        ecs::{
            Ecs, Key,
            change::{Refusal, Update},
            create::Create,
            definition::Definition,
            service::{Life, Service},
        },
    },
    moment::Moment,
    wire::aws::{Exception, page_size},
};

/// Most tasks of a service here: each is a process of this machine.
const MOST_TASKS: usize = 50;

fn shown(ecs: &Ecs, key: &Key, tags: bool) -> Output {
    let service = ecs.service(key).ok_or_else(|| exception(Refusal::NoService))?;
    Ok(json!({"service": service_json(ecs, service, tags)}))
}

/// `ListServices`. Deleted services are not listed once their tasks are gone.
pub fn list(ecs: &Ecs, input: &Value) -> Output {
    let cluster = cluster(ecs, input)?;
    let size = page_size(input, 10, 100)?;
    let same = |of: &Value, name: &str| input[name].is_null() || input[name] == of[name];
    let wanted = |service: &&Service| {
        service.key.cluster == cluster
            && !matches!(service.life, Life::Inactive { .. })
            && same(&service.wished().settings, "launchType")
            && same(&service.settings, "schedulingStrategy")
            && (input["resourceManagementType"].is_null() || input["resourceManagementType"] == "CUSTOMER")
    };
    let arns = ecs.services.values().filter(wanted).map(Service::arn).collect();
    let page = cut("services", arns, size, input)?;
    Ok(json!({"serviceArns": page.items, "nextToken": page.next}))
}

/// `DescribeServices`: up to 10, deleted ones too for a while.
pub fn describe(ecs: &Ecs, input: &Value) -> Output {
    let cluster = cluster(ecs, input)?;
    let names = at_most(input, "services", 10)?;
    let tags = includes(input, "TAGS");
    let find = |name: &str| {
        let service = ecs.service(&key_in(&cluster, name)).filter(|service| service.key.cluster == cluster);
        service.map(|service| service_json(ecs, service, tags))
    };
    let (services, failures) = look_up(names, find, |name| full_arn(name, &format!("service/{cluster}")));
    Ok(json!({"services": services, "failures": failures}))
}

/// `CreateService`.
pub fn create(clouds: &mut Clouds, now: Moment, input: &Value) -> Output {
    let cluster = cluster(&clouds.ecs, input)?;
    let name = required(input, "serviceName")?;
    let letters = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if name.len() > 255 || !name.chars().all(letters) {
        return Err(Exception::invalid("Invalid service name."));
    }
    let strategy = input["capacityProviderStrategy"].as_array().is_some_and(|strategy| !strategy.is_empty());
    if strategy && !input["launchType"].is_null() {
        let message = "Specifying both a launch type and capacity provider strategy is not supported.";
        return Err(Exception::invalid(message));
    }
    check(input)?;
    tags_in(input)?;
    let reference = required(input, "taskDefinition")
        .map_err(|_| Exception("ClientException", "TaskDefinition can not be blank.".to_owned()))?;
    if let Some(definition) = clouds.ecs.definitions.find(reference) {
        check_network(input, definition.body["networkMode"] == "awsvpc")?;
        check_balancers(&input["loadBalancers"], &definition.body)?;
        let fargate = definition.body["compatibilities"].as_array().is_some_and(|all| all.contains(&json!("FARGATE")));
        if input["launchType"] == "FARGATE" && !fargate {
            return Err(Exception::invalid("Task definition does not support launch_type FARGATE."));
        }
    }
    let key = Key::new(&cluster, name);
    let desired = desired(input)?;
    if desired.is_none() && input["schedulingStrategy"] != "DAEMON" {
        return Err(Exception::invalid("Desired count can not be null."));
    }
    let create =
        Create { task_definition: reference.to_owned(), desired: desired.unwrap_or(0), settings: input.clone() };
    // The same request again is answered with what is there.
    let again = clouds.ecs.service(&key).filter(|service| service.life == Life::Active);
    let same = again.is_some_and(|service| {
        let definition = clouds.ecs.definitions.find(reference).map(Definition::name);
        definition.as_ref() == Some(&service.wished().definition) && service.desired == create.desired
    });
    if !same {
        let Clouds { ecs, images, .. } = clouds;
        ecs.create(now, images, &key, &create).map_err(exception)?;
    }
    shown(&clouds.ecs, &key, true)
}

/// `UpdateService`.
pub fn update(clouds: &mut Clouds, now: Moment, input: &Value) -> Output {
    let cluster = cluster(&clouds.ecs, input)?;
    let key = key_in(&cluster, required(input, "service")?);
    check(input)?;
    if let Some(found) = clouds.ecs.service(&key) {
        let controller = found.settings["deploymentController"]["type"].as_str().unwrap_or("ECS");
        if controller != "ECS" && (!input["taskDefinition"].is_null() || input["forceNewDeployment"] == true) {
            let message =
                format!("Unable to update task definition on services with a {controller} deployment controller.");
            return Err(Exception::invalid(&message));
        }
        let reference = input["taskDefinition"].as_str().unwrap_or(&found.wished().definition);
        if let Some(definition) = clouds.ecs.definitions.find(reference) {
            check_balancers(&input["loadBalancers"], &definition.body)?;
        }
    }
    let update = Update {
        task_definition: input["taskDefinition"].as_str().map(ToOwned::to_owned),
        force: input["forceNewDeployment"].as_bool().unwrap_or(false),
        desired: desired(input)?,
        settings: input.clone(),
    };
    let Clouds { ecs, images, .. } = clouds;
    ecs.update(now, images, &key, &update).map_err(exception)?;
    shown(ecs, &key, false)
}

/// `DeleteService`.
pub fn delete(ecs: &mut Ecs, now: Moment, input: &Value) -> Output {
    let key = service(ecs, input, "service")?;
    ecs.delete(now, &key, input["force"] == true).map_err(exception)?;
    shown(ecs, &key, false)
}

fn desired(input: &Value) -> Result<Option<usize>, Exception> {
    if input["desiredCount"].is_null() {
        return Ok(None);
    }
    let count = input["desiredCount"].as_u64().and_then(|count| usize::try_from(count).ok());
    let count = count.ok_or_else(|| Exception::invalid("Desired count can not be negative."))?;
    if count > MOST_TASKS {
        let message = format!("The maximum number of tasks for the service is {MOST_TASKS}.");
        return Err(Exception::invalid(&message));
    }
    Ok(Some(count))
}

/// The deployment configuration, the grace period: numbers within their limits, parts that belong together.
fn check(input: &Value) -> Result<(), Exception> {
    let refuse = |message: &str| Err(Exception::invalid(message));
    let within =
        |value: &Value, least: f64, most: f64| value.as_f64().is_none_or(|value| (least..=most).contains(&value));
    if !within(&input["healthCheckGracePeriodSeconds"], 0.0, 2_147_483_647.0) {
        return refuse("healthCheckGracePeriodSeconds must be between 0 and 2147483647.");
    }
    let configuration = &input["deploymentConfiguration"];
    if !within(&configuration["minimumHealthyPercent"], 0.0, 100.0) {
        return refuse("Minimum healthy percent must be between 0 and 100.");
    }
    if !within(&configuration["maximumPercent"], 100.0, 200.0) {
        return refuse("Maximum percent must be between 100 and 200.");
    }
    if configuration["maximumPercent"] == 100 && configuration["minimumHealthyPercent"] == 100 {
        return refuse("Both maximumPercent and minimumHealthyPercent cannot be 100 as this will block deployments.");
    }
    if !within(&configuration["bakeTimeInMinutes"], 0.0, 1440.0) {
        return refuse("bakeTimeInMinutes must be between 0 and 1440.");
    }
    for (strategy, member) in [("LINEAR", "linearConfiguration"), ("CANARY", "canaryConfiguration")] {
        if !configuration[member].is_null() && configuration["strategy"] != strategy {
            return refuse(&format!("{member} is only valid with the {strategy} strategy."));
        }
    }
    let linear = &configuration["linearConfiguration"];
    if !within(&linear["stepPercent"], 3.0, 100.0) || !within(&linear["stepBakeTimeInMinutes"], 0.0, 1440.0) {
        return refuse("stepPercent must be between 3.0 and 100.0, stepBakeTimeInMinutes between 0 and 1440.");
    }
    let canary = &configuration["canaryConfiguration"];
    if !within(&canary["canaryPercent"], 0.1, 100.0) || !within(&canary["canaryBakeTimeInMinutes"], 0.0, 1440.0) {
        return refuse("canaryPercent must be between 0.1 and 100.0, canaryBakeTimeInMinutes between 0 and 1440.");
    }
    Ok(())
}

fn check_network(input: &Value, awsvpc: bool) -> Result<(), Exception> {
    let subnets = &input["networkConfiguration"]["awsvpcConfiguration"]["subnets"];
    let given = subnets.as_array().is_some_and(|subnets| !subnets.is_empty());
    if awsvpc && !given {
        let message = "Network Configuration must be provided when networkMode 'awsvpc' is specified.";
        return Err(Exception::invalid(message));
    }
    Ok(())
}

/// Each load balancer must name a container of the definition and one of its ports.
fn check_balancers(balancers: &Value, definition: &Value) -> Result<(), Exception> {
    for balancer in balancers.as_array().into_iter().flatten() {
        let (name, port) = (balancer["containerName"].as_str().unwrap_or_default(), &balancer["containerPort"]);
        let containers = definition["containerDefinitions"].as_array().into_iter().flatten();
        let Some(container) = containers.into_iter().find(|container| container["name"] == name) else {
            let message = format!("The container {name} does not exist in the task definition.");
            return Err(Exception::invalid(&message));
        };
        let mappings = container["portMappings"].as_array().into_iter().flatten();
        if !mappings.into_iter().any(|mapping| mapping["containerPort"] == *port) {
            let message = format!("The container {name} did not have a container port {port} defined.");
            return Err(Exception::invalid(&message));
        }
    }
    Ok(())
}
