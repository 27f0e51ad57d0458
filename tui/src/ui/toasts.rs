//! Short notes on what ended or could not be done, above the footer. They take lines of their own, so that nothing is hidden.

use hello_cloud::text::width;
use ratatui::text::{Line, Span};

use super::{
    theme::{Look, Meaning},
    wrap::wrap_to,
};
use crate::app::state::State;

/// The lines, at most `most`; the newest notes win, and stand last.
pub fn lines(state: &State, look: Look, room: usize, most: usize) -> Vec<Line<'static>> {
    let mut lines: Vec<Line<'static>> = Vec::new();
    for toast in state.toasts.iter().rev() {
        let meaning = Meaning::from(toast.tone);
        let left = most - lines.len();
        if left == 0 {
            break;
        }
        let indent = width(meaning.symbol()) + 2;
        let wrapped = wrap_to(&toast.text, room.saturating_sub(indent + 1), left);
        let shown = wrapped.into_iter().enumerate().map(|(place, text)| {
            let mark = if place == 0 { look.mark(meaning) } else { Span::raw("  ") };
            Line::from(vec![Span::raw(" "), mark, look.span(meaning, text)])
        });
        let shown: Vec<_> = shown.collect();
        lines.splice(0..0, shown);
    }
    lines
}
