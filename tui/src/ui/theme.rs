//! What is meant, as style and as symbol: colour is never the only carrier. Only the sixteen colours of the person's own
//! terminal are used, so that light and dark themes both work.

use ratatui::{
    buffer::Buffer,
    style::{Color, Modifier, Style},
    text::Span,
};

use crate::app::{state::Tone, verdict::VerdictState};

/// What the terminal can and the person wants to see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// No character above 0x7e.
    pub ascii: bool,
    /// Colours; without, only bold, dim, reverse and underline (`NO_COLOR`).
    pub color: bool,
}

impl Default for Look {
    fn default() -> Self {
        Self { ascii: false, color: true }
    }
}

/// What a piece of the screen means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// Nothing special.
    Plain,
    /// What a line is about.
    Strong,
    Good,
    Busy,
    Warn,
    Bad,
    Unknown,
    /// Too old to trust: dim, and never a colour.
    Stale,
    /// There for whoever looks closely.
    Dim,
    /// Keys, and the tab that is open.
    Accent,
    /// The selected row.
    Selected,
}

impl Meaning {
    /// The symbol that says the same as the colour.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Good => "●",
            Self::Busy => "◐",
            Self::Warn => "▲",
            Self::Bad => "✖",
            Self::Unknown => "?",
            Self::Stale => "◌",
            Self::Selected => "▌",
            Self::Plain | Self::Strong | Self::Dim | Self::Accent => "·",
        }
    }
}

impl From<VerdictState> for Meaning {
    fn from(verdict: VerdictState) -> Self {
        match verdict {
            VerdictState::Healthy => Self::Good,
            VerdictState::Deploying => Self::Busy,
            VerdictState::Degraded => Self::Warn,
            VerdictState::Unhealthy => Self::Bad,
            VerdictState::Stale => Self::Stale,
            VerdictState::Unknown => Self::Unknown,
        }
    }
}

impl From<Tone> for Meaning {
    fn from(tone: Tone) -> Self {
        match tone {
            Tone::Good => Self::Good,
            Tone::Bad => Self::Bad,
            Tone::Neutral => Self::Plain,
        }
    }
}

impl Look {
    /// The style of a meaning.
    pub fn style(self, meaning: Meaning) -> Style {
        let plain = Style::new();
        let (color, modifier) = match meaning {
            Meaning::Plain => return plain,
            Meaning::Strong => return plain.add_modifier(Modifier::BOLD),
            Meaning::Stale | Meaning::Dim => return plain.add_modifier(Modifier::DIM),
            Meaning::Unknown => return plain.add_modifier(Modifier::ITALIC),
            Meaning::Good => (Color::Green, Modifier::empty()),
            Meaning::Busy => (Color::LightBlue, Modifier::BOLD),
            Meaning::Warn => (Color::Yellow, Modifier::BOLD),
            Meaning::Bad => (Color::LightRed, Modifier::BOLD),
            Meaning::Accent => (Color::Cyan, Modifier::BOLD),
            Meaning::Selected => (Color::Cyan, Modifier::BOLD.union(Modifier::REVERSED)),
        };
        match (self.color, meaning) {
            (true, _) => plain.fg(color).add_modifier(modifier),
            (false, Meaning::Bad) => plain.add_modifier(modifier.union(Modifier::UNDERLINED)),
            (false, _) => plain.add_modifier(modifier),
        }
    }

    /// Text with the style of a meaning.
    pub fn span(self, meaning: Meaning, text: impl Into<String>) -> Span<'static> {
        Span::styled(text.into(), self.style(meaning))
    }

    /// The symbol of a meaning.
    pub fn symbol(self, meaning: Meaning) -> Span<'static> {
        self.span(meaning, meaning.symbol())
    }

    /// The symbol of a meaning and a blank.
    pub fn mark(self, meaning: Meaning) -> Span<'static> {
        self.span(meaning, format!("{} ", meaning.symbol()))
    }
}

/// Replaces everything a plain ASCII terminal cannot show. It is done once, on the finished screen, so that no region can
/// forget it; cells stay where they are.
pub fn fold_to_ascii(buffer: &mut Buffer) {
    for cell in &mut buffer.content {
        if !cell.symbol().is_ascii() {
            cell.set_symbol(ascii(cell.symbol()));
        }
    }
}

fn ascii(symbol: &str) -> &'static str {
    match symbol {
        "●" => "*",
        "◐" => "~",
        "▲" => "!",
        "✖" => "X",
        "◌" | "·" | "─" | "▃" => "-",
        "▌" | "→" | "›" => ">",
        "…" | "▂" => ".",
        "│" => "|",
        "╭" | "╮" | "╰" | "╯" | "├" | "┤" | "▅" => "+",
        "└" => "`",
        "▁" | "▏" => "_",
        "▄" => "=",
        "▆" => "o",
        "▇" => "O",
        "█" => "#",
        _ => "?",
    }
}
