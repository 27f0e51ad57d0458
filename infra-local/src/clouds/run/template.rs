//! Templates of revisions: what is refused, and what the server fills in.

use serde_json::{Value, json};

use super::{PROJECT_NUMBER, schema::read::seconds};

/// Longest time for one request, in seconds.
const LONGEST: f64 = 3600.0;
/// Most requests at once that one instance may take.
const CONCURRENCY: i64 = 1000;

/// Why a template is refused: the API's sentence. `prefix` is the service's name.
pub fn check(template: &Value, revision: Option<&str>, prefix: &str) -> Result<(), String> {
    let containers = template["containers"].as_array().map_or(&[][..], Vec::as_slice);
    if containers.is_empty() {
        return Err("spec.template.spec.containers: must have at least one container".to_owned());
    }
    for (index, container) in containers.iter().enumerate() {
        if container["image"].as_str().is_none_or(str::is_empty) {
            return Err(format!("spec.template.spec.containers[{index}].image: must be set"));
        }
    }
    if containers.iter().filter(|container| container["ports"].is_array()).count() > 1 {
        return Err("spec.template.spec.containers: only one container may have ports".to_owned());
    }
    if let Some(name) = revision
        && !name.strip_prefix(prefix).is_some_and(|rest| rest.starts_with('-') && is_name(name))
    {
        let problem = "must be prefixed by the name of the enclosing Service with a trailing -, and be a DNS label";
        return Err(format!("spec.template.metadata.name: '{name}' {problem}"));
    }
    let scaling = &template["scaling"];
    let (least, most) = (scaling["minInstanceCount"].as_i64(), scaling["maxInstanceCount"].as_i64());
    if [least, most].into_iter().flatten().any(i64::is_negative) {
        return Err("spec.template.scaling: counts must not be negative".to_owned());
    }
    if let (Some(least), Some(most)) = (least, most)
        && least > most
    {
        return Err(format!("spec.template.scaling: min instances {least} must not be more than max instances {most}"));
    }
    if template["timeout"].as_str().and_then(seconds).is_some_and(|seconds| !(1.0..=LONGEST).contains(&seconds)) {
        return Err("spec.template.spec.timeoutSeconds: must be between 1 and 3600".to_owned());
    }
    if template["maxInstanceRequestConcurrency"].as_i64().is_some_and(|most| !(1..=CONCURRENCY).contains(&most)) {
        return Err("spec.template.spec.containerConcurrency: must be between 1 and 1000".to_owned());
    }
    Ok(())
}

/// Small letters, digits and hyphens, at most 63, no hyphen at an end.
pub fn is_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=63).contains(&name.len()) && name.bytes().all(plain) && !name.starts_with('-') && !name.ends_with('-')
}

/// Fills in what the client left to the server. Filling in twice changes nothing.
pub fn fill_in(template: &mut Value) {
    let missing = |value: &Value| value.is_null();
    if missing(&template["timeout"]) {
        template["timeout"] = json!("300s");
    }
    if missing(&template["serviceAccount"]) {
        template["serviceAccount"] = json!(format!("{PROJECT_NUMBER}-compute@developer.gserviceaccount.com"));
    }
    if missing(&template["maxInstanceRequestConcurrency"]) {
        template["maxInstanceRequestConcurrency"] = json!(80);
    }
    if missing(&template["scaling"]["maxInstanceCount"]) {
        let least = template["scaling"]["minInstanceCount"].as_i64().unwrap_or(0);
        template["scaling"]["maxInstanceCount"] = json!(least.max(100));
    }
    let Some(containers) = template["containers"].as_array_mut() else { return };
    // The first container gets the requests, unless another one says that it does.
    let ingress = containers.iter().position(|container| container["ports"].is_array()).unwrap_or(0);
    for (index, container) in containers.iter_mut().enumerate() {
        if missing(&container["resources"]) {
            container["resources"] = json!({"cpuIdle": true});
        }
        if missing(&container["resources"]["limits"]) {
            container["resources"]["limits"] = json!({"cpu": "1000m", "memory": "512Mi"});
        }
        if index != ingress {
            continue;
        }
        if missing(&container["ports"]) {
            container["ports"] = json!([{"containerPort": 8080}]);
        }
        if missing(&container["ports"][0]["name"]) {
            container["ports"][0]["name"] = json!("http1");
        }
        if missing(&container["startupProbe"]) {
            let port = &container["ports"][0]["containerPort"];
            container["startupProbe"] = json!({"timeoutSeconds": 240, "periodSeconds": 240, "failureThreshold": 1, "tcpSocket": {"port": port}});
        }
    }
    drop_nulls(template);
}

/// Looking at what is missing must not leave traces.
fn drop_nulls(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|_, value| !value.is_null());
            fields.values_mut().for_each(drop_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(drop_nulls),
        _ => {}
    }
}

/// Instances that stay although nobody asks for anything.
pub fn least_instances(template: &Value, settings: &Value) -> i64 {
    let counts = [&template["scaling"], &settings["scaling"]].map(|scaling| scaling["minInstanceCount"].as_i64());
    let manual = settings["scaling"]["manualInstanceCount"].as_i64();
    counts.into_iter().chain([manual]).flatten().max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filling_in_is_done_once() {
        let mut once = json!({"containers": [{"image": "x"}, {"image": "y"}]});
        fill_in(&mut once);
        let mut twice = once.clone();
        fill_in(&mut twice);
        assert_eq!(once, twice);
        assert_eq!(once["containers"][0]["startupProbe"]["tcpSocket"]["port"], 8080);
        assert_eq!(once["containers"][1]["ports"], Value::Null);
        assert_eq!((&once["timeout"], &once["scaling"]["maxInstanceCount"]), (&json!("300s"), &json!(100)));
    }

    #[test]
    fn what_cannot_be_is_refused() {
        let refused = |more: Value| {
            let mut template = json!({"containers": [{"image": "x"}]});
            if let (Value::Object(template), Value::Object(more)) = (&mut template, more) {
                template.extend(more);
            }
            let name = template["revision"].take();
            check(&template, name.as_str(), "hello").is_err()
        };
        assert!(!refused(json!({"revision": "hello-mine", "timeout": "60s"})));
        for wrong in [
            json!({"containers": []}),
            json!({"containers": [{"name": "x"}]}),
            json!({"containers": [{"image": "x", "ports": []}, {"image": "y", "ports": []}]}),
            json!({"revision": "other-00001-abc"}),
            json!({"revision": "hello-UP"}),
            json!({"timeout": "3601s"}),
            json!({"scaling": {"minInstanceCount": 3, "maxInstanceCount": 2}}),
            json!({"scaling": {"minInstanceCount": -1}}),
            json!({"maxInstanceRequestConcurrency": 1001}),
        ] {
            assert!(refused(wrong.clone()), "{wrong}");
        }
    }
}
