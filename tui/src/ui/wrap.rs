//! Words into lines, by cells.

use hello_cloud::text::{cut, width};
use unicode_segmentation::UnicodeSegmentation;

/// Breaks text into lines of at most `room` cells, between words where that is possible. At least one line.
pub fn wrap(text: &str, room: usize) -> Vec<String> {
    let room = room.max(1);
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split(' ') {
        let mut word = word.to_owned();
        let gap = usize::from(!line.is_empty());
        if width(&line) + gap + width(&word) > room && !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        while width(&word) > room {
            let head = head(&word, room);
            word = word.split_off(head.len());
            lines.push(head);
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(&word);
    }
    if !line.is_empty() || lines.is_empty() {
        lines.push(line);
    }
    lines
}

/// The first `room` cells of a word, between graphemes, without an ellipsis; at least one grapheme.
fn head(word: &str, room: usize) -> String {
    let mut head = String::new();
    for grapheme in word.graphemes(true) {
        if !head.is_empty() && width(&head) + width(grapheme) > room {
            break;
        }
        head.push_str(grapheme);
    }
    head
}

/// Wraps to at most `most` lines; the last one ends with an ellipsis when something is missing.
pub fn wrap_to(text: &str, room: usize, most: usize) -> Vec<String> {
    let mut lines = wrap(text, room);
    if lines.len() > most {
        lines.truncate(most);
        if let Some(last) = lines.last_mut() {
            *last = cut(&format!("{last}……"), room.max(1));
            while last.ends_with("……") {
                last.pop();
            }
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stay_whole_where_they_fit() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("", 7), [""]);
        assert_eq!(wrap("abcdefghij kl", 4), ["abcd", "efgh", "ij", "kl"]);
    }

    #[test]
    fn cells_are_counted_and_nothing_is_lost() {
        for text in ["東京都 の 天気予報", "a 東京都庁舎 b", "x"] {
            for room in 1..12 {
                let lines = wrap(text, room);
                assert!(lines.iter().all(|line| width(line) <= room.max(2)), "{room}: {lines:?}");
                assert_eq!(lines.concat().replace(' ', ""), text.replace(' ', ""));
            }
        }
    }

    #[test]
    fn what_is_left_out_is_marked() {
        assert_eq!(wrap_to("one two three", 7, 1), ["one tw…"]);
        assert_eq!(wrap_to("one two", 7, 1), ["one two"]);
        assert_eq!(wrap_to("one two", 5, 1), ["one…"]);
    }
}
