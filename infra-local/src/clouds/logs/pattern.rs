//! Filter patterns of plain terms: `error`, `"two words"`, `?either ?or`, `-not`. All plain terms must be there, one of
//! those with `?`, none of those with `-`. Upper and lower case differ.

/// A pattern, read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pattern {
    all: Vec<String>,
    any: Vec<String>,
    none: Vec<String>,
}

impl Pattern {
    /// Reads a pattern. `None`: it is of a kind that is not understood here (`{ $.json }`, `[columns]`, `%regex%`), or
    /// a quote is not closed.
    pub fn read(text: &str) -> Option<Self> {
        let mut pattern = Self::default();
        let mut rest = text.trim();
        if rest.starts_with(['{', '[', '%']) {
            return None;
        }
        while !rest.is_empty() {
            let (list, after) = match rest.as_bytes().first() {
                Some(b'?') => (&mut pattern.any, &rest[1..]),
                Some(b'-') => (&mut pattern.none, &rest[1..]),
                _ => (&mut pattern.all, rest),
            };
            let (term, after) = match after.strip_prefix('"') {
                Some(quoted) => quoted.split_once('"')?,
                None => after.split_once(char::is_whitespace).unwrap_or((after, "")),
            };
            list.push(term.to_owned());
            rest = after.trim_start();
        }
        Some(pattern)
    }

    /// Whether a message fits.
    pub fn fits(&self, message: &str) -> bool {
        self.all.iter().all(|term| message.contains(term.as_str()))
            && (self.any.is_empty() || self.any.iter().any(|term| message.contains(term.as_str())))
            && !self.none.iter().any(|term| message.contains(term.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_are_all_any_and_none() {
        let fits = |pattern: &str, message: &str| Pattern::read(pattern).unwrap().fits(message);
        assert!(fits("", "anything"));
        assert!(fits("one two", "two and one") && !fits("one two", "only one"));
        assert!(fits("\"two words\"", "here are two words") && !fits("\"two words\"", "words two"));
        assert!(fits("?a ?b", "b") && !fits("?a ?b", "c"));
        assert!(fits("ERROR -readyz", "ERROR here") && !fits("ERROR -readyz", "ERROR in /readyz"));
        assert!(!fits("error", "ERROR"), "case matters");
        assert_eq!(Pattern::read("{ $.status = 500 }"), None);
        assert_eq!(Pattern::read("\"open"), None);
    }
}
