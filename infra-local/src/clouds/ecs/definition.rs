//! Task definitions: families, their numbered revisions, and what ECS fills in when one is registered.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{ACCOUNT, arn};
use crate::moment::Moment;

/// Where a task definition is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Can be deployed.
    Active,
    /// Deregistered: can be described, and what runs it goes on.
    Inactive,
    /// Given up for good.
    Deleting,
}

impl Standing {
    /// ECS's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Active => "ACTIVE",
            Self::Inactive => "INACTIVE",
            Self::Deleting => "DELETE_IN_PROGRESS",
        }
    }

    /// What the word means.
    pub fn of(word: &str) -> Option<Self> {
        [Self::Active, Self::Inactive, Self::Deleting].into_iter().find(|standing| standing.word() == word)
    }
}

/// One registered task definition.
#[derive(Clone, Debug)]
pub struct Definition {
    /// Its family.
    pub family: String,
    /// Its number in the family, from 1.
    pub number: u32,
    /// What was registered, with what ECS fills in: members of the API's `TaskDefinition`.
    pub body: Value,
    /// The API's `tags`.
    pub tags: Vec<Value>,
    /// When it was registered.
    pub registered_at: Moment,
    /// When it was deregistered.
    pub deregistered_at: Option<Moment>,
    /// Where it is in its life.
    pub standing: Standing,
}

impl Definition {
    /// `family:number`.
    pub fn name(&self) -> String {
        format!("{}:{}", self.family, self.number)
    }

    /// Its ARN.
    pub fn arn(&self) -> String {
        definition_arn(&self.name())
    }

    /// Whether a container has a health check.
    pub fn is_checked(&self) -> bool {
        let mut containers = self.body["containerDefinitions"].as_array().into_iter().flatten();
        containers.any(|container| !container["healthCheck"].is_null())
    }

    /// Name and image of each container, as written.
    pub fn containers(&self) -> Vec<(String, String)> {
        let text = |container: &Value, name: &str| container[name].as_str().unwrap_or_default().to_owned();
        let containers = self.body["containerDefinitions"].as_array().into_iter().flatten();
        containers.map(|container| (text(container, "name"), text(container, "image"))).collect()
    }
}

/// The ARN of `family:number`.
pub fn definition_arn(name: &str) -> String {
    arn(&format!("task-definition/{name}"))
}

/// All task definitions.
#[derive(Clone, Debug, Default)]
pub struct Definitions(BTreeMap<String, Vec<Definition>>);

impl Definitions {
    /// Registers the next revision of a family; `input` holds members of the API's `RegisterTaskDefinitionRequest`.
    pub fn register(&mut self, now: Moment, family: &str, input: &Value) -> &Definition {
        let revisions = self.0.entry(family.to_owned()).or_default();
        let number = u32::try_from(revisions.len() + 1).unwrap_or(u32::MAX);
        revisions.push(Definition {
            family: family.to_owned(),
            number,
            body: completed(input),
            tags: input["tags"].as_array().cloned().unwrap_or_default(),
            registered_at: now,
            deregistered_at: None,
            standing: Standing::Active,
        });
        &revisions[revisions.len() - 1]
    }

    /// What a client means by a full ARN, `family:number`, or `family` (the newest active one).
    pub fn find(&self, reference: &str) -> Option<&Definition> {
        let name = short(reference)?;
        match name.split_once(':') {
            Some((family, number)) => {
                let number: u32 = number.parse().ok()?;
                self.0.get(family)?.iter().find(|definition| definition.number == number)
            }
            None => self.0.get(name)?.iter().rfind(|definition| definition.standing == Standing::Active),
        }
    }

    /// The same, to be changed; the number must be given.
    pub fn find_mut(&mut self, reference: &str) -> Option<&mut Definition> {
        let (family, number) = short(reference)?.split_once(':')?;
        let number: u32 = number.parse().ok()?;
        self.0.get_mut(family)?.iter_mut().find(|definition| definition.number == number)
    }

    /// All, by family and number.
    pub fn all(&self) -> impl DoubleEndedIterator<Item = &Definition> {
        self.0.values().flatten()
    }

    /// The families, and whether one of their definitions is active.
    pub fn families(&self) -> impl Iterator<Item = (&str, bool)> {
        self.0.iter().map(|(family, revisions)| {
            (family.as_str(), revisions.iter().any(|definition| definition.standing == Standing::Active))
        })
    }
}

/// `family` or `family:number` out of what a client wrote; an ARN must be one of a task definition here.
fn short(reference: &str) -> Option<&str> {
    if reference.starts_with("arn:") {
        return reference.strip_prefix(arn("task-definition/").as_str());
    }
    Some(reference)
}

/// What ECS keeps of a registration: everything that was given, and its own defaults.
fn completed(input: &Value) -> Value {
    let mut body = input.clone();
    let awsvpc = input["networkMode"] == "awsvpc";
    let Some(members) = body.as_object_mut() else { return json!({}) };
    for name in ["tags", "family"] {
        members.remove(name);
    }
    for name in ["volumes", "placementConstraints"] {
        members.entry(name).or_insert_with(|| json!([]));
    }
    for name in ["taskRoleArn", "executionRoleArn"] {
        if let Some(Value::String(role)) = members.get_mut(name)
            && !role.starts_with("arn:")
        {
            *role = format!("arn:aws:iam::{ACCOUNT}:role/{role}");
        }
    }
    let mut attributes = vec!["com.amazonaws.ecs.capability.docker-remote-api.1.18"];
    if awsvpc {
        attributes.push("ecs.capability.task-eni");
    }
    members.insert("requiresAttributes".into(), attributes.into_iter().map(|name| json!({"name": name})).collect());
    let everywhere = awsvpc && input["cpu"].is_string() && input["memory"].is_string();
    members.insert("compatibilities".into(), if everywhere { json!(["EC2", "FARGATE"]) } else { json!(["EC2"]) });
    for container in members.get_mut("containerDefinitions").and_then(Value::as_array_mut).into_iter().flatten() {
        complete_container(container, awsvpc);
    }
    body
}

fn complete_container(container: &mut Value, awsvpc: bool) {
    let Some(members) = container.as_object_mut() else { return };
    let defaults = [("cpu", json!(0)), ("essential", json!(true))];
    let lists = ["portMappings", "environment", "mountPoints", "volumesFrom", "systemControls"];
    for (name, value) in defaults.into_iter().chain(lists.map(|name| (name, json!([])))) {
        members.entry(name).or_insert(value);
    }
    for mapping in members.get_mut("portMappings").and_then(Value::as_array_mut).into_iter().flatten() {
        let port = if awsvpc { mapping["containerPort"].clone() } else { json!(0) };
        let Some(mapping) = mapping.as_object_mut() else { continue };
        if mapping.contains_key("containerPort") {
            mapping.entry("hostPort").or_insert(port);
        }
        mapping.entry("protocol").or_insert(json!("tcp"));
    }
    if let Some(check) = members.get_mut("healthCheck").and_then(Value::as_object_mut) {
        for (name, value) in [("interval", 30), ("timeout", 5), ("retries", 3)] {
            check.entry(name).or_insert(json!(value));
        }
    }
}
