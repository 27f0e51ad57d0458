//! Load balancing and the caller's identity: forms in, XML out.

use std::{cell::RefCell, collections::BTreeSet};

use hello_local::clouds::ecs::Key;
use serde_json::{Value, json};

use crate::{
    client::{control, ecs, query, request, send, until},
    stand_in,
};

const GROUP: &str = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/hello/6d0ecf831eec9f09";

/// The texts of all elements with this name.
fn all<'a>(xml: &'a str, name: &str) -> Vec<&'a str> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    xml.split(open.as_str()).skip(1).filter_map(|rest| rest.split_once(close.as_str()).map(|(text, _)| text)).collect()
}

#[tokio::test]
async fn the_target_group_of_the_service_has_a_healthy_target_for_each_task() {
    let stand_in = stand_in("steady").await;
    let at = stand_in.address();
    let input = json!({"cluster": "hello", "services": ["hello"]});
    let service = ecs(at, "DescribeServices", input).await.json()["services"][0].clone();
    assert_eq!(service["loadBalancers"][0]["targetGroupArn"], GROUP);
    let form = format!("&TargetGroupArn={GROUP}");
    let health = query(at, "elasticloadbalancing", "DescribeTargetHealth", &form).await;
    assert_eq!((health.status, health.header("content-type")), (200, "text/xml"));
    assert_eq!(all(&health.text, "State").iter().filter(|state| **state == "healthy").count(), 2, "{}", health.text);
    assert_eq!(all(&health.text, "RequestId"), [health.header("x-amzn-requestid")]);
    let missing = format!("{form}&Targets.member.1.Id=10.9.9.9&Targets.member.1.Port=80");
    let health = query(at, "elasticloadbalancing", "DescribeTargetHealth", &missing).await.text;
    assert!(health.contains("Target.NotRegistered"), "{health}");
    let groups = query(at, "elasticloadbalancing", "DescribeTargetGroups", "&Names.member.1=hello").await.text;
    assert_eq!(all(&groups, "TargetGroupArn"), [GROUP]);
    assert_eq!(all(&groups, "HealthCheckPath"), ["/readyz"]);
    let balancer = all(&groups, "LoadBalancerArns")[0].replace("<member>", "").replace("</member>", "");
    let form = format!("&LoadBalancerArn={balancer}");
    let listeners = query(at, "elasticloadbalancing", "DescribeListeners", &form).await.text;
    assert!(listeners.contains(GROUP), "{listeners}");
    stand_in.stop().await.unwrap();
}

#[tokio::test]
async fn targets_follow_a_deployment_from_initial_to_draining() {
    let stand_in = stand_in("steady").await;
    let at = stand_in.address();
    ecs(at, "UpdateService", json!({"cluster": "hello", "service": "hello", "forceNewDeployment": true})).await;
    let seen = RefCell::new(BTreeSet::new());
    until("old targets have drained and new ones are healthy", || async {
        let form = format!("&TargetGroupArn={GROUP}");
        let health = query(at, "elasticloadbalancing", "DescribeTargetHealth", &form).await.text;
        let mut seen = seen.borrow_mut();
        seen.extend(all(&health, "TargetHealth").iter().map(|health| all(health, "State")[0].to_owned()));
        let states = all(&health, "TargetHealth").len();
        (seen.contains("draining") && states == 2 && health.matches(">healthy<").count() == 2).then_some(())
    })
    .await;
    let seen = seen.into_inner();
    for state in ["initial", "healthy", "draining"] {
        assert!(seen.contains(state), "{state} in {seen:?}");
    }
    stand_in.stop().await.unwrap();
}

#[tokio::test]
async fn an_instance_that_is_not_ready_is_an_unhealthy_target() {
    let stand_in = stand_in("steady").await;
    let at = stand_in.address();
    let unready = |ready: bool| {
        stand_in.control().with_clouds(|clouds| {
            clouds.ecs.services.get_mut(&Key::hello()).unwrap().tasks[0].ready = ready;
        });
    };
    until("a target is unhealthy", || async {
        unready(false);
        let form = format!("&TargetGroupArn={GROUP}");
        let health = query(at, "elasticloadbalancing", "DescribeTargetHealth", &form).await.text;
        health.contains("Health checks failed with these codes: [503]").then_some(())
    })
    .await;
    unready(true);
    stand_in.stop().await.unwrap();
}

