//! What the clouds want to run, and what they are told about it. Cloud and driver agree on these words only.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One of the two clouds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Provider {
    /// ECS.
    Aws,
    /// Cloud Run.
    Gcp,
}

impl Provider {
    /// The word in paths and JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Aws => "aws",
            Self::Gcp => "gcp",
        }
    }
}

/// How a build of the service behaves. The real service has no such knob; the stand-in's child plays it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Manner {
    /// As written.
    #[default]
    Well,
    /// Ends with exit code 1 at start.
    Crash,
    /// Runs, and never says that it is ready.
    NeverReady,
    /// Is ready, and answers everything else with 500: no platform notices.
    Sick,
}

impl Manner {
    /// The word in the child's environment.
    pub fn word(self) -> &'static str {
        match self {
            Self::Well => "well",
            Self::Crash => "crash",
            Self::NeverReady => "never-ready",
            Self::Sick => "sick",
        }
    }

    /// The status that every route but `/readyz` answers with, when that is not as written.
    pub fn answer(self) -> Option<u16> {
        match self {
            Self::Sick => Some(500),
            Self::Well | Self::Crash | Self::NeverReady => None,
        }
    }
}

/// Names one instance: the ECS task id, or a name of ours on Cloud Run.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct InstanceId(pub String);

impl fmt::Display for InstanceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An instance that should run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Its name.
    pub id: InstanceId,
    /// Whose it is.
    pub provider: Provider,
    /// `hello:3` or `hello-00003-abc`.
    pub revision: String,
    /// What it was built from.
    pub commit: String,
    /// Version of the service.
    pub version: String,
    /// RFC 3339.
    pub built_at: String,
    /// Where it runs.
    pub region: String,
    /// How it behaves.
    pub manner: Manner,
}

/// Where an instance wrote a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Output {
    /// Standard output.
    Standard,
    /// Standard error.
    Error,
}

/// What the driver tells about an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Happening {
    /// The process listens.
    Started,
    /// `/readyz` answered 200.
    Ready,
    /// `/readyz` stopped answering 200.
    Unready,
    /// The process ended by itself.
    Exited {
        /// Exit code, where there is one.
        code: Option<i32>,
    },
}
