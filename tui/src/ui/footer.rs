//! The bottom line: the keys that mean something now, from the command table, and the filter.

use hello_cloud::text::sanitize;
use ratatui::{
    Frame,
    layout::Rect,
    text::{Line, Span},
    widgets::Paragraph,
};

use super::{
    columns::{cut_spans, spans_width},
    theme::{Look, Meaning},
};
use crate::app::{
    COMMANDS, Command, Spec,
    command::availability,
    state::{Mode, State},
};

/// Blanks between two keys.
const GAP: usize = 2;

/// Draws the line.
pub fn draw(state: &State, look: Look, area: Rect, frame: &mut Frame) {
    let room = usize::from(area.width).saturating_sub(2);
    let spans = match state.mode {
        Mode::Filter => filter(state, look),
        Mode::Help => keys(look, &[("Esc", "close"), ("PageDown", "scroll"), ("Ctrl-c", "quit")]),
        Mode::Plan => keys(look, &[("Esc", "leave without a change"), ("Ctrl-c", "quit")]),
        Mode::Browse => browse(state, look, room),
    };
    let mut line = vec![Span::raw(" ")];
    line.extend(cut_spans(&spans, room));
    frame.render_widget(Paragraph::new(Line::from(line)), area);
}

fn filter(state: &State, look: Look) -> Vec<Span<'static>> {
    let mut spans =
        vec![look.span(Meaning::Accent, "/"), Span::raw(sanitize(&state.filter)), look.span(Meaning::Accent, "▏")];
    spans.push(Span::raw("   "));
    spans.extend(keys(look, &[("Enter", "keep"), ("Esc", "clear")]));
    spans
}

/// As many keys as fit. Looking gives way first, from the end of the table; leaving and help stay.
fn browse(state: &State, look: Look, room: usize) -> Vec<Span<'static>> {
    let mut start = Vec::new();
    if !state.filter.is_empty() {
        start.push(look.span(Meaning::Accent, format!("/{} ", sanitize(&state.filter))));
        start.push(look.span(Meaning::Dim, "Esc clears  "));
    }
    let mut shown: Vec<&Spec> = COMMANDS.iter().filter(|spec| spec.footer).collect();
    if state.board {
        start.extend(pair(look, "Esc", "table  ", true));
        shown.retain(|spec| !matches!(spec.command, Command::NextPane | Command::Filter | Command::Board));
    }
    loop {
        let mut spans = start.clone();
        for (place, spec) in shown.iter().enumerate() {
            if place > 0 {
                spans.push(Span::raw(" ".repeat(GAP)));
            }
            let can = availability(state, &spec.command).is_ok();
            let key = spec.keys.first().copied().unwrap_or_default();
            spans.extend(pair(look, key, spec.title, can));
        }
        let stays = |spec: &Spec| matches!(spec.command, Command::Help | Command::Quit);
        let give_way = shown.iter().rposition(|spec| !spec.acts && !stays(spec));
        let give_way = give_way.or_else(|| shown.iter().rposition(|spec| !stays(spec)));
        match give_way {
            Some(place) if spans_width(&spans) > room => shown.remove(place),
            Some(_) | None => return spans,
        };
    }
}

/// A key and what it does; dim as a whole when it cannot be done now.
fn pair(look: Look, key: &str, title: &str, can: bool) -> [Span<'static>; 2] {
    let (first, second) = if can { (Meaning::Accent, Meaning::Plain) } else { (Meaning::Dim, Meaning::Dim) };
    [look.span(first, key), look.span(second, format!(" {title}"))]
}

/// Keys with what they do, all of them possible.
pub fn keys(look: Look, keys: &[(&str, &str)]) -> Vec<Span<'static>> {
    let mut spans = Vec::new();
    for (place, (key, title)) in keys.iter().enumerate() {
        if place > 0 {
            spans.push(Span::raw(" ".repeat(GAP)));
        }
        spans.extend(pair(look, key, title, true));
    }
    spans
}
