//! Images with digests that stay and tags that move. One store behind both registries: the pipeline pushes the same
//! image to both.

use std::collections::BTreeMap;

use super::repository::Commit;
use crate::{
    ids::{Ids, seed_of},
    instance::Manner,
    moment::Moment,
};

/// Host and repository on ECR, without tag.
pub const ECR: &str = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/hello";
/// Host and repository in Artifact Registry, without tag.
pub const ARTIFACT_REGISTRY: &str = "europe-west1-docker.pkg.dev/acme-local/hello/hello";

/// One pushed image.
#[derive(Clone, Debug)]
pub struct Image {
    /// `sha256:` and 64 digits.
    pub digest: String,
    /// What it was built from.
    pub commit: &'static Commit,
    /// When it was pushed.
    pub pushed_at: Moment,
    /// How it behaves once it runs.
    pub manner: Manner,
}

/// All images, and what each tag means now.
#[derive(Clone, Debug, Default)]
pub struct Images {
    all: Vec<Image>,
    tags: BTreeMap<String, String>,
    /// Images that were pushed anew.
    anew: u32,
}

impl Images {
    /// Pushes what a pipeline built, under a tag that is its commit; returns its digest. All pipelines build the same
    /// image of a commit.
    pub fn push(&mut self, commit: &'static Commit, manner: Manner, pushed_at: Moment) -> String {
        self.put(digest_of(commit, manner, 0), commit, manner, pushed_at)
    }

    /// Pushes an image that is like no other, under a tag that is its commit; returns its digest.
    pub fn push_anew(&mut self, commit: &'static Commit, manner: Manner, pushed_at: Moment) -> String {
        self.anew += 1;
        self.put(digest_of(commit, manner, self.anew), commit, manner, pushed_at)
    }

    fn put(&mut self, digest: String, commit: &'static Commit, manner: Manner, pushed_at: Moment) -> String {
        if self.by_digest(&digest).is_none() {
            self.all.push(Image { digest: digest.clone(), commit, pushed_at, manner });
        }
        self.tags.insert(commit.sha.to_owned(), digest.clone());
        digest
    }

    /// From now on the tag means this image.
    pub fn tag(&mut self, tag: &str, digest: &str) {
        self.tags.insert(tag.to_owned(), digest.to_owned());
    }

    /// Takes a tag away; false when there was none.
    pub fn untag(&mut self, tag: &str) -> bool {
        self.tags.remove(tag).is_some()
    }

    /// What a full reference means now, by tag or by digest, in either registry.
    pub fn resolve(&self, reference: &str) -> Option<&Image> {
        let rest = reference.strip_prefix(ECR).or_else(|| reference.strip_prefix(ARTIFACT_REGISTRY))?;
        match rest.split_at_checked(1)? {
            ("@", digest) => self.by_digest(digest),
            (":", tag) => self.by_tag(tag),
            _ => None,
        }
    }

    /// The image a tag means now.
    pub fn by_tag(&self, tag: &str) -> Option<&Image> {
        self.by_digest(self.tags.get(tag)?)
    }

    /// The image with this digest.
    pub fn by_digest(&self, digest: &str) -> Option<&Image> {
        self.all.iter().find(|image| image.digest == digest)
    }

    /// All images, oldest first.
    pub fn all(&self) -> &[Image] {
        &self.all
    }

    /// The tags that mean this digest now.
    pub fn tags_of(&self, digest: &str) -> Vec<&str> {
        self.tags.iter().filter(|(_, target)| *target == digest).map(|(tag, _)| tag.as_str()).collect()
    }
}

/// The digest of something that is known by its name only.
pub fn digest_of_text(text: &str) -> String {
    format!("sha256:{}", Ids::new(seed_of(text)).hex(64))
}

/// The digest of what was built from this commit so that it behaves so: by a pipeline, or by the push with this number.
pub fn digest_of(commit: &Commit, manner: Manner, push: u32) -> String {
    digest_of_text(&format!("{} {} {push}", commit.sha, manner.word()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clouds::repository::{BROKEN, DEPLOYED};

    #[test]
    fn a_commit_that_is_pushed_anew_is_another_image_and_its_tag_moves() {
        let mut images = Images::default();
        let at = Moment::from_millis(1);
        let built = images.push(&BROKEN, Manner::Well, at);
        assert_eq!(images.push(&BROKEN, Manner::Well, at), built, "another pipeline");
        let crash = images.push_anew(&BROKEN, Manner::Crash, at);
        let well = images.push_anew(&BROKEN, Manner::Well, at);
        assert!(built != crash && crash != well && built != well);
        assert_eq!(images.by_tag(BROKEN.sha).unwrap().digest, well);
        assert_eq!(images.by_digest(&crash).unwrap().manner, Manner::Crash);
    }

    #[test]
    fn a_tag_moves_and_a_digest_stays() {
        let mut images = Images::default();
        let good = images.push(&DEPLOYED[2], Manner::Well, Moment::from_millis(1));
        let broken = images.push(&BROKEN, Manner::Crash, Moment::from_millis(2));
        images.tag("stable", &good);
        let pinned = format!("{ECR}@{good}");
        assert_eq!(images.resolve(&format!("{ECR}:stable")).unwrap().digest, good);
        images.tag("stable", &broken);
        assert_eq!(images.resolve(&format!("{ARTIFACT_REGISTRY}:stable")).unwrap().digest, broken);
        assert_eq!(images.resolve(&pinned).unwrap().digest, good);
        assert_eq!(images.tags_of(&broken), [BROKEN.sha, "stable"]);
        assert!(images.resolve("docker.io/library/hello:stable").is_none());
    }
}
