//! Something true of the whole session that must stay in sight, on a line of its own.

use hello_cloud::text::{cut, sanitize};
use ratatui::{Frame, layout::Rect, text::Line, widgets::Paragraph};

use super::theme::{Look, Meaning};
use crate::app::state::State;

/// Draws the line; nothing without a banner.
pub fn draw(state: &State, look: Look, area: Rect, frame: &mut Frame) {
    let Some(banner) = &state.banner else { return };
    let text = cut(&sanitize(banner), usize::from(area.width).saturating_sub(2));
    frame.render_widget(Paragraph::new(Line::from(look.span(Meaning::Accent, format!(" {text}")))), area);
}
