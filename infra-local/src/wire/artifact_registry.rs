//! The calls of Artifact Registry, version 1: one repository with one package, its versions, its tags, which move, and the
//! same as images.

use serde_json::{Value, json};

use super::{
    Asked, call,
    google::{error, invalid, no_method, ok, page},
    reply::Reply,
};
use crate::{
    clouds::{
        Clouds,
        images::{ARTIFACT_REGISTRY, Image, Images},
        run::{LOCATION, PROJECT},
    },
    site::Site,
};

/// The repository, and the package in it.
const REPOSITORY: &str = "hello";

/// Name of the call, for faults and counts. `rest` is what comes behind the repositories' name.
pub fn call_name(rest: &[&str], method: &str) -> String {
    let kinds = ["packages", "versions", "tags", "dockerImages"];
    let kind = rest.iter().rev().find(|part| kinds.contains(part)).copied().unwrap_or("repositories");
    let whole = rest.last().is_none_or(|last| kinds.contains(last));
    let verb = match method {
        "GET" if whole => "list",
        "GET" => "get",
        "POST" => "create",
        "PATCH" => "patch",
        "DELETE" => "delete",
        _ => "unknown",
    };
    format!("artifactregistry.{kind}.{verb}")
}

/// Answers one call.
pub fn answer(site: &Site, asked: &Asked) -> Reply {
    let parts: Vec<&str> = asked.path.trim_matches('/').split('/').collect();
    let ["v1", "projects", project, "locations", location, "repositories", rest @ ..] = parts.as_slice() else {
        return no_method();
    };
    if *project != PROJECT {
        return error(403, "PERMISSION_DENIED", "The caller does not have permission");
    }
    let mut clouds = site.clouds();
    clouds.advance(site.clock.now());
    let here = *location == LOCATION;
    let get = asked.method == hyper::Method::GET;
    match rest {
        [] if get => {
            let all = if here { vec![repository_json(&clouds)] } else { Vec::new() };
            shown("repositories", all, asked, 100)
        }
        [REPOSITORY, below @ ..] if here => inside(&mut clouds, asked, get, below),
        [_, ..] => missing(),
        [] => no_method(),
    }
}

fn inside(clouds: &mut Clouds, asked: &Asked, get: bool, below: &[&str]) -> Reply {
    let images = &clouds.images;
    let newest_first = || images.all().iter().rev();
    match below {
        [] if get => ok(repository_json(clouds)),
        ["dockerImages"] if get => {
            shown("dockerImages", newest_first().map(|image| image_json(images, image)).collect(), asked, 100)
        }
        ["dockerImages", name] if get => {
            let name = call::decode(name);
            let digest = name.strip_prefix("hello@");
            found(digest.and_then(|digest| images.by_digest(digest)).map(|image| image_json(images, image)))
        }
        ["packages"] if get => shown("packages", vec![package_json(clouds)], asked, 50),
        ["packages", REPOSITORY] if get => ok(package_json(clouds)),
        ["packages", REPOSITORY, "versions"] if get => {
            shown("versions", newest_first().map(|image| version_json(images, image, asked)).collect(), asked, 50)
        }
        ["packages", REPOSITORY, "versions", digest] if get => {
            found(images.by_digest(&call::decode(digest)).map(|image| version_json(images, image, asked)))
        }
        ["packages", REPOSITORY, "tags"] if get => tags(images, asked),
        ["packages", REPOSITORY, "tags", tag] if get => {
            let tag = call::decode(tag);
            found(images.by_tag(&tag).map(|image| tag_json(&tag, &image.digest)))
        }
        ["packages", REPOSITORY, "tags"] if asked.method == hyper::Method::POST => {
            let Some(tag) = asked.query("tagId").map(ToOwned::to_owned) else { return invalid("tag_id is required") };
            if images.by_tag(&tag).is_some() {
                return error(409, "ALREADY_EXISTS", "the tag already exists");
            }
            move_tag(clouds, &tag, asked)
        }
        ["packages", REPOSITORY, "tags", tag] if asked.method == hyper::Method::PATCH => {
            move_tag(clouds, &call::decode(tag), asked)
        }
        ["packages", REPOSITORY, "tags", tag] if asked.method == hyper::Method::DELETE => {
            if clouds.images.untag(&call::decode(tag)) { ok(json!({})) } else { missing() }
        }
        ["packages" | "dockerImages", ..] if get => missing(),
        _ => no_method(),
    }
}

