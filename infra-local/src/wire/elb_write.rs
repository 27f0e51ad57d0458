//! The calls of Elastic Load Balancing that change something.

use serde_json::{Value, json};

use super::{
    aws::{Exception, texts},
    elb::{Output, required},
    elb_json::{attributes_json, balancer_json, group_json, listener_json},
    query::{invalid, number, only},
};
use crate::{
    clouds::elb::{
        Elb,
        group::{Check, Group},
    },
    moment::Moment,
};

/// Answers one call; `None` when it is none of these.
pub fn answer(elb: &mut Elb, now: Moment, name: &str, input: &Value) -> Option<Output> {
    Some(match name {
        "CreateLoadBalancer" => create_balancer(elb, now, input),
        "DeleteLoadBalancer" => delete_balancer(elb, input),
        "ModifyLoadBalancerAttributes" => modify_balancer(elb, input),
        "CreateTargetGroup" => create_group(elb, input),
        "ModifyTargetGroup" => modify_group(elb, input),
        "ModifyTargetGroupAttributes" => modify_attributes(elb, input),
        "DeleteTargetGroup" => delete_group(elb, input),
        "CreateListener" => create_listener(elb, input),
        "DeleteListener" => delete_listener(elb, input),
        "RegisterTargets" | "DeregisterTargets" => targets(elb, now, name == "RegisterTargets", input),
        "AddTags" => add_tags(elb, input),
        "RemoveTags" => remove_tags(elb, input),
        _ => return None,
    })
}

/// Names are at most 32 letters, digits and hyphens.
fn name(input: &Value) -> Result<&str, Exception> {
    let name = required(input, "Name")?;
    let fits = name.len() <= 32 && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if fits && !name.starts_with('-') && !name.ends_with('-') {
        return Ok(name);
    }
    Err(invalid(&format!(
        "The name '{name}' must be 1 to 32 letters, digits and hyphens, and not begin or end with one"
    )))
}

fn port(input: &Value, name: &str) -> Result<Option<u16>, Exception> {
    match number(input, name)? {
        None => Ok(None),
        Some(port) => u16::try_from(port)
            .ok()
            .filter(|port| *port > 0)
            .map(Some)
            .ok_or_else(|| invalid(&format!("{name} '{port}' must be between 1 and 65535"))),
    }
}

/// The tags of an input, by key.
fn tags(input: &Value) -> Result<Vec<(String, String)>, Exception> {
    let tags = input["Tags"].as_array().into_iter().flatten();
    tags.map(|tag| Ok((required(tag, "Key")?.to_owned(), tag["Value"].as_str().unwrap_or_default().to_owned())))
        .collect()
}

/// Whether there is such a thing.
pub fn taggable(elb: &Elb, arn: &str) -> Result<(), Exception> {
    if arn.contains(":targetgroup/") {
        elb.group(arn)?;
    } else if arn.contains(":loadbalancer/") {
        elb.balancer(arn)?;
    } else if !elb.listeners.iter().any(|listener| listener.arn == arn) {
        return Err(Exception("ListenerNotFound", "One or more listeners not found".to_owned()));
    }
    Ok(())
}

fn create_balancer(elb: &mut Elb, now: Moment, input: &Value) -> Output {
    let known = ["Name", "Subnets", "SubnetMappings", "SecurityGroups", "Scheme", "Tags", "Type", "IpAddressType"];
    only(input, &known)?;
    let name = name(input)?;
    if !matches!(input["Type"].as_str(), None | Some("application")) {
        return Err(Exception("OperationNotPermitted", "Only application load balancers are served here".to_owned()));
    }
    let internal = match input["Scheme"].as_str() {
        None | Some("internet-facing") => false,
        Some("internal") => true,
        Some(other) => return Err(Exception("InvalidScheme", format!("The scheme '{other}' is not valid"))),
    };
    let mappings = input["SubnetMappings"].as_array().map_or(0, Vec::len);
    if texts(input, "Subnets").len() + mappings < 2 {
        return Err(invalid("At least two subnets in two different Availability Zones must be specified"));
    }
    let tags = tags(input)?;
    let arn = elb.create_balancer(now, name, internal)?;
    elb.tags.entry(arn.clone()).or_default().extend(tags);
    Ok(json!({"LoadBalancers": [balancer_json(elb.balancer(&arn)?)]}))
}

fn delete_balancer(elb: &mut Elb, input: &Value) -> Output {
    only(input, &["LoadBalancerArn"])?;
    elb.delete_balancer(required(input, "LoadBalancerArn")?);
    Ok(json!({}))
}

