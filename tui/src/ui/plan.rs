//! The plan sheet: what a change would do, before anybody agrees to it. Warnings are never left out; what fills the screen
//! (commands, notes) gives way first, and the way to agree or to leave always stands at the bottom.

use hello_cloud::text::{cut, sanitize, width};
use ratatui::{
    Frame,
    layout::Rect,
    style::Modifier,
    text::{Line, Span},
    widgets::{Block, BorderType, Paragraph},
};

use super::{
    cells,
    columns::{cut_spans, spans_width},
    footer,
    theme::{Look, Meaning},
    viewports::Viewports,
    wrap::wrap_to,
};
use crate::app::{
    operation::{Consent, Kind, Operation, Outcome, Phase, Step, StepState},
    plan::{Plan, Side},
    rollback::{Candidate, SERVES},
    state::State,
    view,
};

/// How much a step tells, most first. Each level leaves one thing more away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Detail {
    Warnings,
    Call,
    Command,
    Candidates,
    InFull,
    Notes,
}

const LESS_AND_LESS: [Detail; 6] =
    [Detail::Notes, Detail::InFull, Detail::Candidates, Detail::Command, Detail::Call, Detail::Warnings];

/// Draws the sheet of the planned operation over the middle of the screen, and notes whether all that matters was shown.
pub fn draw(state: &State, look: Look, viewports: &mut Viewports, area: Rect, frame: &mut Frame) {
    let Some(operation) = state.planned() else { return };
    let wide = area.width.saturating_sub(2).min(100);
    let room = usize::from(wide).saturating_sub(4);
    let most = usize::from(area.height).saturating_sub(2);
    let fixed = 4; // border above and below, a blank line, the line of consent
    let mut body = Vec::new();
    for detail in LESS_AND_LESS {
        body = lines(state, look, operation, detail, room);
        if body.len() + fixed <= most {
            break;
        }
    }
    let missing = (body.len() + fixed).saturating_sub(most);
    viewports.plan_shown = missing == 0;
    if missing > 0 {
        body.truncate(body.len().saturating_sub(missing));
        let waits = matches!(operation.phase, Phase::Armed { drawn: None, .. });
        let text = if waits { "needs a larger window: nothing starts before" } else { "needs a larger window" };
        body.push(Line::from(look.span(Meaning::Bad, text)));
    } else {
        body.push(Line::default());
    }
    body.push(Line::from(cut_spans(&consent(state, look, operation), room)));
    let height = cells(body.len() + 2).min(area.height);
    let sheet =
        Rect { x: area.x + (area.width - wide) / 2, y: area.y + (area.height - height) / 2, width: wide, height };
    let title = capital(&view::operation_title(state, operation));
    let title = look.span(Meaning::Strong, format!(" {} ", cut(&sanitize(&title), room)));
    let block = Block::bordered()
        .border_type(BorderType::Rounded)
        .border_style(look.style(Meaning::Accent))
        .title(title)
        .padding(super::PADDING);
    super::clear_for_sheet(sheet, frame);
    frame.render_widget(Paragraph::new(body).block(block), sheet);
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn lines(state: &State, look: Look, operation: &Operation, detail: Detail, room: usize) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    for (place, step) in operation.steps.iter().enumerate() {
        if place > 0 {
            lines.push(Line::default());
        }
        lines.extend(step_lines(state, look, operation.kind, step, detail, room));
    }
    lines
}

fn step_lines(state: &State, look: Look, kind: Kind, step: &Step, detail: Detail, room: usize) -> Vec<Line<'static>> {
    let label = state.targets.get(step.target).map_or("", |t| t.target.info.label);
    let mut lines = heading(look, label, step.plan.as_ref(), detail, room);
    let mut say = |meaning: Meaning, head: &str, text: &str, most: usize| {
        let indent = 2 + width(head);
        for (place, part) in wrap_to(text, room.saturating_sub(indent), most).into_iter().enumerate() {
            let start = if place == 0 { format!("  {head}") } else { " ".repeat(indent) };
            let start = look.span(if meaning == Meaning::Plain { Meaning::Dim } else { meaning }, start);
            lines.push(Line::from(vec![start, look.span(meaning, part)]));
        }
    };
    if let StepState::Ended(outcome) = &step.state {
        let text = match outcome {
            Outcome::Refused(reason) => format!("cannot be done: {reason}"),
            other => view::outcome_text(other),
        };
        say(Meaning::Bad, "✖ ", &text, 4);
    }
    let Some(plan) = &step.plan else { return lines };
    for warning in &plan.warnings {
        let meaning = if warning.starts_with("SHIPS OTHER CODE") { Meaning::Bad } else { Meaning::Warn };
        say(meaning, "▲ ", warning, 4);
    }
    if detail >= Detail::Call && plan.change.is_some() {
        let call = plan.preview.as_ref().map_or_else(|| "working it out…".to_owned(), |p| sanitize(&p.call));
        say(Meaning::Plain, "sends ", &call, 2);
    }
    if let Some(preview) = plan.preview.as_ref().filter(|_| detail >= Detail::Command) {
        say(Meaning::Dim, "same as ", &sanitize(&preview.command), if detail >= Detail::InFull { 4 } else { 1 });
        if detail >= Detail::Notes {
            for note in &preview.notes {
                say(Meaning::Dim, "note ", &sanitize(note), 2);
            }
        }
    }
    if detail >= Detail::Candidates && kind == Kind::Rollback && !plan.candidates.is_empty() {
        let against: Vec<String> = plan
            .candidates
            .iter()
            .filter(|c| c.against.as_deref() != Some(SERVES))
            .filter_map(reason)
            .take(4)
            .collect();
        if !against.is_empty() {
            say(Meaning::Dim, "not ", &against.join(", "), if detail >= Detail::InFull { 3 } else { 1 });
        }
    }
    // The most important warning is to be seen across the room.
    for line in &mut lines {
        for span in &mut line.spans {
            if let Some(rest) = span.content.strip_prefix("SHIPS OTHER CODE") {
                let (style, rest) = (span.style, rest.to_owned());
                line.spans.pop();
                line.spans.push(Span::styled("SHIPS OTHER CODE", style.add_modifier(Modifier::REVERSED)));
                line.spans.push(Span::styled(rest, style));
                break;
            }
        }
    }
    lines
}

