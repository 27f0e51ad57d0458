//! The terminal face at work: enters the terminal, turns keys into events, draws, and leaves the terminal as it was on
//! every way out.

pub mod guard;
pub mod input;
pub mod watchdog;

use std::{
    io::{self, Write},
    time::Duration,
};

use crossterm::event::{Event as Input, KeyCode, KeyEventKind, KeyModifiers};
use tokio::{sync::mpsc::UnboundedReceiver, time::Instant};

use crate::{
    app::{Command, Event, State, operation::StepState, view},
    compose::ComposeError,
    exit::Exit,
    headless::Failure,
    program::{Connect, Look},
    runtime::{Engine, Signals, signals::HANGUP},
    ui::{self, Viewports, keymap},
};

/// Never drawn more often than this.
const FRAME: Duration = Duration::from_millis(33);

/// Is on the screen at once, connects meanwhile, and runs until the person or a signal ends it. What a cloud is still doing
/// then is said on the normal screen.
pub async fn run(connect: Connect<'_>, look: Look) -> Result<Result<Exit, ComposeError>, Failure> {
    let mut screen = Screen::enter(ui::Look { ascii: look.ascii, color: look.color })?;
    let mut engine = match screen.connect(connect).await? {
        Connected::Engine(engine) => *engine,
        Connected::Refused(error) => return Ok(Err(error)),
        Connected::Left(exit) => return Ok(Ok(exit)),
    };
    if look.board {
        engine.handle(Event::Commanded(Command::Board));
    }
    let end = screen.run(&mut engine).await;
    drop(screen);
    say_unfinished(&engine.end().await, &mut io::stderr());
    end.map(Ok)
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

/// The terminal, and everything that comes from it.
struct Screen {
    terminal: guard::Guard,
    signals: Signals,
    lost: watchdog::Lost,
    input: UnboundedReceiver<io::Result<Input>>,
    look: ui::Look,
    viewports: Viewports,
}

/// What came of connecting.
enum Connected {
    Engine(Box<Engine>),
    Refused(ComposeError),
    Left(Exit),
}

impl Screen {
    fn enter(look: ui::Look) -> Result<Self, Failure> {
        let signals = Signals::listen()?;
        let terminal = guard::Guard::enter()?;
        let (lost, input) = (watchdog::watch(), input::read());
        Ok(Self { terminal, signals, lost, input, look, viewports: Viewports::default() })
    }

    /// Shows that it connects, and does.
    async fn connect(&mut self, mut connect: Connect<'_>) -> Result<Connected, Failure> {
        let look = self.look;
        self.terminal.draw(|frame| ui::connecting::draw(look, frame))?;
        loop {
            tokio::select! {
                biased;
                signal = self.signals.next() => return Ok(Connected::Left(Exit::Signal(signal))),
                () = self.lost.gone() => return Ok(Connected::Left(Exit::Signal(HANGUP))),
                next = self.input.recv() => match next {
                    Some(event) => {
                        if keymap::is_quit(&event?) {
                            return Ok(Connected::Left(Exit::Well));
                        }
                        self.terminal.draw(|frame| ui::connecting::draw(look, frame))?;
                    }
                    None => return Ok(Connected::Left(Exit::Signal(HANGUP))),
                },
                connected = &mut connect => return Ok(match connected {
                    Ok(engine) => Connected::Engine(Box::new(engine)),
                    Err(error) => Connected::Refused(error),
                }),
            }
        }
    }

    async fn run(&mut self, engine: &mut Engine) -> Result<Exit, Failure> {
        let mut dirty = true;
        let mut drawn = Instant::now() - FRAME;
        loop {
            if dirty && drawn.elapsed() >= FRAME {
                self.draw(engine)?;
                drawn = Instant::now();
                dirty = false;
            }
            let frame = FRAME.saturating_sub(drawn.elapsed());
            tokio::select! {
                biased;
                signal = self.signals.next() => return Ok(Exit::Signal(signal)),
                () = self.lost.gone() => return Ok(Exit::Signal(HANGUP)),
                next = self.input.recv() => match next {
                    Some(event) => dirty |= self.take(engine, &event?)?,
                    None => return Ok(Exit::Signal(HANGUP)),
                },
                event = engine.next() => {
                    engine.handle(event?);
                    dirty = true;
                }
                () = tokio::time::sleep(frame), if dirty => continue,
            }
            // Whatever else is ready is taken before the next frame.
            while let Ok(event) = self.input.try_recv() {
                dirty |= self.take(engine, &event?)?;
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

    fn draw(&mut self, engine: &mut Engine) -> Result<(), Failure> {
        let Self { terminal, look, viewports, .. } = self;
        terminal.draw(|frame| ui::draw(engine.state(), look, viewports, frame))?;
        // Nobody can have read a plan that did not fit.
        if viewports.plan_is_shown() {
            engine.handle(Event::Drawn);
        }
        Ok(())
    }

    /// Takes one input in. True when the screen has to be drawn.
    fn take(&mut self, engine: &mut Engine, event: &Input) -> Result<bool, Failure> {
        if is_suspend(event) {
            self.terminal.suspend()?;
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
}

fn is_suspend(event: &Input) -> bool {
    matches!(event, Input::Key(key) if key.kind == KeyEventKind::Press
        && key.code == KeyCode::Char('z') && key.modifiers.contains(KeyModifiers::CONTROL))
}
