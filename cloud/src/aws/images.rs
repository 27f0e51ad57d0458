//! What ECR says of the images of a service.

use aws_sdk_ecr::{
    config::{Builder, Region},
    types::ImageDetail,
};

use super::{client::Client, map::at};
use crate::{
    error::ProviderError,
    model::Digest,
    registry::{Reference, Repository, Stored},
};

/// The call, as IAM names it.
pub(super) const CALL: &str = "ecr:DescribeImages";
/// Pages of a thousand images each.
const PAGES: usize = 5;

/// A private ECR repository, read off an image reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct EcrName {
    account: String,
    region: String,
    repository: String,
}

impl EcrName {
    /// `ACCOUNT.dkr.ecr.REGION.amazonaws.com/REPOSITORY`; `None` for any other registry, which we do not read.
    pub fn of(reference: &str) -> Option<Self> {
        let reference = Reference::parse(reference);
        let host = reference.host?;
        let (account, rest) = host.split_once(".dkr.ecr.")?;
        let (region, domain) = rest.split_once('.')?;
        // The region becomes part of the address that is called: nothing but a region may pass.
        let is_account = account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit());
        let is_region = region.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        (is_account && is_region && matches!(domain, "amazonaws.com" | "amazonaws.com.cn" | "amazonaws.eu"))
            .then(|| Self { account: account.to_owned(), region: region.to_owned(), repository: reference.path })
    }
}

/// Lists a repository.
pub(super) async fn repository(client: &Client, name: &EcrName) -> Result<Repository, ProviderError> {
    let mut repository = Repository::default();
    let mut token: Option<String> = None;
    for _ in 0..PAGES {
        let call = || {
            let call = client.registry.describe_images().registry_id(&name.account).repository_name(&name.repository);
            let call = call.max_results(1000).set_next_token(token.clone()).customize();
            call.config_override(Builder::new().region(Region::new(name.region.clone())))
        };
        let page = client.read(CALL, || call().send()).await?;
        repository.images.extend(page.image_details().iter().filter_map(stored));
        token = page.next_token;
        if token.is_none() {
            repository.complete = true;
            break;
        }
    }
    Ok(repository)
}

fn stored(image: &ImageDetail) -> Option<Stored> {
    Some(Stored {
        digest: Digest::parse(image.image_digest()?)?,
        tags: image.image_tags().to_vec(),
        pushed_at: at(image.image_pushed_at()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_private_ecr_names_are_read() {
        let name = EcrName::of("123456789012.dkr.ecr.eu-central-1.amazonaws.com/team/hello:v1").unwrap();
        assert_eq!((name.account.as_str(), name.region.as_str()), ("123456789012", "eu-central-1"));
        assert_eq!(name.repository, "team/hello");
        for other in ["hello:v1", "docker.io/library/hello", "public.ecr.aws/x/y:1", "1.dkr.ecr.x.evil.example/y"] {
            assert_eq!(EcrName::of(other), None, "{other}");
        }
    }
}
