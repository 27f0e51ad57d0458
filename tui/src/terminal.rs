//! The terminal face at work: enters the terminal, turns keys into events, draws, and leaves the terminal as it was on
//! every way out.

pub mod guard;
pub mod signals;
pub mod watchdog;

use std::{io, time::Duration};

use crossterm::event::{Event as Input, EventStream, KeyCode, KeyEventKind, KeyModifiers};
use futures::{FutureExt, StreamExt};
use thiserror::Error;
use tokio::time::Instant;

use crate::{
    app::Event,
    exit::Exit,
    runtime::{Engine, TaskFailed},
    ui::{self, Look, Viewports, keymap},
};

/// Never drawn more often than this.
const FRAME: Duration = Duration::from_millis(33);

/// Why the screen was left other than by wish.
#[derive(Debug, Error)]
pub enum ScreenError {
    /// The terminal could not be entered, or is gone.
    #[error("terminal: {0}")]
    Terminal(#[from] io::Error),
    /// A defect of ours.
    #[error(transparent)]
    Task(#[from] TaskFailed),
}

/// Runs the screen until the person or a signal ends it. Returns the engine, for what is still to be said.
pub async fn run(mut engine: Engine, look: Look) -> (Engine, Result<Exit, ScreenError>) {
    let result = screen(&mut engine, look).await;
    (engine, result)
}

async fn screen(engine: &mut Engine, look: Look) -> Result<Exit, ScreenError> {
    let mut signals = signals::Signals::listen()?;
    let mut terminal = guard::Guard::enter()?;
    let mut lost = watchdog::watch();
    let mut input = EventStream::new();
    let mut viewports = Viewports::default();
    let mut dirty = true;
    let mut drawn = Instant::now() - FRAME;
    loop {
        let waited = drawn.elapsed();
        if dirty && waited >= FRAME {
            terminal.draw(|frame| ui::draw(engine.state(), &look, &mut viewports, frame))?;
            drawn = Instant::now();
            engine.handle(Event::Drawn);
            dirty = false;
        }
        let frame = FRAME.saturating_sub(drawn.elapsed());
        tokio::select! {
            biased;
            signal = signals.next() => return Ok(Exit::Signal(signal)),
            () = lost.gone() => return Ok(Exit::Signal(signals::HANGUP)),
            next = input.next() => match next {
                Some(Ok(event)) => dirty |= take(engine, &mut terminal, &event)?,
                Some(Err(error)) => return Err(error.into()),
                None => return Ok(Exit::Signal(signals::HANGUP)),
            },
            event = engine.next() => {
                engine.handle(event?);
                dirty = true;
            }
            () = tokio::time::sleep(frame), if dirty => continue,
        }
        // Whatever else is ready is taken before the next frame.
        while let Some(Some(Ok(event))) = input.next().now_or_never() {
            dirty |= take(engine, &mut terminal, &event)?;
        }
        while let Some(event) = engine.ready()? {
            engine.handle(event);
            dirty = true;
        }
        if engine.state().quit {
            return Ok(Exit::Well);
        }
    }
}

/// Takes one input in. True when the screen has to be drawn.
fn take(engine: &mut Engine, terminal: &mut guard::Guard, event: &Input) -> Result<bool, ScreenError> {
    if is_suspend(event) {
        terminal.suspend()?;
        return Ok(true);
    }
    let resized = matches!(event, Input::Resize(..));
    let events = keymap::input(engine.state(), event);
    let dirty = resized || !events.is_empty();
    for event in events {
        engine.handle(event);
    }
    Ok(dirty)
}

fn is_suspend(event: &Input) -> bool {
    matches!(event, Input::Key(key) if key.kind == KeyEventKind::Press
        && key.code == KeyCode::Char('z') && key.modifiers.contains(KeyModifiers::CONTROL))
}
