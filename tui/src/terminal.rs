//! The terminal face at work: enters the terminal, turns keys into events, draws, and leaves the terminal as it was on
//! every way out.

pub mod guard;
pub mod input;
pub mod signals;
pub mod watchdog;

use std::{
    io::{self, Write},
    time::Duration,
};

use crossterm::event::{Event as Input, KeyCode, KeyEventKind, KeyModifiers};
use tokio::time::Instant;

use crate::{
    app::{Command, Event, State, operation::StepState, view},
    exit::Exit,
    headless::Failure,
    program::Look,
    runtime::Engine,
    ui::{self, Viewports, keymap},
};

/// Never drawn more often than this.
const FRAME: Duration = Duration::from_millis(33);

/// Runs the screen until the person or a signal ends it. What a cloud is still doing then is said on the normal screen.
pub async fn run(mut engine: Engine, look: Look) -> Result<Exit, Failure> {
    if look.board {
        engine.handle(Event::Commanded(Command::Board));
    }
    let look = ui::Look { ascii: look.ascii, color: look.color };
    let end = screen(&mut engine, look).await;
    say_unfinished(&engine.end().await, &mut io::stderr());
    end
}

/// Changes that go on without us. When nobody can read it any more, that is no failure.
fn say_unfinished(state: &State, out: &mut dyn Write) {
    for operation in state.operations.iter().filter(|operation| !operation.is_ended() && !operation.is_planned()) {
        let title = view::operation_title(state, operation);
        for step in &operation.steps {
            let label = state.targets.get(step.target).map_or("", |t| t.target.info.label);
            let text = match &step.state {
                StepState::Waiting => "not started".to_owned(),
                StepState::Starting { .. } => "sent, outcome unknown: look before you do it again".to_owned(),
                StepState::Following { .. } | StepState::Verifying { .. } => {
                    format!("{}; it goes on without us, nothing is verified", view::step(&step.state))
                }
                StepState::Ended(outcome) => view::outcome_text(outcome),
            };
            let _ = writeln!(out, "{title}: {label}: {text}");
        }
    }
}

async fn screen(engine: &mut Engine, look: ui::Look) -> Result<Exit, Failure> {
    let mut signals = signals::Signals::listen()?;
    let mut terminal = guard::Guard::enter()?;
    let mut lost = watchdog::watch();
    let mut input = input::read();
    let mut viewports = Viewports::default();
    let mut dirty = true;
    let mut drawn = Instant::now() - FRAME;
    loop {
        let waited = drawn.elapsed();
        if dirty && waited >= FRAME {
            terminal.draw(|frame| ui::draw(engine.state(), &look, &mut viewports, frame))?;
            drawn = Instant::now();
            // Nobody can have read a plan that did not fit.
            if viewports.plan_is_shown() {
                engine.handle(Event::Drawn);
            }
            dirty = false;
        }
        let frame = FRAME.saturating_sub(drawn.elapsed());
        tokio::select! {
            biased;
            signal = signals.next() => return Ok(Exit::Signal(signal)),
            () = lost.gone() => return Ok(Exit::Signal(signals::HANGUP)),
            next = input.recv() => match next {
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
        while let Ok(event) = input.try_recv() {
            dirty |= take(engine, &mut terminal, &event?)?;
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
fn take(engine: &mut Engine, terminal: &mut guard::Guard, event: &Input) -> Result<bool, Failure> {
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
