//! The calls of ECR: repositories, and the images in them by tag and by digest.

use serde_json::{Value, json};

use super::{
    aws::{Exception, page_size, texts},
    ecr_image::{Held, Shelf, manifest_of},
    paging,
};
use crate::{
    clouds::{
        Clouds,
        ecs::{ACCOUNT, REGION},
        registry::{Refusal, Repository},
    },
    moment::Moment,
    site::Site,
};

/// The repository of the service.
pub const REPOSITORY: &str = "hello";
/// Entries of one request.
const MOST: usize = 100;

type Output = Result<Value, Exception>;

/// Answers one call.
pub fn answer(site: &Site, name: &str, input: &Value) -> Output {
    let now = site.clock.now();
    let mut clouds = site.clouds();
    clouds.advance(now);
    if input["registryId"].as_str().is_some_and(|id| id != ACCOUNT) {
        let message =
            format!("The registry with id '{}' does not exist", input["registryId"].as_str().unwrap_or_default());
        return Err(Exception("RepositoryNotFoundException", message));
    }
    match name {
        "DescribeRepositories" => describe_repositories(&clouds, input),
        "CreateRepository" => create(&mut clouds, now, input),
        "DeleteRepository" => delete(&mut clouds, input),
        "DescribeImages" => describe_images(&shelf(&clouds, input)?, input),
        "ListImages" => list_images(&shelf(&clouds, input)?, input),
        "BatchGetImage" => batch_get(&shelf(&clouds, input)?, input),
        "PutImage" => put(&mut clouds, now, input),
        "ListTagsForResource" => {
            let arn = input["resourceArn"].as_str().unwrap_or_default();
            let name = arn.rsplit_once(":repository/").map_or(arn, |(_, name)| name);
            let shelf = Shelf::of(&clouds, name).ok_or_else(|| missing(name))?;
            Ok(json!({"tags": shelf.labels}))
        }
        "GetAuthorizationToken" => Ok(json!({"authorizationData": [{
            // `AWS:stand-in-password`, as base64.
            "authorizationToken": "QVdTOnN0YW5kLWluLXBhc3N3b3Jk",
            "expiresAt": now.after(std::time::Duration::from_hours(12)).epoch_seconds(),
            "proxyEndpoint": format!("https://{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com"),
        }]})),
        _ => Err(Exception::unknown()),
    }
}

fn missing(name: &str) -> Exception {
    let message = format!("The repository with name '{name}' does not exist in the registry with id '{ACCOUNT}'");
    Exception("RepositoryNotFoundException", message)
}

fn named(input: &Value) -> Result<&str, Exception> {
    let name = input["repositoryName"].as_str().filter(|name| name.len() >= 2);
    name.ok_or_else(|| {
        Exception::invalid(
            "Invalid parameter at 'repositoryName' failed to satisfy constraint: 'Member must not be null'",
        )
    })
}

fn shelf<'a>(clouds: &'a Clouds, input: &'a Value) -> Result<Shelf<'a>, Exception> {
    let name = named(input)?;
    Shelf::of(clouds, name).ok_or_else(|| missing(name))
}

fn cut(list: &str, items: Vec<Value>, most: usize, input: &Value) -> Result<paging::Page<Value>, Exception> {
    let page = paging::page(
        list,
        &paging::input_asks(input),
        items,
        page_size(input, 100, most)?,
        input["nextToken"].as_str(),
    );
    page.ok_or_else(|| {
        Exception::invalid("Invalid parameter at 'nextToken' failed to satisfy constraint: 'Invalid token'")
    })
}

fn describe_repositories(clouds: &Clouds, input: &Value) -> Output {
    let wanted = texts(input, "repositoryNames");
    if wanted.len() > MOST {
        return Err(Exception::invalid("repositoryNames must have at most 100 entries"));
    }
    let all = std::iter::once(REPOSITORY).chain(clouds.repositories.keys().map(String::as_str));
    let names: Vec<&str> = if wanted.is_empty() { all.collect() } else { wanted };
    let mut shown = Vec::new();
    for name in names {
        shown.push(repository_json(&Shelf::of(clouds, name).ok_or_else(|| missing(name))?));
    }
    let page = cut("repositories", shown, 1000, input)?;
    Ok(json!({"repositories": page.items, "nextToken": page.next}))
}

fn repository_json(shelf: &Shelf<'_>) -> Value {
    json!({
        "repositoryArn": format!("arn:aws:ecr:{REGION}:{ACCOUNT}:repository/{}", shelf.name),
        "registryId": ACCOUNT,
        "repositoryName": shelf.name,
        "repositoryUri": format!("{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/{}", shelf.name),
        "createdAt": shelf.created_at.epoch_seconds(),
        "imageTagMutability": if shelf.mutable { "MUTABLE" } else { "IMMUTABLE" },
        "imageScanningConfiguration": {"scanOnPush": false},
        "encryptionConfiguration": {"encryptionType": "AES256"},
    })
}