fn missing() -> Reply {
    error(404, "NOT_FOUND", "Requested entity was not found.")
}

fn found(value: Option<Value>) -> Reply {
    value.map_or_else(missing, ok)
}

fn shown(list: &str, items: Vec<Value>, asked: &Asked, default: usize) -> Reply {
    match page(list, items, asked, default, 1000) {
        Ok(page) => ok(json!({list: page.items, "nextPageToken": page.next})),
        Err(refused) => refused,
    }
}

fn move_tag(clouds: &mut Clouds, tag: &str, asked: &Asked) -> Reply {
    let Ok(body) = asked.json() else { return invalid("Invalid JSON payload received.") };
    let version = body["version"].as_str().unwrap_or_default();
    let digest = version.rsplit('/').next().unwrap_or_default().to_owned();
    if clouds.images.by_digest(&digest).is_none() {
        return missing();
    }
    clouds.images.tag(tag, &digest);
    ok(tag_json(tag, &digest))
}

/// All tags, or those of `filter=version="..."`.
fn tags(images: &Images, asked: &Asked) -> Reply {
    let only = match asked.query("filter") {
        None => None,
        Some(filter) => {
            let version = filter.strip_prefix("version=").map(|text| text.trim_matches('"'));
            let Some(digest) = version.and_then(|version| version.rsplit('/').next()) else {
                return invalid("invalid filter");
            };
            Some(digest)
        }
    };
    let all = images.all().iter().filter(|image| only.is_none_or(|only| only == image.digest));
    let tags = all.flat_map(|image| images.tags_of(&image.digest).into_iter().map(|tag| tag_json(tag, &image.digest)));
    let mut tags: Vec<Value> = tags.collect();
    tags.sort_by_key(|tag| tag["name"].to_string());
    shown("tags", tags, asked, 50)
}

fn name(rest: &str) -> String {
    format!("projects/{PROJECT}/locations/{LOCATION}/repositories/{REPOSITORY}{rest}")
}

fn tag_json(tag: &str, digest: &str) -> Value {
    json!({
        "name": name(&format!("/packages/{REPOSITORY}/tags/{tag}")),
        "version": name(&format!("/packages/{REPOSITORY}/versions/{digest}")),
    })
}

fn repository_json(clouds: &Clouds) -> Value {
    let last = clouds.images.all().last().map_or(clouds.run.created_at, |image| image.pushed_at);
    json!({
        "name": name(""),
        "format": "DOCKER",
        "description": "Images of the hello service",
        "labels": {"team": "hello"},
        "createTime": clouds.run.created_at.rfc3339(),
        "updateTime": last.rfc3339(),
        "mode": "STANDARD_REPOSITORY",
        "sizeBytes": (clouds.images.all().len() * 6_291_456).to_string(),
        "registryUri": format!("{LOCATION}-docker.pkg.dev/{PROJECT}/{REPOSITORY}"),
    })
}

fn package_json(clouds: &Clouds) -> Value {
    let last = clouds.images.all().last().map_or(clouds.run.created_at, |image| image.pushed_at);
    json!({
        "name": name(&format!("/packages/{REPOSITORY}")),
        "createTime": clouds.run.created_at.rfc3339(),
        "updateTime": last.rfc3339(),
    })
}

/// With its tags only when `view` is `FULL`.
fn version_json(images: &Images, image: &Image, asked: &Asked) -> Value {
    let at = image.pushed_at.rfc3339();
    let full = matches!(asked.query("view"), Some("FULL" | "2"));
    let tags = images.tags_of(&image.digest);
    let tags = full.then(|| tags.into_iter().map(|tag| tag_json(tag, &image.digest)).collect::<Vec<_>>());
    json!({
        "name": name(&format!("/packages/{REPOSITORY}/versions/{}", image.digest)),
        "createTime": at,
        "updateTime": at,
        "relatedTags": tags,
        "metadata": {
            "name": name(&format!("/dockerImages/hello@{}", image.digest)),
            "imageSizeBytes": "6291456",
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
        },
    })
}

fn image_json(images: &Images, image: &Image) -> Value {
    let at = image.pushed_at.rfc3339();
    json!({
        "name": name(&format!("/dockerImages/hello@{}", image.digest)),
        "uri": format!("{ARTIFACT_REGISTRY}@{}", image.digest),
        "tags": images.tags_of(&image.digest),
        "imageSizeBytes": "6291456",
        "uploadTime": at,
        "buildTime": at,
        "updateTime": at,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
    })
}
