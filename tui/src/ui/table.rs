//! The table: per service its parity, under it one row per target, and under each row the first cause of its verdict.

use ratatui::{
    Frame,
    layout::Rect,
    style::Style,
    text::{Line, Span},
    widgets::Paragraph,
};

use super::{
    columns::{Cell, Column, cut_spans, lay_out, spans_width},
    operations,
    theme::{Look, Meaning},
    trend,
    viewports::Viewports,
};
use crate::app::{
    parity::{Parity, parity},
    state::{Group, Row, State},
    target::TargetState,
    verdict::VerdictState,
    view,
};
use hello_cloud::{
    BuildState, DeploymentState,
    text::{cut, sanitize, width},
};

/// How many probes the trend shows.
const TREND: usize = 10;
/// Cells before the first column: the mark of the selection, and the indentation under the service.
const INDENT: usize = 4;
/// Below this width the column of the verdict has no room for what a stale target was; the cause says it then.
const WIDE: usize = 100;

const COLUMNS: [Column; 12] = [
    Column::new("provider", 12, 12, 20),
    Column::new("region", 14, 20, 8),
    Column::new("verdict", 11, 24, 19).steady(11).whole(),
    Column::new("commit", 7, 7, 18).steady(7),
    Column::new("revision", 16, 24, 10),
    Column::new("rollout", 15, 24, 16),
    Column::new("inst", 7, 7, 11),
    Column::new("share", 9, 9, 7),
    Column::new("build", 9, 20, 14).steady(9).whole(),
    Column::new("probe", 7, 7, 15).steady(6).right(),
    Column::new("", TREND, TREND, 9).steady(TREND).right(),
    Column::new("age", 3, 4, 17).right(),
];

/// The lines the table would like to have, headings included.
pub fn height(state: &State) -> usize {
    let rows = state.rows();
    let groups = rows.iter().filter(|row| matches!(row, Row::Group(_))).count();
    let causes = rows.iter().filter(|row| matches!(row, Row::Target(t) if cause(state, *t).is_some())).count();
    (1 + rows.len() + causes + groups.saturating_sub(1)).max(2)
}

/// Draws headings and as many rows as fit, the selected one among them.
pub fn draw(state: &State, look: Look, viewports: &mut Viewports, area: Rect, frame: &mut Frame) {
    let room = usize::from(area.width);
    let rows = state.rows();
    let targets: Vec<usize> =
        rows.iter().filter_map(|row| if let Row::Target(target) = row { Some(*target) } else { None }).collect();
    let content: Vec<Vec<Cell>> = targets.iter().map(|target| target_cells(state, look, *target)).collect();
    let (head, laid_out) = lay_out(&COLUMNS, &content, room.saturating_sub(INDENT + 1), look.style(Meaning::Dim));
    let mut lines: Vec<Line<'static>> = Vec::new();
    let mut selected = (0, 0);
    let mut laid_out = laid_out.into_iter();
    for row in &rows {
        let is_selected = *row == state.selected;
        let mark = if is_selected { look.span(Meaning::Accent, "▌ ") } else { Span::raw("  ") };
        let begin = lines.len();
        match row {
            Row::Group(index) => {
                if begin > 0 {
                    lines.push(Line::default());
                }
                let Some(group) = state.groups.get(*index) else { continue };
                lines.push(group_line(state, look, group, mark, is_selected, room));
            }
            Row::Target(index) => {
                let mut line = laid_out.next().unwrap_or_default();
                line.spans.splice(0..0, [mark.clone(), Span::raw("  ")]);
                lines.push(line);
                if let Some(cause) = cause_line(state, look, *index, room) {
                    let mut line = Line::from(mark);
                    line.spans.extend(cause);
                    lines.push(line);
                }
            }
        }
        if is_selected {
            selected = (begin, lines.len().saturating_sub(1));
        }
    }
    if rows.is_empty() {
        let text = format!("    no target contains \"{}\"; Esc clears the filter", sanitize(&state.filter));
        lines.push(Line::from(look.span(Meaning::Unknown, cut(&text, room))));
    }
    let height = usize::from(area.height).saturating_sub(1);
    let offset = viewports.table(selected.0, selected.1, lines.len(), height);
    let mut heading = Line::from(Span::raw(" ".repeat(INDENT)));
    heading.spans.extend(head.spans);
    let mut shown = vec![heading];
    shown.extend(lines.into_iter().skip(offset).take(height));
    shown.truncate(usize::from(area.height));
    frame.render_widget(Paragraph::new(shown), area);
}