fn create(clouds: &mut Clouds, now: Moment, input: &Value) -> Output {
    let name = named(input)?.to_owned();
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-/".contains(&byte);
    if name.len() > 256 || !name.bytes().all(fits) {
        let text =
            "Invalid parameter at 'repositoryName' failed to satisfy constraint: 'must satisfy regular expression'";
        return Err(Exception::invalid(text));
    }
    if Shelf::of(clouds, &name).is_some() {
        let message = format!("The repository with name '{name}' already exists in the registry with id '{ACCOUNT}'");
        return Err(Exception("RepositoryAlreadyExistsException", message));
    }
    let mutable = match input["imageTagMutability"].as_str() {
        None | Some("MUTABLE") => true,
        Some("IMMUTABLE") => false,
        Some(other) => return Err(Exception::invalid(&format!("imageTagMutability {other} is not served here"))),
    };
    let mut repository = Repository::new(now, mutable);
    for tag in input["tags"].as_array().into_iter().flatten() {
        let text = |member: &str| tag[member].as_str().unwrap_or_default().to_owned();
        repository.labels.insert(text("Key"), text("Value"));
    }
    clouds.repositories.insert(name.clone(), repository);
    let made = Shelf::of(clouds, &name).ok_or_else(|| missing(&name))?;
    Ok(json!({"repository": repository_json(&made)}))
}

fn delete(clouds: &mut Clouds, input: &Value) -> Output {
    let name = named(input)?;
    let shown = repository_json(&shelf(clouds, input)?);
    let Some(repository) = clouds.repositories.get(name) else {
        return Err(Exception::invalid("The repository of the service is not deleted here"));
    };
    if !repository.images.is_empty() && input["force"].as_bool() != Some(true) {
        let message = format!(
            "The repository with name '{name}' in registry with id '{ACCOUNT}' cannot be deleted because it still contains images"
        );
        return Err(Exception("RepositoryNotEmptyException", message));
    }
    clouds.repositories.remove(name);
    Ok(json!({"repository": shown}))
}

/// The tagged images, the untagged ones, or all.
fn wanted<'a>(shelf: &'a Shelf<'_>, input: &Value) -> Result<Vec<&'a Held>, Exception> {
    let keep: fn(&Held) -> bool = match input["filter"]["tagStatus"].as_str() {
        None | Some("ANY") => |_| true,
        Some("TAGGED") => |image| !image.tags.is_empty(),
        Some("UNTAGGED") => |image| image.tags.is_empty(),
        Some(other) => return Err(Exception::invalid(&format!("tagStatus must not be {other}"))),
    };
    Ok(shelf.images.iter().rev().filter(|image| keep(image)).collect())
}

fn list_images(shelf: &Shelf<'_>, input: &Value) -> Output {
    let mut ids = Vec::new();
    for image in wanted(shelf, input)? {
        if image.tags.is_empty() {
            ids.push(json!({"imageDigest": image.digest}));
        }
        ids.extend(image.tags.iter().map(|tag| json!({"imageDigest": image.digest, "imageTag": tag})));
    }
    let page = cut("image-ids", ids, 1000, input)?;
    Ok(json!({"imageIds": page.items, "nextToken": page.next}))
}

/// The identifiers of an input; at most a hundred.
fn ids(input: &Value) -> Result<&[Value], Exception> {
    let ids = input["imageIds"].as_array().map(Vec::as_slice).unwrap_or_default();
    if ids.len() > MOST {
        return Err(Exception::invalid("imageIds must have at most 100 entries"));
    }
    Ok(ids)
}

