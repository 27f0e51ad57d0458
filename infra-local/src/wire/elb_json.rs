//! What load balancing knows, in the members of its XML. Absent members are `null` here and left out on the way.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::{
    clouds::{
        ecs::REGION,
        elb::{
            Elb, SUBNETS, VPC,
            balancer::{Balancer, Listener},
            group::Group,
            target::{Health, Target},
        },
    },
    ids::{Ids, seed_of},
};

/// Settings or tags.
pub fn attributes_json(attributes: &BTreeMap<String, String>) -> Vec<Value> {
    attributes.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect()
}

/// A target and its health.
pub fn health_json(group: &Group, target: &Target, health: &Health) -> Value {
    let check_port = match group.check.port.as_str() {
        "traffic-port" => target.port.to_string(),
        port => port.to_owned(),
    };
    let zone = SUBNETS[usize::from(target.id.bytes().last().unwrap_or_default()) % SUBNETS.len()].1;
    json!({
        "Target": {"Id": target.id, "Port": target.port, "AvailabilityZone": format!("{REGION}{zone}")},
        "HealthCheckPort": check_port,
        "TargetHealth": {"State": health.state, "Reason": health.reason, "Description": health.description},
        "AnomalyDetection": {"Result": "normal", "MitigationInEffect": "no"},
        "AdministrativeOverride": {
            "State": "no_override",
            "Reason": "AdministrativeOverride.NoOverride",
            "Description": "No override is currently active on target",
        },
    })
}

/// A target group.
pub fn group_json(elb: &Elb, group: &Group) -> Value {
    let check = &group.check;
    json!({
        "TargetGroupArn": group.arn,
        "TargetGroupName": group.name,
        "Protocol": group.protocol,
        "ProtocolVersion": "HTTP1",
        "Port": group.port,
        "VpcId": group.vpc,
        "TargetType": group.kind,
        "IpAddressType": "ipv4",
        "HealthCheckEnabled": true,
        "HealthCheckProtocol": check.protocol,
        "HealthCheckPort": check.port,
        "HealthCheckPath": check.path,
        "HealthCheckIntervalSeconds": check.interval,
        "HealthCheckTimeoutSeconds": check.timeout,
        "HealthyThresholdCount": check.healthy,
        "UnhealthyThresholdCount": check.unhealthy,
        "Matcher": {"HttpCode": check.matcher},
        "LoadBalancerArns": elb.balancers_of(&group.arn),
    })
}

/// A load balancer.
pub fn balancer_json(balancer: &Balancer) -> Value {
    let name = &balancer.name;
    let number = Ids::new(seed_of(&balancer.arn)).digits();
    let prefix = if balancer.internal { "internal-" } else { "" };
    let zones: Vec<Value> = SUBNETS
        .iter()
        .map(|(subnet, zone)| json!({"SubnetId": subnet, "ZoneName": format!("{REGION}{zone}"), "LoadBalancerAddresses": []}))
        .collect();
    json!({
        "LoadBalancerArn": balancer.arn,
        "LoadBalancerName": name,
        "DNSName": format!("{prefix}{name}-{}.{REGION}.elb.amazonaws.com", number.get(..10).unwrap_or_default()),
        "CanonicalHostedZoneId": "Z215JYRZR1TBD5",
        "CreatedTime": balancer.created_at.rfc3339(),
        "Scheme": if balancer.internal { "internal" } else { "internet-facing" },
        "VpcId": VPC,
        "State": {"Code": "active"},
        "Type": "application",
        "IpAddressType": "ipv4",
        "AvailabilityZones": zones,
        "SecurityGroups": ["sg-0f1e2d3c4b5a69788"],
    })
}

/// A listener.
pub fn listener_json(listener: &Listener) -> Value {
    let groups: Vec<Value> =
        listener.forward.iter().map(|(arn, weight)| json!({"TargetGroupArn": arn, "Weight": weight})).collect();
    let only = match listener.forward.as_slice() {
        [(arn, _)] => Some(arn),
        _ => None,
    };
    json!({
        "ListenerArn": listener.arn,
        "LoadBalancerArn": listener.balancer,
        "Port": listener.port,
        "Protocol": listener.protocol,
        "DefaultActions": [{
            "Type": "forward",
            "TargetGroupArn": only,
            "Order": 1,
            "ForwardConfig": {"TargetGroups": groups, "TargetGroupStickinessConfig": {"Enabled": false}},
        }],
    })
}
