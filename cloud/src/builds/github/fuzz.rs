//! What a listing of runs is read as, without a network.

use super::{CALL, Runs, map};
use crate::{Build, ProviderError, gcp::http};

/// Decodes a listing of runs, and maps it.
pub fn decode(runs: &[u8]) -> Result<Vec<Build>, ProviderError> {
    let runs: Runs = http::decode(CALL, runs)?;
    Ok(runs.workflow_runs.into_iter().map(map).collect())
}
