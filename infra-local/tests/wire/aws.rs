//! ECS and ECR.

use serde_json::{Value, json};

use crate::{
    client::{address_of, aws, ecs, get, request, send, until},
    stand_in,
};

fn one() -> Value {
    json!({"cluster": "hello", "services": ["hello"]})
}

fn has_null(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.iter().any(has_null),
        Value::Object(fields) => fields.values().any(has_null),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

#[tokio::test]
async fn a_service_is_described_in_full() {
    let stand_in = stand_in("steady").await;
    let answer =
        ecs(stand_in.address(), "DescribeServices", json!({"cluster": "hello", "services": ["hello", "nope"]})).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), "application/x-amz-json-1.1");
    assert!(!answer.header("x-amzn-requestid").is_empty());
    let output = answer.json();
    assert!(!has_null(&output), "absent members are left out");
    let service = &output["services"][0];
    assert_eq!(service["taskDefinition"], "arn:aws:ecs:eu-central-1:123456789012:task-definition/hello:3");
    assert_eq!((&service["runningCount"], &service["desiredCount"]), (&json!(2), &json!(2)));
    assert!(service["createdAt"].is_f64(), "times are epoch seconds with a fraction");
    assert_eq!(service["deployments"][0]["status"], "PRIMARY");
    assert_eq!(service["currentServiceRevisions"][0]["runningTaskCount"], 2);
    let missing = &output["failures"][0];
    assert_eq!(missing["reason"], "MISSING");
    assert_eq!(missing["arn"], "arn:aws:ecs:eu-central-1:123456789012:service/hello/nope");
    let services = ecs(stand_in.address(), "ListServices", json!({"cluster": "hello"})).await.json();
    assert_eq!(services["serviceArns"][0], service["serviceArn"]);
    stand_in.stop().await.unwrap();
}

#[tokio::test]
async fn refusals_are_json_with_the_name_of_the_exception() {
    let stand_in = stand_in("steady").await;
    let at = stand_in.address();
    let names: Vec<String> = (0..11).map(|number| format!("s{number}")).collect();
    let refusals = [
        ("DescribeServices", json!({"cluster": "hello", "services": names}), "InvalidParameterException"),
        ("DescribeServices", json!({"services": ["hello"]}), "ClusterNotFoundException"),
        ("DescribeServiceDeployments", json!({"serviceDeploymentArns": vec!["a"; 21]}), "InvalidParameterException"),
        ("DescribeTasks", json!({"cluster": "hello", "tasks": vec!["a"; 101]}), "InvalidParameterException"),
        ("ListTasks", json!({"cluster": "hello", "serviceName": "nope"}), "ServiceNotFoundException"),
        ("ListTasks", json!({"cluster": "hello", "nextToken": "made-up"}), "InvalidParameterException"),
        ("DescribeTaskDefinition", json!({"taskDefinition": "hello:9"}), "ClientException"),
        ("StopServiceDeployment", json!({"serviceDeploymentArn": "arn:none"}), "ServiceDeploymentNotFoundException"),
        (
            "UpdateService",
            json!({"cluster": "hello", "service": "hello", "taskDefinition": "hello:9"}),
            "ClientException",
        ),
        ("DeleteEverything", json!({}), "UnknownOperationException"),
    ];
    for (call, input, exception) in refusals {
        let answer = ecs(at, call, input).await;
        assert_eq!((answer.status, answer.json()["__type"].as_str()), (400, Some(exception)), "{call}");
        assert!(answer.json()["message"].is_string(), "{call}");
    }
    let other = aws(at, "AWSEvents.PutEvents", json!({})).await.unwrap();
    assert_eq!((other.status, other.json()["__type"].as_str()), (400, Some("UnknownOperationException")));
    let target = [("x-amz-target", "AmazonEC2ContainerServiceV20141113.DescribeServices")];
    let unsigned = send(at, request("POST", "/", &target, &one())).await.unwrap();
    assert_eq!(unsigned.json()["__type"], "MissingAuthenticationTokenException");
    stand_in.stop().await.unwrap();
}

