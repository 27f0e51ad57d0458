//! Rows of cells in columns that fit: what matters least goes first, what is too long is cut by cells, and nothing ever
//! shifts its neighbours.

use hello_cloud::text::{cut, width};
use ratatui::{
    style::Style,
    text::{Line, Span},
};

/// Blanks between two columns.
const GAP: usize = 2;

/// What a column is like.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Its heading.
    pub heading: &'static str,
    /// It is left out rather than made narrower than this or its content, whichever is less.
    pub min: usize,
    /// Wider than this it never gets.
    pub max: usize,
    /// The higher, the longer it is kept.
    pub keep: u8,
    /// Whether the content stands at the right.
    pub right: bool,
    /// Its room does not change with content narrower than this, so that nothing moves as numbers change.
    pub steady: usize,
    /// Whether it has a short form, and gets either the room for that or for everything.
    pub whole: bool,
}

impl Column {
    /// A column with its content at the left.
    pub const fn new(heading: &'static str, min: usize, max: usize, keep: u8) -> Self {
        Self { heading, min, max, keep, right: false, steady: 0, whole: false }
    }

    /// The same with room for `cells` whatever the content.
    #[must_use]
    pub const fn steady(self, cells: usize) -> Self {
        Self { steady: cells, ..self }
    }

    /// The same with a short form.
    #[must_use]
    pub const fn whole(self) -> Self {
        Self { whole: true, ..self }
    }

    /// The same with its content at the right.
    #[must_use]
    pub const fn right(self) -> Self {
        Self { right: true, ..self }
    }
}

/// The content of one column in one row.
#[derive(Clone, Debug, Default)]
pub struct Cell {
    full: Vec<Span<'static>>,
    /// Used where the full content does not fit.
    short: Option<Vec<Span<'static>>>,
}

impl Cell {
    /// Text in one style.
    pub fn new(text: impl Into<String>, style: Style) -> Self {
        Self::of(vec![Span::styled(text.into(), style)])
    }

    /// Pieces in their own styles.
    pub fn of(full: Vec<Span<'static>>) -> Self {
        Self { full, short: None }
    }

    /// Adds what to show where there is little room.
    #[must_use]
    pub fn or(mut self, short: Vec<Span<'static>>) -> Self {
        self.short = Some(short);
        self
    }

    /// The full content, for places outside columns.
    pub fn into_spans(self) -> Vec<Span<'static>> {
        self.full
    }

    fn width(&self) -> usize {
        spans_width(&self.full)
    }

    fn shaped(&self, room: usize, right: bool) -> Vec<Span<'static>> {
        let content = match &self.short {
            Some(short) if self.width() > room => short,
            Some(_) | None => &self.full,
        };
        let mut spans = cut_spans(content, room);
        let pad = Span::raw(" ".repeat(room.saturating_sub(spans_width(&spans))));
        if right {
            spans.insert(0, pad);
        } else {
            spans.push(pad);
        }
        spans
    }
}

