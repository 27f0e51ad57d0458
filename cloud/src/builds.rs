//! Where images are built: GitHub Actions and Cloud Build, behind the [`BuildSource`](crate::BuildSource) trait.

mod cloud_build;
mod github;

pub use cloud_build::{CloudBuild, Only};
pub use github::GitHubActions;
