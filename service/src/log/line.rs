//! One line of the log. Text from outside is escaped to ASCII: no control, bidi or invisible character reaches a terminal.

use std::{fmt::Write, time::Duration};

use tokio::time::Instant;

use super::{clock::Clock, digits};

/// Bytes of a path that are kept.
pub const LONGEST: usize = 512;

/// Writes one JSON object and a line feed.
pub struct Line<'a>(&'a mut String);

impl<'a> Line<'a> {
    /// Begins with the time, the severity and the message.
    pub fn new(text: &'a mut String, clock: &mut Clock, at: Instant, severity: &str, message: &str) -> Self {
        text.push_str("{\"time\":\"");
        clock.write(text, at);
        text.push_str("\",\"severity\":\"");
        text.push_str(severity);
        text.push_str("\",\"message\":\"");
        escape(text, message);
        text.push('"');
        Self(text)
    }

    /// Adds strings.
    #[must_use]
    pub fn details(self, details: &[(&str, &str)]) -> Self {
        for (name, value) in details {
            let _ = write!(self.0, ",\"{name}\":\"");
            escape(self.0, value);
            self.0.push('"');
        }
        self
    }

    /// Closes the line.
    pub fn end(self) {
        self.0.push_str("}\n");
    }
}

/// A request and its answer.
#[derive(Clone, Copy, Debug)]
pub struct Exchange<'a> {
    /// As the client wrote it.
    pub method: &'a str,
    /// Without the query, which may hold what is nobody's business.
    pub path: &'a str,
    /// HTTP status; 499 when the client left before the answer.
    pub status: u16,
    /// When the answer was handed to the connection, or the client left.
    pub ended: Instant,
    /// From the end of the head until the answer was handed to the connection.
    pub duration: Duration,
    /// `HTTP/1.1`, `HTTP/2.0`.
    pub protocol: &'a str,
    /// 32 hexadecimal digits, or the form of AWS X-Ray.
    pub trace: Option<&'a str>,
}

impl Exchange<'_> {
    /// Writes the line. By hand, because it is written for every request.
    pub fn write(&self, text: &mut String, clock: &mut Clock, severity: &str, project: Option<&str>) {
        let line = text;
        line.push_str("{\"time\":\"");
        clock.write(line, self.ended);
        line.push_str("\",\"severity\":\"");
        line.push_str(severity);
        line.push_str("\",\"message\":\"request\",\"httpRequest\":{\"requestMethod\":\"");
        escape(line, self.method);
        line.push_str("\",\"requestUrl\":\"");
        escape(line, self.path);
        line.push_str("\",\"status\":");
        digits::push(line, self.status.into(), 3);
        line.push_str(",\"latency\":\"");
        digits::push(line, self.duration.as_secs(), 1);
        line.push('.');
        digits::push(line, self.duration.subsec_micros().into(), 6);
        line.push_str("s\",\"protocol\":\"");
        line.push_str(self.protocol);
        line.push_str("\"},\"duration_us\":");
        digits::push(line, u64::try_from(self.duration.as_micros()).unwrap_or(u64::MAX), 1);
        if let Some(trace) = self.trace {
            // Its shape has been checked where it was read.
            line.extend([",\"trace_id\":\"", trace, "\""]);
            if let Some(project) = project {
                line.extend([",\"logging.googleapis.com/trace\":\"projects/", project, "/traces/", trace, "\""]);
            }
        }
        line.push_str("}\n");
    }
}

/// Adds `text` as the inside of a JSON string of ASCII characters only, cut at 512 bytes.
pub fn escape(line: &mut String, text: &str) {
    let kept = &text[..text.floor_char_boundary(LONGEST)];
    if kept.bytes().all(|byte| matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\') {
        line.push_str(kept);
    } else {
        for letter in kept.chars() {
            match letter {
                '"' | '\\' => line.extend(['\\', letter]),
                ' '..='~' => line.push(letter),
                _ => {
                    for unit in letter.encode_utf16(&mut [0; 2]) {
                        let _ = write!(line, "\\u{unit:04x}");
                    }
                }
            }
        }
    }
    if kept.len() < text.len() {
        line.push_str("...");
    }
}
