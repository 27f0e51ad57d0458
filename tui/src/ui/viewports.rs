//! Where lists are scrolled to. The core only counts how often the person scrolled; how far a list really goes is known
//! when it is drawn, so drawing keeps the clamped place here. Nothing else may be changed by drawing.

use crate::app::state::{Pane, Row};

/// Scroll places that survive between frames.
#[derive(Debug)]
pub struct Viewports {
    /// First table line on the screen.
    pub(super) table: usize,
    detail: Place,
    shown: Option<(Row, Pane)>,
    help: Option<Place>,
    /// Whether an open plan was on the screen in full, warnings included; true when no plan is open.
    pub(super) plan_shown: bool,
}

impl Default for Viewports {
    fn default() -> Self {
        Self { table: 0, detail: Place::default(), shown: None, help: None, plan_shown: true }
    }
}

#[derive(Clone, Copy, Debug, Default)]
struct Place {
    /// The first line on the screen.
    offset: usize,
    /// The core's counter when it was last followed.
    counted: usize,
}

impl Place {
    /// Moves by what the counter moved, never past the last line: scrolling too far down costs nothing on the way up.
    fn follow(&mut self, counter: usize, furthest: usize) -> usize {
        self.offset = match counter.checked_sub(self.counted) {
            Some(down) => self.offset.saturating_add(down),
            None => self.offset.saturating_sub(self.counted - counter),
        };
        self.offset = self.offset.min(furthest);
        self.counted = counter;
        self.offset
    }
}

impl Viewports {
    /// Whether what can be agreed to was really on the screen. While a plan is open and this is false (the screen is too
    /// small for it), the drawing must not count as seen.
    pub fn plan_is_shown(&self) -> bool {
        self.plan_shown
    }

    /// The first line of the detail: `counter` is the state's, `furthest` the last useful first line.
    pub(super) fn detail(&mut self, row: Row, pane: Pane, counter: usize, furthest: usize) -> usize {
        if self.shown != Some((row, pane)) || counter == 0 {
            self.detail = Place { offset: 0, counted: 0 };
            self.shown = Some((row, pane));
        }
        self.detail.follow(counter, furthest)
    }

    /// The first line of the help, which begins at its top whenever it is opened.
    pub(super) fn help(&mut self, counter: usize, furthest: usize) -> usize {
        let place = self.help.get_or_insert(Place { offset: 0, counted: counter });
        let offset = place.follow(counter, furthest);
        // What was scrolled here is not to move the detail underneath.
        self.detail.counted = counter;
        offset
    }

    pub(super) fn close_help(&mut self) {
        self.help = None;
    }

    /// The first line of the table, moved only as far as needed to show lines `first..=last`.
    pub(super) fn table(&mut self, first: usize, last: usize, lines: usize, height: usize) -> usize {
        if last >= self.table + height {
            self.table = (last + 1).saturating_sub(height);
        }
        self.table = self.table.min(first).min(lines.saturating_sub(height));
        self.table
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scrolling_past_the_end_costs_nothing_on_the_way_back() {
        let mut viewports = Viewports::default();
        let (row, pane) = (Row::Target(0), Pane::Events);
        for counter in [5, 10, 15, 500] {
            viewports.detail(row, pane, counter, 7);
        }
        assert_eq!(viewports.detail(row, pane, 500, 7), 7);
        assert_eq!(viewports.detail(row, pane, 495, 7), 2);
        assert_eq!(viewports.detail(row, pane, 0, 7), 0);
    }

    #[test]
    fn another_list_begins_at_its_top() {
        let mut viewports = Viewports::default();
        viewports.detail(Row::Target(0), Pane::Events, 5, 7);
        assert_eq!(viewports.detail(Row::Target(1), Pane::Events, 0, 7), 0);
    }

    #[test]
    fn help_has_a_place_of_its_own() {
        let mut viewports = Viewports::default();
        viewports.detail(Row::Target(0), Pane::Events, 5, 7);
        assert_eq!(viewports.help(5, 20), 0);
        assert_eq!(viewports.help(15, 20), 10);
        viewports.close_help();
        assert_eq!(viewports.detail(Row::Target(0), Pane::Events, 15, 7), 5, "the detail stayed");
        assert_eq!(viewports.help(15, 20), 0);
    }

    #[test]
    fn the_table_follows_the_selection_both_ways() {
        let mut viewports = Viewports::default();
        assert_eq!(viewports.table(0, 0, 10, 4), 0);
        assert_eq!(viewports.table(5, 6, 10, 4), 3);
        assert_eq!(viewports.table(4, 4, 10, 4), 3, "it is in sight already");
        assert_eq!(viewports.table(1, 1, 10, 4), 1);
        assert_eq!(viewports.table(1, 1, 3, 4), 0, "fewer lines than before");
    }
}