/// `ECS  hello:3 · 9f2c1e7 → hello:2 · 1234567`, and below it the images and who changed it last.
fn heading(look: Look, label: &str, plan: Option<&Plan>, detail: Detail, room: usize) -> Vec<Line<'static>> {
    let mut spans = vec![look.span(Meaning::Accent, label.to_owned()), Span::raw("  ")];
    let Some(plan) = plan else { return vec![Line::from(spans)] };
    let text = |side: &Option<Side>| side.as_ref().map_or_else(|| "?".into(), Side::text);
    let mut lines = Vec::new();
    if plan.from.is_some() || plan.to.is_some() {
        let from = look.span(Meaning::Strong, text(&plan.from));
        let to = [Span::raw(" → "), look.span(Meaning::Strong, text(&plan.to))];
        spans.push(from);
        // Where it goes is never cut off by where it comes from.
        if spans_width(&spans) + spans_width(&to) > room {
            lines.push(Line::from(cut_spans(&spans, room)));
            spans = vec![Span::raw(" ")];
        }
        spans.extend(to);
    }
    lines.push(Line::from(cut_spans(&spans, room)));
    let digest = |side: &Option<Side>| side.as_ref().and_then(|side| side.digest.clone());
    let image = match (digest(&plan.from), digest(&plan.to)) {
        (Some(from), Some(to)) if from == to => format!("same image {}", to.short()),
        (Some(from), Some(to)) => format!("image {} → {}", from.short(), to.short()),
        (None, Some(to)) => format!("image {}", to.short()),
        (_, None) => String::new(),
    };
    let by = plan.changed_by.as_ref().map(|by| format!("last changed by {by}"));
    let more: Vec<String> = [Some(image), by].into_iter().flatten().filter(|part| !part.is_empty()).collect();
    if detail >= Detail::Command && !more.is_empty() {
        lines.push(Line::from(look.span(Meaning::Dim, cut(&format!("  {}", more.join(" · ")), room))));
    }
    lines
}

/// `hello:2 · 9f2c1e7 (its image is gone)`.
fn reason(candidate: &Candidate) -> Option<String> {
    let commit = candidate.commit.as_ref().map(|commit| format!(" · {}", commit.short())).unwrap_or_default();
    candidate.against.as_ref().map(|against| format!("{}{commit} ({against})", candidate.name))
}

/// How to agree, and how to leave.
fn consent(state: &State, look: Look, operation: &Operation) -> Vec<Span<'static>> {
    let mut spans = Vec::new();
    match &operation.phase {
        Phase::Planning => {
            spans.push(look.span(Meaning::Busy, "reading fresh facts…   "));
            spans.extend(footer::keys(look, &[("Esc", "cancels")]));
        }
        Phase::Armed { drawn, consent, typed } => match consent {
            Consent::Countdown(wait) => {
                let gone = drawn.map_or(std::time::Duration::ZERO, |drawn| state.now.mono.saturating_sub(drawn));
                let left = wait.saturating_sub(gone).as_millis().div_ceil(1000);
                spans.push(look.span(Meaning::Warn, format!("starts in {left} s   ")));
                spans.extend(footer::keys(look, &[("Enter", "now"), ("Esc", "cancels")]));
            }
            Consent::Enter => spans.extend(footer::keys(look, &[("Enter", "starts it"), ("Esc", "cancels")])),
            Consent::Name => {
                let service = sanitize(&operation.service);
                spans.push(look.span(Meaning::Warn, format!("protected: type {} to start: ", cut(&service, 24))));
                spans.push(look.span(Meaning::Strong, cut(&sanitize(typed), 24)));
                spans.push(look.span(Meaning::Accent, "▏"));
                spans.push(Span::raw("  "));
                let ready = *typed == operation.service;
                let keys: &[_] =
                    if ready { &[("Enter", "starts it"), ("Esc", "cancels")] } else { &[("Esc", "cancels")] };
                spans.extend(footer::keys(look, keys));
            }
            Consent::Nothing => {
                spans.push(look.span(Meaning::Bad, "cannot be done   "));
                spans.extend(footer::keys(look, &[("Esc", "closes")]));
            }
        },
        Phase::Running | Phase::Ended { .. } => {}
    }
    spans
}