/// The cells all pieces take.
pub fn spans_width(spans: &[Span<'_>]) -> usize {
    spans.iter().map(|span| width(&span.content)).sum()
}

/// Cuts pieces to at most `room` cells, with an ellipsis where something was cut.
pub fn cut_spans(spans: &[Span<'static>], room: usize) -> Vec<Span<'static>> {
    let mut kept = Vec::new();
    let mut left = room;
    for span in spans {
        let wide = width(&span.content);
        if wide > left {
            kept.push(Span::styled(cut(&span.content, left), span.style));
            break;
        }
        left -= wide;
        kept.push(span.clone());
    }
    kept
}

/// Lays rows out in `room` cells: the headings, and one line per row.
pub fn lay_out(
    columns: &[Column],
    rows: &[Vec<Cell>],
    room: usize,
    heading: Style,
) -> (Line<'static>, Vec<Line<'static>>) {
    let natural: Vec<usize> = (0..columns.len())
        .map(|index| rows.iter().filter_map(|row| row.get(index)).map(Cell::width).max().unwrap_or(0))
        .collect();
    let widths = fit(columns, &natural, room);
    let line = |cells: &mut dyn Iterator<Item = Vec<Span<'static>>>| {
        let mut line = Line::default();
        for spans in cells {
            if !line.spans.is_empty() {
                line.spans.push(Span::raw(" ".repeat(GAP)));
            }
            line.spans.extend(spans);
        }
        line
    };
    let shown = |index: usize| widths.get(index).copied().flatten();
    let mut heads = columns
        .iter()
        .enumerate()
        .filter_map(|(index, column)| Some(Cell::new(column.heading, heading).shaped(shown(index)?, column.right)));
    let head = line(&mut heads);
    let lines = rows.iter().map(|row| {
        let mut cells = columns
            .iter()
            .zip(row)
            .enumerate()
            .filter_map(|(index, (column, cell))| Some(cell.shaped(shown(index)?, column.right)));
        line(&mut cells)
    });
    (head, lines.collect())
}

/// The width of each column; `None` for those that are left out.
fn fit(columns: &[Column], natural: &[usize], room: usize) -> Vec<Option<usize>> {
    let wanted: Vec<usize> = columns
        .iter()
        .zip(natural)
        .map(|(c, natural)| (*natural).max(width(c.heading)).max(c.steady).min(c.max))
        .collect();
    let mut widths: Vec<Option<usize>> = columns
        .iter()
        .zip(&wanted)
        .zip(natural)
        .map(|((column, wanted), natural)| (*natural > 0).then_some(column.min.min(*wanted)))
        .collect();
    let taken = |widths: &[Option<usize>]| {
        let shown = widths.iter().flatten().count();
        widths.iter().flatten().sum::<usize>() + shown.saturating_sub(1) * GAP
    };
    while taken(&widths) > room {
        let kept = (0..columns.len()).filter(|index| widths.get(*index).is_some_and(Option::is_some));
        let Some(least) = kept.min_by_key(|index| columns.get(*index).map(|column| column.keep)) else { break };
        if let Some(dropped) = widths.get_mut(least) {
            *dropped = None;
        }
    }
    let mut spare = room - taken(&widths).min(room);
    let mut order: Vec<usize> = (0..columns.len()).collect();
    order.sort_by_key(|index| std::cmp::Reverse(columns.get(*index).map(|column| column.keep)));
    for index in order {
        if let (Some(Some(given)), Some(wanted)) = (widths.get_mut(index), wanted.get(index)) {
            let whole = columns.get(index).is_some_and(|column| column.whole);
            let more = match wanted.saturating_sub(*given) {
                more if whole && more > spare => 0,
                more => more.min(spare),
            };
            *given += more;
            spare -= more;
        }
    }
    widths
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: [Column; 3] = [Column::new("a", 4, 9, 3), Column::new("b", 4, 9, 1), Column::new("c", 4, 9, 2)];

    #[test]
    fn the_least_kept_column_goes_first_and_spare_room_goes_to_the_most_kept() {
        assert_eq!(fit(&COLUMNS, &[9, 9, 9], 31), [Some(9), Some(9), Some(9)]);
        assert_eq!(fit(&COLUMNS, &[9, 9, 9], 18), [Some(6), Some(4), Some(4)]);
        assert_eq!(fit(&COLUMNS, &[9, 9, 9], 15), [Some(9), None, Some(4)]);
        assert_eq!(fit(&COLUMNS, &[9, 9, 9], 0), [None, None, None]);
        assert_eq!(fit(&COLUMNS, &[9, 0, 9], 31), [Some(9), None, Some(9)], "an empty column takes no room");
    }

    #[test]
    fn wide_characters_do_not_shift_the_next_column() {
        for name in ["hello", "東京都庁舎前", "👩 service", ""] {
            for room in 0..30 {
                let row =
                    vec![Cell::new(name, Style::new()), Cell::new("x", Style::new()), Cell::new("y", Style::new())];
                let (head, lines) = lay_out(&COLUMNS, &[row], room, Style::new());
                let wide = spans_width(&lines.first().unwrap().spans);
                assert!(wide <= room, "{name} in {room}: {wide}");
                assert_eq!(wide, spans_width(&head.spans), "{name} in {room}");
            }
        }
    }

    #[test]
    fn the_short_form_stands_where_the_full_one_does_not_fit() {
        let cell = Cell::new("succeeded 9f2c1e7", Style::new()).or(vec![Span::raw("9f2c1e7")]);
        let text = |room| cell.shaped(room, false).iter().map(|span| span.content.clone()).collect::<String>();
        assert_eq!(text(17), "succeeded 9f2c1e7");
        assert_eq!(text(9), "9f2c1e7  ");
        assert_eq!(text(4), "9f2…");
    }
}
