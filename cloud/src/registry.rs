//! What an image registry holds, the same for every registry we read: references taken apart, tags resolved to digests,
//! digests traced back to commits.

use crate::{
    error::{ErrorKind, ProviderError},
    model::{Commit, Digest, Image, Resolution},
    text::Untrusted,
    timestamp::Timestamp,
};

/// An image reference taken apart: `registry/repository:tag` or `registry/repository@sha256:..`, or both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reference {
    /// The host, `None` where the reference relies on a default registry.
    pub host: Option<String>,
    /// The path without host, tag and digest.
    pub path: String,
    /// The tag; `latest` where neither tag nor digest is written.
    pub tag: Option<String>,
    /// The digest, where one is written.
    pub digest: Option<Digest>,
}

impl Reference {
    /// Takes a reference apart. Never fails: what is not understood has no host.
    pub fn parse(text: &str) -> Self {
        let digest = text.contains('@').then(|| Digest::parse(text)).flatten();
        let named = text.split('@').next().unwrap_or(text);
        let last = named.rfind('/').map_or(0, |slash| slash + 1);
        let (name, tag) = match named.get(last..).and_then(|part| part.rfind(':')) {
            Some(colon) => (named.get(..last + colon), named.get(last + colon + 1..)),
            None => (Some(named), None),
        };
        let name = name.unwrap_or(named);
        let (host, path) = match name.split_once('/') {
            Some((host, path)) if host.contains(['.', ':']) || host == "localhost" => (Some(host.to_owned()), path),
            Some(_) | None => (None, name),
        };
        let tag = tag.map(str::to_owned).or_else(|| digest.is_none().then(|| "latest".to_owned()));
        Self { host, path: path.to_owned(), tag, digest }
    }
}

/// One image of a repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stored {
    pub digest: Digest,
    pub tags: Vec<String>,
    pub pushed_at: Option<Timestamp>,
}

impl Stored {
    /// The commit among the tags; the longest spelling, since a short number may look like one by chance.
    fn commit(&self) -> Option<Commit> {
        self.tags.iter().filter_map(|tag| Commit::parse(tag)).max_by_key(|commit| commit.as_str().len())
    }
}

/// One repository, as far as it was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Repository {
    pub images: Vec<Stored>,
    /// Whether every image was listed. Only then does absence mean that an image is gone.
    pub complete: bool,
}

impl Repository {
    fn tagged(&self, tag: &str) -> Option<&Stored> {
        self.images.iter().find(|image| image.tags.iter().any(|have| have == tag))
    }

    fn stored(&self, digest: &Digest) -> Option<&Stored> {
        self.images.iter().find(|image| image.digest == *digest)
    }

    /// What a reference means now; `Ok(None)` when it names a digest, which no registry can move.
    pub fn resolve(&self, reference: &str, call: &'static str) -> Result<Option<Resolution>, ProviderError> {
        let parsed = Reference::parse(reference);
        let (None, Some(tag)) = (&parsed.digest, &parsed.tag) else { return Ok(None) };
        let Some(image) = self.tagged(tag) else {
            let message = if self.complete {
                format!("the registry has no tag {tag} in {}", parsed.path)
            } else {
                format!("tag {tag} is not among the {} images read of {}", self.images.len(), parsed.path)
            };
            return Err(ProviderError::new(ErrorKind::NotFound, call, message));
        };
        Ok(Some(Resolution {
            reference: Untrusted::new(reference),
            digest: image.digest.clone(),
            commit: image.commit().or_else(|| Commit::parse(tag)),
            pushed_at: image.pushed_at,
        }))
    }

    /// The commit that a digest was built from, where a tag says.
    pub fn commit_of(&self, digest: &Digest) -> Option<Commit> {
        self.stored(digest)?.commit()
    }

    /// Whether an image is surely no longer there.
    pub fn lacks(&self, digest: &Digest) -> bool {
        self.complete && self.stored(digest).is_none()
    }
}

/// The commit an image was built from: its own tag first, then what the registry says of its digest.
pub(crate) fn commit_of(image: &Image, repository: Option<&Repository>) -> Option<Commit> {
    let tagged = Reference::parse(image.reference.raw()).tag.and_then(|tag| Commit::parse(&tag));
    tagged.or_else(|| repository?.commit_of(image.digest.as_ref()?))
}

/// Whether deploying the reference again surely brings back the image that `image` ran.
pub(crate) fn is_exact(image: &Image, repository: Option<&Repository>) -> bool {
    let reference = Reference::parse(image.reference.raw());
    if reference.digest.is_some() {
        return true;
    }
    let Some(tag) = reference.tag else { return false };
    let now = repository.and_then(|repository| repository.tagged(&tag)).map(|stored| &stored.digest);
    match (now, &image.digest) {
        (Some(now), Some(then)) => now == then,
        // Nothing to compare with: a commit as tag is taken at its word, any other tag may move.
        (Some(_) | None, Some(_) | None) => Commit::parse(&tag).is_some(),
    }
}

