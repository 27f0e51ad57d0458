//! Where the lines of an instance go: into the logs of its cloud.

use std::{
    io,
    sync::{
        Arc, Weak,
        atomic::{AtomicBool, Ordering},
    },
};

use crate::{
    instance::{InstanceId, Output, Provider},
    site::Site,
};

/// What every line about our own look at an instance holds. The clouds' own checks are not in anybody's log either.
const OWN_LOOK: &str = "\"requestUrl\":\"/readyz\"";

/// The log of one instance.
#[derive(Clone, Debug)]
pub struct Paper {
    site: Weak<Site>,
    provider: Provider,
    id: InstanceId,
    torn: Arc<AtomicBool>,
}

impl Paper {
    /// Empty.
    pub fn new(site: &Arc<Site>, provider: Provider, id: InstanceId) -> Self {
        Self { site: Arc::downgrade(site), provider, id, torn: Arc::default() }
    }

    /// Takes in one line.
    pub fn line(&self, output: Output, line: &str) {
        let line = line.trim_end();
        if line.is_empty() || line.contains(OWN_LOOK) {
            return;
        }
        if let Some(site) = self.site.upgrade() {
            site.clouds().logged(site.clock.now(), self.provider, &self.id, output, line);
        }
    }

    /// Nothing more can be written from now on.
    pub fn tear(&self) {
        self.torn.store(true, Ordering::Relaxed);
    }
}

/// For an instance that is a task of this process. Its log writes whole lines only.
impl io::Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.torn.load(Ordering::Relaxed) {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        for line in String::from_utf8_lossy(bytes).lines() {
            self.line(Output::Standard, line);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
