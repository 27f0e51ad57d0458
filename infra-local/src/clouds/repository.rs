//! The scripted repository `acme/hello`: who wrote what.

/// Owner and name on GitHub.
pub const REPOSITORY: &str = "acme/hello";
/// The branch everything is built from.
pub const BRANCH: &str = "main";

/// Number of the workflow on GitHub.
pub const WORKFLOW_ID: u64 = 90_411_277;
/// Its file.
pub const WORKFLOW_PATH: &str = ".github/workflows/image.yml";

/// One commit.
#[derive(Debug, PartialEq, Eq)]
pub struct Commit {
    /// Forty hexadecimal digits.
    pub sha: &'static str,
    /// Name and login of the author.
    pub author: &'static str,
    /// First line of the message.
    pub message: &'static str,
    /// Version of the service at this commit.
    pub version: &'static str,
}

/// Built and deployed one after the other before the stand-in starts; the last one serves.
pub const DEPLOYED: [Commit; 3] = [
    Commit {
        sha: "7c1e94d2f0b86a35c9de41807b52fa6631d8e0c4",
        author: "maria-lindt",
        message: "Answer /version with the commit and the region",
        version: "1.4.0",
    },
    Commit {
        sha: "e52b07f91d6c3a84b0f7c25d9a1e83640fbc7d18",
        author: "jonas-weber",
        message: "Say not ready as soon as the shutdown begins",
        version: "1.4.1",
    },
    Commit {
        sha: "3f9ad58c6e1247b0d2a98e75c40b1f63e7d5902a",
        author: "maria-lindt",
        message: "Trim the image to the binary and its certificates",
        version: "1.5.0",
    },
];

/// Pushed while the stand-in runs; its builds run in view.
pub const UPCOMING: Commit = Commit {
    sha: "b86d20e4975fc13a0e6b8d7f42c95a10d3e7f84b",
    author: "amara-okafor",
    message: "Greet in the language of the caller",
    version: "1.6.0",
};

/// The build a moved tag leads to.
pub const BROKEN: Commit = Commit {
    sha: "c04f7be1a98d35260e1fb94c7d830a5e92b6174d",
    author: "jonas-weber",
    message: "Read the greeting from a mounted file",
    version: "1.5.1",
};

/// A commit by its full name.
pub fn commit(sha: &str) -> Option<&'static Commit> {
    DEPLOYED.iter().chain([&UPCOMING, &BROKEN]).find(|commit| commit.sha == sha)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_commit_is_named_in_full() {
        for commit in DEPLOYED.iter().chain([&UPCOMING, &BROKEN]) {
            assert_eq!(commit.sha.len(), 40, "{}", commit.message);
            assert!(commit.sha.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)));
        }
    }
}
