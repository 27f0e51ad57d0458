//! Where images are built: GitHub Actions and Cloud Build, behind the [`BuildSource`](crate::BuildSource) trait.

pub(crate) mod cloud_build;
pub(crate) mod github;

pub use cloud_build::{CloudBuild, Only};
pub use github::GitHubActions;
