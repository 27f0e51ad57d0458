//! What Artifact Registry says of the images of a service.

use super::{http, wire};
use crate::{
    error::ProviderError,
    model::Digest,
    registry::{Reference, Repository, Stored},
    timestamp::Timestamp,
};

/// The call, as IAM names it.
pub(super) const CALL: &str = "artifactregistry.dockerimages.list";
/// Pages of a thousand images each.
const PAGES: usize = 5;

/// An image in Artifact Registry, read off a reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ImageName {
    location: String,
    project: String,
    repository: String,
    /// The reference without tag and digest: what image names of the listing begin with.
    pub prefix: String,
}

impl ImageName {
    /// `LOCATION-docker.pkg.dev/PROJECT/REPOSITORY/IMAGE`; `None` for any other registry, which we do not read.
    pub fn of(reference: &str) -> Option<Self> {
        let reference = Reference::parse(reference);
        let host = reference.host?;
        let location = host.strip_suffix("-docker.pkg.dev")?;
        let mut parts = reference.path.splitn(3, '/');
        let (project, repository, _image) = (parts.next()?, parts.next()?, parts.next()?);
        Some(Self {
            location: location.to_owned(),
            project: project.to_owned(),
            repository: repository.to_owned(),
            prefix: format!("{host}/{}", reference.path),
        })
    }
}

/// Lists one image of a repository, all versions. The call lists the whole repository; other images are left out.
pub(super) async fn repository(client: &http::Client, name: &ImageName) -> Result<Repository, ProviderError> {
    let path = format!(
        "v1/projects/{}/locations/{}/repositories/{}/dockerImages",
        http::segment(&name.project),
        http::segment(&name.location),
        http::segment(&name.repository)
    );
    let mut repository = Repository::default();
    let mut token = String::new();
    for _ in 0..PAGES {
        let mut query = vec![("pageSize", "1000")];
        if !token.is_empty() {
            query.push(("pageToken", &token));
        }
        let page: wire::DockerImageList = client.get(CALL, &path, &query).await?;
        repository.images.extend(page.docker_images.iter().filter_map(|image| stored(name, image)));
        token = page.next_page_token;
        if token.is_empty() {
            repository.complete = true;
            break;
        }
    }
    Ok(repository)
}

pub(super) fn stored(name: &ImageName, image: &wire::DockerImage) -> Option<Stored> {
    let (prefix, _) = image.uri.split_once('@')?;
    (prefix == name.prefix).then_some(())?;
    Some(Stored {
        digest: Digest::parse(&image.uri)?,
        tags: image.tags.clone(),
        pushed_at: Timestamp::parse(&image.upload_time),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_artifact_registry_names_are_read() {
        let name = ImageName::of("europe-west1-docker.pkg.dev/acme/apps/team/hello:v1").unwrap();
        assert_eq!((name.project.as_str(), name.repository.as_str()), ("acme", "apps"));
        assert_eq!(name.prefix, "europe-west1-docker.pkg.dev/acme/apps/team/hello");
        for other in ["gcr.io/acme/hello", "hello", "europe-west1-docker.pkg.dev/acme/hello"] {
            assert_eq!(ImageName::of(other), None, "{other}");
        }
    }

    #[test]
    fn other_images_of_the_repository_are_left_out() {
        let name = ImageName::of("europe-west1-docker.pkg.dev/acme/apps/hello:v1").unwrap();
        let digest = format!("sha256:{}", "a".repeat(64));
        let image = |image: &str| wire::DockerImage {
            uri: format!("europe-west1-docker.pkg.dev/acme/apps/{image}@{digest}"),
            ..wire::DockerImage::default()
        };
        assert!(stored(&name, &image("hello")).is_some());
        assert!(stored(&name, &image("hello-worker")).is_none());
    }
}