#[tokio::test]
async fn lists_are_paged() {
    let stand_in = stand_in("steady").await;
    let (mut token, mut seen) = (Value::Null, Vec::new());
    loop {
        let mut input = json!({"cluster": "hello", "service": "hello", "maxResults": 2});
        if !token.is_null() {
            input["nextToken"] = token;
        }
        let output = ecs(stand_in.address(), "ListServiceDeployments", input).await.json();
        seen.extend(output["serviceDeployments"].as_array().unwrap().clone());
        token = output["nextToken"].clone();
        if token.is_null() {
            break;
        }
    }
    let created: Vec<f64> = seen.iter().map(|deployment| deployment["createdAt"].as_f64().unwrap()).collect();
    assert_eq!(created.len(), 3);
    assert!(created.is_sorted_by(|newer, older| newer > older), "newest first");
    let sorted = json!({"familyPrefix": "hello", "sort": "DESC", "maxResults": 1});
    let output = ecs(stand_in.address(), "ListTaskDefinitions", sorted).await.json();
    assert!(output["taskDefinitionArns"][0].as_str().unwrap().ends_with("hello:3"));
    assert!(output["nextToken"].is_string());
    stand_in.stop().await.unwrap();
}

#[tokio::test]
async fn digests_join_revisions_tasks_and_the_registry() {
    let stand_in = stand_in("steady").await;
    let at = stand_in.address();
    let service = ecs(at, "DescribeServices", one()).await.json()["services"][0].clone();
    let arn = &service["currentServiceRevisions"][0]["arn"];
    let revision = ecs(at, "DescribeServiceRevisions", json!({"serviceRevisionArns": [arn]})).await.json();
    let image = revision["serviceRevisions"][0]["containerImages"][0].clone();
    let tasks = ecs(at, "ListTasks", json!({"cluster": "hello", "serviceName": "hello"})).await.json();
    let tasks = ecs(at, "DescribeTasks", json!({"cluster": "hello", "tasks": tasks["taskArns"]})).await.json();
    assert_eq!(tasks["tasks"].as_array().unwrap().len(), 2);
    assert_eq!(tasks["tasks"][0]["containers"][0]["imageDigest"], image["imageDigest"]);
    assert_eq!(tasks["tasks"][0]["startedBy"], service["deployments"][0]["id"]);
    let by_digest = json!({"repositoryName": "hello", "imageIds": [{"imageDigest": image["imageDigest"]}]});
    let images = aws(at, "AmazonEC2ContainerRegistry_V20150921.DescribeImages", by_digest).await.unwrap().json();
    let tags = images["imageDetails"][0]["imageTags"].as_array().unwrap();
    let tag = image["image"].as_str().unwrap().rsplit(':').next().unwrap();
    assert!(tags.contains(&json!(tag)));
    let gone = json!({"repositoryName": "hello", "imageIds": [{"imageTag": "gone"}]});
    let gone = aws(at, "AmazonEC2ContainerRegistry_V20150921.DescribeImages", gone).await.unwrap();
    assert_eq!(gone.json()["__type"], "ImageNotFoundException");
    stand_in.stop().await.unwrap();
}

#[tokio::test]
async fn a_redeploy_ends_with_other_instances_behind_the_same_address() {
    let stand_in = stand_in("steady").await;
    let (at, public) = (stand_in.address(), address_of(&stand_in.aws_url()));
    let instance = || async { get(public, "/version").await.json()["instance"].as_str().unwrap().to_owned() };
    let before = [instance().await, instance().await];
    assert_ne!(before[0], before[1], "round robin over both");
    let input = json!({"cluster": "hello", "service": "hello", "forceNewDeployment": true});
    let updated = ecs(at, "UpdateService", input).await.json()["service"].clone();
    assert_eq!(updated["deployments"].as_array().unwrap().len(), 2);
    let arn = updated["currentServiceDeployment"].clone();
    until("the deployment is successful", || async {
        let input = json!({"serviceDeploymentArns": [arn]});
        let output = ecs(at, "DescribeServiceDeployments", input).await.json();
        let probe = get(public, "/version").await;
        assert_eq!(probe.status, 200, "somebody answers all the time");
        (output["serviceDeployments"][0]["status"] == "SUCCESSFUL").then_some(())
    })
    .await;
    let after = [instance().await, instance().await];
    assert!(after.iter().all(|id| !before.contains(id)), "{before:?} {after:?}");
    assert_eq!(stand_in.control().counts().writes.get("aws:UpdateService"), Some(&1));
    let stopped = json!({"cluster": "hello", "serviceName": "hello", "desiredStatus": "STOPPED"});
    let stopped = ecs(at, "ListTasks", stopped).await.json();
    assert_eq!(stopped["taskArns"].as_array().unwrap().len(), 2);
    stand_in.stop().await.unwrap();
}