fn group_line(
    state: &State,
    look: Look,
    group: &Group,
    mark: Span<'static>,
    selected: bool,
    room: usize,
) -> Line<'static> {
    let members: Vec<&TargetState> = group.targets.iter().filter_map(|index| state.targets.get(*index)).collect();
    let worst = members.iter().map(|t| t.verdict.state).max_by_key(|verdict| verdict.badness()).unwrap_or_default();
    let serving = members.iter().filter(|t| t.is_serving(state.now.mono)).count();
    let parity = parity(state, group);
    let meaning = match &parity {
        Parity::Same(_) | Parity::Alone(Some(_)) => Meaning::Plain,
        Parity::Ahead { .. } | Parity::Differ(_) => Meaning::Warn,
        Parity::Unknown(_) | Parity::Alone(None) => Meaning::Unknown,
    };
    let all_unknown = matches!(&parity, Parity::Unknown(labels) if labels.len() == members.len());
    let parity = if all_unknown { "parity unknown".to_owned() } else { parity.text() };
    let mut end = vec![
        Span::raw("   "),
        look.span(meaning, parity),
        Span::raw("   "),
        look.span(
            if serving == members.len() { Meaning::Plain } else { Meaning::Warn },
            format!("{serving} of {} serving", members.len()),
        ),
    ];
    let name = format!("{} · {}", sanitize(&group.service), sanitize(&group.environment));
    if spans_width(&end) + 4 + width(&name).min(16) > room {
        end.truncate(2);
    }
    let name = cut(&name, room.saturating_sub(spans_width(&end) + 4).max(12));
    let mut spans = vec![mark, look.mark(Meaning::from(worst)), Span::styled(name, name_style(look, selected))];
    spans.extend(end);
    Line::from(cut_spans(&spans, room))
}

fn name_style(look: Look, selected: bool) -> Style {
    look.style(if selected { Meaning::Selected } else { Meaning::Strong })
}

fn cause(state: &State, target: usize) -> Option<&str> {
    state.targets.get(target)?.verdict.causes.first().map(String::as_str)
}

fn cause_line(state: &State, look: Look, target: usize, room: usize) -> Option<Vec<Span<'static>>> {
    let first = cause(state, target)?;
    let verdict = &state.targets.get(target)?.verdict;
    let meaning = match verdict.state {
        VerdictState::Healthy => Meaning::Dim,
        state => Meaning::from(state),
    };
    let more = verdict.causes.len() - 1;
    let more = if more > 0 { format!("  +{more} more") } else { String::new() };
    let first = match verdict.was {
        Some(was) if room < WIDE => format!("was {}; {first}", was.word()),
        Some(_) | None => first.to_owned(),
    };
    let text = cut(&first, room.saturating_sub(INDENT + 3 + more.len()));
    Some(vec![look.span(Meaning::Dim, "  └ "), look.span(meaning, text), look.span(Meaning::Dim, more)])
}

fn target_cells(state: &State, look: Look, index: usize) -> Vec<Cell> {
    let Some(t) = state.targets.get(index) else { return Vec::new() };
    let faded = matches!(t.verdict.state, VerdictState::Stale | VerdictState::Unknown);
    let plain = look.style(if faded { Meaning::Stale } else { Meaning::Plain });
    let dim = look.style(if faded { Meaning::Stale } else { Meaning::Dim });
    let selected = state.selected == Row::Target(index);
    let provider = if selected { look.style(Meaning::Selected) } else { plain };
    let latency = match t.window.last().map(|probe| probe.result.is_err()) {
        Some(true) if !faded => look.style(Meaning::Bad),
        Some(_) | None => plain,
    };
    let trend = trend::bars(&t.window, look, TREND, 1, faded).pop().unwrap_or_default();
    vec![
        Cell::new(t.target.info.label, provider),
        Cell::new(sanitize(&t.target.info.region), dim),
        verdict(look, t),
        Cell::new(view::commit(t), plain),
        Cell::new(view::revision(t), plain),
        rollout(state, look, index, t, faded),
        Cell::new(view::instances(t), instances_style(look, t, faded)),
        Cell::new(view::share(t), plain),
        build(look, t, faded),
        Cell::new(view::latency(t), latency),
        Cell::of(trend.spans),
        Cell::new(view::age(state, t), dim),
    ]
}

