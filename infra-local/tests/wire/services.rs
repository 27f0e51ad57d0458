//! ECS: clusters and services that clients make, many of them, and what is refused.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::{
    client::{control, ecs, google, until},
    stand_in,
};

/// Every page of a list.
async fn all(at: std::net::SocketAddr, call: &str, list: &str, mut input: Value) -> (Vec<Value>, usize) {
    let (mut items, mut pages) = (Vec::new(), 0);
    loop {
        let output = ecs(at, call, input.clone()).await.json();
        items.extend(output[list].as_array().unwrap().clone());
        pages += 1;
        match &output["nextToken"] {
            Value::Null => return (items, pages),
            token => input["nextToken"] = token.clone(),
        }
    }
}

#[tokio::test]
async fn many_services_are_listed_in_pages_and_described_by_tens() {
    let stand_in = stand_in("many").await;
    let at = stand_in.address();
    let (arns, pages) = all(at, "ListServices", "serviceArns", json!({"cluster": "hello", "maxResults": 100})).await;
    assert_eq!((arns.len(), pages), (250, 3));
    assert_eq!(arns.iter().map(Value::to_string).collect::<BTreeSet<_>>().len(), 250);
    let (_, pages) = all(at, "ListServices", "serviceArns", json!({"cluster": "hello"})).await;
    assert_eq!(pages, 25, "ten a page when nobody asks for more");
    for ten in arns.chunks(10) {
        let output = ecs(at, "DescribeServices", json!({"cluster": "hello", "services": ten})).await.json();
        let services = output["services"].as_array().unwrap();
        assert_eq!((services.len(), &output["failures"]), (10, &json!([])));
        let named = |service: &Value| service["serviceName"] == "hello";
        let resting = |service: &Value| service["desiredCount"] == 0 && service["runningCount"] == 0;
        assert!(services.iter().all(|service| named(service) || resting(service)));
        assert!(services.iter().all(|service| service["deployments"][0]["rolloutState"] == "COMPLETED"));
    }
    stand_in.stop().await.unwrap();
}

#[tokio::test]
async fn a_service_lives_from_its_cluster_to_its_end() {
    let stand_in = stand_in("steady").await;
    let at = stand_in.address();
    let made =
        ecs(at, "CreateCluster", json!({"clusterName": "own", "tags": [{"key": "a", "value": "b"}]})).await.json();
    assert_eq!(made["cluster"]["status"], "ACTIVE");
    let network = json!({"awsvpcConfiguration": {"subnets": ["subnet-1"], "securityGroups": ["sg-1"]}});
    let input = json!({
        "cluster": made["cluster"]["clusterArn"], "serviceName": "web", "taskDefinition": "hello", "desiredCount": 1,
        "launchType": "FARGATE", "capacityProviderStrategy": [], "networkConfiguration": network, "deploymentConfiguration": {"minimumHealthyPercent": 50}, "unheardOf": true,
    });
    let service = ecs(at, "CreateService", input.clone()).await.json()["service"].clone();
    assert_eq!(service["serviceArn"], "arn:aws:ecs:eu-central-1:123456789012:service/own/web");
    let configuration = &service["deploymentConfiguration"];
    assert_eq!((&configuration["minimumHealthyPercent"], &configuration["maximumPercent"]), (&json!(50), &json!(200)));
    assert_eq!(service["networkConfiguration"], network);
    let again = ecs(at, "CreateService", input).await.json()["service"].clone();
    assert_eq!(
        again["currentServiceDeployment"], service["currentServiceDeployment"],
        "the same request makes nothing new"
    );
    until("its task runs", || async {
        let output = ecs(at, "DescribeServices", json!({"cluster": "own", "services": ["web"]})).await.json();
        let service = &output["services"][0];
        (service["runningCount"] == 1 && service["deployments"][0]["rolloutState"] == "COMPLETED").then_some(())
    })
    .await;
    let task =
        ecs(at, "ListTasks", json!({"cluster": "own", "serviceName": "web"})).await.json()["taskArns"][0].clone();
    let stopped = json!({"cluster": "own", "task": task, "reason": "enough"});
    let stopped = ecs(at, "StopTask", stopped).await.json()["task"].clone();
    assert_eq!((&stopped["stopCode"], &stopped["stoppedReason"]), (&json!("UserInitiated"), &json!("enough")));
    let tag = json!({"resourceArn": service["serviceArn"], "tags": [{"key": "team", "value": "web"}]});
    assert_eq!(ecs(at, "TagResource", tag).await.status, 200);
    let tags = ecs(at, "ListTagsForResource", json!({"resourceArn": service["serviceArn"]})).await.json();
    assert_eq!(tags["tags"], json!([{"key": "team", "value": "web"}]));
    let kept = ecs(at, "DeleteCluster", json!({"cluster": "own"})).await.json();
    assert_eq!(kept["__type"], "ClusterContainsServicesException");
    let deleted = json!({"cluster": "own", "service": "web", "force": true});
    assert_eq!(ecs(at, "DeleteService", deleted).await.json()["service"]["status"], "DRAINING");
    until("it is inactive", || async {
        let output = ecs(at, "DescribeServices", json!({"cluster": "own", "services": ["web"]})).await.json();
        (output["services"][0]["status"] == "INACTIVE").then_some(())
    })
    .await;
    assert_eq!(ecs(at, "ListServices", json!({"cluster": "own"})).await.json()["serviceArns"], json!([]));
    let update = ecs(at, "UpdateService", json!({"cluster": "own", "service": "web", "desiredCount": 1})).await.json();
    assert_eq!(update["__type"], "ServiceNotActiveException");
    assert_eq!(ecs(at, "DeleteCluster", json!({"cluster": "own"})).await.json()["cluster"]["status"], "INACTIVE");
    let gone = ecs(at, "ListServices", json!({"cluster": "own"})).await.json();
    assert_eq!(gone["__type"], "ClusterNotFoundException");
    stand_in.stop().await.unwrap();
}

