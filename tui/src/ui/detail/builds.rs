//! The builds of a target's images.

use hello_cloud::{Build, Untrusted, text::sanitize};
use ratatui::text::Line;

use super::{ago, error_lines, none, reading};
use crate::{
    app::{state::State, target::TargetState, view},
    ui::{
        columns::{Cell, Column, lay_out},
        table::build_meaning,
        theme::{Look, Meaning},
    },
};

const COLUMNS: [Column; 7] = [
    Column::new("", 1, 1, 20),
    Column::new("build", 9, 12, 19),
    Column::new("commit", 7, 7, 18),
    Column::new("branch", 4, 20, 12),
    Column::new("age", 3, 4, 17).right(),
    Column::new("took", 3, 4, 11).right(),
    Column::new("", 10, usize::MAX, 15),
];

/// The source, then the list. An error of the newest read stands above the last good list.
pub fn lines(state: &State, look: Look, t: &TargetState, room: usize) -> Vec<Line<'static>> {
    let Some(source) = &t.target.builds else {
        return vec![Line::from(look.span(Meaning::Dim, "no build source is configured for this target"))];
    };
    let source = hello_cloud::text::cut(&sanitize(source), room);
    let mut lines = vec![Line::from(look.span(Meaning::Dim, source))];
    if let Some(error) = &t.builds.error {
        lines.extend(error_lines(look, error, room));
    }
    match t.builds.value() {
        Some(builds) if builds.is_empty() => lines.extend(none(look)),
        Some(builds) => {
            let old = t.builds.error.is_some();
            let rows: Vec<Vec<Cell>> = builds.iter().map(|build| row(state, look, t, build, old)).collect();
            let (head, rows) = lay_out(&COLUMNS, &rows, room, look.style(Meaning::Dim));
            lines.push(head);
            lines.extend(rows);
        }
        None if t.builds.error.is_none() => lines.extend(reading(state, look, &t.builds)),
        None => {}
    }
    lines
}

fn row(state: &State, look: Look, t: &TargetState, build: &Build, old: bool) -> Vec<Cell> {
    let meaning = build_meaning(build.state.state);
    let took = build.finished_at.zip(build.created_at).map(|(end, begin)| view::short(end.since(begin)));
    let plain = look.style(if old { Meaning::Stale } else { Meaning::Plain });
    let dim = look.style(Meaning::Dim);
    let (mark, word) = match (old, meaning) {
        (true, _) => (Meaning::Stale, Meaning::Stale),
        (false, Meaning::Good) => (Meaning::Good, Meaning::Plain),
        (false, meaning) => (meaning, meaning),
    };
    let mut note = build.title.show();
    let serves = build.commit.as_ref().zip(t.commit()).is_some_and(|(built, serving)| built.matches(serving));
    if serves {
        note = format!("serving · {note}");
    }
    if let Some(reason) = &build.state.reason {
        note = format!("{note} · {}", reason.show());
    }
    if let Some(Ok(jobs)) = &build.jobs {
        let telling = jobs.iter().find(|job| job.state.state == build.state.state);
        if let Some((job, step)) = telling.and_then(|job| Some((job, job.telling_step()?))) {
            note = format!("{note} · {}: {}", job.name.show(), step.name.show());
        }
    }
    if build.attempt > 1 {
        note = format!("{note} · attempt {}", build.attempt);
    }
    vec![
        Cell::of(vec![look.span(mark, meaning.symbol())]),
        Cell::new(view::build_word(build), look.style(word)),
        Cell::new(build.commit.as_ref().map_or(view::NOTHING, |commit| commit.short()), plain),
        Cell::new(build.branch.as_ref().map_or_else(|| view::NOTHING.into(), Untrusted::show), dim),
        Cell::new(ago(state, build.created_at), plain),
        Cell::new(took.unwrap_or_else(|| view::NOTHING.into()), dim),
        Cell::new(note, plain),
    ]
}
