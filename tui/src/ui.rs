//! The terminal face: draws the state, region by region, and turns keys into events. It changes nothing but
//! [`Viewports`], which remember where lists are scrolled to between frames.
//!
//! - [`theme`]: what is meant, as style and symbol; the one place that knows colours and what ASCII has instead
//! - [`keymap`]: keys to events
//! - [`connecting`]: what is there before anything is known
//! - [`header`], [`banner`], [`table`], [`detail`], [`operations`], [`toasts`], [`footer`]: the main screen, top to bottom
//! - [`plan`], [`help`]: sheets over it; [`board`]: the health board instead of it
//! - [`columns`], [`wrap`], [`trend`]: rows of cells, lines of words, probes as bars
//!
//! Everything shown was made safe where it was made into text; widths are counted in cells, never in characters.

pub mod banner;
pub mod board;
pub mod columns;
pub mod connecting;
pub mod detail;
pub mod footer;
pub mod header;
pub mod help;
pub mod keymap;
pub mod operations;
pub mod plan;
pub mod table;
pub mod theme;
pub mod toasts;
pub mod trend;
pub mod viewports;
pub mod wrap;

use ratatui::{
    Frame,
    layout::Rect,
    style::{Modifier, Style},
    text::Line,
    widgets::{Clear, Padding, Paragraph},
};

use crate::app::{
    state::{Mode, State},
    verdict::VerdictState,
};

pub use theme::{Look, Meaning};
pub use viewports::Viewports;

/// The smallest screen that is drawn, in cells.
pub const SMALLEST: (u16, u16) = (60, 16);
/// From this width on, the detail stands beside the table instead of below it.
const BESIDE: u16 = 200;
/// A detail with more lines than this can spare blank ones.
const ROOMY: u16 = 18;
/// Between the border of a sheet and its text.
const PADDING: Padding = Padding { left: 1, right: 1, top: 0, bottom: 0 };
/// The most lines operations and notes take from the detail.
const STRIPS: usize = 8;

/// Draws the whole screen. Never fails and never panics, whatever the size.
pub fn draw(state: &State, look: &Look, viewports: &mut Viewports, frame: &mut Frame) {
    let look = *look;
    let area = frame.area();
    viewports.plan_shown = state.mode != Mode::Plan;
    if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
        too_small(state, look, area, frame);
    } else {
        if state.board {
            board::draw(state, look, area, frame);
        } else {
            main(state, look, viewports, area, frame);
        }
        match state.mode {
            Mode::Plan => plan::draw(state, look, viewports, area, frame),
            Mode::Help => help::draw(state, look, viewports, area, frame),
            Mode::Browse | Mode::Filter => viewports.close_help(),
        }
    }
    if look.ascii {
        theme::fold_to_ascii(frame.buffer_mut());
    }
}

fn main(state: &State, look: Look, viewports: &mut Viewports, area: Rect, frame: &mut Frame) {
    let mut rest = area;
    header::draw(state, look, take_top(&mut rest, 1), frame);
    if state.banner.is_some() {
        banner::draw(state, look, take_top(&mut rest, 1), frame);
    }
    footer::draw(state, look, take_bottom(&mut rest, 1), frame);

    let wide = usize::from(area.width);
    let strip_room = STRIPS.min(usize::from(rest.height) / 3);
    let operations = operations::lines(state, look, wide, strip_room.min(4));
    let toasts = toasts::lines(state, look, wide, strip_room.saturating_sub(operations.len()).max(1));
    for lines in [operations, toasts] {
        let strip = take_bottom(&mut rest, cells(lines.len()));
        frame.render_widget(Paragraph::new(lines), strip);
    }

    if area.width >= BESIDE {
        let left = take_left(&mut rest, area.width - area.width * 2 / 5);
        table::draw(state, look, viewports, left, frame);
        detail::draw(state, look, viewports, rest, frame);
    } else {
        let wanted = cells(table::height(state));
        let kept_for_detail = (rest.height / 3).clamp(4, 10).min(rest.height);
        let most = rest.height - kept_for_detail;
        let top = take_top(&mut rest, wanted.min(most));
        table::draw(state, look, viewports, top, frame);
        if rest.height > ROOMY {
            take_top(&mut rest, 1);
        }
        detail::draw(state, look, viewports, rest, frame);
    }
}

/// Takes the sheet's place from what is under it, and a blank column at each side; the rest of the screen steps back,
/// but for the line of keys.
fn clear_for_sheet(sheet: Rect, frame: &mut Frame) {
    let area = frame.area();
    let keys = usize::from(area.width) * usize::from(area.height.saturating_sub(1));
    for cell in frame.buffer_mut().content.iter_mut().take(keys) {
        cell.set_style(Style::reset().add_modifier(Modifier::DIM));
    }
    let margin = Rect { x: sheet.x.saturating_sub(1), width: sheet.width.saturating_add(2), ..sheet };
    frame.render_widget(Clear, margin.intersection(area));
}

/// One line that says what is needed and, all the same, how things are.
fn too_small(state: &State, look: Look, area: Rect, frame: &mut Frame) {
    let worst = state.targets.iter().map(|t| t.verdict.state).max_by_key(|verdict| verdict.badness());
    let mut line = Line::default();
    if let Some(worst) = worst {
        line.spans.extend(header::count(state, look, worst));
        line.spans.push("  ".into());
    }
    line.spans.push(format!("needs {}x{}, has {}x{}", SMALLEST.0, SMALLEST.1, area.width, area.height).into());
    frame.render_widget(Paragraph::new(line), area);
}

/// The verdicts that occur, worst first.
fn verdicts(state: &State) -> Vec<VerdictState> {
    let mut verdicts: Vec<_> = state.targets.iter().map(|t| t.verdict.state).collect();
    verdicts.sort_by_key(|verdict| std::cmp::Reverse(verdict.badness()));
    verdicts.dedup();
    verdicts
}

/// A count of cells as the terminal library wants it.
fn cells(count: usize) -> u16 {
    u16::try_from(count).unwrap_or(u16::MAX)
}

fn take_top(rest: &mut Rect, height: u16) -> Rect {
    let height = height.min(rest.height);
    let top = Rect { height, ..*rest };
    rest.y += height;
    rest.height -= height;
    top
}

fn take_bottom(rest: &mut Rect, height: u16) -> Rect {
    let height = height.min(rest.height);
    rest.height -= height;
    Rect { y: rest.y + rest.height, height, ..*rest }
}

fn take_left(rest: &mut Rect, width: u16) -> Rect {
    let width = width.min(rest.width);
    let left = Rect { width, ..*rest };
    rest.x += width;
    rest.width -= width;
    left
}

#[cfg(test)]
mod tests;
