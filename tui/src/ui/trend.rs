//! Probes as bars. The scale is fixed and widens with latency, so that the same height means the same time on every row:
//! a full bar is one second, where a service counts as slow.

use std::time::Duration;

use ratatui::text::{Line, Span};

use super::theme::{Look, Meaning};
use crate::app::probe::{Probe, WINDOW, Window};

/// Upper ends of the steps, in milliseconds; the last step ends at two seconds.
const STEPS: [u128; 8] = [10, 25, 50, 100, 250, 500, 1000, 2000];
const EIGHTHS: [&str; 9] = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];

/// The height of a latency in eighths of a line, from 1 to 8 per line.
fn height(latency: Duration, rows: usize) -> usize {
    let millis = latency.as_millis();
    let mut below = 0;
    for (step, upper) in STEPS.iter().enumerate() {
        if millis < *upper {
            let part = usize::try_from((millis - below) * rows as u128 / (upper - below)).unwrap_or(0);
            return step * rows + part + 1;
        }
        below = *upper;
    }
    8 * rows
}

/// The newest probes that fit into `room` cells, the newest at the right, `rows` lines high, top line first. `faded` when
/// they are too old to mean anything now.
pub fn bars(window: &Window, look: Look, room: usize, rows: usize, faded: bool) -> Vec<Line<'static>> {
    let each = (room / WINDOW).clamp(1, 3);
    let count = (room / each).min(WINDOW);
    let probes: Vec<&Probe> = window.iter().rev().take(count).collect();
    let mut lines = Vec::new();
    for row in (0..rows).rev() {
        let mut line = Line::default();
        for probe in probes.iter().rev() {
            line.spans.push(bar(probe, look, each, row, rows, faded));
        }
        lines.push(line);
    }
    lines
}

fn bar(probe: &Probe, look: Look, each: usize, row: usize, rows: usize, faded: bool) -> Span<'static> {
    let (symbol, meaning) = match &probe.result {
        Ok(_) => {
            let eighths = height(probe.latency, rows).saturating_sub(row * 8).min(8);
            let slow = probe.latency >= Duration::from_secs(1);
            (EIGHTHS.get(eighths).copied().unwrap_or(" "), if slow { Meaning::Warn } else { Meaning::Plain })
        }
        Err(_) if row == 0 => (Meaning::Bad.symbol(), Meaning::Bad),
        Err(_) => (" ", Meaning::Plain),
    };
    let meaning = if faded { Meaning::Stale } else { meaning };
    // Bars of several cells keep a gap, so that single probes can be counted.
    let text = match each {
        1 => symbol.to_owned(),
        _ if symbol == Meaning::Bad.symbol() => format!("{symbol}{}", " ".repeat(each - 1)),
        _ => format!("{} ", symbol.repeat(each - 1)),
    };
    look.span(meaning, text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::probe::{Answer, Failure};

    fn window(probes: &[Option<u64>]) -> Window {
        let mut window = Window::default();
        for millis in probes {
            let result = millis.map(|_| Answer::default()).ok_or_else(|| Failure::Wrong("500".into()));
            window.push(Probe { latency: Duration::from_millis(millis.unwrap_or(0)), result });
        }
        window
    }

    #[test]
    fn higher_is_slower_and_a_failure_is_a_mark_of_its_own() {
        let window = window(&[Some(1), Some(60), None, Some(999), Some(5000)]);
        let lines = bars(&window, Look::default(), 7, 1, false);
        assert_eq!(lines.iter().map(ToString::to_string).collect::<Vec<_>>(), ["▁▄✖▇█"]);
    }

    #[test]
    fn tall_bars_grow_from_the_bottom() {
        let window = window(&[Some(1), Some(300), None, Some(5000)]);
        let lines = bars(&window, Look::default(), 4, 2, false);
        assert_eq!(lines.iter().map(ToString::to_string).collect::<Vec<_>>(), [" ▃ █", "▁█✖█"]);
    }

    #[test]
    fn the_height_never_leaves_its_range() {
        for rows in 1..4 {
            let heights: Vec<_> = (0..3000).map(|ms| height(Duration::from_millis(ms), rows)).collect();
            assert!(heights.is_sorted());
            assert_eq!((heights.first(), heights.last()), (Some(&1), Some(&(8 * rows))));
        }
    }
}
