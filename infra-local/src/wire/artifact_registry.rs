//! The calls of Artifact Registry, version 1: images with tags and digests.

use serde_json::{Value, json};

use super::{
    Asked,
    google::{error, no_method, ok, page},
    reply::Reply,
};
use crate::{
    clouds::{
        images::{ARTIFACT_REGISTRY, Image, Images},
        run::{LOCATION, PROJECT},
    },
    site::Site,
};

/// The repository.
const REPOSITORY: &str = "hello";

/// Answers one call.
pub fn answer(site: &Site, asked: &Asked) -> Reply {
    let parts: Vec<&str> = asked.path.trim_matches('/').split('/').collect();
    let ["v1", "projects", project, "locations", location, "repositories", repository, "dockerImages", rest @ ..] =
        parts.as_slice()
    else {
        return no_method();
    };
    if (*project, *location, *repository) != (PROJECT, LOCATION, REPOSITORY) {
        return error(404, "NOT_FOUND", "Requested entity was not found.");
    }
    let mut clouds = site.clouds();
    clouds.advance(site.clock.now());
    let images = &clouds.images;
    match (asked.method.as_str(), rest) {
        ("GET", []) => {
            let all = images.all().iter().rev().map(|image| image_json(images, image)).collect();
            match page("dockerImages", all, asked, 100, 1000) {
                Ok(page) => ok(json!({"dockerImages": page.items, "nextPageToken": page.next})),
                Err(refused) => refused,
            }
        }
        ("GET", [name]) => {
            let name = super::call::decode(name);
            match name.split_once('@').and_then(|(_, digest)| images.by_digest(digest)) {
                Some(image) => ok(image_json(images, image)),
                None => error(404, "NOT_FOUND", "Requested entity was not found."),
            }
        }
        _ => no_method(),
    }
}

fn image_json(images: &Images, image: &Image) -> Value {
    let at = image.pushed_at.rfc3339();
    json!({
        "name": format!(
            "projects/{PROJECT}/locations/{LOCATION}/repositories/{REPOSITORY}/dockerImages/hello@{}", image.digest
        ),
        "uri": format!("{ARTIFACT_REGISTRY}@{}", image.digest),
        "tags": images.tags_of(&image.digest),
        "imageSizeBytes": "6291456",
        "uploadTime": at,
        "buildTime": at,
        "updateTime": at,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
    })
}
