//! How things are named: the clouds' own ids, kept as they are, and the two names everybody shares, commit and digest.

use std::fmt;

use serde::{Serialize, Serializer};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// Takes the cloud's own id as it is.
            pub fn new(id: impl Into<String>) -> Self {
                Self(id.into())
            }

            /// The id as the cloud wrote it: for comparing and sending back, not for showing.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&crate::text::sanitize(&self.0))
            }
        }
    };
}

id! {
    /// A revision, in the cloud's own words. ECS: service revision ARN, or the task definition ARN of a service that has none.
    /// Cloud Run: the revision's short name.
    RevisionId
}
id! {
    /// A deployment. ECS: service deployment ARN, or `ecs-svc/..` of a service that has none. Cloud Run: the operation's name
    /// for what is followed, `generation/N` for what we did not start, `revision/NAME` for what made an older revision.
    DeploymentId
}
id! {
    /// A running copy. ECS: the task id (last part of its ARN). Cloud Run does not name them.
    InstanceId
}
id! {
    /// What the person saw, for compare-and-set. ECS: the current deployment and definition. Cloud Run: the etag.
    Fingerprint
}

/// A git commit: 7 to 64 hexadecimal digits, lower case. Safe to show.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Commit(String);

impl Commit {
    /// Reads a commit; `None` when it is not one.
    pub fn parse(text: &str) -> Option<Self> {
        let hex = text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        (hex && (7..=64).contains(&text.len())).then(|| Self(text.to_owned()))
    }

    /// All digits that are known.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first seven digits, as people say it.
    pub fn short(&self) -> &str {
        self.0.get(..7).unwrap_or(&self.0)
    }

    /// Whether two spellings may mean the same commit: one is a prefix of the other.
    pub fn matches(&self, other: &Self) -> bool {
        self.0.starts_with(&other.0) || other.0.starts_with(&self.0)
    }
}

impl fmt::Display for Commit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Commit {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// The digest of an image: `sha256:` and 64 hexadecimal digits. Safe to show.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(String);

impl Digest {
    /// Reads a digest, also at the end of `repository@sha256:..`; `None` when there is none.
    pub fn parse(text: &str) -> Option<Self> {
        let digest = text.rsplit('@').next()?;
        let hex = digest.strip_prefix("sha256:")?;
        (hex.len() == 64 && hex.bytes().all(|b| b.is_ascii_hexdigit())).then(|| Self(digest.to_ascii_lowercase()))
    }

    /// All of it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first twelve hexadecimal digits.
    pub fn short(&self) -> &str {
        self.0.get(7..19).unwrap_or(&self.0)
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}
