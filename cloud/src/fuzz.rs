//! The decoders of the adapters without their network, for the tests that feed them broken answers by the million. AWS's
//! decoder is the SDK's own and is reached through `aws::Settings::http`. No part of the interface.

pub use crate::{
    builds::{
        cloud_build::fuzz::decode as cloud_build,
        github::fuzz::{jobs as github_jobs, runs as github_runs},
    },
    gcp::fuzz::{Answers, decode as cloud_run},
};
