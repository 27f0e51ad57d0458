//! What the cloud wrote down and why instances ended, as one story, newest first.

use hello_cloud::{CloudEvent, Snapshot};
use ratatui::text::{Line, Span};

use super::{ago, error_lines, none};
use crate::{
    app::{state::State, target::TargetState},
    ui::{
        theme::{Look, Meaning},
        wrap::wrap_to,
    },
};

/// Cells for the age.
const AGE: usize = 5;

/// What happened, and who did it.
fn told(event: &CloudEvent) -> String {
    let by = event.by.as_ref().map(|by| format!(" · by {}", by.show())).unwrap_or_default();
    format!("{}{by}", event.message.show())
}

/// The lines. Each of the two sources can fail alone.
pub fn lines(state: &State, look: Look, _: &TargetState, seen: &Snapshot, room: usize) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    let mut story: Vec<(&CloudEvent, Meaning)> = Vec::new();
    for (section, meaning) in [(&seen.failures, Meaning::Bad), (&seen.events, Meaning::Plain)] {
        match section {
            Ok(events) => story.extend(events.iter().map(|event| (event, meaning))),
            Err(error) => lines.extend(error_lines(look, error, room)),
        }
    }
    if story.is_empty() && lines.is_empty() {
        return none(look);
    }
    // Newest first; what has no time goes last. The sort keeps a failure above the event of the same moment.
    story.sort_by_key(|(event, _)| std::cmp::Reverse(event.at));
    for (event, meaning) in story {
        let age = format!("{:>width$}  ", ago(state, event.at), width = AGE - 1);
        let mark = if meaning == Meaning::Bad { look.mark(meaning) } else { Span::raw("  ") };
        for (place, text) in wrap_to(&told(event), room.saturating_sub(AGE + 3), 3).into_iter().enumerate() {
            let text = look.span(meaning, text);
            lines.push(match place {
                0 => Line::from(vec![look.span(Meaning::Dim, age.clone()), mark.clone(), text]),
                _ => Line::from(vec![Span::raw(" ".repeat(AGE + 3)), text]),
            });
        }
    }
    lines
}
