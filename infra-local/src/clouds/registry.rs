//! The repositories of ECR that a client has made. The repository of the service is [`super::images`].

use std::collections::BTreeMap;

use super::images::digest_of_text;
use crate::moment::Moment;

/// One pushed manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pushed {
    /// `sha256:` and 64 digits. Made up, as every digest here.
    pub digest: String,
    /// The text of the manifest.
    pub manifest: String,
    /// Its media type.
    pub media_type: String,
    /// When it was pushed.
    pub at: Moment,
}

/// One repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repository {
    /// When it was made.
    pub created_at: Moment,
    /// Whether a tag may move.
    pub mutable: bool,
    /// Its tags, for itself.
    pub labels: BTreeMap<String, String>,
    /// Oldest first.
    pub images: Vec<Pushed>,
    /// What each tag means now: a digest.
    pub tags: BTreeMap<String, String>,
}

/// Why a push is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The same image has the tag already.
    Same,
    /// Another image has the tag, and tags do not move here.
    Taken,
}

impl Repository {
    /// An empty one.
    pub fn new(created_at: Moment, mutable: bool) -> Self {
        Self { created_at, mutable, labels: BTreeMap::new(), images: Vec::new(), tags: BTreeMap::new() }
    }

    /// Pushes a manifest under a tag, if any; its digest.
    pub fn push(&mut self, at: Moment, manifest: &str, media_type: &str, tag: Option<&str>) -> Result<String, Refusal> {
        let digest = digest_of_text(manifest);
        let had = tag.and_then(|tag| self.tags.get(tag));
        match had {
            Some(had) if *had == digest => return Err(Refusal::Same),
            Some(_) if !self.mutable => return Err(Refusal::Taken),
            _ => {}
        }
        if !self.images.iter().any(|image| image.digest == digest) {
            let (manifest, media_type) = (manifest.to_owned(), media_type.to_owned());
            self.images.push(Pushed { digest: digest.clone(), manifest, media_type, at });
        }
        if let Some(tag) = tag {
            self.tags.insert(tag.to_owned(), digest.clone());
        }
        Ok(digest)
    }
}

/// All of them, by name.
pub type Repositories = BTreeMap<String, Repository>;