/// `● Healthy`, `◌ Stale (was Healthy)`.
pub fn verdict(look: Look, t: &TargetState) -> Cell {
    let state = t.verdict.state;
    let meaning = Meaning::from(state);
    let short = vec![look.mark(meaning), look.span(meaning, state.word())];
    match t.verdict.was {
        Some(was) => {
            let text = format!("{} (was {})", state.word(), was.word());
            Cell::of(vec![look.mark(meaning), look.span(meaning, text)]).or(short)
        }
        None => Cell::of(short),
    }
}

/// What moves: the step of our own operation, else what the cloud says.
pub fn rollout(state: &State, look: Look, index: usize, t: &TargetState, faded: bool) -> Cell {
    let step = state.operation_on(index).and_then(|operation| operation.steps.iter().find(|step| step.target == index));
    if let Some(step) = step {
        return Cell::new(view::step(&step.state), look.style(operations::meaning(&step.state)));
    }
    let Some(seen) = t.seen() else {
        let text = if t.snapshot.error.is_some() { view::NOTHING } else { "reading…" };
        return Cell::new(text, look.style(Meaning::Dim));
    };
    let meaning = match seen.current.as_ref().map(|current| current.state.state) {
        _ if faded => Meaning::Stale,
        Some(state) if !state.is_settled() => deployment_meaning(state),
        _ if seen.hold.is_some() => Meaning::Warn,
        Some(DeploymentState::Succeeded) | None => Meaning::Plain,
        Some(state) => deployment_meaning(state),
    };
    Cell::new(view::rollout(t), look.style(meaning))
}

/// What the state of a deployment means.
pub fn deployment_meaning(state: DeploymentState) -> Meaning {
    match state {
        DeploymentState::Pending | DeploymentState::Progressing => Meaning::Busy,
        DeploymentState::Succeeded => Meaning::Good,
        DeploymentState::RollingBack | DeploymentState::Stopping | DeploymentState::Stopped => Meaning::Warn,
        DeploymentState::RolledBack | DeploymentState::Failed => Meaning::Bad,
        DeploymentState::Unknown => Meaning::Unknown,
    }
}

/// What the state of a build means.
pub fn build_meaning(state: BuildState) -> Meaning {
    match state {
        BuildState::Queued | BuildState::Cancelled => Meaning::Dim,
        BuildState::Waiting => Meaning::Warn,
        BuildState::Running => Meaning::Busy,
        BuildState::Succeeded => Meaning::Good,
        BuildState::Failed => Meaning::Bad,
        BuildState::Unknown => Meaning::Unknown,
    }
}

fn instances_style(look: Look, t: &TargetState, faded: bool) -> Style {
    let short = t.seen().and_then(|seen| seen.instances).is_some_and(|i| i.running < i.desired);
    look.style(match (faded, short) {
        (true, _) => Meaning::Stale,
        (false, true) => Meaning::Warn,
        (false, false) => Meaning::Plain,
    })
}

/// The newest build, its symbol and commit alone where there is little room.
fn build(look: Look, t: &TargetState, faded: bool) -> Cell {
    let Some(build) = t.builds.value().and_then(|builds| builds.first()) else {
        let meaning = if t.builds.error.is_some() { Meaning::Bad } else { Meaning::Dim };
        return Cell::new(view::build(t), look.style(meaning));
    };
    let meaning = build_meaning(build.state.state);
    let (mark, text) = if faded { (Meaning::Stale, Meaning::Stale) } else { (meaning, Meaning::Plain) };
    let commit = build.commit.as_ref().map_or_else(|| view::build_word(build), |commit| commit.short().to_owned());
    let symbol = look.span(mark, format!("{} ", meaning.symbol()));
    let full = vec![symbol.clone(), look.span(text, view::build(t))];
    Cell::of(full).or(vec![symbol, look.span(text, commit)])
}