#[tokio::test]
async fn readers_see_a_write_when_its_lag_is_over() {
    let stand_in = stand_in("steady").await;
    let at = stand_in.address();
    assert_eq!(control(at, "PUT", "lag", &json!({"seconds": -1})).await.status, 400);
    assert_eq!(control(at, "PUT", "lag", &json!({"seconds": 1.5})).await.status, 200);
    let describe = || async {
        let output = ecs(at, "DescribeServices", json!({"cluster": "hello", "services": ["hello"]})).await.json();
        output["services"][0]["currentServiceDeployment"].clone()
    };
    let before = describe().await;
    let input = json!({"cluster": "hello", "service": "hello", "forceNewDeployment": true});
    let own = ecs(at, "UpdateService", input).await.json()["service"]["currentServiceDeployment"].clone();
    assert_ne!(own, before, "the answer to the write is up to date");
    assert_eq!(describe().await, before, "a reader is not");
    until("a reader sees it", || async { (describe().await == own).then_some(()) }).await;
    stand_in.stop().await.unwrap();
}

#[tokio::test]
async fn requests_are_checked_as_aws_does() {
    let stand_in = stand_in("steady").await;
    let at = stand_in.address();
    let arn = ecs(at, "DescribeServices", json!({"cluster": "hello", "services": ["hello"]})).await.json()["services"]
        [0]["currentServiceDeployment"]
        .clone();
    let one = |more: Value| {
        let mut input = json!({"cluster": "hello", "service": "hello"});
        for (name, value) in more.as_object().unwrap() {
            input[name] = value.clone();
        }
        input
    };
    let configuration = |configuration: Value| one(json!({"deploymentConfiguration": configuration}));
    let invalid = "InvalidParameterException";
    let refusals = [
        ("UpdateService", one(json!({"desiredCount": "2"})), "SerializationException"),
        ("UpdateService", one(json!({"desiredCount": -1})), invalid),
        ("UpdateService", one(json!({"propagateTags": "ALWAYS"})), invalid),
        ("UpdateService", json!({"cluster": "hello"}), invalid),
        ("UpdateService", configuration(json!({"maximumPercent": 20})), invalid),
        ("UpdateService", configuration(json!({"maximumPercent": 100, "minimumHealthyPercent": 100})), invalid),
        ("UpdateService", configuration(json!({"linearConfiguration": {"stepPercent": 10.0}})), invalid),
        ("UpdateService", configuration(json!({"deploymentCircuitBreaker": {"enable": true}})), invalid),
        (
            "UpdateService",
            one(json!({"loadBalancers": [{"targetGroupArn": "x", "containerName": "no", "containerPort": 1}]})),
            invalid,
        ),
        ("CreateService", json!({"cluster": "hello", "serviceName": "x", "desiredCount": 1}), "ClientException"),
        (
            "CreateService",
            json!({"cluster": "hello", "serviceName": "x", "taskDefinition": "hello", "desiredCount": 1}),
            invalid,
        ),
        ("DeleteService", one(json!({})), invalid),
        ("StopServiceDeployment", json!({"serviceDeploymentArn": arn, "stopType": "NOW"}), invalid),
        ("StopServiceDeployment", json!({"serviceDeploymentArn": arn, "stopType": "ABORT"}), "ConflictException"),
        ("ContinueServiceDeployment", json!({"serviceDeploymentArn": arn, "hookId": "none"}), invalid),
        ("TagResource", json!({"resourceArn": "arn:none", "tags": []}), invalid),
        ("StopTask", json!({"cluster": "hello", "task": "none"}), invalid),
        ("RegisterTaskDefinition", json!({"family": "x", "containerDefinitions": []}), "ClientException"),
        ("RunTask", json!({"taskDefinition": "hello"}), "UnknownOperationException"),
    ];
    for (call, input, exception) in refusals {
        let answer = ecs(at, call, input.clone()).await;
        assert_eq!((answer.status, answer.json()["__type"].as_str()), (400, Some(exception)), "{call} {input}");
    }
    let ignored = ecs(at, "ListServices", json!({"cluster": "hello", "clustre": 1})).await;
    assert_eq!(ignored.status, 200, "AWS ignores members it does not know");
    stand_in.stop().await.unwrap();
}

