//! The strip of operations under way: one line per target.

use std::time::Duration;

use ratatui::text::{Line, Span};

use super::{
    columns::{Cell, Column, lay_out},
    theme::{Look, Meaning},
};
use crate::app::{
    operation::{Operation, Phase, StepState},
    state::State,
    view,
};

const COLUMNS: [Column; 4] = [
    Column::new("", 1, 1, 9),
    Column::new("", 16, 48, 7),
    Column::new("", 10, usize::MAX, 6),
    Column::new("", 3, 4, 8).right(),
];

/// The lines, at most `most`, newest operation last. Empty when nothing is under way.
pub fn lines(state: &State, look: Look, width: usize, most: usize) -> Vec<Line<'static>> {
    let running = state.operations.iter().filter(|operation| operation.phase == Phase::Running);
    let rows: Vec<Vec<Cell>> = running
        .flat_map(|operation| operation.steps.iter().map(move |step| (operation, step.target, &step.state)))
        .map(|(operation, target, step)| row(state, look, operation, target, step))
        .collect();
    let (_, mut lines) = lay_out(&COLUMNS, &rows, width.saturating_sub(2), look.style(Meaning::Dim));
    if lines.len() > most {
        let hidden = lines.len() - most.saturating_sub(1);
        lines.truncate(most.saturating_sub(1));
        lines.push(Line::from(look.span(Meaning::Dim, format!("and {hidden} more"))));
    }
    for line in &mut lines {
        line.spans.insert(0, Span::raw(" "));
    }
    lines
}

fn row(state: &State, look: Look, operation: &Operation, target: usize, step: &StepState) -> Vec<Cell> {
    let label = state.targets.get(target).map_or("", |t| t.target.info.label);
    let environment = state.targets.get(target).map(|t| t.target.environment.clone()).unwrap_or_default();
    let title = format!("{} {}/{environment} on {label}", operation.kind.word(), operation.service);
    let meaning = meaning(step);
    let since = state.now.mono.saturating_sub(since(operation, step));
    vec![
        Cell::of(vec![look.symbol(meaning)]),
        Cell::new(title, look.style(Meaning::Strong)),
        Cell::new(view::step(step), look.style(meaning)),
        Cell::new(view::short(since), look.style(Meaning::Dim)),
    ]
}

/// What a step means.
pub fn meaning(step: &StepState) -> Meaning {
    match step {
        StepState::Waiting => Meaning::Dim,
        StepState::Starting { .. } | StepState::Following { .. } | StepState::Verifying { .. } => Meaning::Busy,
        StepState::Ended(outcome) if outcome.is_good() => Meaning::Good,
        StepState::Ended(_) => Meaning::Bad,
    }
}

fn since(operation: &Operation, step: &StepState) -> Duration {
    match step {
        StepState::Starting { since } | StepState::Following { since, .. } | StepState::Verifying { since, .. } => {
            *since
        }
        StepState::Waiting | StepState::Ended(_) => operation.began,
    }
}
