//! The calls of Elastic Load Balancing, version 2.

use serde_json::{Value, json};

use super::{
    aws::{Exception, texts},
    elb_json::{attributes_json, balancer_json, group_json, health_json, listener_json},
    elb_write, paging,
    query::{ELB, invalid, number, only, unknown},
};
use crate::{
    clouds::elb::{Elb, Refusal},
    site::Site,
};

/// What a call gives back.
pub type Output = Result<Value, Exception>;

impl From<Refusal> for Exception {
    fn from(Refusal(code, message): Refusal) -> Self {
        Self(code, message)
    }
}

/// Answers one call.
pub fn answer(site: &Site, name: &str, input: &Value) -> Output {
    let now = site.clock.now();
    let mut clouds = site.clouds();
    clouds.advance(now);
    let elb = &mut clouds.elb;
    match name {
        "DescribeTargetHealth" => describe_health(elb, input),
        "DescribeTargetGroups" => describe_groups(elb, input),
        "DescribeTargetGroupAttributes" => {
            only(input, &["TargetGroupArn"])?;
            let group = elb.group(required(input, "TargetGroupArn")?)?;
            Ok(json!({"Attributes": attributes_json(&group.attributes)}))
        }
        "DescribeLoadBalancers" => describe_balancers(elb, input),
        "DescribeLoadBalancerAttributes" => {
            only(input, &["LoadBalancerArn"])?;
            let balancer = elb.balancer(required(input, "LoadBalancerArn")?)?;
            Ok(json!({"Attributes": attributes_json(&balancer.attributes)}))
        }
        "DescribeListeners" => describe_listeners(elb, input),
        "DescribeListenerAttributes" => {
            only(input, &["ListenerArn"])?;
            listener(elb, required(input, "ListenerArn")?)?;
            Ok(json!({"Attributes": [{"Key": "routing.http.response.server.enabled", "Value": "true"}]}))
        }
        "DescribeTags" => describe_tags(elb, input),
        _ => elb_write::answer(elb, now, name, input).unwrap_or_else(|| Err(unknown(name, ELB))),
    }
}

/// A text that must be there.
pub fn required<'a>(input: &'a Value, name: &str) -> Result<&'a str, Exception> {
    let value = input[name].as_str().filter(|value| !value.is_empty());
    value.ok_or_else(|| {
        let message = format!(
            "1 validation error detected: Value at '{name}' failed to satisfy constraint: Member must not be null"
        );
        invalid(&message)
    })
}

fn listener(elb: &Elb, arn: &str) -> Result<(), Exception> {
    if elb.listeners.iter().any(|listener| listener.arn == arn) {
        return Ok(());
    }
    Err(Exception("ListenerNotFound", "One or more listeners not found".to_owned()))
}

/// The page that `Marker` and `PageSize` ask for, under the name of its list.
fn page(list: &str, items: Vec<Value>, input: &Value) -> Output {
    let size = match number(input, "PageSize")? {
        None => 400,
        Some(size @ 1..=400) => size as usize,
        Some(_) => return Err(invalid("PageSize must be between 1 and 400")),
    };
    let page = paging::page(list, &paging::input_asks(input), items, size, input["Marker"].as_str());
    let page = page.ok_or_else(|| invalid("The specified marker is not valid"))?;
    Ok(json!({list: page.items, "NextMarker": page.next}))
}

/// Those of `items` whose text is among `wanted`; each one wanted must be there. Nothing wanted: all.
fn pick<'a, T>(
    items: &'a [T],
    wanted: &[&str],
    text: impl Fn(&T) -> &str,
    missing: &Refusal,
) -> Result<Vec<&'a T>, Exception> {
    if wanted.iter().any(|wanted| !items.iter().any(|item| text(item) == *wanted)) {
        return Err(missing.clone().into());
    }
    Ok(items.iter().filter(|item| wanted.is_empty() || wanted.contains(&text(item))).collect())
}

fn missing(code: &'static str, what: &str) -> Refusal {
    Refusal(code, format!("One or more {what} not found"))
}

