//! `[service.NAME]`: what holds for all targets of a service, and its targets.

use std::time::Duration;

use super::{
    Environment, Service,
    document::Document,
    table::{Placed, Table},
    target, value,
};

/// Asked for health when nothing else is said.
const PROBE: &str = "/version";
/// How often targets are read when nothing else is said.
const INTERVAL: Duration = Duration::from_secs(10);

/// Reads one service; `None` when something in it is wrong, which is noted. `declared` names all environments,
/// `environments` are those that could be read.
pub(super) fn read(
    document: &mut Document<'_>,
    name: &str,
    table: &Table<'_, '_>,
    environments: &[Environment],
    declared: &[&str],
) -> Option<Service> {
    table.expect(document, &["probe", "interval", "target"]);
    let checked = value::name(document, &Placed { value: name, place: table.place.clone() });
    let probe = match table.text(document, "probe") {
        Some(text) => value::path(document, &text),
        None => Some(PROBE.to_owned()),
    };
    let interval = match table.text(document, "interval") {
        Some(text) => value::interval(document, &text),
        None => Some(INTERVAL),
    };
    let listed = table.list(document, "target");
    if listed.as_ref().is_some_and(Vec::is_empty) {
        document.wrong(&table.place, format!("has no targets; add a [[service.{name}.target]]"));
    }
    let mut targets = Vec::new();
    for table in listed? {
        targets.extend(target::read(document, name, &table, environments, declared));
    }
    Some(Service { name: checked?, probe: probe?, interval: interval?, targets })
}
