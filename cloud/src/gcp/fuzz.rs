//! Everything one observation reads, decoded and mapped, without a network.

use reqwest::StatusCode;

use super::{
    http, images,
    map::{self, Parts},
    wire,
};
use crate::{ProviderError, model::DeploymentId, registry::Repository};

/// The bodies of one observation.
#[derive(Clone, Copy, Debug)]
pub struct Answers<'a> {
    /// `run.services.get`.
    pub service: &'a [u8],
    /// `run.services.list`.
    pub services: &'a [u8],
    /// `run.revisions.list`.
    pub revisions: &'a [u8],
    /// `run.operations.get`.
    pub operation: &'a [u8],
    /// `artifactregistry.dockerimages.list`.
    pub images: &'a [u8],
    /// `logging.logEntries.list`.
    pub entries: &'a [u8],
    /// Any refusal.
    pub refusal: &'a [u8],
}

/// Decodes all of them and maps what can be read; which ones could be.
pub fn decode(answers: &Answers<'_>) -> [Result<(), ProviderError>; 7] {
    let service = http::decode::<wire::Service>("run.services.get", answers.service);
    let services = http::decode::<wire::ServiceList>("run.services.list", answers.services);
    let revisions = http::decode::<wire::RevisionList>("run.revisions.list", answers.revisions);
    let operation = http::decode::<wire::Operation>("run.operations.get", answers.operation);
    let listed = http::decode::<wire::DockerImageList>(images::CALL, answers.images);
    let entries = http::decode::<wire::LogEntryList>("logging.logEntries.list", answers.entries);
    for status in [400, 403, 409, 429, 503] {
        let status = StatusCode::from_u16(status).unwrap_or_default();
        let _ = http::refusal("run.services.get", status, None, answers.refusal).to_string();
    }
    let read = [
        service.as_ref().map(drop).map_err(Clone::clone),
        services.as_ref().map(drop).map_err(Clone::clone),
        revisions.as_ref().map(drop).map_err(Clone::clone),
        operation.as_ref().map(drop).map_err(Clone::clone),
        listed.as_ref().map(drop).map_err(Clone::clone),
        entries.as_ref().map(drop).map_err(Clone::clone),
        http::decode::<wire::ErrorAnswer>("refusal", answers.refusal).map(drop),
    ];
    let entries = entries.map(|list| list.entries).unwrap_or_default();
    for entry in &entries {
        let _ = map::line(entry);
    }
    for service in services.iter().flat_map(|list| &list.services) {
        let _ = map::summary(service);
    }
    if let Ok(service) = service {
        let container = map::main_container(&service.template.containers);
        let name = container.and_then(|container| images::ImageName::of(&container.image));
        let repository = listed.map(|list| {
            let name = name?;
            let images = list.docker_images.iter().filter_map(|image| images::stored(&name, image)).collect();
            Some((name, Repository { images, complete: list.next_page_token.is_empty() }))
        });
        let follow = operation.as_ref().ok().map(|operation| DeploymentId::new(operation.name.clone()));
        let parts = Parts {
            service,
            revisions: revisions.map(|list| list.revisions),
            followed: operation.map(Some),
            repository,
            events: Ok(entries.iter().filter_map(map::event).collect()),
            slowed: None,
            current_aim: None,
            followed_aim: None,
            followed_made_this: follow,
        };
        let _ = serde_json::to_string(&map::snapshot(&parts));
    }
    read
}