fn describe_health(elb: &Elb, input: &Value) -> Output {
    only(input, &["TargetGroupArn", "Targets", "Include"])?;
    let group = elb.group(required(input, "TargetGroupArn")?)?;
    let known: Vec<Value> = elb.health(group).map(|(target, health)| health_json(group, target, &health)).collect();
    let Some(wanted) = input["Targets"].as_array().filter(|wanted| !wanted.is_empty()) else {
        return Ok(json!({"TargetHealthDescriptions": known}));
    };
    let mut shown = Vec::new();
    for wanted in wanted {
        let id = required(wanted, "Id")?;
        let port = number(wanted, "Port")?;
        let meant = |target: &Value| {
            target["Target"]["Id"] == id && port.is_none_or(|port| target["Target"]["Port"] == u64::from(port))
        };
        let found: Vec<&Value> = known.iter().filter(|known| meant(known)).collect();
        if found.is_empty() {
            let port = port.unwrap_or(u32::from(group.port));
            shown.push(json!({
                "Target": {"Id": id, "Port": port},
                "TargetHealth": {
                    "State": "unused",
                    "Reason": "Target.NotRegistered",
                    "Description": "Target is not registered to the target group",
                },
            }));
        }
        shown.extend(found.into_iter().cloned());
    }
    Ok(json!({"TargetHealthDescriptions": shown}))
}

fn describe_groups(elb: &Elb, input: &Value) -> Output {
    only(input, &["LoadBalancerArn", "TargetGroupArns", "Names", "Marker", "PageSize"])?;
    let missing = missing("TargetGroupNotFound", "target groups");
    let by_arn = pick(&elb.groups, &texts(input, "TargetGroupArns"), |group| &group.arn, &missing)?;
    let by_name = pick(&elb.groups, &texts(input, "Names"), |group| &group.name, &missing)?;
    let balancer = match input["LoadBalancerArn"].as_str() {
        Some(arn) => Some(elb.balancer(arn)?.arn.as_str()),
        None => None,
    };
    let shown = by_arn.into_iter().filter(|group| {
        by_name.iter().any(|named| named.arn == group.arn)
            && balancer.is_none_or(|balancer| elb.balancers_of(&group.arn).contains(&balancer))
    });
    page("TargetGroups", shown.map(|group| group_json(elb, group)).collect(), input)
}

fn describe_balancers(elb: &Elb, input: &Value) -> Output {
    only(input, &["LoadBalancerArns", "Names", "Marker", "PageSize"])?;
    let missing = missing("LoadBalancerNotFound", "load balancers");
    let by_arn = pick(&elb.balancers, &texts(input, "LoadBalancerArns"), |balancer| &balancer.arn, &missing)?;
    let by_name = pick(&elb.balancers, &texts(input, "Names"), |balancer| &balancer.name, &missing)?;
    let shown = by_arn.into_iter().filter(|balancer| by_name.iter().any(|named| named.arn == balancer.arn));
    page("LoadBalancers", shown.map(balancer_json).collect(), input)
}

fn describe_listeners(elb: &Elb, input: &Value) -> Output {
    only(input, &["LoadBalancerArn", "ListenerArns", "Marker", "PageSize"])?;
    let missing = missing("ListenerNotFound", "listeners");
    let wanted = texts(input, "ListenerArns");
    let picked = pick(&elb.listeners, &wanted, |listener| &listener.arn, &missing)?;
    let balancer = match input["LoadBalancerArn"].as_str() {
        Some(arn) => Some(elb.balancer(arn)?.arn.as_str()),
        None if wanted.is_empty() => {
            return Err(invalid("You must specify either listener ARNs or a load balancer ARN"));
        }
        None => None,
    };
    let shown = picked.into_iter().filter(|listener| balancer.is_none_or(|balancer| listener.balancer == balancer));
    page("Listeners", shown.map(listener_json).collect(), input)
}

fn describe_tags(elb: &Elb, input: &Value) -> Output {
    only(input, &["ResourceArns"])?;
    let arns = texts(input, "ResourceArns");
    if !(1..=20).contains(&arns.len()) {
        return Err(invalid("ResourceArns must have between 1 and 20 entries"));
    }
    let mut descriptions = Vec::new();
    for arn in arns {
        elb_write::taggable(elb, arn)?;
        let tags = elb.tags.get(arn).map(attributes_json).unwrap_or_default();
        descriptions.push(json!({"ResourceArn": arn, "Tags": tags}));
    }
    Ok(json!({"TagDescriptions": descriptions}))
}
