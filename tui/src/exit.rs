//! How a run ends: the exit codes that scripts may rely on. They are part of the contract with users; the long help
//! lists them from here.

use std::process::{ExitCode, Termination};

/// The end of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Exit {
    /// All is well: everything asked about is Healthy or in order, or the change is verified.
    Well,
    /// At least one target is Degraded or Deploying, none is worse.
    Degraded,
    /// At least one target is Unhealthy, or the change failed.
    Unhealthy,
    /// A provider could not be asked (unreachable, throttled, no such service, a senseless answer), or what is known is too
    /// old to say how things are: Stale, Unknown.
    NotAsked,
    /// The platform took the change back by itself.
    RolledBack,
    /// Another deployment replaced ours before it ended.
    Superseded,
    /// The change ended well on some targets only.
    OneTargetOnly,
    /// Whether the change was made is not known. It is never sent again by itself.
    Unknown,
    /// Nothing was changed because it is not allowed or no longer fits: read-only, not confirmed, denied, conflict.
    Refused,
    /// Not signed in to a provider, or the sign-in ran out.
    Credentials,
    /// The command line makes no sense.
    Usage,
    /// The configuration is missing or wrong.
    Configuration,
    /// Something in hello-dash itself broke. The number is the one of Rust's own panics.
    Defect,
    /// The time given ran out first.
    Deadline,
    /// Ended by the signal with this number.
    Signal(u8),
}

impl Exit {
    /// Every end with a code of its own, in the order of the codes.
    pub const ALL: [Self; 14] = [
        Self::Well,
        Self::Degraded,
        Self::Unhealthy,
        Self::NotAsked,
        Self::RolledBack,
        Self::Superseded,
        Self::OneTargetOnly,
        Self::Unknown,
        Self::Refused,
        Self::Credentials,
        Self::Usage,
        Self::Configuration,
        Self::Defect,
        Self::Deadline,
    ];

    /// The number the shell sees.
    pub fn code(self) -> u8 {
        match self {
            Self::Well => 0,
            Self::Degraded => 1,
            Self::Unhealthy => 2,
            Self::NotAsked => 3,
            Self::RolledBack => 4,
            Self::Superseded => 5,
            Self::OneTargetOnly => 6,
            Self::Unknown => 7,
            Self::Refused => 8,
            Self::Credentials => 9,
            Self::Usage => 64,
            Self::Configuration => 78,
            Self::Defect => 101,
            Self::Deadline => 124,
            Self::Signal(number) => 128_u8.saturating_add(number),
        }
    }

    /// What it means, in the words of the help.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Well => "all is well; the change is verified",
            Self::Degraded => "degraded or deploying",
            Self::Unhealthy => "unhealthy, or the change failed",
            Self::NotAsked => "a provider could not be asked, or the facts are too old",
            Self::RolledBack => "rolled back by the platform",
            Self::Superseded => "superseded by another deployment",
            Self::OneTargetOnly => "done on some of the targets only",
            Self::Unknown => "outcome unknown",
            Self::Refused => "refused: read-only, not confirmed, denied or conflict; nothing was changed",
            Self::Credentials => "not signed in",
            Self::Usage => "wrong usage",
            Self::Configuration => "configuration missing or wrong",
            Self::Defect => "a defect in hello-dash",
            Self::Deadline => "the time given ran out",
            Self::Signal(_) => "ended by signal n",
        }
    }

    /// All codes with their meaning, one per line, for the help.
    pub fn table() -> String {
        let lines = Self::ALL.map(|exit| format!("  {:>5}  {}\n", exit.code(), exit.meaning()));
        format!("Exit codes:\n{}  128+n  {}", lines.concat(), Self::Signal(0).meaning())
    }
}

impl Termination for Exit {
    fn report(self) -> ExitCode {
        ExitCode::from(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_the_contract() {
        let codes = Exit::ALL.map(Exit::code);
        assert_eq!(codes, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 64, 78, 101, 124]);
        assert_eq!((Exit::Signal(2).code(), Exit::Signal(15).code(), Exit::Signal(255).code()), (130, 143, 255));
    }

    #[test]
    fn the_table_lists_each_code_once() {
        let table = Exit::table();
        for exit in Exit::ALL {
            let line = format!("  {:>5}  {}", exit.code(), exit.meaning());
            assert_eq!(table.lines().filter(|l| *l == line).count(), 1, "{line}");
        }
        assert!(table.ends_with("  128+n  ended by signal n"));
    }
}
