//! The revisions of a target: what each one is, and whether one can go back to it.

use hello_cloud::{Revision, RevisionState, Snapshot};
use ratatui::text::{Line, Span};

use super::{ago, error_lines, none};
use crate::{
    app::{rollback, state::State, target::TargetState, view},
    ui::{
        columns::{Cell, Column, lay_out},
        theme::{Look, Meaning},
    },
};

const COLUMNS: [Column; 7] = [
    Column::new("", 1, 1, 20),
    Column::new("revision", 16, 30, 19),
    Column::new("commit", 7, 7, 18),
    Column::new("image", 12, 12, 10),
    Column::new("age", 3, 4, 16).right(),
    Column::new("state", 14, 20, 9),
    Column::new("", 12, usize::MAX, 17),
];

/// The list, headings first.
pub fn lines(state: &State, look: Look, t: &TargetState, seen: &Snapshot, room: usize) -> Vec<Line<'static>> {
    let revisions = match &seen.revisions {
        Ok(revisions) if revisions.is_empty() => return none(look),
        Ok(revisions) => revisions,
        Err(error) => return error_lines(look, error, room),
    };
    let (_, best) = rollback::candidates(seen);
    let best = best.map(|revision| &revision.id);
    let rows: Vec<Vec<Cell>> =
        revisions.iter().map(|revision| row(state, look, t, seen, revision, best == Some(&revision.id))).collect();
    let (head, lines) = lay_out(&COLUMNS, &rows, room, look.style(Meaning::Dim));
    std::iter::once(head).chain(lines).collect()
}

fn row(state: &State, look: Look, t: &TargetState, seen: &Snapshot, revision: &Revision, best: bool) -> Vec<Cell> {
    let serving = seen.serving.iter().find(|serving| serving.revision == revision.id);
    let main = seen.serving.first().is_some_and(|first| first.revision == revision.id);
    let held = seen.hold.as_ref().is_some_and(|hold| hold.revision == revision.id);
    let wanted = seen.wanted.as_ref() == Some(&revision.id);
    let meaning = match revision.state.state {
        RevisionState::Ready | RevisionState::Retired => Meaning::Plain,
        RevisionState::Pending => Meaning::Busy,
        RevisionState::Failed => Meaning::Bad,
        RevisionState::Unknown => Meaning::Unknown,
    };
    let mark = match (serving.is_some(), meaning) {
        (true, _) => look.symbol(Meaning::Good),
        (false, Meaning::Plain) => Span::raw(" "),
        (false, other) => look.symbol(other),
    };
    let text = look.style(if serving.is_some() || best { Meaning::Plain } else { Meaning::Dim });
    let digest = revision.image.as_ref().and_then(|image| image.digest.as_ref());
    let mut marks: Vec<Span<'static>> = Vec::new();
    if held {
        marks.push(look.span(Meaning::Warn, "HELD "));
    }
    if let Some(serving) = serving {
        let share = serving.share.map(|share| format!(" {share}%")).unwrap_or_default();
        let running = serving.running.map(|running| format!(" {running} running")).unwrap_or_default();
        marks.push(look.span(Meaning::Good, format!("serving{share}{running} ")));
    }
    if wanted {
        marks.push(look.span(if main { Meaning::Dim } else { Meaning::Warn }, "wanted "));
    }
    if let Some(hold) = seen.hold.as_ref().filter(|_| held) {
        let by = hold.by.as_ref().map(|by| format!("by {} ", by.show())).unwrap_or_default();
        let since = hold.since.map(|at| format!("for {} ", ago(state, Some(at)))).unwrap_or_default();
        marks.push(look.span(Meaning::Dim, format!("{by}{since}")));
    }
    if best && t.target.writable {
        marks.push(look.span(Meaning::Accent, "B goes back here "));
    }
    if let Some(reason) = revision.state.reason.as_ref().filter(|_| meaning != Meaning::Plain) {
        marks.push(look.span(meaning, format!("{} ", reason.show())));
    }
    // Why it is no way back, unless that is because it serves.
    if let Some(against) = rollback::against(seen, revision).filter(|_| !main) {
        let after = if marks.is_empty() { "" } else { "· " };
        marks.push(look.span(Meaning::Dim, format!("{after}{against}")));
    }
    vec![
        Cell::of(vec![mark]),
        Cell::new(revision.name.show(), text),
        Cell::new(revision.commit.as_ref().map_or(view::NOTHING, |commit| commit.short()), text),
        Cell::new(digest.map_or(view::NOTHING, |digest| digest.short()), look.style(Meaning::Dim)),
        Cell::new(ago(state, revision.created_at), text),
        Cell::new(revision.state.word.show(), if meaning == Meaning::Plain { text } else { look.style(meaning) }),
        Cell::of(marks),
    ]
}
