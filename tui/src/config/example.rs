//! A configuration to start from. It passes its own check, also with every optional line switched on.

/// The commented example that `hello-dash config example` prints.
pub const EXAMPLE: &str = include_str!("example.toml");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, Source};

    #[test]
    fn the_example_passes_its_own_check() {
        let config = Config::read(EXAMPLE, Source::User("config.toml".into())).unwrap();
        assert_eq!(config.environments.len(), 2);
        assert_eq!(config.targets().count(), 4);
    }

    /// The comments are keys, too: a wrong one would be found by the first person who removes its `#`.
    #[test]
    fn its_optional_lines_pass_too() {
        let is_key = |line: &str| line.strip_prefix("# ").is_some_and(|rest| rest.split(' ').nth(1) == Some("="));
        let switched_on: String =
            EXAMPLE.lines().map(|l| if is_key(l) { &l[2..] } else { l }).flat_map(|l| [l, "\n"]).collect();
        assert_eq!(EXAMPLE.lines().filter(|line| is_key(line)).count(), 6);
        let config = Config::read(&switched_on, Source::User("config.toml".into())).unwrap();
        assert_eq!(config.endpoints().len(), 1);
    }
}
