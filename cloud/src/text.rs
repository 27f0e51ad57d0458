//! Text from outside. Everything a remote sent is [`Untrusted`] until `.show()`n: control characters, escapes, bidi and
//! invisible characters become visible, so that a log line or a commit message can never drive the terminal.

use std::fmt::Write as _;

use serde::{Serialize, Serializer};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// The longest text kept, in bytes. What is longer is cut on entry and ends with an ellipsis.
pub const LIMIT: usize = 4096;

/// Text a remote sent. It has no `Display` on purpose: [`Untrusted::show`] is the only way to a screen, a log or a pipe.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Untrusted(String);

impl Untrusted {
    /// Takes text in, cut to [`LIMIT`] bytes at a character boundary.
    pub fn new(text: impl Into<String>) -> Self {
        let mut text = text.into();
        if text.len() > LIMIT {
            let mut end = LIMIT;
            while !text.is_char_boundary(end) {
                end -= 1;
            }
            text.truncate(end);
            text.push('…');
        }
        Self(text)
    }

    /// What was sent, for comparing and for sending back. Never for showing.
    pub fn raw(&self) -> &str {
        &self.0
    }

    /// Whether nothing was sent.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The text on one line with every character that could act on a terminal, or hide, made visible.
    pub fn show(&self) -> String {
        sanitize(&self.0)
    }
}

impl From<&str> for Untrusted {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<String> for Untrusted {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl Serialize for Untrusted {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.show())
    }
}

/// Serialises an id that is kept as the remote sent it: what is written out is safe to show.
pub(crate) fn shown<S: Serializer>(id: impl AsRef<str>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&sanitize(id.as_ref()))
}

/// Makes any text safe to show: line breaks and tabs become spaces, everything invisible or active becomes `\u{..}`.
pub fn sanitize(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\r' | '\t' => safe.push(' '),
            c if acts_or_hides(c) => {
                let _ = write!(safe, "\\u{{{:x}}}", u32::from(c));
            }
            c => safe.push(c),
        }
    }
    safe
}

/// C0, C1, DEL; format characters (Cf), line and paragraph separators, tags, variation selectors, unusual spaces and
/// private use: what a terminal may obey, or what a reader cannot see. Unicode 16 general categories.
fn acts_or_hides(c: char) -> bool {
    matches!(
        u32::from(c),
        0..=0x1f
            | 0x7f..=0x9f
            | 0xad
            | 0x034f
            | 0x0600..=0x0605
            | 0x061c
            | 0x06dd
            | 0x070f
            | 0x0890..=0x0891
            | 0x08e2
            | 0x115f..=0x1160
            | 0x17b4..=0x17b5
            | 0x180b..=0x180f
            | 0x200b..=0x200f
            | 0x2028..=0x202e
            | 0x2060..=0x206f
            | 0x3164
            | 0xe000..=0xf8ff
            | 0xfe00..=0xfe0f
            | 0xfeff
            | 0xffa0
            | 0xfff0..=0xfffb
            | 0x110bd
            | 0x110cd
            | 0x13430..=0x1343f
            | 0x1bca0..=0x1bca3
            | 0x1d173..=0x1d17a
            | 0xe0000..=0x0010_ffff
    )
}

/// The width of shown text in terminal cells.
pub fn width(text: &str) -> usize {
    text.width()
}

/// Cuts shown text to at most `cells` terminal cells, between graphemes, with an ellipsis where something was cut.
pub fn cut(text: &str, cells: usize) -> String {
    if width(text) <= cells {
        return text.to_owned();
    }
    let Some(room) = cells.checked_sub(1) else {
        return String::new();
    };
    let mut kept = String::new();
    let mut used = 0;
    for grapheme in text.graphemes(true) {
        let wide = width(grapheme);
        if used + wide > room {
            break;
        }
        used += wide;
        kept.push_str(grapheme);
    }
    kept.push('…');
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_active_or_invisible_is_left() {
        for (sent, shown) in [
            ("\x1b[2Jgone", "\\u{1b}[2Jgone"),
            ("a\u{202e}b", "a\\u{202e}b"),
            ("zero\u{200b}width", "zero\\u{200b}width"),
            ("two\r\nlines", "two  lines"),
            ("\u{9b}31m", "\\u{9b}31m"),
            ("tag\u{e0041}", "tag\\u{e0041}"),
            ("déploiement ok 東京", "déploiement ok 東京"),
        ] {
            assert_eq!(Untrusted::new(sent).show(), shown);
        }
    }

    #[test]
    fn long_text_is_cut_on_entry_at_a_character() {
        let text = Untrusted::new("é".repeat(LIMIT));
        assert!(text.raw().len() <= LIMIT + '…'.len_utf8());
        assert!(text.raw().ends_with('…'));
    }

    #[test]
    fn cutting_counts_cells_not_bytes() {
        assert_eq!(cut("東京都", 5), "東京…");
        assert_eq!(cut("東京都", 4), "東…");
        assert_eq!(cut("hello", 5), "hello");
        assert_eq!(cut("hello", 0), "");
        assert_eq!(cut("hello", 1), "…");
    }
}
