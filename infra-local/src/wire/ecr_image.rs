//! A repository of ECR as readers see it, whether it is the service's or one that a client made.

use serde_json::{Value, json};

use super::ecr::REPOSITORY;
use crate::{
    clouds::{Clouds, images::digest_of_text},
    moment::Moment,
};

/// Size of every image of the service, in bytes: what a static binary and its certificates weigh.
const SIZE: usize = 6_291_456;

/// One image in it.
pub struct Held {
    pub digest: String,
    pub tags: Vec<String>,
    pub size: usize,
    pub at: Moment,
    pub media_type: String,
    pub manifest: String,
}

/// A repository.
pub struct Shelf<'a> {
    pub name: &'a str,
    pub created_at: Moment,
    pub mutable: bool,
    /// `Key` and `Value` of its own tags.
    pub labels: Vec<Value>,
    /// Oldest first.
    pub images: Vec<Held>,
}

impl<'a> Shelf<'a> {
    /// The repository with this name.
    pub fn of(clouds: &'a Clouds, name: &'a str) -> Option<Self> {
        if name == REPOSITORY {
            let images = clouds.images.all().iter().map(|image| Held {
                digest: image.digest.clone(),
                tags: clouds.images.tags_of(&image.digest).into_iter().map(ToOwned::to_owned).collect(),
                size: SIZE,
                at: image.pushed_at,
                media_type: "application/vnd.oci.image.manifest.v1+json".to_owned(),
                manifest: manifest_of(&image.digest),
            });
            return Some(Self {
                name: REPOSITORY,
                created_at: clouds.aws_began(),
                mutable: true,
                labels: vec![json!({"Key": "team", "Value": "hello"})],
                images: images.collect(),
            });
        }
        let (name, repository) = clouds.repositories.get_key_value(name)?;
        let tags = |digest: &str| {
            let tags = repository.tags.iter().filter(|(_, target)| *target == digest);
            tags.map(|(tag, _)| tag.clone()).collect()
        };
        let images = repository.images.iter().map(|image| Held {
            digest: image.digest.clone(),
            tags: tags(&image.digest),
            size: image.manifest.len(),
            at: image.at,
            media_type: image.media_type.clone(),
            manifest: image.manifest.clone(),
        });
        Some(Self {
            name,
            created_at: repository.created_at,
            mutable: repository.mutable,
            labels: repository.labels.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect(),
            images: images.collect(),
        })
    }

    /// The image with this digest, this tag, or both.
    pub fn find(&self, tag: Option<&str>, digest: Option<&str>) -> Option<&Held> {
        let meant = |image: &&Held| {
            digest.is_none_or(|digest| image.digest == digest)
                && tag.is_none_or(|tag| image.tags.iter().any(|known| known == tag))
        };
        self.images.iter().find(meant).filter(|_| tag.is_some() || digest.is_some())
    }
}

/// The manifest of an image of the service.
pub fn manifest_of(digest: &str) -> String {
    let blob = |what: &str| digest_of_text(&format!("{what} {digest}"));
    json!({
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": blob("config"), "size": 1469},
        "layers": [{
            "mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", "digest": blob("layer"), "size": SIZE,
        }],
    })
    .to_string()
}