#[tokio::test]
async fn a_service_older_than_the_deployment_calls_has_none() {
    let stand_in = stand_in("no-history").await;
    let at = stand_in.address();
    let service = ecs(at, "DescribeServices", one()).await.json()["services"][0].clone();
    assert!(service["currentServiceDeployment"].is_null() && service["currentServiceRevisions"].is_null());
    assert_eq!(service["deployments"][0]["rolloutState"], "COMPLETED");
    let refused = ecs(at, "ListServiceDeployments", json!({"cluster": "hello", "service": "hello"})).await;
    assert_eq!(refused.json()["__type"], "UnsupportedFeatureException");
    stand_in.stop().await.unwrap();
}

#[tokio::test]
async fn a_registered_definition_is_deployed_and_can_be_retired() {
    let stand_in = stand_in("steady").await;
    let at = stand_in.address();
    let described = ecs(at, "DescribeTaskDefinition", json!({"taskDefinition": "hello", "include": ["TAGS"]})).await;
    let known = described.json()["taskDefinition"].clone();
    assert_eq!(described.json()["tags"], json!([{"key": "team", "value": "hello"}]));
    let service = ecs(at, "DescribeServices", one()).await.json()["services"][0].clone();
    let revision = json!({"serviceRevisionArns": [service["currentServiceRevisions"][0]["arn"]]});
    let revision = ecs(at, "DescribeServiceRevisions", revision).await.json();
    let digest = revision["serviceRevisions"][0]["containerImages"][0]["imageDigest"].as_str().unwrap().to_owned();
    let pinned = format!("123456789012.dkr.ecr.eu-central-1.amazonaws.com/hello@{digest}");
    let input = json!({
        "family": "hello", "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"], "cpu": "256", "memory": "1024",
        "executionRoleArn": known["executionRoleArn"],
        "containerDefinitions": [{"name": "web", "image": pinned, "portMappings": [{"containerPort": 8080}]}],
    });
    let registered = ecs(at, "RegisterTaskDefinition", input).await.json()["taskDefinition"].clone();
    assert_eq!((&registered["revision"], &registered["status"]), (&json!(4), &json!("ACTIVE")));
    let container = &registered["containerDefinitions"][0];
    assert_eq!((&container["essential"], &container["portMappings"][0]["hostPort"]), (&json!(true), &json!(8080)));
    let update = json!({"cluster": "hello", "service": "hello", "taskDefinition": registered["taskDefinitionArn"]});
    let updated = ecs(at, "UpdateService", update).await.json()["service"].clone();
    assert_eq!(updated["taskDefinition"], registered["taskDefinitionArn"]);
    let arn = updated["currentServiceDeployment"].clone();
    until("it serves", || async {
        let input = json!({"serviceDeploymentArns": [arn]});
        let output = ecs(at, "DescribeServiceDeployments", input).await.json();
        (output["serviceDeployments"][0]["status"] == "SUCCESSFUL").then_some(())
    })
    .await;
    let retired = ecs(at, "DeregisterTaskDefinition", json!({"taskDefinition": "hello:1"})).await.json();
    assert_eq!(retired["taskDefinition"]["status"], "INACTIVE");
    assert!(retired["taskDefinition"]["deregisteredAt"].is_f64());
    let active = ecs(at, "ListTaskDefinitions", json!({"familyPrefix": "hello"})).await.json();
    assert_eq!(active["taskDefinitionArns"].as_array().unwrap().len(), 3);
    let families = ecs(at, "ListTaskDefinitionFamilies", json!({"familyPrefix": "he"})).await.json();
    assert_eq!(families["families"], json!(["hello"]));
    let refused = json!({"cluster": "hello", "service": "hello", "taskDefinition": "hello:1"});
    let refused = ecs(at, "UpdateService", refused).await.json();
    assert_eq!(
        (&refused["__type"], &refused["message"]),
        (&json!("ClientException"), &json!("TaskDefinition is inactive"))
    );
    stand_in.stop().await.unwrap();
}
