//! What listings of runs and of jobs are read as, without a network.

use super::{CALL, JOBS, map};
use crate::{Build, Job, ProviderError, gcp::http};

/// Decodes a listing of runs, and maps it.
pub fn runs(body: &[u8]) -> Result<Vec<Build>, ProviderError> {
    let runs: map::Runs = http::decode(CALL, body)?;
    Ok(runs.workflow_runs.into_iter().map(map::build).collect())
}

/// Decodes a listing of jobs, and maps it.
pub fn jobs(body: &[u8]) -> Result<Vec<Job>, ProviderError> {
    let answer: map::Jobs = http::decode(JOBS, body)?;
    Ok(answer.jobs.into_iter().map(map::job).collect())
}
