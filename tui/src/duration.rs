//! Spans of time as people write them, on the command line and in configuration: `10s`, `5m`, `1h`.

use std::time::Duration;

/// Reads a whole number with its unit: seconds, minutes or hours. The error says what was expected.
pub fn parse(text: &str) -> Result<Duration, String> {
    let wrong = || format!("'{text}' is not a duration like 10s, 5m or 1h");
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        _ => return Err(wrong()),
    };
    let number: u64 = number.parse().map_err(|_| wrong())?;
    number.checked_mul(seconds).map(Duration::from_secs).ok_or_else(wrong)
}

/// Writes whole seconds in the largest unit that keeps them whole: `10s`, `5m`, `1h`.
pub fn show(span: Duration) -> String {
    match span.as_secs() {
        0 => "0s".to_owned(),
        s if s % 3600 == 0 => format!("{}h", s / 3600),
        s if s % 60 == 0 => format!("{}m", s / 60),
        s => format!("{s}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_reads_back() {
        for (text, seconds) in [("0s", 0), ("1s", 1), ("90s", 90), ("5m", 300), ("1h", 3600), ("61m", 3660)] {
            assert_eq!(parse(text), Ok(Duration::from_secs(seconds)), "{text}");
            assert_eq!(show(Duration::from_secs(seconds)), text);
        }
    }

    #[test]
    fn anything_else_is_refused_with_examples() {
        for text in
            ["", "s", "10", "10 s", "-1s", "1.5s", "1m30s", "10d", "99999999999999999999s", "9999999999999999999h"]
        {
            assert_eq!(parse(text), Err(format!("'{text}' is not a duration like 10s, 5m or 1h")));
        }
    }
}
