//! What the load balancer says of a target's addresses: one line when all is well, else each address that is not.

use hello_cloud::{
    Snapshot, TargetHealth, TargetState, Untrusted,
    text::{cut, sanitize},
};
use ratatui::text::Line;

use super::error_lines;
use crate::ui::theme::{Look, Meaning};

/// Addresses told one by one.
const SHOWN: usize = 4;
/// Cells for a task's id, which is long and told by its beginning.
const TASK: usize = 9;

/// The lines; none where there is no load balancer to ask.
pub fn lines(look: Look, seen: &Snapshot, room: usize) -> Vec<Line<'static>> {
    let targets = match &seen.targets {
        Ok(None) => return Vec::new(),
        Ok(Some(targets)) => targets,
        Err(error) => return error_lines(look, error, room),
    };
    let healthy = targets.iter().filter(|target| target.state.state == TargetState::Healthy).count();
    let meaning = if healthy == 0 && !targets.is_empty() { Meaning::Bad } else { Meaning::Dim };
    let summary = format!("load balancer: {healthy} of {} healthy", targets.len());
    let mut lines = vec![Line::from(look.span(meaning, cut(&summary, room)))];
    let others: Vec<_> = targets.iter().filter(|target| target.state.state != TargetState::Healthy).collect();
    for target in others.iter().take(SHOWN) {
        let meaning = meaning_of(target.state.state);
        let text = look.span(meaning, cut(&text(target), room.saturating_sub(4)));
        lines.push(Line::from(vec![look.span(meaning, "  "), look.mark(meaning), text]));
    }
    if let Some(more) = others.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        lines.push(Line::from(look.span(Meaning::Dim, format!("    and {more} more"))));
    }
    lines
}

fn meaning_of(state: TargetState) -> Meaning {
    match state {
        TargetState::Healthy => Meaning::Good,
        TargetState::Initial => Meaning::Busy,
        TargetState::Unhealthy => Meaning::Bad,
        TargetState::Draining => Meaning::Dim,
        TargetState::Unused | TargetState::Unknown => Meaning::Unknown,
    }
}

/// `10.0.0.8:8080 task 4f1 unhealthy: Target.ResponseCodeMismatch: ..`
fn text(target: &TargetHealth) -> String {
    let port = target.port.map(|port| format!(":{port}")).unwrap_or_default();
    let task = target.instance.as_ref().map(|id| format!(" task {}", cut(&sanitize(id.as_str()), TASK)));
    let why = target.state.reason.as_ref().map(|why| format!(": {}", why.show())).unwrap_or_default();
    format!("{}{port}{} {}{why}", target.id.show(), task.unwrap_or_default(), Untrusted::show(&target.state.word))
}
