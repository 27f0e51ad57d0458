//! The demo has nothing to do with the user's own accounts, proxies and files, and the vendors' libraries read many variables
//! by themselves. So it starts over, in the same process, with only those that a terminal program needs: then it runs the
//! same on every machine, and cannot reach what it does not know of.

use std::{env, ffi::OsStr, io, os::unix::process::CommandExt, process::Command};

/// What stays: the terminal, the language, and where this machine keeps libraries and temporary files.
const KEPT: [&str; 17] = [
    "COLORTERM",
    "COLUMNS",
    "LANG",
    "LD_LIBRARY_PATH",
    "LINES",
    "NO_COLOR",
    "PATH",
    "PWD",
    "RUST_BACKTRACE",
    "SHLVL",
    "TERM",
    "TERMINFO",
    "TERMINFO_DIRS",
    "TERM_PROGRAM",
    "TMPDIR",
    "TMUX",
    "TZ",
];

/// Returns at once when there is nothing to leave behind. Otherwise it replaces this program by itself with fewer
/// variables, and returns only when that fails. To be called before there are threads.
pub fn isolate() -> io::Result<()> {
    if env::vars_os().all(|(name, _)| is_kept(&name)) {
        return Ok(());
    }
    let kept = env::vars_os().filter(|(name, _)| is_kept(name));
    let mut again = Command::new(env::current_exe()?);
    again.args(env::args_os().skip(1)).env_clear().envs(kept);
    Err(again.exec())
}

fn is_kept(name: &OsStr) -> bool {
    name.to_str().is_some_and(|name| KEPT.contains(&name) || name.starts_with("LC_"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_accounts_proxies_or_files_is_kept() {
        for name in ["HOME", "HTTPS_PROXY", "http_proxy", "AWS_PROFILE", "HELLO_DASH_CONFIG", "XDG_CONFIG_HOME"] {
            assert!(!is_kept(OsStr::new(name)), "{name}");
        }
        assert!(is_kept(OsStr::new("TERM")) && is_kept(OsStr::new("LC_CTYPE")));
    }
}
