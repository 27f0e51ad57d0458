//! From the command line to a face: what each command needs is set up here, and every end becomes an exit code.

use std::{io, os::fd::AsFd, time::Duration};

use futures::future::BoxFuture;
use hello_local::{StandIn, StandInError};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::{
    app::operation::Kind,
    cli::{Arguments, Command, ConfigCommand, Global, Selection, WatchArgs},
    compose::{self, ComposeError, demo},
    config::Config,
    exit::Exit,
    headless::{
        self, Failure, Output,
        act::{self, Wish},
        serving::Awaiting,
    },
    init,
    runtime::{Connection, Engine, Signals, signals},
    selection,
    surroundings::Surroundings,
};

/// What the process is connected to.
#[derive(Clone, Copy, Debug)]
pub struct Terminals {
    /// Whether stdin is a terminal.
    pub stdin: bool,
    /// Whether stdout is.
    pub stdout: bool,
    /// Whether stderr is.
    pub stderr: bool,
}

/// An engine on its way: adapters and credentials take a moment.
pub type Connect<'a> = BoxFuture<'a, Result<Engine, ComposeError>>;

/// A full-screen face: is there at once, waits for the engine, comes back when the person leaves.
pub type Screen = for<'a> fn(Connect<'a>, Look) -> BoxFuture<'a, Result<Result<Exit, ComposeError>, Failure>>;

/// How a full-screen face draws.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// No character beyond ASCII.
    pub ascii: bool,
    /// Colours may be used.
    pub color: bool,
    /// Begin with the health board.
    pub board: bool,
}

/// Runs a command to its end.
pub async fn run(arguments: Arguments, surroundings: &Surroundings, terminals: Terminals, screen: Screen) -> Exit {
    let (mut stdout, mut stderr) = (io::stdout(), io::stderr());
    let mut out = Output {
        data: &mut stdout,
        talk: &mut stderr,
        json: arguments.global.json,
        person: terminals.stdin && terminals.stderr,
        is_gone,
    };
    let program = Program { global: &arguments.global, surroundings, terminals, screen };
    match program.command(arguments.command.as_ref(), &mut out).await {
        Ok(exit) => exit,
        Err(failure) if failure.is_broken_pipe() => Exit::Signal(signals::PIPE),
        Err(failure) => {
            out.error(&failure.to_string(), None);
            match failure {
                Failure::Write(_) => Exit::NotAsked,
                Failure::Task(_) => Exit::Defect,
            }
        }
    }
}

/// Whether whoever reads stdout has gone. Asked between changes, because a watch may have nothing to write for hours.
fn is_gone() -> bool {
    let stdout = io::stdout();
    let mut asked = [PollFd::from_borrowed_fd(stdout.as_fd(), PollFlags::empty())];
    let now = Timespec { tv_sec: 0, tv_nsec: 0 };
    poll(&mut asked, Some(&now)).is_ok_and(|ready| ready > 0)
        && asked.iter().any(|fd| fd.revents().contains(PollFlags::ERR))
}

/// What was set up, or the end of the run.
macro_rules! begin {
    ($ready:expr) => {
        match $ready? {
            Ok(ready) => ready,
            Err(exit) => return Ok(exit),
        }
    };
}

struct Program<'a> {
    global: &'a Global,
    surroundings: &'a Surroundings,
    terminals: Terminals,
    screen: Screen,
}

/// An engine, or the way the run ends without one.
type Ready<T> = Result<T, Exit>;