fn modify_balancer(elb: &mut Elb, input: &Value) -> Output {
    only(input, &["LoadBalancerArn", "Attributes"])?;
    let balancer = elb.balancer_mut(required(input, "LoadBalancerArn")?)?;
    for attribute in input["Attributes"].as_array().into_iter().flatten() {
        let key = required(attribute, "Key")?;
        let value = attribute["Value"].as_str().unwrap_or_default();
        match balancer.attributes.get_mut(key) {
            Some(known) => value.clone_into(known),
            None => return Err(no_attribute(key)),
        }
    }
    Ok(json!({"Attributes": attributes_json(&balancer.attributes)}))
}

fn no_attribute(key: &str) -> Exception {
    Exception("InvalidConfigurationRequest", format!("Attribute key '{key}' is not recognized"))
}

/// The check of an input, over what it was.
fn check(input: &Value, mut check: Check) -> Result<Check, Exception> {
    let text = |name: &str, place: &mut String| {
        if let Some(text) = input[name].as_str() {
            text.clone_into(place);
        }
    };
    text("HealthCheckProtocol", &mut check.protocol);
    text("HealthCheckPort", &mut check.port);
    text("HealthCheckPath", &mut check.path);
    if let Some(codes) = input["Matcher"]["HttpCode"].as_str() {
        codes.clone_into(&mut check.matcher);
    }
    let ranged = |name: &str, place: &mut u32, least: u32, most: u32| match number(input, name)? {
        None => Ok(()),
        Some(value) if (least..=most).contains(&value) => {
            *place = value;
            Ok(())
        }
        Some(value) => Err(invalid(&format!("{name} '{value}' must be between {least} and {most}"))),
    };
    ranged("HealthCheckIntervalSeconds", &mut check.interval, 5, 300)?;
    ranged("HealthCheckTimeoutSeconds", &mut check.timeout, 2, 120)?;
    ranged("HealthyThresholdCount", &mut check.healthy, 2, 10)?;
    ranged("UnhealthyThresholdCount", &mut check.unhealthy, 2, 10)?;
    if check.timeout >= check.interval {
        let (timeout, interval) = (check.timeout, check.interval);
        let text = format!("Health check timeout '{timeout}' must be smaller than the interval '{interval}'");
        return Err(invalid(&text));
    }
    Ok(check)
}

fn create_group(elb: &mut Elb, input: &Value) -> Output {
    let known = [
        "Name",
        "Protocol",
        "ProtocolVersion",
        "Port",
        "VpcId",
        "HealthCheckProtocol",
        "HealthCheckPort",
        "HealthCheckEnabled",
        "HealthCheckPath",
        "HealthCheckIntervalSeconds",
        "HealthCheckTimeoutSeconds",
        "HealthyThresholdCount",
        "UnhealthyThresholdCount",
        "Matcher",
        "TargetType",
        "Tags",
        "IpAddressType",
    ];
    only(input, &known)?;
    let name = name(input)?;
    let kind = input["TargetType"].as_str().unwrap_or("instance");
    if !["instance", "ip"].contains(&kind) {
        return Err(invalid(&format!("The target type '{kind}' is not served here")));
    }
    let protocol = required(input, "Protocol")?;
    if !["HTTP", "HTTPS"].contains(&protocol) {
        return Err(invalid(&format!("The protocol '{protocol}' is not served here")));
    }
    let port = port(input, "Port")?.ok_or_else(|| invalid("A port must be specified"))?;
    let vpc = input["VpcId"].as_str().ok_or_else(|| invalid("A VPC ID must be specified"))?;
    let (check, tags) = (check(input, Check::default())?, tags(input)?);
    let arn = elb.create_group(name, port, check)?;
    let group = elb.group_mut(&arn)?;
    *group = Group { protocol: protocol.to_owned(), kind: kind.to_owned(), vpc: vpc.to_owned(), ..group.clone() };
    elb.tags.entry(arn.clone()).or_default().extend(tags);
    Ok(json!({"TargetGroups": [group_json(elb, elb.group(&arn)?)]}))
}

fn modify_group(elb: &mut Elb, input: &Value) -> Output {
    let known = [
        "TargetGroupArn",
        "HealthCheckProtocol",
        "HealthCheckPort",
        "HealthCheckEnabled",
        "HealthCheckPath",
        "HealthCheckIntervalSeconds",
        "HealthCheckTimeoutSeconds",
        "HealthyThresholdCount",
        "UnhealthyThresholdCount",
        "Matcher",
    ];
    only(input, &known)?;
    let arn = required(input, "TargetGroupArn")?;
    let group = elb.group_mut(arn)?;
    group.check = check(input, group.check.clone())?;
    Ok(json!({"TargetGroups": [group_json(elb, elb.group(arn)?)]}))
}

