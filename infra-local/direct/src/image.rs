//! What both registries tell of an image: one store is behind both.

use hello_cloud::{Commit, Digest, ErrorKind, Image, ProviderError, Resolution, Timestamp};
use hello_local::{
    Moment,
    clouds::images::{self, Images},
};

use crate::call::Call;

/// A moment of the state machine in the model's words.
pub fn at(moment: Moment) -> Timestamp {
    Timestamp::from_millis(moment.as_millis())
}

/// An image as written and as resolved.
pub fn image(reference: &str, digest: Option<&str>) -> Image {
    Image { reference: reference.into(), digest: digest.and_then(Digest::parse) }
}

/// What an image was built from.
pub fn commit(images: &Images, digest: Option<&str>) -> Option<Commit> {
    Commit::parse(images.by_digest(digest?)?.commit.sha)
}

/// Why an image can no longer be pulled; `None` when it can.
pub fn gone(images: &Images, digest: Option<&str>) -> Option<String> {
    let digest = digest.filter(|digest| images.by_digest(digest).is_none())?;
    Some(format!("image {digest} is no longer in the registry"))
}

/// Whether deploying the reference again brings back the very same image.
pub fn is_exact(images: &Images, reference: &str, digest: Option<&str>) -> bool {
    reference.contains('@') || images.resolve(reference).map(|image| image.digest.as_str()) == digest
}

/// Why deploying the reference again does not bring back the image; `None` when it does, or when nobody knows.
pub fn lost(images: &Images, reference: &str, digest: Option<&str>) -> Option<String> {
    let moved = || (digest.is_some() && !is_exact(images, reference, digest)).then(|| "its tag has moved".to_owned());
    gone(images, digest).or_else(moved)
}

/// What the reference means now; `None` when it names a digest, or a registry that is not ours.
pub fn resolve(images: &Images, reference: &str, call: Call) -> Result<Option<Resolution>, ProviderError> {
    let ours = [images::ECR, images::ARTIFACT_REGISTRY].iter().any(|registry| reference.starts_with(registry));
    if reference.contains('@') || !ours {
        return Ok(None);
    }
    let missing = || call.error(ErrorKind::NotFound, "the registry has no such tag");
    let image = images.resolve(reference).ok_or_else(missing)?;
    let digest = Digest::parse(&image.digest).ok_or_else(|| call.error(ErrorKind::Unexpected, "no digest"))?;
    Ok(Some(Resolution {
        reference: reference.into(),
        digest,
        commit: Commit::parse(image.commit.sha),
        pushed_at: Some(at(image.pushed_at)),
    }))
}
