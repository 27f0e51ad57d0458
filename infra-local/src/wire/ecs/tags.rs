//! The calls of ECS about tags: on clusters, services and task definitions.

use serde_json::{Value, json};

use super::{Output, exception, key_in, name_in, required, tags_in};
use crate::{
    clouds::ecs::{Ecs, Key, arn, change::Refusal},
    wire::aws::{Exception, texts},
};

/// What can be tagged.
enum Place {
    Service(Key),
    Cluster(String),
    Definition(String),
}

fn place(resource: &str) -> Result<Place, Exception> {
    let is = |kind: &str| resource.starts_with(&arn(&format!("{kind}/")));
    if is("service") {
        Ok(Place::Service(key_in("", resource)))
    } else if is("cluster") {
        Ok(Place::Cluster(name_in(resource, "cluster").to_owned()))
    } else if is("task-definition") {
        Ok(Place::Definition(resource.to_owned()))
    } else {
        Err(Exception::invalid("Invalid resource ARN."))
    }
}

fn no_definition() -> Exception {
    Exception("ClientException", "The specified task definition does not exist.".to_owned())
}

/// The tags of what an ARN names, to be changed.
fn tags_of<'a>(ecs: &'a mut Ecs, resource: &str) -> Result<&'a mut Vec<Value>, Exception> {
    match place(resource)? {
        Place::Service(key) => {
            let found = ecs.services.get_mut(&key).map(|service| &mut service.tags);
            found.ok_or_else(|| exception(Refusal::NoService))
        }
        Place::Cluster(name) => {
            let found = ecs.clusters.get_mut(&name).map(|cluster| &mut cluster.tags);
            found.ok_or_else(|| exception(Refusal::NoCluster))
        }
        Place::Definition(name) => {
            ecs.definitions.find_mut(&name).map(|definition| &mut definition.tags).ok_or_else(no_definition)
        }
    }
}

/// `ListTagsForResource`.
pub fn list(ecs: &Ecs, input: &Value) -> Output {
    let tags = match place(required(input, "resourceArn")?)? {
        Place::Service(key) => &ecs.service(&key).ok_or_else(|| exception(Refusal::NoService))?.tags,
        Place::Cluster(name) => &ecs.clusters.get(&name).ok_or_else(|| exception(Refusal::NoCluster))?.tags,
        Place::Definition(name) => &ecs.definitions.find(&name).ok_or_else(no_definition)?.tags,
    };
    Ok(json!({"tags": tags}))
}

/// `TagResource`: a key that is there gets the new value.
pub fn add(ecs: &mut Ecs, input: &Value) -> Output {
    let given = tags_in(input)?;
    let tags = tags_of(ecs, required(input, "resourceArn")?)?;
    tags.retain(|tag| !given.iter().any(|new| new["key"] == tag["key"]));
    if tags.len() + given.len() > 50 {
        return Err(Exception::invalid("Tags can not exceed 50."));
    }
    tags.extend(given);
    Ok(json!({}))
}

/// `UntagResource`.
pub fn remove(ecs: &mut Ecs, input: &Value) -> Output {
    let keys = texts(input, "tagKeys");
    let tags = tags_of(ecs, required(input, "resourceArn")?)?;
    tags.retain(|tag| !tag["key"].as_str().is_some_and(|key| keys.contains(&key)));
    Ok(json!({}))
}