fn describe_images(shelf: &Shelf<'_>, input: &Value) -> Output {
    let detail = |image: &Held| {
        json!({
            "registryId": ACCOUNT,
            "repositoryName": shelf.name,
            "imageDigest": image.digest,
            "imageTags": (!image.tags.is_empty()).then_some(&image.tags),
            "imageSizeInBytes": image.size,
            "imagePushedAt": image.at.epoch_seconds(),
            "imageManifestMediaType": image.media_type,
            "artifactMediaType": "application/vnd.oci.image.config.v1+json",
        })
    };
    let ids = ids(input)?;
    if ids.is_empty() {
        let all = wanted(shelf, input)?.into_iter().map(detail).collect();
        let page = cut("images", all, 1000, input)?;
        return Ok(json!({"imageDetails": page.items, "nextToken": page.next}));
    }
    if !input["maxResults"].is_null() || !input["nextToken"].is_null() {
        return Err(Exception::invalid("maxResults and nextToken cannot be used with imageIds"));
    }
    let mut found: Vec<&Held> = Vec::new();
    for id in ids {
        let (tag, digest) = (id["imageTag"].as_str(), id["imageDigest"].as_str());
        if tag.is_none() && digest.is_none() {
            return Err(Exception::invalid("imageIds: neither imageTag nor imageDigest"));
        }
        let Some(image) = shelf.find(tag, digest) else {
            let message = format!(
                "The image with imageId {{imageDigest:'{}', imageTag:'{}'}} does not exist within the repository with name \
                 '{}' in the registry with id '{ACCOUNT}'",
                digest.unwrap_or("null"),
                tag.unwrap_or("null"),
                shelf.name,
            );
            return Err(Exception("ImageNotFoundException", message));
        };
        if !found.iter().any(|known| known.digest == image.digest) {
            found.push(image);
        }
    }
    Ok(json!({"imageDetails": found.into_iter().map(detail).collect::<Vec<_>>()}))
}

fn batch_get(shelf: &Shelf<'_>, input: &Value) -> Output {
    let ids = ids(input)?;
    if ids.is_empty() {
        return Err(Exception::invalid("imageIds must not be empty"));
    }
    let (mut images, mut failures) = (Vec::new(), Vec::new());
    for id in ids {
        let (tag, digest) = (id["imageTag"].as_str(), id["imageDigest"].as_str());
        let failed = |code: &str, reason: &str| json!({"imageId": id, "failureCode": code, "failureReason": reason});
        match shelf.find(tag, digest) {
            Some(image) => images.push(json!({
                "registryId": ACCOUNT,
                "repositoryName": shelf.name,
                "imageId": {"imageDigest": image.digest, "imageTag": tag},
                "imageManifest": image.manifest,
                "imageManifestMediaType": image.media_type,
            })),
            None if tag.is_none() && digest.is_none() => {
                failures.push(failed(
                    "MissingDigestAndTag",
                    "Invalid request parameters: both tag and digest cannot be null",
                ));
            }
            None => failures.push(failed("ImageNotFound", "Requested image not found")),
        }
    }
    Ok(json!({"images": images, "failures": failures}))
}

fn put(clouds: &mut Clouds, now: Moment, input: &Value) -> Output {
    let name = named(input)?.to_owned();
    let manifest = input["imageManifest"].as_str().filter(|manifest| !manifest.is_empty());
    let manifest = manifest.ok_or_else(|| Exception::invalid("imageManifest must not be empty"))?;
    let tag = input["imageTag"].as_str();
    let already = |digest: &str| {
        let message = format!(
            "Image with digest '{digest}' and tag '{}' already exists in the repository with name '{name}' in registry with id \
             '{ACCOUNT}'",
            tag.unwrap_or("null"),
        );
        Exception("ImageAlreadyExistsException", message)
    };
    let digest = if name == REPOSITORY {
        // Layers are not served here: an image of the service comes from a build, and is only given another name.
        let known =
            clouds.images.all().iter().map(|image| image.digest.clone()).find(|digest| manifest_of(digest) == manifest);
        let unknown =
            || Exception("LayersNotFoundException", "One or more layers of the image do not exist".to_owned());
        let digest = known.ok_or_else(unknown)?;
        if tag.is_none_or(|tag| clouds.images.tags_of(&digest).contains(&tag)) {
            return Err(already(&digest));
        }
        clouds.images.tag(tag.unwrap_or_default(), &digest);
        digest
    } else {
        let media_type =
            input["imageManifestMediaType"].as_str().unwrap_or("application/vnd.oci.image.manifest.v1+json");
        let repository = clouds.repositories.get_mut(&name).ok_or_else(|| missing(&name))?;
        repository.push(now, manifest, media_type, tag).map_err(|refusal| match refusal {
            Refusal::Same => already(&crate::clouds::images::digest_of_text(manifest)),
            Refusal::Taken => {
                let message = format!(
                    "The image tag '{}' already exists in the '{name}' repository and cannot be overwritten because the tag is \
                     immutable.",
                    tag.unwrap_or_default(),
                );
                Exception("ImageTagAlreadyExistsException", message)
            }
        })?
    };
    Ok(json!({"image": {
        "registryId": ACCOUNT,
        "repositoryName": name,
        "imageId": {"imageDigest": digest, "imageTag": tag},
        "imageManifest": manifest,
        "imageManifestMediaType": "application/vnd.oci.image.manifest.v1+json",
    }}))
}
