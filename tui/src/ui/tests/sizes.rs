//! No size breaks the screen, and a plan that does not fit does not count as shown.

use super::{
    render::{frame, frame_with, text},
    stages,
};
use crate::ui::{Look, SMALLEST, Viewports};

#[test]
fn every_small_size_is_drawn() {
    let all = [
        stages::good(),
        stages::busy(),
        stages::error(),
        stages::wide_characters(),
        stages::moved_tag(),
        stages::notes(),
        stages::help(),
        stages::board_in_trouble(),
    ];
    for stage in &all {
        for width in 0..=70 {
            for height in 0..=30 {
                let mut viewports = Viewports::default();
                frame_with(&stage.state, Look::default(), (width, height), &mut viewports);
            }
        }
    }
}

#[test]
fn odd_sizes_are_drawn() {
    for size in [(1000, 1), (1, 1000), (400, 16), (60, 300), (200, 60), (169, 50), (170, 50)] {
        for stage in [stages::busy(), stages::trouble(), stages::board_in_trouble(), stages::rollback_both()] {
            frame(&stage.state, Look::default(), size);
        }
    }
}

#[test]
fn too_small_says_what_is_needed_and_how_things_are() {
    for (width, height) in [(59, 16), (60, 15), (40, 1)] {
        let shown = text(&frame(&stages::good().state, Look::default(), (width, height)));
        assert!(shown.contains("● 2 Healthy"), "{shown}");
        assert!(shown.contains("needs 60x16"), "{shown}");
    }
    let (width, height) = SMALLEST;
    let shown = text(&frame(&stages::good().state, Look::default(), (width, height)));
    assert!(!shown.contains("needs"), "{shown}");
}

#[test]
fn a_plan_counts_as_shown_only_where_all_of_its_warnings_are() {
    let stage = stages::moved_tag();
    for (size, expected) in [((80, 24), true), ((60, 16), true), ((59, 16), false), ((20, 5), false)] {
        let mut viewports = Viewports::default();
        frame_with(&stage.state, Look::default(), size, &mut viewports);
        assert_eq!(viewports.plan_is_shown(), expected, "{size:?}");
    }
    let mut viewports = Viewports::default();
    frame_with(&stages::good().state, Look::default(), (20, 5), &mut viewports);
    assert!(viewports.plan_is_shown(), "there is no plan");
}

#[test]
fn a_selected_row_is_on_the_screen_however_many_there_are() {
    let mut stage = stages::trouble();
    let mut viewports = Viewports::default();
    for row in stage.state.rows() {
        stage.state.selected = row;
        let shown = text(&frame_with(&stage.state, Look::default(), (60, 16), &mut viewports));
        assert!(shown.contains('▌'), "{row:?}\n{shown}");
    }
}
