//! What the effects work on: the connections that the composition root made, one per target.

use std::sync::Arc;

use hello_cloud::{BuildSource, Provider};

use super::{journal::Journal, probe::Prober};

/// How one target is reached.
#[derive(Clone)]
pub struct Connection {
    /// Its cloud.
    pub provider: Arc<dyn Provider>,
    /// Its name there.
    pub service: String,
    /// Where its images are built.
    pub builds: Option<Arc<dyn BuildSource>>,
}

/// Everything outside.
#[derive(Clone)]
pub struct World {
    /// In the order of the state's targets.
    pub connections: Arc<[Connection]>,
    pub prober: Prober,
    pub journal: Journal,
}
