//! Defaults, ranges, and the one line that says what is wrong.

use proptest::prelude::*;

use super::*;

fn read(variables: &[(&str, &str)]) -> Result<Config, String> {
    Config::from_variables(&|name| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()))
        .map_err(|error| error.to_string())
}

#[test]
fn an_empty_environment_is_complete() {
    let config = read(&[]).unwrap();
    assert_eq!(config.port, 8080);
    assert_eq!(config.limits, Limits::default());
    assert_eq!(config.drain, Drain::CLOUD_RUN);
}

#[test]
fn ecs_gives_more_time_to_drain() {
    assert_eq!(read(&[("ECS_CONTAINER_METADATA_URI_V4", "http://169.254.170.2/v4/x")]).unwrap().drain, Drain::ECS);
    assert_eq!(read(&[("K_SERVICE", "hello")]).unwrap().drain, Drain::CLOUD_RUN);
}

#[test]
fn each_value_is_read() {
    let config = read(&[
        ("PORT", "0"),
        ("HELLO_LOG", "warn"),
        ("HELLO_IDLE_TIMEOUT", "2m"),
        ("HELLO_HEADER_TIMEOUT", "250ms"),
        ("HELLO_MAX_BODY", "0"),
        ("HELLO_METADATA", "off"),
        ("HELLO_DRAIN_NOTICE", "0s"),
    ])
    .unwrap();
    assert_eq!((config.port, config.level, config.metadata), (0, Level::Warn, false));
    assert_eq!(config.limits.idle, Duration::from_mins(2));
    assert_eq!(config.limits.header, Duration::from_millis(250));
    assert_eq!((config.limits.body, config.drain.notice), (0, Duration::ZERO));
}

#[test]
fn a_wrong_value_is_one_line_with_its_name() {
    let cases = [
        ("PORT", "80a", "PORT must be a number from 0 to 65535, not \"80a\""),
        ("PORT", "65536", "PORT must be a number from 0 to 65535, not \"65536\""),
        ("PORT", "", "PORT must be a number from 0 to 65535, not \"\""),
        ("HELLO_LOG", "loud", "HELLO_LOG must be off, error, warn, info or debug, not \"loud\""),
        ("HELLO_METADATA", "yes", "HELLO_METADATA must be on or off, not \"yes\""),
        ("HELLO_MAX_CONNECTIONS", "0", "HELLO_MAX_CONNECTIONS must be a number from 1 to 100000, not \"0\""),
    ];
    for (variable, value, expected) in cases {
        assert_eq!(read(&[(variable, value)]).unwrap_err(), expected);
    }
    for value in ["5", "s", "", "-5s", "5h", "0s", "1.5s", "999999999999999999999s"] {
        let error = read(&[("HELLO_IDLE_TIMEOUT", value)]).unwrap_err();
        assert!(error.starts_with("HELLO_IDLE_TIMEOUT must be a duration"), "{value}: {error}");
    }
}

#[test]
fn the_notice_fits_into_the_drain() {
    let error = read(&[("HELLO_DRAIN_NOTICE", "9s")]).unwrap_err();
    assert_eq!(error, "HELLO_DRAIN_NOTICE must be no longer than HELLO_DRAIN_TIMEOUT, not \"9s\"");
    assert_eq!(read(&[("HELLO_DRAIN_TIMEOUT", "1s")]).unwrap().drain.notice, Duration::from_secs(1));
}

#[test]
fn help_names_every_variable_that_is_read() {
    let read_ones = std::sync::Mutex::new(Vec::new());
    let _ = Config::from_variables(&|name| {
        read_ones.lock().unwrap().push(name.to_owned());
        None
    });
    for name in read_ones.into_inner().unwrap() {
        let platform = name.starts_with("ECS_") || name.starts_with("K_");
        assert!(platform || HELP.contains(&name), "{name} is not in the help");
    }
}

proptest! {
    #[test]
    fn no_value_breaks_the_reader(value in ".{0,60}") {
        for variable in ["PORT", "HELLO_LOG", "HELLO_IDLE_TIMEOUT", "HELLO_MAX_BODY", "HELLO_DRAIN_NOTICE"] {
            if let Err(error) = read(&[(variable, &value)]) {
                prop_assert_eq!(error.lines().count(), 1);
                prop_assert!(error.starts_with(variable));
            }
        }
    }
}
