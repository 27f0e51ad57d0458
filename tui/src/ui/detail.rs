//! The detail of the selected row: where it is, every cause of its verdict, and the list of the open tab. A list that could
//! not be read is its error, never an empty list.

mod builds;
mod deployments;
mod events;
mod revisions;
mod targets;

use std::time::Duration;

use hello_cloud::{
    ProviderError, Snapshot,
    text::{cut, sanitize, width},
};
use ratatui::{
    Frame,
    layout::Rect,
    text::{Line, Span},
    widgets::Paragraph,
};

use super::{
    columns::spans_width,
    theme::{Look, Meaning},
    viewports::Viewports,
    wrap::{wrap, wrap_to},
};
use crate::app::{
    feed::Feed,
    state::{Pane, Row, State},
    target::{Signed, TargetState},
    verdict::VerdictState,
    view,
};

/// Draws title, tabs and as much of the content as fits.
pub fn draw(state: &State, look: Look, viewports: &mut Viewports, area: Rect, frame: &mut Frame) {
    let room = usize::from(area.width);
    let body = usize::from(area.height).saturating_sub(1);
    let content = content(state, look, room.saturating_sub(3), area.height >= super::ROOMY);
    let furthest = content.len().saturating_sub(body);
    let offset = viewports.detail(state.selected, state.pane, state.scroll, furthest);
    let below = content.len().saturating_sub(offset + body);
    let mut lines = vec![title(state, look, room, offset, below)];
    for line in content.into_iter().skip(offset).take(body) {
        let mut spans = vec![Span::raw("  ")];
        spans.extend(line.spans);
        lines.push(Line::from(spans));
    }
    lines.truncate(usize::from(area.height));
    frame.render_widget(Paragraph::new(lines), area);
}

/// `── ECS hello · staging ─────── Revisions  Deployments  Builds  Events ──`
fn title(state: &State, look: Look, room: usize, above: usize, below: usize) -> Line<'static> {
    let mut tabs: Vec<Span<'static>> = Vec::new();
    let narrow = room < 72;
    for pane in Pane::ALL {
        let open = pane == state.pane;
        if !narrow {
            tabs.push(Span::raw(" "));
        }
        tabs.push(if open {
            Span::styled(pane.title(), look.style(Meaning::Accent).underlined())
        } else {
            look.span(Meaning::Dim, pane.title())
        });
        tabs.push(Span::raw(" "));
    }
    if above + below > 0 {
        let more = match (below, narrow) {
            (0, true) => String::new(),
            (0, false) => "─ end ".to_owned(),
            (below, true) => format!("+{below} "),
            (below, false) => format!("─ {below} more "),
        };
        tabs.push(look.span(Meaning::Dim, more));
    }
    tabs.push(look.span(Meaning::Dim, "─"));
    let name = cut(&name(state), room.saturating_sub(spans_width(&tabs) + 4));
    let rule = room.saturating_sub(spans_width(&tabs) + width(&name) + 4);
    let mut spans = vec![look.span(Meaning::Dim, "─ "), look.span(Meaning::Strong, name)];
    spans.push(look.span(Meaning::Dim, format!(" {} ", "─".repeat(rule))));
    spans.extend(tabs);
    Line::from(spans)
}

fn name(state: &State) -> String {
    if !state.rows().contains(&state.selected) {
        return String::new();
    }
    match state.selected {
        Row::Group(group) => state.groups.get(group).map_or_else(String::new, |group| {
            format!("{} · {}", sanitize(&group.service), sanitize(&group.environment))
        }),
        Row::Target(target) => state.targets.get(target).map_or_else(String::new, |t| {
            format!("{} {} · {}", t.target.info.label, sanitize(&t.target.service), sanitize(&t.target.environment))
        }),
    }
}

fn content(state: &State, look: Look, room: usize, roomy: bool) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    if !state.rows().contains(&state.selected) {
        return vec![Line::from(look.span(Meaning::Dim, "nothing is selected"))];
    }
    match state.selected {
        Row::Target(target) => {
            if let Some(t) = state.targets.get(target) {
                lines.extend(causes(look, t, room));
                lines.extend(about(look, t, room));
                lines.extend(t.seen().into_iter().flat_map(|seen| targets::lines(look, seen, room)));
                if roomy {
                    lines.push(Line::default());
                }
                lines.extend(list(state, look, t, room));
            }
        }
        Row::Group(_) => {
            for (place, target) in state.targets_of(state.selected).into_iter().enumerate() {
                let Some(t) = state.targets.get(target) else { continue };
                if place > 0 {
                    lines.push(Line::default());
                }
                let head = format!("{} {}", t.target.info.label, sanitize(&t.target.info.region));
                lines.push(Line::from(look.span(Meaning::Strong, cut(&head, room))));
                lines.extend(list(state, look, t, room));
            }
        }
    }
    lines
}

