//! Policies of services: get, set, test.

use serde_json::{Value, json};

use super::{ask::Ask, is_here, missing, refused, services::find, written};
use crate::{
    clouds::{Clouds, run::schema},
    moment::Moment,
    wire::{google::invalid, reply::Reply},
};

type Answer = Result<Value, Reply>;

fn shown(policy: &Value, ask: &Ask<'_>) -> Value {
    schema::write("Policy", policy.clone(), ask.numbers)
}

pub fn get(clouds: &Clouds, now: Moment, ask: &Ask<'_>) -> Answer {
    Ok(shown(&find(clouds, now, ask)?.policy, ask))
}

pub fn set(clouds: &mut Clouds, now: Moment, ask: &Ask<'_>) -> Answer {
    let body = ask.message("SetIamPolicyRequest", "")?;
    let name = ask.segment(1);
    if !body["policy"].is_object() {
        return Err(invalid("Policy is required."));
    }
    written(clouds, now, |clouds| {
        let run = clouds.run_service_mut(name).filter(|_| is_here(ask.location));
        let run = run.ok_or_else(|| missing("SERVICE", name, ask.location))?;
        run.set_policy(&body["policy"]).map_err(|refusal| refused(&refusal))?;
        Ok(shown(&run.policy, ask))
    })
}

/// Every caller may do everything with Cloud Run, and nothing else.
pub fn test(clouds: &Clouds, now: Moment, ask: &Ask<'_>) -> Answer {
    let body = ask.message("TestIamPermissionsRequest", "")?;
    find(clouds, now, ask)?;
    let asked = body["permissions"].as_array().map_or(&[][..], Vec::as_slice);
    if let Some(wild) = asked.iter().filter_map(Value::as_str).find(|name| name.contains('*')) {
        return Err(invalid(&format!("Permission {wild} is not valid for this resource.")));
    }
    let held: Vec<&Value> =
        asked.iter().filter(|name| name.as_str().is_some_and(|name| name.starts_with("run."))).collect();
    Ok(if held.is_empty() { json!({}) } else { json!({"permissions": held}) })
}
