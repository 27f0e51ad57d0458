//! `[[service.NAME.target]]`: one service on one provider in one region.

use super::{
    Cloud, Environment, Target, Url,
    builds::{self, Project},
    document::Document,
    nearest::nearest,
    table::{Placed, Table, did_you_mean},
    value,
};

/// Why a repository's file may not say where calls go.
pub(super) const NO_ENDPOINT: &str = "not allowed in a repository's file, which cannot choose where credentials are sent: set it in your own configuration";
const NO_PROFILE: &str = "not allowed in a repository's file, which cannot choose whose credentials are used: set it in your own configuration";

/// Reads one target; `None` when something in it is wrong, which is noted.
pub(super) fn read(
    document: &mut Document<'_>,
    service: &str,
    table: &Table<'_, '_>,
    environments: &[Environment],
    declared: &[&str],
) -> Option<Target> {
    let known =
        ["environment", "provider", "region", "cluster", "project", "service", "profile", "url", "endpoint", "builds"];
    table.expect(document, &known);
    let environment = environment(document, table, environments, declared);
    let region = table.required(document, "region", "as the cloud writes it");
    let region = region.and_then(|text| value::name(document, &text));
    let url = optional(document, table, "url", value::public_url);
    let endpoint = endpoint(document, table);
    let provider = provider(document, table)?;
    let cloud = match provider {
        Provider::Aws => aws(document, service, table),
        Provider::Gcp => gcp(document, service, table),
    };
    let project = match (&cloud, provider) {
        (Some((Cloud::Gcp { project }, _)), _) => Project::Own(project),
        (Some((Cloud::Aws { .. }, _)) | None, Provider::Aws) => Project::None,
        (Some((Cloud::Aws { .. }, _)) | None, Provider::Gcp) => Project::Wrong,
    };
    let builds = match table.table(document, "builds") {
        Some(builds) => builds::read(document, &builds, project).map(Some),
        None if table.has("builds") => None,
        None => Some(None),
    };
    let (cloud, cloud_service) = cloud?;
    let target = Target {
        environment: environment?,
        cloud,
        region: region?,
        cloud_service,
        url: url.ok()?,
        endpoint: endpoint.ok()?,
        builds: builds?,
    };
    is_first(document, table, &target).then_some(target)
}

/// Notes a target that is the same thing in the cloud as an earlier one: under two environments it could be read-only in
/// one and writable in the other.
fn is_first(document: &mut Document<'_>, table: &Table<'_, '_>, target: &Target) -> bool {
    let Target { region, cloud_service, endpoint, .. } = target;
    // The same names in another account are another service; an account is known by its profile or endpoint only.
    let identity = match &target.cloud {
        Cloud::Aws { cluster, profile } => format!("aws {endpoint:?} {profile:?} {region} {cluster} {cloud_service}"),
        Cloud::Gcp { project } => format!("gcp {endpoint:?} {project} {region} {cloud_service}"),
    };
    if let Some(first) = document.seen.get(&identity).copied() {
        document.wrong(&table.place, format!("is the same service in the cloud as the target in line {first}"));
        return false;
    }
    let line = document.line(&table.place);
    document.seen.insert(identity, line);
    true
}

#[derive(Clone, Copy)]
enum Provider {
    Aws,
    Gcp,
}

fn provider(document: &mut Document<'_>, table: &Table<'_, '_>) -> Option<Provider> {
    let text = table.required(document, "provider", "aws or gcp")?;
    match text.value {
        "aws" => Some(Provider::Aws),
        "gcp" => Some(Provider::Gcp),
        other => {
            document.wrong(&text.place, format!("'{other}' is not a provider: aws or gcp"));
            None
        }
    }
}

fn aws(document: &mut Document<'_>, service: &str, table: &Table<'_, '_>) -> Option<(Cloud, String)> {
    table.refuse(document, "project", "only gcp has projects; this target's provider is aws");
    let cluster = table.required(document, "cluster", "the ECS cluster's name");
    let cluster = cluster.and_then(|text| value::ecs_name(document, &text));
    if !table.has("url") {
        document.wrong(&table.below("url"), "missing: what people reach, because ECS does not tell it");
    }
    let profile = if document.is_restricted() {
        table.refuse(document, "profile", NO_PROFILE);
        Ok(None)
    } else {
        optional(document, table, "profile", value::label)
    };
    let name = cloud_service(document, service, table, value::ecs_name);
    Some((Cloud::Aws { cluster: cluster?, profile: profile.ok()? }, name?))
}

fn gcp(document: &mut Document<'_>, service: &str, table: &Table<'_, '_>) -> Option<(Cloud, String)> {
    table.refuse(document, "cluster", "only aws has clusters; this target's provider is gcp");
    table.refuse(document, "profile", "only aws has profiles; this target's provider is gcp");
    let project = table.required(document, "project", "the id of the project");
    let project = project.and_then(|text| value::project(document, &text));
    let name = cloud_service(document, service, table, value::name);
    Some((Cloud::Gcp { project: project? }, name?))
}

/// The name in the cloud: our own, unless something else is said. Our own is checked where it stands.
fn cloud_service(
    document: &mut Document<'_>,
    service: &str,
    table: &Table<'_, '_>,
    check: impl FnOnce(&mut Document<'_>, &Placed<&str>) -> Option<String>,
) -> Option<String> {
    optional(document, table, "service", check).ok().map(|name| name.unwrap_or_else(|| service.to_owned()))
}

fn environment(
    document: &mut Document<'_>,
    table: &Table<'_, '_>,
    environments: &[Environment],
    declared: &[&str],
) -> Option<Environment> {
    let text = table.required(document, "environment", "the name of an [environment.NAME]")?;
    if !declared.contains(&text.value) {
        let hint = nearest(text.value, declared.iter().copied())
            .map_or_else(|| format!("add an [environment.{}]", text.value), did_you_mean);
        document.wrong(&text.place, format!("'{}' is not declared; {hint}", text.value));
    }
    environments.iter().find(|environment| environment.name == text.value).cloned()
}

/// Where calls go; never from a repository's file.
pub(super) fn endpoint(document: &mut Document<'_>, table: &Table<'_, '_>) -> Result<Option<Url>, Noted> {
    if document.is_restricted() {
        table.refuse(document, "endpoint", NO_ENDPOINT);
        return Ok(None);
    }
    optional(document, table, "endpoint", value::endpoint)
}

/// A value is wrong, and that is noted.
pub(super) struct Noted;

/// A value that may be left out.
pub(super) fn optional<T>(
    document: &mut Document<'_>,
    table: &Table<'_, '_>,
    key: &str,
    check: impl FnOnce(&mut Document<'_>, &Placed<&str>) -> Option<T>,
) -> Result<Option<T>, Noted> {
    if !table.has(key) {
        return Ok(None);
    }
    let text = table.text(document, key).ok_or(Noted)?;
    check(document, &text).map(Some).ok_or(Noted)
}
