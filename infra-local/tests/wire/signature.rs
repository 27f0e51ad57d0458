//! What AWS wants to see of a signature, and its own clock.

use std::time::Duration;

use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::{
    client::{Answer, aws, control, request, send, signature},
    stand_in,
};

async fn describe(at: std::net::SocketAddr, service: &str, when: OffsetDateTime) -> Answer {
    let (authorization, date) = signature(service, when);
    let target = "AmazonEC2ContainerServiceV20141113.ListServices";
    let headers = [("x-amz-target", target), ("authorization", &authorization), ("x-amz-date", &date)];
    send(at, request("POST", "/", &headers, &json!({"cluster": "hello"}))).await.unwrap()
}

#[tokio::test]
async fn a_signature_is_good_for_one_service_and_fifteen_minutes() {
    let stand_in = stand_in("steady").await;
    let at = stand_in.address();
    let now = OffsetDateTime::now_utc();
    assert_eq!(describe(at, "ecs", now).await.status, 200);
    let other = describe(at, "ecr", now).await.json();
    assert_eq!(other["__type"], "InvalidSignatureException");
    assert_eq!(other["message"], "Credential should be scoped to correct service: 'ecs'. ");
    for (when, words) in [
        (now - Duration::from_hours(1), "Signature expired"),
        (now + Duration::from_hours(1), "Signature not yet current"),
    ] {
        let answer = describe(at, "ecs", when).await;
        assert_eq!((answer.status, answer.json()["__type"].as_str()), (400, Some("InvalidSignatureException")));
        assert!(answer.json()["message"].as_str().unwrap().starts_with(words), "{}", answer.text);
    }
    stand_in.stop().await.unwrap();
}

#[tokio::test]
async fn a_vendor_whose_clock_is_off_refuses_good_signatures_and_says_what_time_it_is() {
    let stand_in = stand_in("steady").await;
    let at = stand_in.address();
    let target = "AmazonEC2ContainerServiceV20141113.ListServices";
    let skew = |seconds: i64| json!({"cloud": "aws", "kind": "clock-skew", "seconds": seconds});
    control(at, "POST", "faults", &skew(-300)).await;
    assert_eq!(aws(at, target, json!({"cluster": "hello"})).await.unwrap().status, 200, "five minutes are tolerated");
    control(at, "DELETE", "faults", &Value::Null).await;
    control(at, "POST", "faults", &skew(3 * 3600)).await;
    let answer = aws(at, target, json!({"cluster": "hello"})).await.unwrap();
    assert!(answer.json()["message"].as_str().unwrap().starts_with("Signature expired: "), "{}", answer.text);
    let shown = answer.header("date");
    assert!(shown.ends_with(" GMT") && shown.len() == 29, "{shown}");
    // Who signs for the time the vendor shows is heard.
    assert_eq!(describe(at, "ecs", OffsetDateTime::now_utc() + Duration::from_hours(3)).await.status, 200);
    stand_in.stop().await.unwrap();
}
