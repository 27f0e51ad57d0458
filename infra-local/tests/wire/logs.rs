//! `CloudWatch` Logs.

use std::net::SocketAddr;

use serde_json::{Value, json};

use crate::{
    client::{address_of, aws, ecs, get, until},
    stand_in,
};

async fn logs(at: SocketAddr, name: &str, input: Value) -> Value {
    let answer = aws(at, &format!("Logs_20140328.{name}"), input).await.unwrap();
    assert_eq!(answer.status, 200, "{name}: {}", answer.text);
    answer.json()
}

async fn refusal(at: SocketAddr, name: &str, input: Value) -> String {
    let answer = aws(at, &format!("Logs_20140328.{name}"), input).await.unwrap();
    assert_eq!(answer.status, 400, "{name}: {}", answer.text);
    answer.json()["__type"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn what_a_task_writes_is_in_its_stream() {
    let stand_in = stand_in("steady").await;
    let (at, public) = (stand_in.address(), address_of(&stand_in.aws_url()));
    assert_eq!(get(public, "/no-such-path").await.status, 404);
    let input = json!({"logGroupName": "/ecs/hello", "filterPattern": "WARNING \"no-such-path\""});
    let event = until("the line has arrived", || async {
        let found = logs(at, "FilterLogEvents", input.clone()).await;
        found["events"].as_array().unwrap().first().cloned()
    })
    .await;
    let line: Value = serde_json::from_str(event["message"].as_str().unwrap()).unwrap();
    assert_eq!((&line["severity"], &line["httpRequest"]["status"]), (&json!("WARNING"), &json!(404)));
    let tasks = ecs(at, "ListTasks", json!({"cluster": "hello"})).await.json();
    let stream = event["logStreamName"].as_str().unwrap();
    let task = stream.strip_prefix("hello/hello/").unwrap();
    assert!(tasks["taskArns"].as_array().unwrap().iter().any(|arn| arn.as_str().unwrap().ends_with(task)));
    assert_eq!(event["eventId"].as_str().unwrap().len(), 56);
    let all = logs(at, "GetLogEvents", json!({"logGroupName": "/ecs/hello", "logStreamName": stream})).await;
    assert!(
        all["events"].as_array().unwrap().iter().all(|event| !event["message"].as_str().unwrap().contains("/readyz"))
    );
    stand_in.stop().await.unwrap();
}

#[tokio::test]
async fn a_crash_leaves_its_last_words() {
    let stand_in = stand_in("tag-moved-crash").await;
    let at = stand_in.address();
    ecs(at, "UpdateService", json!({"cluster": "hello", "service": "hello", "forceNewDeployment": true})).await;
    let input = json!({"logGroupName": "/ecs/hello", "filterPattern": "\"/etc/hello/greeting\""});
    let stream = until("it says why", || async {
        let found = logs(at, "FilterLogEvents", input.clone()).await;
        found["events"][0]["logStreamName"].as_str().map(ToOwned::to_owned)
    })
    .await;
    let task = stream.rsplit('/').next().unwrap();
    let tasks = ecs(at, "DescribeTasks", json!({"cluster": "hello", "tasks": [task]})).await.json();
    assert!(tasks["tasks"][0]["taskArn"].is_string(), "{tasks}");
    stand_in.stop().await.unwrap();
}

#[tokio::test]
async fn events_are_read_forward_and_backward_until_the_token_stays() {
    let stand_in = stand_in("steady").await;
    let at = stand_in.address();
    let now = i64::try_from(time::OffsetDateTime::now_utc().unix_timestamp_nanos() / 1_000_000).unwrap();
    logs(at, "CreateLogGroup", json!({"logGroupName": "mine", "tags": {"a": "b"}})).await;
    logs(at, "CreateLogStream", json!({"logGroupName": "mine", "logStreamName": "s"})).await;
    let events: Vec<Value> = (0..5).map(|n| json!({"timestamp": now + n, "message": format!("m{n}")})).collect();
    logs(at, "PutLogEvents", json!({"logGroupName": "mine", "logStreamName": "s", "logEvents": events})).await;
    let read = async |more: Value| {
        let mut input = json!({"logGroupName": "mine", "logStreamName": "s", "limit": 2});
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let output = logs(at, "GetLogEvents", input).await;
        let texts: Vec<String> = output["events"]
            .as_array()
            .unwrap()
            .iter()
            .map(|event| event["message"].as_str().unwrap().to_owned())
            .collect();
        (texts.join(" "), output["nextForwardToken"].clone(), output["nextBackwardToken"].clone())
    };
    let (texts, forward, backward) = read(json!({})).await;
    assert_eq!(texts, "m3 m4", "the newest ones");
    let (texts, again, _) = read(json!({"nextToken": forward})).await;
    assert_eq!((texts.as_str(), &again), ("", &forward), "at the end the token stays");
    let (texts, _, backward) = read(json!({"nextToken": backward})).await;
    assert_eq!(texts, "m1 m2");
    let (texts, _, backward) = read(json!({"nextToken": backward})).await;
    assert_eq!(texts, "m0");
    let (texts, _, again) = read(json!({"nextToken": backward})).await;
    assert_eq!((texts.as_str(), again), ("", backward));
    let (texts, forward, _) = read(json!({"startFromHead": true})).await;
    assert_eq!(texts, "m0 m1");
    assert_eq!(read(json!({"nextToken": forward})).await.0, "m2 m3");
    let found =
        logs(at, "FilterLogEvents", json!({"logGroupName": "mine", "startTime": now + 1, "endTime": now + 2})).await;
    assert_eq!(found["events"].as_array().unwrap().len(), 2);
    assert!(found["nextToken"].is_null());
    let first = logs(at, "FilterLogEvents", json!({"logGroupName": "mine", "limit": 4})).await;
    let rest = json!({"logGroupName": "mine", "limit": 4, "nextToken": first["nextToken"]});
    assert_eq!(logs(at, "FilterLogEvents", rest).await["events"][0]["message"], "m4");
    stand_in.stop().await.unwrap();
}

#[tokio::test]
async fn groups_and_streams_are_described_paged_and_refused() {
    let stand_in = stand_in("steady").await;
    let at = stand_in.address();
    for number in 0..3 {
        logs(at, "CreateLogGroup", json!({"logGroupName": format!("g{number}")})).await;
    }
    let page = logs(at, "DescribeLogGroups", json!({"logGroupNamePrefix": "g", "limit": 2})).await;
    let input = json!({"logGroupNamePrefix": "g", "limit": 2, "nextToken": page["nextToken"]});
    assert_eq!(logs(at, "DescribeLogGroups", input).await["logGroups"][0]["logGroupName"], "g2");
    let input = json!({"logGroupName": "/ecs/hello", "orderBy": "LastEventTime", "descending": true});
    let streams = logs(at, "DescribeLogStreams", input).await;
    assert!(streams["logStreams"][0]["logStreamName"].as_str().unwrap().starts_with("hello/hello/"));
    logs(at, "PutRetentionPolicy", json!({"logGroupName": "g0", "retentionInDays": 7})).await;
    let refusals = [
        ("FilterLogEvents", json!({"logGroupName": "none"}), "ResourceNotFoundException"),
        ("FilterLogEvents", json!({"logGroupName": "g0", "nextToken": "made-up"}), "InvalidParameterException"),
        ("FilterLogEvents", json!({"logGroupName": "g0", "filterPattern": "{ $.a = 1 }"}), "InvalidParameterException"),
        ("FilterLogEvents", json!({"logGroupName": "g0", "limit": 10_001}), "InvalidParameterException"),
        ("GetLogEvents", json!({"logGroupName": "g0", "logStreamName": "none"}), "ResourceNotFoundException"),
        ("CreateLogGroup", json!({"logGroupName": "g0"}), "ResourceAlreadyExistsException"),
        ("PutRetentionPolicy", json!({"logGroupName": "g0", "retentionInDays": 8}), "InvalidParameterException"),
        ("DescribeLogGroups", json!({"logGroupNamePrefx": "g"}), "SerializationException"),
        ("StartLiveTail", json!({}), "UnknownOperationException"),
    ];
    for (name, input, exception) in refusals {
        assert_eq!(refusal(at, name, input).await, exception, "{name}");
    }
    stand_in.stop().await.unwrap();
}
