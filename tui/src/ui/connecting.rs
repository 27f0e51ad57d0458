//! The first thing on the screen, before anything is known: that it is there, and what it is doing.

use ratatui::{Frame, layout::Rect, text::Line, widgets::Paragraph};

use super::{Look, Meaning};

/// Draws it, at any size.
pub fn draw(look: Look, frame: &mut Frame) {
    let dots = if look.ascii { "..." } else { "…" };
    let lines = vec![
        Line::from(vec![look.span(Meaning::Plain, " "), look.span(Meaning::Strong, "hello-dash")]),
        Line::default(),
        Line::from(look.span(Meaning::Dim, format!(" connecting{dots}  q quits"))),
    ];
    let area = frame.area();
    let height = area.height.min(u16::try_from(lines.len()).unwrap_or(u16::MAX));
    frame.render_widget(Paragraph::new(lines), Rect { height, ..area });
}

#[cfg(test)]
mod tests {
    use ratatui::{Terminal, backend::TestBackend};

    use super::*;

    #[test]
    fn it_says_what_it_does_at_any_size() {
        for (width, height) in [(0, 0), (1, 1), (9, 2), (80, 24)] {
            let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
            terminal.draw(|frame| draw(Look { ascii: true, color: false }, frame)).unwrap();
            let cells = terminal.backend().buffer().content();
            let shown: String = cells.iter().map(ratatui::buffer::Cell::symbol).collect();
            assert_eq!(shown.contains("connecting..."), height == 24, "{shown}");
        }
    }
}