/// Why deploying the reference again surely does not bring back the image that `image` ran; `None` when it does, or when
/// nobody knows.
pub(crate) fn lost(image: &Image, repository: Option<&Repository>) -> Option<String> {
    let (repository, then) = (repository?, image.digest.as_ref()?);
    if repository.lacks(then) {
        return Some(format!("image {} is no longer in the registry", then.short()));
    }
    let reference = Reference::parse(image.reference.raw());
    let tag = reference.tag.filter(|_| reference.digest.is_none())?;
    let shown = crate::text::sanitize(&tag);
    match repository.tagged(&tag) {
        Some(now) if now.digest != *then => Some(format!("tag {shown} now means image {}", now.digest.short())),
        Some(_) => None,
        None => repository.complete.then(|| format!("tag {shown} is no longer in the registry")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(c: char) -> Digest {
        Digest::parse(&format!("sha256:{}", c.to_string().repeat(64))).unwrap()
    }

    fn repository(complete: bool) -> Repository {
        let commit = "0123456789abcdef0123456789abcdef01234567";
        Repository {
            images: vec![
                Stored { digest: digest('a'), tags: vec!["20260101".into(), commit.into()], pushed_at: None },
                Stored { digest: digest('b'), tags: vec!["stable".into()], pushed_at: None },
            ],
            complete,
        }
    }

    fn image(reference: &str, c: Option<char>) -> Image {
        Image { reference: reference.into(), digest: c.map(digest) }
    }

    #[test]
    fn references_are_taken_apart() {
        let full = Reference::parse("registry.example:5000/team/hello:v1");
        assert_eq!(full.host.as_deref(), Some("registry.example:5000"));
        assert_eq!((full.path.as_str(), full.tag.as_deref()), ("team/hello", Some("v1")));
        assert_eq!(Reference::parse("hello").tag.as_deref(), Some("latest"));
        assert_eq!(Reference::parse("library/hello").host, None);
        let pinned = Reference::parse(&format!("r.example/hello@{}", digest('a').as_str()));
        assert_eq!((pinned.path.as_str(), pinned.tag, pinned.digest), ("hello", None, Some(digest('a'))));
    }

    #[test]
    fn a_tag_resolves_and_the_longest_commit_wins() {
        let resolution = repository(true).resolve("r.example/hello:20260101", "c").unwrap().unwrap();
        assert_eq!(resolution.digest, digest('a'));
        assert_eq!(resolution.commit.unwrap().as_str().len(), 40);
    }

    #[test]
    fn a_missing_tag_is_an_error_and_a_digest_needs_no_resolution() {
        let error = repository(true).resolve("r.example/hello:gone", "c").unwrap_err();
        assert_eq!(error.kind, ErrorKind::NotFound);
        let pinned = format!("r.example/hello@{}", digest('c').as_str());
        assert_eq!(repository(true).resolve(&pinned, "c"), Ok(None));
    }

    #[test]
    fn absence_counts_only_when_everything_was_read() {
        assert!(repository(true).lacks(&digest('c')));
        assert!(!repository(false).lacks(&digest('c')));
    }

    #[test]
    fn what_deploying_again_does_not_bring_back_says_why() {
        let held = repository(true);
        let lost = |reference: &str, c| lost(&image(reference, Some(c)), Some(&held));
        assert_eq!(lost("r.example/hello:stable", 'b'), None);
        assert_eq!(lost("r.example/hello:stable", 'a').unwrap(), "tag stable now means image bbbbbbbbbbbb");
        assert_eq!(lost("r.example/hello:stable", 'c').unwrap(), "image cccccccccccc is no longer in the registry");
        assert_eq!(lost("r.example/hello:v1", 'a').unwrap(), "tag v1 is no longer in the registry");
        assert_eq!(
            lost(&format!("r.example/hello:stable@{}", digest('a').as_str()), 'a'),
            None,
            "a digest does not move"
        );
        let moved = image("r.example/hello:stable", Some('a'));
        assert_eq!(super::lost(&moved, None), None, "nobody knows");
        let gone = image("r.example/hello:v1", Some('a'));
        assert_eq!(super::lost(&gone, Some(&repository(false))), None, "not all of it was read");
    }

    #[test]
    fn only_what_cannot_move_or_has_not_moved_is_exact() {
        let held = repository(true);
        assert!(is_exact(&image("r.example/hello:stable", Some('b')), Some(&held)));
        assert!(!is_exact(&image("r.example/hello:stable", Some('a')), Some(&held)), "the tag has moved");
        assert!(!is_exact(&image("r.example/hello:stable", Some('b')), None), "nobody knows");
        assert!(is_exact(&image("r.example/hello:abcdef1", None), None), "a commit does not move");
        assert!(is_exact(&image(&format!("r.example/h@{}", digest('a').as_str()), None), None));
    }
}