fn modify_attributes(elb: &mut Elb, input: &Value) -> Output {
    only(input, &["TargetGroupArn", "Attributes"])?;
    let group = elb.group_mut(required(input, "TargetGroupArn")?)?;
    for attribute in input["Attributes"].as_array().into_iter().flatten() {
        let key = required(attribute, "Key")?;
        let value = attribute["Value"].as_str().unwrap_or_default();
        let seconds = key == "deregistration_delay.timeout_seconds";
        if seconds && !value.parse::<u32>().is_ok_and(|seconds| seconds <= 3600) {
            let text = format!("Attribute '{key}' must be between 0 and 3600, not '{value}'");
            return Err(Exception("InvalidConfigurationRequest", text));
        }
        if !group.set(key, value) {
            return Err(no_attribute(key));
        }
    }
    Ok(json!({"Attributes": attributes_json(&group.attributes)}))
}

fn delete_group(elb: &mut Elb, input: &Value) -> Output {
    only(input, &["TargetGroupArn"])?;
    elb.delete_group(required(input, "TargetGroupArn")?)?;
    Ok(json!({}))
}

fn create_listener(elb: &mut Elb, input: &Value) -> Output {
    only(input, &["LoadBalancerArn", "Protocol", "Port", "SslPolicy", "Certificates", "DefaultActions", "Tags"])?;
    let balancer = required(input, "LoadBalancerArn")?;
    let protocol = required(input, "Protocol")?;
    let port = port(input, "Port")?.ok_or_else(|| invalid("A port must be specified"))?;
    let action = match input["DefaultActions"].as_array().map(Vec::as_slice) {
        Some([action]) if action["Type"].as_str() == Some("forward") => action,
        _ => {
            return Err(Exception("InvalidLoadBalancerAction", "Exactly one forward action is served here".to_owned()));
        }
    };
    let mut forward = Vec::new();
    for group in action["ForwardConfig"]["TargetGroups"].as_array().into_iter().flatten() {
        forward.push((required(group, "TargetGroupArn")?.to_owned(), number(group, "Weight")?.unwrap_or(1)));
    }
    if forward.is_empty() {
        forward.push((required(action, "TargetGroupArn")?.to_owned(), 1));
    }
    let tags = tags(input)?;
    let arn = elb.create_listener(balancer, port, protocol, forward)?;
    elb.tags.entry(arn.clone()).or_default().extend(tags);
    let made = elb.listeners.iter().filter(|listener| listener.arn == arn).map(listener_json);
    Ok(json!({"Listeners": made.collect::<Vec<_>>()}))
}

fn delete_listener(elb: &mut Elb, input: &Value) -> Output {
    only(input, &["ListenerArn"])?;
    let arn = required(input, "ListenerArn")?;
    taggable(elb, arn)?;
    elb.listeners.retain(|listener| listener.arn != arn);
    elb.tags.remove(arn);
    Ok(json!({}))
}

fn targets(elb: &mut Elb, now: Moment, register: bool, input: &Value) -> Output {
    only(input, &["TargetGroupArn", "Targets"])?;
    let group = elb.group_mut(required(input, "TargetGroupArn")?)?;
    let targets = input["Targets"].as_array().map(Vec::as_slice).unwrap_or_default();
    if targets.is_empty() {
        return Err(invalid("At least one target must be specified"));
    }
    for target in targets {
        let (id, port) = (required(target, "Id")?, port(target, "Port")?);
        if register && group.kind == "ip" && id.parse::<std::net::IpAddr>().is_err() {
            return Err(invalid(&format!("The IP address '{id}' is not a valid IPv4 or IPv6 address")));
        }
        if register {
            group.register(now, id, port);
        } else {
            group.deregister(now, id, port);
        }
    }
    Ok(json!({}))
}

fn add_tags(elb: &mut Elb, input: &Value) -> Output {
    only(input, &["ResourceArns", "Tags"])?;
    let tags = tags(input)?;
    for arn in texts(input, "ResourceArns") {
        taggable(elb, arn)?;
        elb.tags.entry(arn.to_owned()).or_default().extend(tags.clone());
    }
    Ok(json!({}))
}

fn remove_tags(elb: &mut Elb, input: &Value) -> Output {
    only(input, &["ResourceArns", "TagKeys"])?;
    let keys = texts(input, "TagKeys");
    for arn in texts(input, "ResourceArns") {
        taggable(elb, arn)?;
        if let Some(tags) = elb.tags.get_mut(arn) {
            tags.retain(|key, _| !keys.contains(&key.as_str()));
        }
    }
    Ok(json!({}))
}
