//! The table itself, and reading and writing by it.

use serde_json::json;

use super::{read::read, *};

#[test]
fn the_table_is_whole() {
    let known = |kind: &Kind| {
        let mut kind = kind;
        while let Kind::List(of) | Kind::Map(of) = kind {
            kind = of;
        }
        match kind {
            Kind::Message(name) => schema().messages.contains_key(name),
            Kind::Enum(name) => schema().enums.contains_key(name),
            _ => true,
        }
    };
    assert!(schema().messages.len() > 50);
    for (message, fields) in &schema().messages {
        for (name, field) in fields {
            assert!(known(&field.kind), "{message}.{name}");
        }
    }
    for words in schema().enums.values() {
        assert_eq!(words[0].1, 0);
    }
}

#[test]
fn a_request_is_kept_in_one_form() {
    let given = json!({
        "ingress": 1,
        "generation": 7,
        "launch_stage": "GA",
        "scaling": {"scalingMode": "SCALING_MODE_UNSPECIFIED", "minInstanceCount": 1},
        "annotations": {"a": "SCALING_MODE_UNSPECIFIED"},
        "labels": {"a": ""},
        "description": "",
        "template": {"containers": [{"image": "x", "ports": [{"containerPort": "8080"}]}], "timeout": "30s", "volumes": []},
        "traffic": [{"type": 2, "revision": "r", "percent": 100}],
    });
    let kept = json!({
        "ingress": "INGRESS_TRAFFIC_ALL",
        "launchStage": "GA",
        "scaling": {"minInstanceCount": 1},
        "annotations": {"a": "SCALING_MODE_UNSPECIFIED"},
        "labels": {"a": ""},
        "template": {"containers": [{"image": "x", "ports": [{"containerPort": 8080}]}], "timeout": "30s"},
        "traffic": [{"type": "TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION", "revision": "r", "percent": 100}],
    });
    assert_eq!(read("Service", &given, "service"), Ok(kept));
}

#[test]
fn what_is_wrong_is_named_with_its_place() {
    let given = json!({"flavour": 1, "template": {"timeout": "soon", "containers": [{"imag": "x"}]}, "ingress": 99});
    let wrong = read("Service", &given, "service").unwrap_err();
    let sentences: Vec<&str> = wrong.iter().map(|violation| violation.description.as_str()).collect();
    assert_eq!(
        sentences,
        [
            "Invalid JSON payload received. Unknown name \"flavour\" at 'service': Cannot find field.",
            "Invalid value at 'service.ingress' (type.googleapis.com/google.cloud.run.v2.Ingress), 99",
            "Invalid JSON payload received. Unknown name \"imag\" at 'service.template.containers[0]': Cannot find field.",
            "Invalid value at 'service.template.timeout' (type.googleapis.com/google.protobuf.Duration), \"soon\"",
        ]
    );
}

#[test]
fn an_answer_leaves_defaults_out_and_counts_enums_when_asked() {
    let value = json!({
        "name": "s", "etag": null, "reconciling": false, "labels": {"a": ""}, "annotations": {}, "ingress": "INGRESS_TRAFFIC_ALL",
        "template": {"scaling": {}, "timeout": ""},
    });
    let words =
        json!({"name": "s", "labels": {"a": ""}, "ingress": "INGRESS_TRAFFIC_ALL", "template": {"scaling": {}}});
    assert_eq!(write("Service", value.clone(), false), words);
    assert_eq!(write("Service", value, true)["ingress"], 1);
}

#[test]
fn masks_name_fields_in_either_spelling() {
    let steps = |text| path("Service", text).map(|(steps, _)| steps.join("/"));
    assert_eq!(steps("template.max_instance_request_concurrency").unwrap(), "template/maxInstanceRequestConcurrency");
    assert_eq!(steps("labels.team").unwrap(), "labels/team");
    assert_eq!(path("Service", "updateTime").map(|(_, output)| output), Some(true));
    for unknown in ["template.flavour", "traffic.percent", "trafic", "template.containers.image"] {
        assert_eq!(steps(unknown), None, "{unknown}");
    }
}

#[test]
fn values_are_put_and_taken_at_their_steps() {
    let steps = |text: &str| text.split('/').map(str::to_owned).collect::<Vec<_>>();
    let mut value = json!({"a": {"b": 1}});
    put(&mut value, &steps("a/c/d"), Some(json!(2)));
    put(&mut value, &steps("x/y"), None);
    put(&mut value, &steps("a/b"), None);
    assert_eq!(value, json!({"a": {"c": {"d": 2}}}));
    assert_eq!(get(&value, &steps("a/c/d")), Some(&json!(2)));
}