/// Every cause, in full.
fn causes(look: Look, t: &TargetState, room: usize) -> Vec<Line<'static>> {
    let meaning = match t.verdict.state {
        VerdictState::Healthy => Meaning::Dim,
        state => Meaning::from(state),
    };
    let mut lines = Vec::new();
    for cause in &t.verdict.causes {
        for (place, text) in wrap_to(cause, room.saturating_sub(2), 4).into_iter().enumerate() {
            let mark = if place == 0 { look.mark(meaning) } else { Span::raw("  ") };
            lines.push(Line::from(vec![mark, look.span(meaning, text)]));
        }
    }
    if let Some(slowed) = t.seen().and_then(|seen| seen.slowed) {
        let text = cut(&slowed.show(), room.saturating_sub(2));
        lines.push(Line::from(vec![look.mark(Meaning::Warn), look.span(Meaning::Warn, text)]));
    }
    if let Some(hint) = t.snapshot.error.as_ref().and_then(|error| error.hint.as_ref()) {
        lines.extend(hint_lines(look, hint, room));
    }
    lines
}

/// Where it is, who changed it, and what only its cloud knows.
fn about(look: Look, t: &TargetState, room: usize) -> Vec<Line<'static>> {
    let mut parts: Vec<String> = Vec::new();
    parts.extend(t.url().map(|url| sanitize(&url)));
    parts.push(sanitize(&t.target.info.scope));
    if let Signed::In(identity) = &t.identity {
        parts.push(format!("as {}", identity.show()));
    }
    if let Some(seen) = t.seen() {
        parts.extend(seen.changed_by.as_ref().map(|by| format!("last changed by {}", by.show())));
        parts.extend(seen.facts.iter().map(|fact| format!("{} {}", fact.label, fact.value.show())));
    }
    parts.extend(t.target.info.endpoint.as_ref().map(|endpoint| format!("endpoint {}", sanitize(endpoint))));
    if !t.target.writable {
        parts.push("read-only".into());
    }
    parts.retain(|part| !part.is_empty());
    wrap_to(&parts.join(" · "), room, 3).into_iter().map(|text| Line::from(look.span(Meaning::Dim, text))).collect()
}

fn list(state: &State, look: Look, t: &TargetState, room: usize) -> Vec<Line<'static>> {
    match state.pane {
        Pane::Revisions => of_snapshot(state, look, t, room, revisions::lines),
        Pane::Deployments => of_snapshot(state, look, t, room, deployments::lines),
        Pane::Builds => builds::lines(state, look, t, room),
        Pane::Events => of_snapshot(state, look, t, room, events::lines),
    }
}

/// What was read too long ago to be trusted: dim, and without colour.
fn faded(look: Look, mut lines: Vec<Line<'static>>) -> Vec<Line<'static>> {
    for span in lines.iter_mut().flat_map(|line| &mut line.spans) {
        span.style = look.style(Meaning::Stale);
    }
    lines
}

type Lines = fn(&State, Look, &TargetState, &Snapshot, usize) -> Vec<Line<'static>>;

/// A list from the last good snapshot; without one, why there is none. The error of the newest read is among the causes.
fn of_snapshot(state: &State, look: Look, t: &TargetState, room: usize, lines: Lines) -> Vec<Line<'static>> {
    match (t.seen(), &t.snapshot.error) {
        (Some(seen), _) if t.snapshot.age(state.now.mono) > Some(t.patience()) => {
            faded(look, lines(state, look, t, seen, room))
        }
        (Some(seen), _) => lines(state, look, t, seen, room),
        (None, Some(error)) => error_lines(look, error, room),
        (None, None) => reading(state, look, &t.snapshot),
    }
}

/// A failed part: what failed, and what to do.
fn error_lines(look: Look, error: &ProviderError, room: usize) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    for (place, text) in wrap(&error.to_string(), room.saturating_sub(2)).into_iter().take(4).enumerate() {
        let mark = if place == 0 { look.mark(Meaning::Bad) } else { Span::raw("  ") };
        lines.push(Line::from(vec![mark, look.span(Meaning::Bad, text)]));
    }
    lines.extend(error.hint.iter().flat_map(|hint| hint_lines(look, hint, room)));
    lines
}

fn hint_lines(look: Look, hint: &str, room: usize) -> Vec<Line<'static>> {
    let hint = format!("hint: {}", sanitize(hint));
    let wrapped = wrap_to(&hint, room.saturating_sub(2), 3).into_iter();
    wrapped.map(|text| Line::from(vec![Span::raw("  "), look.span(Meaning::Accent, text)])).collect()
}

/// Nothing came yet.
fn reading<T>(state: &State, look: Look, feed: &Feed<T>) -> Vec<Line<'static>> {
    let waited = feed.in_flight.map(|(_, since)| state.now.mono.saturating_sub(since));
    let waited = waited.filter(|waited| *waited > Duration::from_secs(1));
    let waited = waited.map(|waited| format!(" for {}", view::short(waited))).unwrap_or_default();
    vec![Line::from(look.span(Meaning::Dim, format!("reading…{waited}")))]
}

/// Really nothing there.
fn none(look: Look) -> Vec<Line<'static>> {
    vec![Line::from(look.span(Meaning::Dim, "none"))]
}

/// How long ago something was, by the calendar.
fn ago(state: &State, at: Option<hello_cloud::Timestamp>) -> String {
    at.map_or_else(|| view::NOTHING.to_owned(), |at| view::short(state.now.wall.since(at)))
}
