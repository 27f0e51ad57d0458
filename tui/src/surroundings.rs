//! What the process was started with, as far as hello-dash itself cares. Read once, handed down, so that everything
//! below can be tried without touching the process. The vendors' own credential chains read what they document.

use std::{env, ffi::OsString, path::PathBuf};

/// Variables and the current folder. An empty variable counts as not set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// `HELLO_DASH_CONFIG`: the configuration to use.
    pub config: Option<OsString>,
    /// `XDG_CONFIG_HOME`: where the user's configuration lives. Counts only when absolute, as its specification says.
    pub xdg_config_home: Option<OsString>,
    /// `HOME`.
    pub home: Option<OsString>,
    /// `NO_COLOR`: set to anything at all means no colours.
    pub no_color: Option<OsString>,
    /// The current folder; `None` when it was removed or cannot be told.
    pub folder: Option<PathBuf>,
}

impl Surroundings {
    /// Reads them from the process.
    pub fn of_process() -> Self {
        let variable = |name| env::var_os(name).filter(|value| !value.is_empty());
        Self {
            config: variable("HELLO_DASH_CONFIG"),
            xdg_config_home: variable("XDG_CONFIG_HOME"),
            home: variable("HOME"),
            no_color: variable("NO_COLOR"),
            folder: env::current_dir().ok(),
        }
    }
}
