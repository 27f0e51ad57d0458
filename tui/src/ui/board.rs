//! The health board: one large block per target, to be read from across the room.

use hello_cloud::text::{cut, sanitize};
use ratatui::{
    Frame,
    layout::Rect,
    text::{Line, Span},
    widgets::Paragraph,
};

use super::{
    banner, cells,
    columns::cut_spans,
    footer, header,
    theme::{Look, Meaning},
    toasts, trend,
    wrap::wrap_to,
};
use crate::app::{probe::WINDOW, state::State, target::TargetState, verdict::VerdictState, view};

/// From this width on, blocks stand in two columns.
const TWO_COLUMNS: u16 = 110;
/// With this many lines for each, blocks stand below one another all the same.
const ROOMY: usize = 9;

/// Draws the board on the whole screen.
pub fn draw(state: &State, look: Look, area: Rect, frame: &mut Frame) {
    let mut rest = area;
    header::draw(state, look, super::take_top(&mut rest, 1), frame);
    if state.banner.is_some() {
        banner::draw(state, look, super::take_top(&mut rest, 1), frame);
    }
    footer::draw(state, look, super::take_bottom(&mut rest, 1), frame);
    let notes = toasts::lines(state, look, usize::from(area.width), usize::from(rest.height) / 4);
    let strip = super::take_bottom(&mut rest, cells(notes.len()));
    frame.render_widget(Paragraph::new(notes), strip);

    let targets: Vec<usize> = state.groups.iter().flat_map(|group| group.targets.iter().copied()).collect();
    let all_below = usize::from(rest.height) >= targets.len() * ROOMY;
    let across = if area.width >= TWO_COLUMNS && targets.len() > 1 && !all_below { 2 } else { 1 };
    let down = cells(targets.len()).div_ceil(across).max(1);
    let (width, height) = (rest.width / across, (rest.height / down).min(14));
    for (place, target) in targets.into_iter().enumerate() {
        let place = cells(place);
        let (column, row) = (place % across, place / across);
        let top = rest.y.saturating_add(row.saturating_mul(height));
        let block = Rect { x: rest.x + column * width, y: top, width, height }.intersection(rest);
        if !block.is_empty() {
            block_of(state, look, target, block, frame);
        }
    }
}

fn block_of(state: &State, look: Look, index: usize, area: Rect, frame: &mut Frame) {
    let Some(t) = state.targets.get(index) else { return };
    let meaning = Meaning::from(t.verdict.state);
    let room = usize::from(area.width).saturating_sub(5);
    // A blank line between blocks, when there are lines to spare.
    let height = usize::from(area.height);
    let height = if height > 4 { height - 1 } else { height };
    let mut lines = content(state, look, index, t, room, height);
    lines.truncate(height);
    let edge = look.span(meaning, " ▌ ");
    let lines: Vec<Line<'static>> = lines
        .into_iter()
        .map(|line| {
            let mut spans = vec![edge.clone()];
            spans.extend(cut_spans(&line.spans, room));
            Line::from(spans)
        })
        .collect();
    frame.render_widget(Paragraph::new(lines), area);
}

/// The lines of a block, in the order of the screen; the fewer fit, the fewer are made.
fn content(state: &State, look: Look, index: usize, t: &TargetState, room: usize, height: usize) -> Vec<Line<'static>> {
    let faded = matches!(t.verdict.state, VerdictState::Stale | VerdictState::Unknown);
    let plain = if faded { Meaning::Stale } else { Meaning::Plain };
    let mut lines = vec![title(state, look, index, t)];
    let tall = match height {
        ..7 => 1,
        7..9 => 2,
        9..12 => 3,
        12.. => 4,
    };
    // What is left after title, served, trend and numbers goes to causes.
    let fixed = 1 + usize::from(height >= 3) + if height >= 5 { tall } else { 0 } + usize::from(height >= 4);
    let mut causes: Vec<Line<'static>> = Vec::new();
    for cause in &t.verdict.causes {
        for text in wrap_to(cause, room, 2) {
            causes.push(Line::from(look.span(Meaning::from(t.verdict.state), text)));
        }
    }
    causes.truncate(height.saturating_sub(fixed));
    lines.extend(causes);
    if height >= 3 {
        lines.push(served(state, look, index, t, plain));
    }
    if height >= 5 {
        lines.extend(trend::bars(&t.window, look, room.min(WINDOW * 3), tall, faded));
    }
    if height >= 4 {
        lines.push(numbers(state, look, t, plain));
    }
    lines
}

fn title(state: &State, look: Look, index: usize, t: &TargetState) -> Line<'static> {
    let meaning = Meaning::from(t.verdict.state);
    let selected = state.targets_of(state.selected).contains(&index);
    let word = match t.verdict.was {
        Some(was) => format!("{} (was {})", t.verdict.state.word(), was.word()),
        None => t.verdict.state.word().to_owned(),
    };
    let name = if selected { Meaning::Selected } else { Meaning::Strong };
    Line::from(vec![
        look.mark(meaning),
        look.span(meaning, word),
        Span::raw("  "),
        look.span(name, t.target.info.label),
        Span::raw("  "),
        Span::raw(cut(&format!("{} · {}", sanitize(&t.target.service), sanitize(&t.target.environment)), 40)),
        look.span(Meaning::Dim, format!("  {}", sanitize(&t.target.info.region))),
    ])
}

fn served(state: &State, look: Look, index: usize, t: &TargetState, plain: Meaning) -> Line<'static> {
    let mut text = format!("{}  {}  ", view::commit(t), view::revision(t));
    let instances = view::instances(t);
    if instances != view::NOTHING {
        text = format!("{text}{instances} instances  ");
    }
    let mut line = Line::from(look.span(plain, text));
    let rollout = super::table::rollout(state, look, index, t, plain == Meaning::Stale);
    line.spans.extend(rollout.into_spans());
    line
}

fn numbers(state: &State, look: Look, t: &TargetState, plain: Meaning) -> Line<'static> {
    let p95 = t.window.p95().map_or_else(|| view::NOTHING.to_owned(), view::millis);
    let (failures, count) = (t.window.failures(), t.window.iter().len());
    let failed = if failures > 0 && plain == Meaning::Plain { Meaning::Bad } else { plain };
    Line::from(vec![
        look.span(plain, format!("{}  p95 {p95}  ", view::latency(t))),
        look.span(failed, format!("{failures} of {count} failed")),
        look.span(Meaning::Dim, format!("  age {}", view::age(state, t))),
    ])
}
