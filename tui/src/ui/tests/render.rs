//! Frames as text, and as text with their styles.

use ratatui::{
    Terminal,
    backend::TestBackend,
    buffer::{Buffer, Cell},
    style::Modifier,
};

use crate::{
    app::State,
    ui::{Look, Viewports, draw},
};

pub const SIZES: [(u16, u16); 3] = [(60, 16), (80, 24), (120, 40)];

/// Draws once and returns the cells.
pub fn frame(state: &State, look: Look, (width, height): (u16, u16)) -> Buffer {
    frame_with(state, look, (width, height), &mut Viewports::default())
}

/// Draws once with given scroll places.
pub fn frame_with(state: &State, look: Look, (width, height): (u16, u16), viewports: &mut Viewports) -> Buffer {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| draw(state, &look, viewports, frame)).unwrap();
    terminal.backend().buffer().clone()
}

fn rows(buffer: &Buffer) -> impl Iterator<Item = Vec<&Cell>> {
    let width = usize::from(buffer.area.width).max(1);
    buffer.content.chunks(width).map(|row| {
        let mut cells = Vec::new();
        let mut skip = 0;
        for cell in row {
            if skip == 0 {
                cells.push(cell);
                skip = hello_cloud::text::width(cell.symbol()).max(1);
            }
            skip -= 1;
        }
        cells
    })
}

/// What a person reads.
pub fn text(buffer: &Buffer) -> String {
    let lines = rows(buffer).map(|row| row.iter().map(|cell| cell.symbol()).collect::<String>());
    lines.map(|line| line.trim_end().to_owned()).collect::<Vec<_>>().join("\n")
}

/// The same with a second line under each: what is styled, from which column to which.
pub fn styled(buffer: &Buffer) -> String {
    let mut lines = Vec::new();
    for (y, line) in text(buffer).lines().enumerate() {
        lines.push(line.to_owned());
        let mut runs: Vec<(usize, usize, String)> = Vec::new();
        let width = usize::from(buffer.area.width);
        for (x, cell) in buffer.content[y * width..(y + 1) * width].iter().enumerate() {
            let style = style(cell);
            match runs.last_mut() {
                Some((_, to, last)) if *last == style => *to = x,
                _ => runs.push((x, x, style)),
            }
        }
        let runs = runs.into_iter().filter(|(.., style)| !style.is_empty());
        let runs: Vec<_> = runs.map(|(from, to, style)| format!("{from}-{to} {style}")).collect();
        if !runs.is_empty() {
            lines.push(format!("      {}", runs.join(", ")));
        }
    }
    lines.join("\n")
}

pub fn style(cell: &Cell) -> String {
    let mut words = Vec::new();
    if cell.fg != ratatui::style::Color::Reset {
        words.push(cell.fg.to_string());
    }
    for (name, modifier) in [
        ("bold", Modifier::BOLD),
        ("dim", Modifier::DIM),
        ("italic", Modifier::ITALIC),
        ("reversed", Modifier::REVERSED),
        ("underlined", Modifier::UNDERLINED),
    ] {
        if cell.modifier.contains(modifier) {
            words.push(name.to_owned());
        }
    }
    words.join("+")
}
