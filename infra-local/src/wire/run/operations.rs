//! Operations: list, get, wait, delete.

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};

use super::{address, ask::Ask, is_here};
use crate::{
    clouds::{
        Clouds,
        run::{Run, location_name, operation::Operation, schema::read::seconds},
    },
    site::Site,
    wire::{
        google::{error, invalid},
        reply::Reply,
        run_json::operation_json,
    },
};

type Answer = Result<Value, Reply>;

/// Longest wait of `:wait`, and between two looks.
const WAIT: Duration = Duration::from_secs(30);
const LOOK: Duration = Duration::from_millis(50);
/// Most operations on a page.
const PAGE: usize = 100;

fn shown(site: &Site, run: &Run, operation: &Operation, ask: &Ask<'_>) -> Value {
    operation_json(run, operation, address(site, run).as_deref(), ask.numbers)
}

/// Newest first.
pub fn list(site: &Site, clouds: &Clouds, ask: &Ask<'_>) -> Answer {
    ask.flag("returnPartialSuccess")?;
    let filter: Option<String> = ask.text("filter").map(|text| text.split_whitespace().collect());
    let only = match filter.as_deref() {
        None => None,
        Some("done:false" | "done=false") => Some(false),
        Some("done:true" | "done=true") => Some(true),
        Some(_) => return Err(invalid("Invalid value at 'filter': only 'done:true' and 'done:false' are supported")),
    };
    let mut operations: Vec<(&Run, &Operation)> = clouds
        .run_operations()
        .filter(|(_, operation)| is_here(ask.location) && only.is_none_or(|done| operation.end.is_some() == done))
        .collect();
    // Made in one moment: the later one first.
    operations.reverse();
    operations.sort_by_key(|(_, operation)| std::cmp::Reverse(operation.created_at));
    let shown = operations.into_iter().map(|(run, operation)| shown(site, run, operation, ask));
    ask.page("operations", shown.collect(), PAGE, PAGE)
}

fn missing(id: &str) -> Reply {
    error(404, "NOT_FOUND", &format!("Operation '{}/operations/{id}' not found.", location_name()))
}

pub fn get(site: &Site, clouds: &Clouds, ask: &Ask<'_>) -> Answer {
    let id = ask.segment(1);
    let found = clouds.run_operations().find(|(_, operation)| operation.id == id && is_here(ask.location));
    let (run, operation) = found.ok_or_else(|| missing(id))?;
    Ok(shown(site, run, operation, ask))
}

/// The client no longer cares for it. What it does goes on.
pub fn delete(clouds: &mut Clouds, ask: &Ask<'_>) -> Answer {
    let id = ask.segment(1);
    if is_here(ask.location) && clouds.forget_run_operation(id) { Ok(json!({})) } else { Err(missing(id)) }
}

/// Answers once the operation has ended, or when the time is up, with what it is then.
pub async fn wait(site: &Arc<Site>, ask: &Ask<'_>) -> Answer {
    let body = ask.message("WaitOperationRequest", "")?;
    let limit = match body["timeout"].as_str().map(seconds) {
        None => WAIT,
        Some(Some(seconds)) if (0.0..=1e6).contains(&seconds) => Duration::from_secs_f64(seconds).min(WAIT),
        Some(_) => return Err(invalid("Invalid value at 'timeout'")),
    };
    let since = site.clock.now();
    loop {
        {
            let now = site.clock.now();
            let mut clouds = site.clouds();
            clouds.advance(now);
            let id = ask.segment(1);
            let open = clouds.run_operations().any(|(_, operation)| operation.id == id && operation.end.is_none());
            if !open || now.since(since) >= limit {
                return get(site, &clouds, ask);
            }
        }
        tokio::time::sleep(LOOK).await;
    }
}
