//! Reading one variable.

use std::{ops::RangeInclusive, str::FromStr, time::Duration};

use super::ConfigError;

type Variables<'a> = &'a dyn Fn(&str) -> Option<String>;

/// A number inside `range`.
pub fn count<T: FromStr + PartialOrd>(
    variables: Variables<'_>,
    variable: &'static str,
    usual: T,
    range: RangeInclusive<T>,
    expected: &'static str,
) -> Result<T, ConfigError> {
    let Some(value) = variables(variable) else { return Ok(usual) };
    // `parse` would take a plus sign.
    let digits = value.bytes().all(|byte| byte.is_ascii_digit());
    match value.parse() {
        Ok(number) if digits && range.contains(&number) => Ok(number),
        Ok(_) | Err(_) => Err(ConfigError { variable, value: shown(&value), expected }),
    }
}

/// A duration with its unit, inside `range`.
pub fn duration(
    variables: Variables<'_>,
    variable: &'static str,
    usual: Duration,
    range: RangeInclusive<Duration>,
) -> Result<Duration, ConfigError> {
    let Some(value) = variables(variable) else { return Ok(usual) };
    let expected = if range.start().is_zero() {
        "a duration from 0s to 60m, such as 250ms, 5s or 2m"
    } else {
        "a duration from 100ms to 60m, such as 250ms, 5s or 2m"
    };
    parse(&value).filter(|duration| range.contains(duration)).ok_or_else(|| ConfigError {
        variable,
        value: shown(&value),
        expected,
    })
}

fn parse(value: &str) -> Option<Duration> {
    let unit = value.find(|letter: char| !letter.is_ascii_digit())?;
    let (number, unit) = value.split_at(unit);
    let number: u64 = number.parse().ok()?;
    match unit {
        "ms" => Some(Duration::from_millis(number)),
        "s" => Some(Duration::from_secs(number)),
        "m" => number.checked_mul(60).map(Duration::from_secs),
        _ => None,
    }
}

/// `on` or `off`.
pub fn switch(variables: Variables<'_>, variable: &'static str, usual: bool) -> Result<bool, ConfigError> {
    match variables(variable) {
        None => Ok(usual),
        Some(word) if word == "on" => Ok(true),
        Some(word) if word == "off" => Ok(false),
        Some(word) => Err(ConfigError { variable, value: shown(&word), expected: "on or off" }),
    }
}

/// Enough of a value to recognise it.
pub fn shown(value: &str) -> String {
    value.chars().take(40).collect()
}
