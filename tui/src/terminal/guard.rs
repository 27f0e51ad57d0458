//! Owns every mode the terminal is put into, and takes each back: on return, on error, on a panic in any thread, on suspend.

use std::{
    io::{self, Stdout, Write, stdout},
    sync::atomic::{AtomicBool, Ordering},
};

use crossterm::{
    cursor::{Hide, Show},
    event::{DisableBracketedPaste, EnableBracketedPaste},
    execute, queue,
    style::ResetColor,
    terminal::{
        BeginSynchronizedUpdate, Clear, ClearType, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen,
        disable_raw_mode, enable_raw_mode,
    },
};
use ratatui::{Frame, Terminal, backend::CrosstermBackend};

/// Whether the terminal is in our modes. Global because a panic may come from any thread.
static ENTERED: AtomicBool = AtomicBool::new(false);

/// The terminal, ours until dropped.
pub struct Guard {
    terminal: Terminal<CrosstermBackend<Stdout>>,
}

impl Guard {
    /// Enters. An error leaves the terminal as it was.
    pub fn enter() -> io::Result<Self> {
        restore_on_panic();
        enter().inspect_err(|_| leave())?;
        let terminal = Terminal::new(CrosstermBackend::new(stdout())).inspect_err(|_| leave())?;
        Ok(Self { terminal })
    }

    /// Draws one whole frame, shown at once.
    pub fn draw(&mut self, draw: impl FnOnce(&mut Frame)) -> io::Result<()> {
        queue!(stdout(), BeginSynchronizedUpdate)?;
        let drawn = self.terminal.draw(draw).map(|_| ());
        execute!(stdout(), EndSynchronizedUpdate)?;
        drawn
    }

    /// Gives the terminal back, stops like any program on Ctrl-Z, and takes it again when continued.
    pub fn suspend(&mut self) -> io::Result<()> {
        leave();
        rustix::process::kill_current_process_group(rustix::process::Signal::TSTP)?;
        enter()?;
        // A new one knows nothing of what was drawn, so that everything is drawn again.
        self.terminal = Terminal::new(CrosstermBackend::new(stdout()))?;
        Ok(())
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        leave();
    }
}

fn enter() -> io::Result<()> {
    ENTERED.store(true, Ordering::SeqCst);
    enable_raw_mode()?;
    // Not every terminal gives a clean alternate screen. (`Terminal::clear` would ask where the cursor is, and not every
    // terminal answers.)
    execute!(stdout(), EnterAlternateScreen, Clear(ClearType::All), Hide, EnableBracketedPaste)
}

/// Takes every mode back, once. What cannot be done because the terminal is gone is not an error any more.
fn leave() {
    if !ENTERED.swap(false, Ordering::SeqCst) {
        return;
    }
    let mut out = stdout();
    let _ = execute!(out, EndSynchronizedUpdate, DisableBracketedPaste, ResetColor, LeaveAlternateScreen, Show);
    let _ = disable_raw_mode();
    let _ = out.flush();
}

/// A panic message belongs on the normal screen, after the terminal is restored.
fn restore_on_panic() {
    static SET: std::sync::Once = std::sync::Once::new();
    SET.call_once(|| {
        let former = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            leave();
            former(info);
        }));
    });
}
