//! No size breaks the screen, and a plan that does not fit does not count as shown.

use std::ops::RangeInclusive;

use super::{
    fixture::Stage,
    render::{frame, frame_with, text},
    stages,
};
use crate::ui::{Look, SMALLEST, Viewports};

fn draws(stage: &Stage, widths: RangeInclusive<u16>, heights: &RangeInclusive<u16>) {
    for width in widths {
        for height in heights.clone() {
            frame(&stage.state, Look::default(), (width, height));
        }
    }
}

#[test]
fn every_small_size_is_drawn() {
    draws(&stages::good(), 0..=70, &(0..=30));
    draws(&stages::moved_tag(), 0..=70, &(0..=30));
}

#[test]
fn every_stage_is_drawn_around_the_smallest_size() {
    for stage in [
        stages::busy(),
        stages::error(),
        stages::wide_characters(),
        stages::long_names(),
        stages::notes(),
        stages::help(),
        stages::rollback_both(),
        stages::board_in_trouble(),
    ] {
        draws(&stage, 59..=70, &(15..=30));
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
