//! Words of a command line, quoted for a POSIX shell: what a preview shows must survive being pasted.

/// Joins words into one line. Words that a shell would read otherwise are quoted; what a terminal would obey never
/// reaches the line, because the words are made safe to show first.
pub(crate) fn command<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let mut line = String::new();
    for word in words {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(&quote(&crate::text::sanitize(word)));
    }
    line
}

fn quote(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,@%+".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_shell_would_read_otherwise_is_quoted() {
        assert_eq!(command(["aws", "ecs", "--service", "hello"]), "aws ecs --service hello");
        assert_eq!(command(["echo", "$(rm -rf ~)", "it's", ""]), r"echo '$(rm -rf ~)' 'it'\''s' ''");
        assert_eq!(command(["a\u{1b}[2J"]), r"'a\u{1b}[2J'");
    }
}