impl Program<'_> {
    async fn command(&self, command: Option<&Command>, out: &mut Output<'_>) -> Result<Exit, Failure> {
        let all = Selection::default();
        match command {
            None if !self.terminals.stdout || !self.terminals.stdin => {
                out.error(
                    "the dashboard needs a terminal",
                    Some("hello-dash status prints once, watch prints changes"),
                );
                Ok(Exit::Usage)
            }
            None => self.dashboard(&all, false, out).await,
            Some(Command::Watch(WatchArgs { selection, commit: Some(commit), deployment, timeout, .. })) => {
                let (mut engine, mut signals) = begin!(self.engine(selection, out).await);
                let wish = Awaiting { commit, deployment: deployment.as_deref(), timeout: *timeout };
                headless::serving::serving(&mut engine, &mut signals, &wish, out).await
            }
            Some(Command::Watch(args)) => {
                let until = args.until.map(|_| args.timeout);
                if self.terminals.stdout && self.terminals.stdin && until.is_none() && !out.json {
                    self.dashboard(&args.selection, true, out).await
                } else {
                    self.watch(&args.selection, until, out).await
                }
            }
            Some(Command::Status(args)) => {
                let (mut engine, mut signals, connections) = begin!(self.once(&args.selection, out).await);
                let exit = headless::status::status(&mut engine, &mut signals, out).await?;
                headless::absent::tell(engine.state(), &connections, out).await;
                Ok(exit)
            }
            Some(Command::Check(args)) => {
                let (mut engine, mut signals, connections) = begin!(self.once(&args.selection, out).await);
                let exit = headless::status::check(&mut engine, &mut signals, out).await?;
                headless::absent::tell(engine.state(), &connections, out).await;
                Ok(exit)
            }
            Some(Command::Builds(args)) => {
                let (mut engine, mut signals, connections) = begin!(self.once(&args.selection, out).await);
                let exit = headless::builds::builds(&mut engine, &mut signals, args.limit.into(), out).await?;
                headless::absent::tell(engine.state(), &connections, out).await;
                Ok(exit)
            }
            Some(Command::Revisions(args)) => {
                let (mut engine, mut signals, connections) = begin!(self.once(&args.selection, out).await);
                let exit = headless::revisions::revisions(&mut engine, &mut signals, args.limit.into(), out).await?;
                headless::absent::tell(engine.state(), &connections, out).await;
                Ok(exit)
            }
            Some(Command::Events(args)) => {
                let (mut engine, mut signals, connections) = begin!(self.once(&args.selection, out).await);
                let exit = headless::events::events(&mut engine, &mut signals, args.limit.into(), out).await?;
                headless::absent::tell(engine.state(), &connections, out).await;
                Ok(exit)
            }
            Some(Command::Services(args)) => {
                let session = begin!(Ok::<_, Failure>(self.session(&args.selection, out).await));
                headless::services::services(&session, &mut Signals::listen()?, out).await
            }
            Some(Command::Logs(args)) => {
                let session = begin!(Ok::<_, Failure>(self.session(&args.selection, out).await));
                headless::logs::logs(&session, &mut Signals::listen()?, args, out).await
            }
            Some(Command::Redeploy(how)) => {
                let wish = Wish { kind: Kind::Redeploy, to: None, how };
                let (engine, mut signals) = begin!(self.engine(&how.selection, out).await);
                act::act(engine, &mut signals, &wish, out).await
            }
            Some(Command::Rollback(args)) => {
                let wish = Wish { kind: Kind::Rollback, to: args.to.as_deref(), how: &args.act };
                let (engine, mut signals) = begin!(self.engine(&args.act.selection, out).await);
                act::act(engine, &mut signals, &wish, out).await
            }
            Some(Command::Release(how)) => {
                let wish = Wish { kind: Kind::Release, to: None, how };
                let (engine, mut signals) = begin!(self.engine(&how.selection, out).await);
                act::act(engine, &mut signals, &wish, out).await
            }
            Some(Command::Demo { scenario }) => self.demo(scenario.as_deref(), out).await,
            Some(Command::Local { scenario, port }) => self.local(scenario.as_deref(), port.unwrap_or(0), out).await,
            Some(Command::Config(ConfigCommand::Check)) => {
                let config = Config::load(self.global.config.as_deref(), self.surroundings);
                headless::config::check(config, out)
            }
            Some(Command::Config(ConfigCommand::Example)) => headless::config::example(out),
            Some(Command::Init(args)) => init::init(args, self.surroundings, out).await,
            // It has a process, and a runtime, of its own; see main.
            Some(Command::ServeInstance) => Ok(Exit::Usage),
        }
    }

    async fn dashboard(&self, selection: &Selection, board: bool, out: &mut Output<'_>) -> Result<Exit, Failure> {
        let config = begin!(Ok::<_, Failure>(self.config(selection, out)));
        let connect = async move {
            let session = compose::connect(&config, self.surroundings, &self.global.allow_endpoint).await?;
            session.engine()
        };
        self.show(Box::pin(connect), board, out).await
    }

    async fn watch(
        &self,
        selection: &Selection,
        until: Option<Duration>,
        out: &mut Output<'_>,
    ) -> Result<Exit, Failure> {
        let (mut engine, mut signals) = begin!(self.engine(selection, out).await);
        headless::watch::watch(&mut engine, &mut signals, until, out).await
    }

    async fn demo(&self, scenario: Option<&str>, out: &mut Output<'_>) -> Result<Exit, Failure> {
        // A scenario that does not exist is told before anything is started.
        let scenario = match demo::scenario(scenario) {
            Ok(scenario) => scenario,
            Err(error) => return Ok(refuse(&error, out)),
        };
        if !self.terminals.stdout || !self.terminals.stdin {
            out.error("the demo needs a terminal", Some("hello-dash local runs the same clouds without one"));
            return Ok(Exit::Usage);
        }
        let mut running = None;
        let connect = async {
            let stand_in = running.insert(demo::start(scenario, 0).await?);
            demo::connect(stand_in, self.global.environment.as_deref()).await?.engine()
        };
        let end = self.show(Box::pin(connect), false, out).await;
        if let Some(Err(error)) = stop(running).await {
            out.error(&error.to_string(), None);
        }
        end
    }

    async fn local(&self, scenario: Option<&str>, port: u16, out: &mut Output<'_>) -> Result<Exit, Failure> {
        // A scenario that does not exist is told before anything is started.
        let scenario = match demo::scenario(scenario) {
            Ok(scenario) => scenario,
            Err(error) => return Ok(refuse(&error, out)),
        };
        let mut signals = Signals::listen()?;
        match demo::start(scenario, port).await {
            Ok(stand_in) => headless::local::local(stand_in, &mut signals, out).await,
            Err(error) => Ok(refuse(&error, out)),
        }
    }

    /// An engine for what is meant.
    async fn engine(&self, selection: &Selection, out: &mut Output<'_>) -> Result<Ready<(Engine, Signals)>, Failure> {
        Ok(self.once(selection, out).await?.map(|(engine, signals, _)| (engine, signals)))
    }

    /// The same for looking once: the connections stay at hand for a question that the engine has no reason to ask.
    async fn once(
        &self,
        selection: &Selection,
        out: &mut Output<'_>,
    ) -> Result<Ready<(Engine, Signals, Vec<Connection>)>, Failure> {
        let session = match self.session(selection, out).await {
            Ok(session) => session,
            Err(exit) => return Ok(Err(exit)),
        };
        let connections = session.connections.clone();
        match session.engine() {
            Ok(engine) => Ok(Ok((engine, Signals::listen()?, connections))),
            Err(error) => Ok(Err(refuse(&error, out))),
        }
    }

    /// Reads the configuration, and leaves what is meant of it.
    fn config(&self, selection: &Selection, out: &mut Output<'_>) -> Ready<Config> {
        let config = Config::load(self.global.config.as_deref(), self.surroundings).map_err(|error| {
            headless::config::complain(&error, out);
            Exit::Configuration
        })?;
        selection::narrow(config, self.global.environment.as_deref(), selection).map_err(|error| {
            out.error(&error.to_string(), None);
            Exit::Usage
        })
    }

    /// Connects what is meant.
    async fn session(&self, selection: &Selection, out: &mut Output<'_>) -> Ready<compose::Session> {
        let config = self.config(selection, out)?;
        let session = compose::connect(&config, self.surroundings, &self.global.allow_endpoint).await;
        session.map_err(|error| refuse(&error, out))
    }

    async fn show(&self, connect: Connect<'_>, board: bool, out: &mut Output<'_>) -> Result<Exit, Failure> {
        #[cfg(debug_assertions)]
        let connect: Connect<'_> = match self.global.panic_after {
            Some(millis) => {
                Box::pin(async move { Ok(connect.await?.with_planted_panic(Duration::from_millis(millis))) })
            }
            None => connect,
        };
        let end = (self.screen)(connect, self.look(board)).await?;
        Ok(end.unwrap_or_else(|error| refuse(&error, out)))
    }

    fn look(&self, board: bool) -> Look {
        Look { ascii: self.global.ascii, color: self.global.colors(self.surroundings), board }
    }
}

async fn stop(stand_in: Option<StandIn>) -> Option<Result<(), StandInError>> {
    Some(stand_in?.stop().await)
}

fn refuse(error: &ComposeError, out: &mut Output<'_>) -> Exit {
    out.error(&error.to_string(), None);
    error.exit()
}
