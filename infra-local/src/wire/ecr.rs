//! The one call of ECR that is read: `DescribeImages`.

use serde_json::{Value, json};

use super::{
    aws::{Exception, page_size},
    paging,
};
use crate::{
    clouds::{
        ecs::ACCOUNT,
        images::{Image, Images},
    },
    site::Site,
};

/// The repository.
const REPOSITORY: &str = "hello";
/// Size of every image, in bytes: what a static binary and its certificates weigh.
const SIZE: u64 = 6_291_456;

/// Answers one call.
pub fn answer(site: &Site, name: &str, input: &Value) -> Result<Value, Exception> {
    let mut clouds = site.clouds();
    clouds.advance(site.clock.now());
    match name {
        "DescribeImages" => describe(&clouds.images, input),
        _ => Err(Exception::unknown()),
    }
}

fn describe(images: &Images, input: &Value) -> Result<Value, Exception> {
    let repository = input["repositoryName"].as_str().unwrap_or_default();
    if repository != REPOSITORY {
        let message =
            format!("The repository with name '{repository}' does not exist in the registry with id '{ACCOUNT}'");
        return Err(Exception("RepositoryNotFoundException", message));
    }
    let Some(ids) = input["imageIds"].as_array().filter(|ids| !ids.is_empty()) else {
        let all: Vec<Value> = images.all().iter().rev().map(|image| detail(images, image)).collect();
        let page = paging::page("images", all, page_size(input, 100, 1000)?, input["nextToken"].as_str());
        let page = page.ok_or_else(|| Exception::invalid("Invalid token."))?;
        return Ok(json!({"imageDetails": page.items, "nextToken": page.next}));
    };
    if ids.len() > 100 {
        return Err(Exception::invalid("imageIds must have at most 100 entries"));
    }
    let mut found: Vec<&Image> = Vec::new();
    for id in ids {
        let (tag, digest) = (id["imageTag"].as_str(), id["imageDigest"].as_str());
        let image = match (tag, digest) {
            (_, Some(digest)) => images.by_digest(digest),
            (Some(tag), None) => images.by_tag(tag),
            (None, None) => return Err(Exception::invalid("imageIds: neither imageTag nor imageDigest")),
        };
        let Some(image) = image else {
            let message = format!(
                "The image with imageId {{imageDigest:'{}', imageTag:'{}'}} does not exist within the repository with name \
                 '{REPOSITORY}' in the registry with id '{ACCOUNT}'",
                digest.unwrap_or("null"),
                tag.unwrap_or("null"),
            );
            return Err(Exception("ImageNotFoundException", message));
        };
        if !found.iter().any(|known| known.digest == image.digest) {
            found.push(image);
        }
    }
    let details: Vec<Value> = found.into_iter().map(|image| detail(images, image)).collect();
    Ok(json!({"imageDetails": details}))
}

fn detail(images: &Images, image: &Image) -> Value {
    json!({
        "registryId": ACCOUNT,
        "repositoryName": REPOSITORY,
        "imageDigest": image.digest,
        "imageTags": images.tags_of(&image.digest),
        "imageSizeInBytes": SIZE,
        "imagePushedAt": image.pushed_at.epoch_seconds(),
        "imageManifestMediaType": "application/vnd.oci.image.manifest.v1+json",
        "artifactMediaType": "application/vnd.oci.image.config.v1+json",
    })
}
