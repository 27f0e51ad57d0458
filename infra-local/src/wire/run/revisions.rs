//! Revisions: list, get, delete.

use serde_json::Value;

use super::{address, ask::Ask, is_here, missing, services::find, written};
use crate::{
    clouds::{
        Clouds,
        run::{Run, delete::Kept, schema},
    },
    moment::Moment,
    site::Site,
    wire::{
        google::error,
        reply::Reply,
        run_json::{operation_json, revision_json},
    },
};

type Answer = Result<Value, Reply>;

fn shown(run: &Run, index: usize, ask: &Ask<'_>) -> Value {
    schema::write("Revision", revision_json(run, index), ask.numbers)
}

fn position(run: &Run, ask: &Ask<'_>) -> Result<usize, Reply> {
    let name = ask.segment(3);
    let found = run.revisions.iter().position(|revision| revision.name == name);
    found.ok_or_else(|| missing("REVISION", name, ask.location))
}

/// Of one service, or of all where the service is `-`. Newest first.
pub fn list(clouds: &Clouds, now: Moment, ask: &Ask<'_>) -> Answer {
    let services = match ask.segment(1) {
        "-" if is_here(ask.location) => clouds.run_services(now, false),
        "-" => Vec::new(),
        _ => vec![find(clouds, now, ask)?],
    };
    let mut revisions: Vec<(&Run, usize)> =
        services.into_iter().flat_map(|run| (0..run.revisions.len()).rev().map(move |index| (run, index))).collect();
    // Stable: of one moment, the later made comes first as it was put there.
    revisions.sort_by_key(|(run, index)| std::cmp::Reverse(run.revisions[*index].created_at));
    ask.page("revisions", revisions.into_iter().map(|(run, index)| shown(run, index, ask)).collect(), 100, 1000)
}

pub fn get(clouds: &Clouds, now: Moment, ask: &Ask<'_>) -> Answer {
    let run = find(clouds, now, ask)?;
    Ok(shown(run, position(run, ask)?, ask))
}

pub fn delete(site: &Site, clouds: &mut Clouds, now: Moment, ask: &Ask<'_>) -> Answer {
    let (validate_only, etag) = (ask.flag("validateOnly")?, ask.text("etag").unwrap_or_default());
    let name = ask.segment(1);
    let delete = |clouds: &mut Clouds| {
        let run = clouds.run_service_mut(name).filter(|_| is_here(ask.location));
        let run = run.ok_or_else(|| missing("SERVICE", name, ask.location))?;
        let index = position(run, ask)?;
        let operation = run.delete_revision(now, index, etag, validate_only).map_err(|kept| match kept {
            Kept::Stale(message) => error(409, "ABORTED", &message),
            Kept::Needed(message) => error(400, "FAILED_PRECONDITION", &message),
        })?;
        Ok(operation_json(run, &operation, address(site, run).as_deref(), ask.numbers))
    };
    if validate_only { delete(clouds) } else { written(clouds, now, delete) }
}
