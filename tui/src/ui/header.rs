//! The top line: what this is, how many targets are how, and the time.

use hello_cloud::Timestamp;
use ratatui::{
    Frame,
    layout::Rect,
    text::{Line, Span},
    widgets::Paragraph,
};

use super::{
    columns::{cut_spans, spans_width},
    theme::{Look, Meaning},
    verdicts,
};
use crate::app::{state::State, verdict::VerdictState};

/// Draws the line: the name at the left, the worst verdict first, the clock at the right.
pub fn draw(state: &State, look: Look, area: Rect, frame: &mut Frame) {
    let mut left = vec![look.span(Meaning::Strong, " hello-dash")];
    if state.offline {
        left.push(Span::raw("   "));
        left.push(look.span(Meaning::Bad, format!("{} offline", Meaning::Bad.symbol())));
    }
    for verdict in verdicts(state) {
        left.push(Span::raw("   "));
        left.extend(count(state, look, verdict));
    }
    let clock = look.span(Meaning::Dim, format!("{} UTC ", clock(state.now.wall)));
    let room = usize::from(area.width);
    let mut line = cut_spans(&left, room.saturating_sub(spans_width(std::slice::from_ref(&clock)) + 1));
    let gap = room.saturating_sub(spans_width(&line) + spans_width(std::slice::from_ref(&clock)));
    line.push(Span::raw(" ".repeat(gap)));
    line.push(clock);
    frame.render_widget(Paragraph::new(Line::from(line)), area);
}

/// `● 2 Healthy`.
pub fn count(state: &State, look: Look, verdict: VerdictState) -> [Span<'static>; 2] {
    let meaning = Meaning::from(verdict);
    let count = state.targets.iter().filter(|t| t.verdict.state == verdict).count();
    [look.mark(meaning), look.span(meaning, format!("{count} {}", verdict.word()))]
}

/// `10:00:00`, in UTC.
pub fn clock(at: Timestamp) -> String {
    let seconds = at.as_millis().div_euclid(1000).rem_euclid(86_400);
    format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_is_utc_and_survives_any_time() {
        assert_eq!(clock(Timestamp::parse("2026-11-21T23:59:58.900Z").unwrap()), "23:59:58");
        assert_eq!(clock(Timestamp::from_millis(-1)), "23:59:59");
        assert_eq!(clock(Timestamp::from_millis(i64::MIN)).len(), 8);
    }
}
