//! The name a person probably meant.

/// The candidate with the fewest edits from `name`, when there are few enough for it to be a slip: one for every three
/// letters, at least one.
pub(super) fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let near = candidates.into_iter().map(|candidate| (edits(name, candidate), candidate)).min()?;
    (near.0 <= (near.1.chars().count() / 3).max(1)).then_some(near.1)
}

/// Edits between two words: letters added, removed, replaced, or swapped with their neighbour.
fn edits(a: &str, b: &str) -> usize {
    // Keys of a hostile file may be long; what is far longer than any of our names is never near one.
    let a: Vec<char> = a.chars().take(100).collect();
    let b: Vec<char> = b.chars().take(100).collect();
    let mut rows: Vec<Vec<usize>> = vec![(0..=b.len()).collect()];
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let mut best = (rows[i][j + 1] + 1).min(row[j] + 1).min(rows[i][j] + usize::from(x != y));
            if i > 0 && j > 0 && *x == b[j - 1] && a[i - 1] == *y {
                best = best.min(rows[i - 1][j - 1] + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_recognised_and_another_word_is_not() {
        let names = ["writable", "protected", "url"];
        for (typed, meant) in [
            ("writeable", Some("writable")),
            ("wirtable", Some("writable")),
            ("protect", Some("protected")),
            ("ulr", Some("url")),
            ("uri", Some("url")),
            ("webhook", None),
            ("", None),
        ] {
            assert_eq!(nearest(typed, names), meant, "{typed}");
        }
        assert_eq!(nearest("a", []), None);
        assert_eq!(nearest(&"x".repeat(100_000), names), None);
    }
}