#[tokio::test]
async fn a_deployment_made_between_two_pages_repeats_no_older_one() {
    let stand_in = stand_in("steady").await;
    let at = stand_in.address();
    let list = async |status: &[&str], token: &Value| {
        let input =
            json!({"cluster": "hello", "service": "hello", "status": status, "maxResults": 2, "nextToken": token});
        ecs(at, "ListServiceDeployments", input).await
    };
    let arns = |page: &Value| -> Vec<String> {
        let shown = page["serviceDeployments"].as_array().unwrap().iter();
        shown.map(|one| one["serviceDeploymentArn"].as_str().unwrap().to_owned()).collect()
    };
    let first = list(&[], &Value::Null).await.json();
    let update = json!({"cluster": "hello", "service": "hello", "forceNewDeployment": true});
    assert_eq!(ecs(at, "UpdateService", update).await.status, 200);
    let second = list(&[], &first["nextToken"]).await.json();
    let (first_arns, second_arns) = (arns(&first), arns(&second));
    assert_eq!((first_arns.len(), second_arns.len()), (2, 1));
    assert!(!first_arns.contains(&second_arns[0]));
    let other = list(&["SUCCESSFUL"], &first["nextToken"]).await;
    assert_eq!((other.status, other.json()["__type"].as_str()), (400, Some("InvalidParameterException")));
    stand_in.stop().await.unwrap();
}

#[tokio::test]
async fn a_revision_made_between_two_pages_repeats_no_older_one() {
    const SERVICE: &str = "/v2/projects/acme-local/locations/europe-west1/services/hello";
    let stand_in = stand_in("steady").await;
    let at = stand_in.address();
    let names = |page: &Value| -> Vec<String> {
        page["revisions"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect()
    };
    let first = google(at, "GET", &format!("{SERVICE}/revisions?pageSize=2"), Value::Null).await.json();
    let template = google(at, "GET", SERVICE, Value::Null).await.json()["template"].clone();
    let forced = format!("{SERVICE}?updateMask=template&forceNewRevision=true");
    assert_eq!(google(at, "PATCH", &forced, json!({"template": template})).await.status, 200);
    let token = first["nextPageToken"].as_str().unwrap();
    let page = format!("{SERVICE}/revisions?pageSize=2&pageToken={token}");
    let second = google(at, "GET", &page, Value::Null).await.json();
    let (first, second) = (names(&first), names(&second));
    assert_eq!((first.len(), second.len()), (2, 1));
    assert!(!first.contains(&second[0]));
    let other = google(at, "GET", &format!("{page}&showDeleted=true"), Value::Null).await;
    assert_eq!((other.status, &other.json()["error"]["status"]), (400, &json!("INVALID_ARGUMENT")));
    stand_in.stop().await.unwrap();
}

#[tokio::test]
async fn a_refused_write_leaves_nothing_for_readers_to_wait_for() {
    const SERVICE: &str = "/v2/projects/acme-local/locations/europe-west1/services/hello";
    let stand_in = stand_in("steady").await;
    let at = stand_in.address();
    stand_in.control().set_lag(std::time::Duration::from_mins(10));
    let refused =
        ecs(at, "UpdateService", json!({"cluster": "hello", "service": "hello", "taskDefinition": "gone"})).await;
    assert_eq!(refused.status, 400);
    let stale = json!({"etag": "\"stale\"", "traffic": []});
    let refused = google(at, "PATCH", &format!("{SERVICE}?updateMask=traffic"), stale).await;
    assert_eq!(refused.status, 409);
    // A write from beneath the wire is seen at once: no reader is shown a copy from before.
    stand_in.control().with_clouds(|clouds| {
        clouds.run.creator = "somebody".to_owned();
        clouds.ecs.services.values_mut().for_each(|service| service.desired = 3);
    });
    assert_eq!(google(at, "GET", SERVICE, Value::Null).await.json()["creator"], "somebody");
    let services = ecs(at, "DescribeServices", json!({"cluster": "hello", "services": ["hello"]})).await.json();
    assert_eq!(services["services"][0]["desiredCount"], 3);
    stand_in.stop().await.unwrap();
}
