//! A service in a list of many: as much as a listing tells without a call per service.

use serde::Serialize;

use super::{Instances, Readiness, Reported, Section};
use crate::text::Untrusted;

/// One service of a provider.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Summary {
    /// Its name; `.raw()` is what the other calls take.
    pub name: Untrusted,
    /// How it stands. Services are described in batches, and a batch may fail alone.
    #[serde(serialize_with = "super::section")]
    pub standing: Section<Standing>,
}

/// How a service stands, in short.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Standing {
    /// What the cloud says of the whole.
    pub readiness: Reported<Readiness>,
    /// What people call the revision that the definition asks for: `hello:3`, `hello-00003-abc`.
    pub wanted: Option<Untrusted>,
    /// All instances, where reported.
    pub instances: Option<Instances>,
    /// The public address, where the cloud knows it.
    pub url: Option<Untrusted>,
}
