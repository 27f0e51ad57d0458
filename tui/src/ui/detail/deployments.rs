//! The deployments of a target: how each one went.

use hello_cloud::{Deployment, Snapshot, Untrusted};
use ratatui::text::Line;

use super::{ago, error_lines, none};
use crate::{
    app::{state::State, target::TargetState, view},
    ui::{
        columns::{Cell, Column, lay_out},
        table::deployment_meaning,
        theme::{Look, Meaning},
    },
};

const COLUMNS: [Column; 6] = [
    Column::new("", 1, 1, 20),
    Column::new("state", 9, 26, 19),
    Column::new("to", 8, 30, 18),
    Column::new("age", 3, 4, 17).right(),
    Column::new("took", 3, 4, 15).right(),
    Column::new("", 10, usize::MAX, 16),
];

/// The list, headings first. The current deployment is shown also where the history could not be read.
pub fn lines(state: &State, look: Look, t: &TargetState, seen: &Snapshot, room: usize) -> Vec<Line<'static>> {
    let listed = seen.deployments.as_ref().map(Vec::as_slice).unwrap_or_default();
    let current = seen.current.iter().filter(|current| !listed.iter().any(|listed| listed.id == current.id));
    let rows: Vec<Vec<Cell>> = current.chain(listed).map(|deployment| row(state, look, t, deployment)).collect();
    let mut lines = Vec::new();
    if let Err(error) = &seen.deployments {
        lines.extend(error_lines(look, error, room));
    } else if rows.is_empty() {
        return none(look);
    }
    if !rows.is_empty() {
        let (head, rows) = lay_out(&COLUMNS, &rows, room, look.style(Meaning::Dim));
        lines.push(head);
        lines.extend(rows);
    }
    lines
}

fn row(state: &State, look: Look, t: &TargetState, deployment: &Deployment) -> Vec<Cell> {
    let meaning = deployment_meaning(deployment.state.state);
    let to = deployment.to.as_ref().map_or_else(|| view::NOTHING.to_owned(), |to| view::revision_name(t, to));
    let took = deployment.finished_at.zip(deployment.created_at).map(|(end, begin)| view::short(end.since(begin)));
    let mut notes: Vec<String> = deployment.state.reason.iter().map(Untrusted::show).collect();
    notes.extend(deployment.facts.iter().map(|fact| format!("{} {}", fact.label, fact.value.show())));
    let text = if meaning == Meaning::Good { Meaning::Plain } else { meaning };
    vec![
        Cell::of(vec![look.symbol(meaning)]),
        Cell::new(view::deployment_word(deployment), look.style(text)),
        Cell::new(to, look.style(Meaning::Plain)),
        Cell::new(ago(state, deployment.created_at), look.style(Meaning::Plain)),
        Cell::new(took.unwrap_or_else(|| view::NOTHING.into()), look.style(Meaning::Dim)),
        Cell::new(notes.join(" · "), look.style(Meaning::Dim)),
    ]
}
