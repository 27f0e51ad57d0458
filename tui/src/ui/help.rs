//! The list of keys, made from the command table: what only looks, and what acts, with the reason where it cannot act now.

use ratatui::{
    Frame,
    layout::Rect,
    text::{Line, Span},
    widgets::{Block, BorderType, Paragraph},
};

use super::{
    cells,
    theme::{Look, Meaning},
    viewports::Viewports,
    wrap::wrap,
};
use crate::app::{COMMANDS, Command, Spec, command::can_change, state::State};

/// Cells for the keys.
const KEYS: usize = 15;

/// Draws the sheet over the middle of the screen.
pub fn draw(state: &State, look: Look, viewports: &mut Viewports, area: Rect, frame: &mut Frame) {
    let width = area.width.saturating_sub(4).min(92);
    let inner = usize::from(width).saturating_sub(4);
    let lines = lines(state, look, inner);
    let height = cells(lines.len()).saturating_add(2).min(area.height.saturating_sub(2));
    let sheet = Rect { x: area.x + (area.width - width) / 2, y: area.y + (area.height - height) / 2, width, height };
    let room = usize::from(height).saturating_sub(2);
    let offset = viewports.help(state.scroll, lines.len().saturating_sub(room));
    let below = lines.len().saturating_sub(offset + room);
    let mut block = Block::bordered().border_type(BorderType::Rounded).title(" Keys ").padding(super::PADDING);
    if below > 0 {
        block = block.title_bottom(Line::from(format!(" {below} more lines · PageDown ")).right_aligned());
    }
    super::clear_for_sheet(sheet, frame);
    frame.render_widget(
        Paragraph::new(lines.into_iter().skip(offset).take(room).collect::<Vec<_>>()).block(block),
        sheet,
    );
}

fn lines(state: &State, look: Look, room: usize) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    for (acts, title) in [(false, "Look: changes nothing"), (true, "Act: opens a plan first")] {
        if acts {
            lines.push(Line::default());
        }
        lines.push(Line::from(look.span(Meaning::Strong, title)));
        for spec in COMMANDS.iter().filter(|spec| spec.acts == acts) {
            lines.extend(entry(state, look, spec, room));
        }
    }
    lines
}

fn entry(state: &State, look: Look, spec: &Spec, room: usize) -> Vec<Line<'static>> {
    let reason = reason_against(state, &spec.command);
    let (key, text) = match reason {
        Some(_) => (Meaning::Dim, Meaning::Dim),
        None => (Meaning::Accent, Meaning::Plain),
    };
    let mut keys = spec.keys.join(" ");
    let wrapped = wrap(spec.help, room.saturating_sub(KEYS));
    let mut lines = Vec::new();
    for line in wrapped {
        let head = look.span(key, format!("{:<KEYS$}", std::mem::take(&mut keys)));
        lines.push(Line::from(vec![head, look.span(text, line)]));
    }
    for (place, line) in reason.iter().flat_map(|reason| wrap(reason, room.saturating_sub(KEYS + 2))).enumerate() {
        let mark = if place == 0 { "not now: " } else { "" };
        let line = format!("{mark}{line}");
        lines.push(Line::from(vec![Span::raw(" ".repeat(KEYS)), look.span(Meaning::Warn, line)]));
    }
    lines
}

/// Why a change cannot be planned for any target of the selected row.
fn reason_against(state: &State, command: &Command) -> Option<String> {
    let Command::Plan(kind) = command else { return None };
    let mut reasons = Vec::new();
    for target in state.targets_of(state.selected) {
        match can_change(state, target, *kind) {
            Ok(()) => return None,
            Err(reason) => reasons.push(reason),
        }
    }
    reasons.dedup();
    Some(if reasons.is_empty() { "nothing is selected".into() } else { reasons.join("; ") })
}
