//! Secrets that show by their form, taken out of text from outside before anything keeps it. A log line is written by
//! programs that may print what they should not; hello-dash must not carry it on to a screen, a pipe or a file.
//!
//! This is a net, not a wall: a password without a form of its own looks like any word.

/// What stands in place of a secret.
const DROPPED: &str = "[secret]";

/// How secrets begin that need no other sign, and how many characters of the kind must follow at least.
const PREFIXES: [(&str, usize); 14] = [
    ("AKIA", 16),
    ("ASIA", 16),
    ("ghp_", 20),
    ("gho_", 20),
    ("ghu_", 20),
    ("ghs_", 20),
    ("ghr_", 20),
    ("github_pat_", 20),
    ("ya29.", 16),
    ("AIza", 30),
    ("xoxb-", 16),
    ("xoxp-", 16),
    ("sk_live_", 16),
    // A signed token: its first part is JSON, `{"`, in base 64.
    ("eyJ", 30),
];

/// Words after which a secret stands, behind `=`, `:` or a space.
const NAMES: [&str; 8] = ["password", "passwd", "secret", "token", "api_key", "apikey", "authorization", "access_key"];

/// The text without its secrets.
pub(crate) fn drop_secrets(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut after_name = false;
    let mut in_key = false;
    for (part, is_word) in parts(text) {
        if !is_word {
            // What separates a name from its value: anything else ends the hope for one.
            let joins = part.chars().all(|c| matches!(c, '=' | ':' | ' ' | '"' | '\'' | '\\'))
                && part.contains(['=', ':']) | part.trim().is_empty();
            after_name &= joins;
            kept.push_str(part);
            continue;
        }
        if part.starts_with("-----BEGIN") || (part == "PRIVATE" && kept.ends_with("BEGIN ")) {
            in_key = true;
        }
        let lower = part.to_ascii_lowercase();
        let is_scheme = matches!(lower.as_str(), "bearer" | "basic");
        if has_form(part) || in_key || (after_name && !is_scheme && is_value(part)) {
            kept.push_str(DROPPED);
            after_name = false;
        } else {
            kept.push_str(part);
            after_name = is_scheme || NAMES.iter().any(|name| lower.ends_with(name));
        }
    }
    kept
}

fn has_form(word: &str) -> bool {
    PREFIXES.iter().any(|(prefix, more)| {
        word.strip_prefix(prefix)
            .is_some_and(|rest| rest.len() >= *more && rest.bytes().all(|b| is_part(char::from(b))))
    })
}

/// Whether a word after a telling name is its value: not prose, of which names are spoken too ("token expired").
fn is_value(word: &str) -> bool {
    word.len() >= 8 && (word.bytes().any(|b| b.is_ascii_digit()) || word.len() >= 20)
}

/// Words and what lies between them, in turn.
fn parts(text: &str) -> impl Iterator<Item = (&str, bool)> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let is_word = is_part(first);
        let end = rest.find(|c| is_part(c) != is_word).unwrap_or(rest.len());
        let (part, after) = rest.split_at(end);
        rest = after;
        Some((part, is_word))
    })
}

/// What secrets are written with, and words too.
fn is_part(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | '+' | '~')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_shows_by_its_form_is_dropped() {
        for (written, kept) in [
            ("key AKIAIOSFODNN7EXAMPLE used", "key [secret] used"),
            ("Authorization: Bearer abc.def-12345", "Authorization: Bearer [secret]"),
            ("GET /?token=hunter2hunter2 200", "GET /?token=[secret] 200"),
            (r#"{"password":"correct-horse-1","user":"ann"}"#, r#"{"password":"[secret]","user":"ann"}"#),
            ("DB_PASSWORD=s3cr3t-pass", "DB_PASSWORD=[secret]"),
            ("pushed with ghp_abcdefghijklmnopqrstuvwxyz0123456789", "pushed with [secret]"),
            ("jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.abc", "jwt [secret]"),
        ] {
            assert_eq!(drop_secrets(written), kept);
        }
    }

    #[test]
    fn what_only_speaks_of_secrets_is_kept() {
        for text in [
            "the token expired",
            "password rejected for user ann",
            "listening on 127.0.0.1:8080 revision hello-00003-abc",
            "secret rotation done at 2026-11-21",
            "déploiement ok 東京",
            "",
        ] {
            assert_eq!(drop_secrets(text), text);
        }
    }
}
