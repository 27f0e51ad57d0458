//! Services: list, get, create, change, delete.

use serde_json::Value;

use super::{CALLER, address, ask::Ask, is_here, missing, refused, written};
use crate::{
    clouds::{
        Clouds,
        run::{Run, create::Create, operation::Operation, patch::Patch, schema},
    },
    moment::Moment,
    site::Site,
    wire::{
        google::invalid,
        reply::Reply,
        run_json::{operation_json, service_json},
    },
};

type Answer = Result<Value, Reply>;

/// Most services on a page.
const PAGE: usize = 1000;
/// Services on a page where nobody says how many.
const USUAL: usize = 100;

fn shown(site: &Site, run: &Run, ask: &Ask<'_>) -> Value {
    schema::write("Service", service_json(run, address(site, run).as_deref()), ask.numbers)
}

fn begun(site: &Site, run: &Run, operation: &Operation, ask: &Ask<'_>) -> Value {
    operation_json(run, operation, address(site, run).as_deref(), ask.numbers)
}

pub fn list(site: &Site, clouds: &Clouds, now: Moment, ask: &Ask<'_>) -> Answer {
    let deleted = ask.flag("showDeleted")?;
    let services = if is_here(ask.location) { clouds.run_services(now, deleted) } else { Vec::new() };
    ask.page("services", services.into_iter().map(|run| shown(site, run, ask)).collect(), USUAL, PAGE)
}

pub fn get(site: &Site, clouds: &Clouds, now: Moment, ask: &Ask<'_>) -> Answer {
    Ok(shown(site, find(clouds, now, ask)?, ask))
}

/// The service of the path as a reader sees it.
pub fn find<'a>(clouds: &'a Clouds, now: Moment, ask: &Ask<'_>) -> Result<&'a Run, Reply> {
    let name = ask.segment(1);
    let run = clouds.run_service(now, name).filter(|_| is_here(ask.location));
    run.ok_or_else(|| missing("SERVICE", name, ask.location))
}

pub fn create(site: &Site, clouds: &mut Clouds, now: Moment, ask: &Ask<'_>) -> Answer {
    let service = ask.message("Service", "service")?;
    let name =
        ask.text("serviceId").ok_or_else(|| invalid("Violation in CreateServiceRequest.service_id: required"))?;
    make(site, clouds, now, ask, name, service)
}

fn make(site: &Site, clouds: &mut Clouds, now: Moment, ask: &Ask<'_>, name: &str, service: Value) -> Answer {
    if !is_here(ask.location) {
        return Err(invalid(&format!("The stand-in has one region only, and it is not '{}'.", ask.location)));
    }
    let create = Create { name: name.to_owned(), service, by: CALLER.to_owned() };
    if ask.flag("validateOnly")? {
        let (run, operation) = clouds.try_run_service(now, &create).map_err(|refusal| refused(&refusal))?;
        return Ok(begun(site, &run, &operation, ask));
    }
    written(clouds, now, |clouds| {
        let (run, operation) = clouds.create_run_service(now, &create).map_err(|refusal| refused(&refusal))?;
        Ok(begun(site, run, &operation, ask))
    })
}

pub fn patch(site: &Site, clouds: &mut Clouds, now: Moment, ask: &Ask<'_>) -> Answer {
    let service = ask.message("Service", "service")?;
    let mask = ask.text("updateMask").unwrap_or_default();
    let patch = Patch {
        mask: mask.split(',').map(str::trim).filter(|path| !path.is_empty()).map(ToOwned::to_owned).collect(),
        service,
        force_new_revision: ask.flag("forceNewRevision")?,
        validate_only: ask.flag("validateOnly")?,
        by: CALLER.to_owned(),
    };
    let name = ask.segment(1);
    let known = is_here(ask.location) && clouds.run_service_mut(name).is_some();
    if !known && ask.flag("allowMissing")? {
        return make(site, clouds, now, ask, name, patch.service);
    }
    let change = |clouds: &mut Clouds| {
        let images = clouds.images.clone();
        let run = clouds.run_service_mut(name).filter(|_| known);
        let run = run.ok_or_else(|| missing("SERVICE", name, ask.location))?;
        let operation = run.patch(now, &images, &patch).map_err(|refusal| refused(&refusal))?;
        if patch.validate_only {
            let tried = run.tried(&patch).map_err(|refusal| refused(&refusal))?;
            return Ok(begun(site, &tried, &operation, ask));
        }
        Ok(begun(site, run, &operation, ask))
    };
    if patch.validate_only { change(clouds) } else { written(clouds, now, change) }
}

pub fn delete(site: &Site, clouds: &mut Clouds, now: Moment, ask: &Ask<'_>) -> Answer {
    let (validate_only, etag) = (ask.flag("validateOnly")?, ask.text("etag").unwrap_or_default());
    let name = ask.segment(1);
    let delete = |clouds: &mut Clouds| {
        let run = clouds.run_service_mut(name).filter(|_| is_here(ask.location));
        let run = run.ok_or_else(|| missing("SERVICE", name, ask.location))?;
        let operation = run.delete(now, etag, validate_only).map_err(|refusal| refused(&refusal))?;
        Ok(begun(site, run, &operation, ask))
    };
    if validate_only { delete(clouds) } else { written(clouds, now, delete) }
}
