//! What must be told apart is told apart, with any terminal.

use ratatui::style::{Color, Modifier};

use super::{
    fixture::{Stage, ecs},
    render::{SIZES, frame, style, text},
    stages,
};
use crate::{
    app::{Row, State, VerdictState, state::Mode},
    ui::{Look, Meaning},
};

const EVERY_STAGE: [fn() -> Stage; 22] = [
    stages::loading,
    stages::empty,
    stages::filtered,
    stages::good,
    stages::busy,
    stages::stale,
    stages::error,
    stages::held,
    stages::moved_tag,
    stages::rollback_both,
    stages::typed_name,
    stages::blocked,
    stages::help,
    stages::notes,
    stages::long_names,
    stages::wide_characters,
    stages::hostile,
    stages::trouble,
    stages::board,
    stages::board_in_trouble,
    stages::planning,
    stages::ahead,
];

#[test]
fn without_colour_there_is_none() {
    for stage in EVERY_STAGE {
        let buffer = frame(&stage().state, Look { ascii: false, color: false }, (120, 40));
        for cell in &buffer.content {
            assert_eq!((cell.fg, cell.bg), (Color::Reset, Color::Reset), "{}", cell.symbol());
        }
    }
}

#[test]
fn in_ascii_there_is_nothing_above_0x7e() {
    for stage in EVERY_STAGE {
        for size in SIZES {
            let shown = text(&frame(&stage().state, Look { ascii: true, color: true }, size));
            let other: String = shown.chars().filter(|c| *c != '\n' && !(' '..='~').contains(c)).collect();
            assert_eq!(other, "", "{shown}");
        }
    }
}

#[test]
fn no_control_or_invisible_character_reaches_the_screen() {
    for size in SIZES {
        for pane in crate::app::Pane::ALL {
            let mut stage = stages::hostile();
            stage.state.pane = pane;
            let shown = text(&frame(&stage.state, Look::default(), size));
            assert!(!shown.contains(|c: char| c != '\n' && c.is_control()), "{shown}");
            assert!(!shown.contains(['\u{202e}', '\u{200b}']), "{shown}");
        }
    }
}

#[test]
fn every_verdict_has_a_symbol_of_its_own_in_both_alphabets() {
    let states = [
        VerdictState::Healthy,
        VerdictState::Deploying,
        VerdictState::Degraded,
        VerdictState::Unhealthy,
        VerdictState::Stale,
        VerdictState::Unknown,
    ];
    for ascii in [false, true] {
        let mut seen = Vec::new();
        for state in states {
            let mut symbol = ratatui::buffer::Buffer::empty(ratatui::layout::Rect::new(0, 0, 1, 1));
            symbol.content[0].set_symbol(Meaning::from(state).symbol());
            if ascii {
                crate::ui::theme::fold_to_ascii(&mut symbol);
            }
            seen.push(symbol.content[0].symbol().to_owned());
        }
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), states.len(), "{seen:?}");
    }
}

/// The cells of the first line that contains a text, from that text on.
fn cells_of(state: &State, needle: &str) -> Vec<(String, Color, Modifier)> {
    let buffer = frame(state, Look::default(), (80, 24));
    let width = usize::from(buffer.area.width);
    let line = buffer.content.chunks(width).find(|row| {
        let line: String = row.iter().map(ratatui::buffer::Cell::symbol).collect();
        line.contains(needle)
    });
    line.unwrap().iter().map(|cell| (cell.symbol().to_owned(), cell.fg, cell.modifier)).collect()
}

#[test]
fn a_stale_row_is_dim_and_never_green() {
    let mut stage = stages::stale();
    stage.state.selected = Row::Target(0);
    for (symbol, color, modifier) in cells_of(&stage.state, "◌ Stale").into_iter().filter(|(s, ..)| s != " ") {
        if symbol != "▌" && !"CloudRun".contains(&symbol) {
            assert!(modifier.contains(Modifier::DIM), "{symbol} is not dim");
        }
        assert_eq!(color, Color::Reset, "{symbol} has a colour");
    }
}

#[test]
fn only_what_is_well_is_green() {
    let shown = cells_of(&stages::good().state, "● Healthy");
    assert!(shown.iter().any(|(symbol, color, _)| symbol == "●" && *color == Color::Green));
    for stage in [stages::stale(), stages::error(), stages::loading()] {
        let buffer = frame(&stage.state, Look::default(), (120, 40));
        for (cell, line) in buffer.content.chunks(120).flat_map(|row| {
            let line: String = row.iter().map(ratatui::buffer::Cell::symbol).collect();
            row.iter().map(move |cell| (cell, line.clone()))
        }) {
            let of_the_stale = !line.contains("UTC") && (line.contains("◌ Stale") || line.contains("? Unknown"));
            assert!(!of_the_stale || cell.fg != Color::Green, "{} in {line}", style(cell));
        }
    }
}

#[test]
fn every_cause_of_the_selected_target_is_on_the_screen() {
    for (stage, target) in [(stages::stale(), 1), (stages::held(), 1), (stages::trouble(), 0)] {
        let mut stage = stage;
        stage.state.selected = Row::Target(target);
        let shown = text(&frame(&stage.state, Look::default(), (120, 40))).replace(['\n', ' '], "");
        let causes = &stage.state.targets[target].verdict.causes;
        assert!(!causes.is_empty());
        for cause in causes {
            assert!(shown.contains(&cause.replace(' ', "")), "{cause} is not in\n{shown}");
        }
    }
}

#[test]
fn an_error_is_shown_with_its_hint_and_never_as_an_empty_list() {
    let mut stage = stages::error();
    stage.state.selected = Row::Target(0);
    let shown = text(&frame(&stage.state, Look::default(), (120, 40)));
    assert!(shown.contains("not signed in: the sign-in has expired"), "{shown}");
    assert!(shown.contains("hint: run: aws sso login"), "{shown}");
    stage.state.selected = Row::Target(1);
    let shown = text(&frame(&stage.state, Look::default(), (120, 40)));
    assert!(shown.contains("denied: caller lacks run.revisions.list"), "{shown}");
    assert!(!shown.contains("none"), "{shown}");
}

#[test]
fn other_code_and_the_way_out_are_seen_at_every_size() {
    let stage = stages::moved_tag();
    for size in SIZES {
        let shown = text(&frame(&stage.state, Look::default(), size));
        assert_eq!(shown.matches("SHIPS OTHER CODE").count(), 2, "{shown}");
        assert!(shown.contains("starts in 2 s") && shown.contains("Esc cancels"), "{shown}");
    }
}

#[test]
fn the_countdown_counts_from_when_the_plan_was_drawn() {
    let mut stage = Stage::new(vec![ecs()]);
    stage.pass(5);
    stage.command(crate::app::Command::Plan(crate::app::operation::Kind::Redeploy));
    let shown = |stage: &Stage| text(&frame(&stage.state, Look::default(), (80, 24)));
    assert!(shown(&stage).contains("starts in 3 s"));
    stage.seen();
    stage.pass(1);
    assert!(shown(&stage).contains("starts in 2 s"));
    stage.pass(1);
    assert!(shown(&stage).contains("starts in 1 s"));
    assert_eq!(stage.state.mode, Mode::Plan);
}