#[tokio::test]
async fn groups_balancers_and_listeners_come_and_go() {
    let stand_in = stand_in("steady").await;
    let at = stand_in.address();
    let elb = async |action: &str, form: String| query(at, "elasticloadbalancing", action, &form).await;
    let form = "&Name=other&Protocol=HTTP&Port=80&VpcId=vpc-1&TargetType=ip&Tags.member.1.Key=a&Tags.member.1.Value=b";
    let made = elb("CreateTargetGroup", form.to_owned()).await;
    let group = all(&made.text, "TargetGroupArn")[0].to_owned();
    assert_eq!(all(&made.text, "HealthCheckIntervalSeconds"), ["30"]);
    let again = elb("CreateTargetGroup", form.to_owned()).await;
    assert_eq!((again.status, all(&again.text, "Code")), (400, vec!["DuplicateTargetGroupName"]));
    let form = "&Name=edge&Subnets.member.1=subnet-1&Subnets.member.2=subnet-2";
    let balancer = all(&elb("CreateLoadBalancer", form.to_owned()).await.text, "LoadBalancerArn")[0].to_owned();
    let register = format!("&TargetGroupArn={group}&Targets.member.1.Id=10.0.9.9");
    assert_eq!(elb("RegisterTargets", register.clone()).await.status, 200);
    let health = async || elb("DescribeTargetHealth", format!("&TargetGroupArn={group}")).await.text;
    assert!(health().await.contains("Target.NotInUse"), "no listener sends requests to it");
    let form = format!(
        "&LoadBalancerArn={balancer}&Protocol=HTTP&Port=80&DefaultActions.member.1.Type=forward&\
         DefaultActions.member.1.TargetGroupArn={group}"
    );
    let listener = all(&elb("CreateListener", form).await.text, "ListenerArn")[0].to_owned();
    assert!(health().await.contains(">initial<"));
    let busy = elb("DeleteTargetGroup", format!("&TargetGroupArn={group}")).await;
    assert_eq!(all(&busy.text, "Code"), ["ResourceInUse"]);
    elb("DeregisterTargets", register).await;
    assert!(health().await.contains(">draining<"), "for five minutes");
    assert_eq!(elb("DeleteListener", format!("&ListenerArn={listener}")).await.status, 200);
    assert_eq!(elb("DeleteLoadBalancer", format!("&LoadBalancerArn={balancer}")).await.status, 200);
    assert_eq!(elb("DeleteTargetGroup", format!("&TargetGroupArn={group}")).await.status, 200);
    let gone = elb("DescribeTargetGroups", format!("&TargetGroupArns.member.1={group}")).await;
    assert_eq!((gone.status, all(&gone.text, "Code")), (400, vec!["TargetGroupNotFound"]));
    stand_in.stop().await.unwrap();
}

#[tokio::test]
async fn refusals_are_xml() {
    let stand_in = stand_in("steady").await;
    let at = stand_in.address();
    let unknown = query(at, "elasticloadbalancing", "DescribeEverything", "").await;
    assert_eq!((unknown.status, all(&unknown.text, "Code")), (400, vec!["InvalidAction"]));
    assert_eq!(all(&unknown.text, "Message"), ["Could not find operation DescribeEverything for version 2015-12-01"]);
    let misspelt = query(at, "elasticloadbalancing", "DescribeTargetGroups", "&Nmaes.member.1=hello").await;
    assert_eq!(all(&misspelt.text, "Code"), ["ValidationError"]);
    let other = query(at, "ec2", "DescribeSubnets", "").await;
    assert_eq!((other.status, all(&other.text, "Code")), (400, vec!["InvalidAction"]), "a service that is not here");
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let mut unsigned = request("POST", "/", &form, &Value::Null);
    *unsigned.body_mut() = "Action=GetCallerIdentity&Version=2011-06-15".into();
    let unsigned = send(at, unsigned).await.unwrap();
    assert_eq!((unsigned.status, all(&unsigned.text, "Code")), (403, vec!["MissingAuthenticationToken"]));
    let expected = [("throttle", 400, "Throttling"), ("denied", 403, "AccessDenied"), ("expired", 403, "ExpiredToken")];
    for (kind, status, code) in expected {
        control(at, "POST", "faults", &json!({"cloud": "aws", "kind": kind})).await;
        let answer = query(at, "sts", "GetCallerIdentity", "").await;
        assert_eq!((answer.status, all(&answer.text, "Code")), (status, vec![code]));
        control(at, "DELETE", "faults", &Value::Null).await;
    }
    stand_in.stop().await.unwrap();
}

#[tokio::test]
async fn the_caller_is_somebody() {
    let stand_in = stand_in("steady").await;
    let answer = query(stand_in.address(), "sts", "GetCallerIdentity", "").await;
    assert_eq!(all(&answer.text, "Account"), ["123456789012"]);
    assert_eq!(all(&answer.text, "Arn"), ["arn:aws:iam::123456789012:user/local"]);
    assert_eq!(all(&answer.text, "UserId")[0].len(), 21);
    stand_in.stop().await.unwrap();
}
