//! What a listing of builds is read as, without a network.

use super::{CALL, map};
use crate::{Build, ProviderError, gcp::http};

/// Decodes a listing of builds, and maps it.
pub fn decode(builds: &[u8]) -> Result<Vec<Build>, ProviderError> {
    let page: map::BuildList = http::decode(CALL, builds)?;
    page.builds.iter().map(map::build).collect()
}
