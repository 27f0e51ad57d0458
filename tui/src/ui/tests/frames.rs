//! Every stage at every size, compared with what was looked at and found good.

use super::{
    fixture::Stage,
    render::{SIZES, frame, styled, text},
    stages,
};
use crate::ui::Look;

fn compare(name: &str, content: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, content));
}

fn at_every_size(name: &str, stage: &Stage) {
    for (width, height) in SIZES {
        let buffer = frame(&stage.state, Look::default(), (width, height));
        compare(&format!("{name}_{width}x{height}"), &text(&buffer));
    }
}

macro_rules! frames {
    ($($stage:ident)*) => {
        $(#[test]
        fn $stage() {
            at_every_size(stringify!($stage), &stages::$stage());
        })*
    };
}

frames! {
    loading empty filtered good busy stale error held moved_tag rollback_both typed_name blocked help notes long_names
    wide_characters hostile trouble board board_in_trouble planning ahead beside
}

#[test]
fn styles_of_good_and_stale() {
    for (name, stage) in [("good", stages::good()), ("stale", stages::stale())] {
        let buffer = frame(&stage.state, Look::default(), (80, 24));
        compare(&format!("{name}_styles"), &styled(&buffer));
    }
}

#[test]
fn without_colour_and_without_unicode() {
    let look = Look { ascii: true, color: false };
    let buffer = frame(&stages::good().state, look, (80, 24));
    compare("good_plain", &styled(&buffer));
}
