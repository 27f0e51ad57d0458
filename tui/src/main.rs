//! The hello-dash program: reads the command line, picks a runtime, ends with the exit code of what was done.

use std::{
    env,
    io::{self, IsTerminal, Write},
    process::ExitCode,
    time::Duration,
};

use futures::future::BoxFuture;
use hello_dash::{
    Exit, Surroundings,
    cli::{self, Command},
    compose::ComposeError,
    headless::Failure,
    isolation,
    program::{self, Connect, Look, Terminals},
    terminal,
};
use tokio::runtime::Builder;

/// How long tasks that cannot be dropped at once are waited for.
const LEAVE: Duration = Duration::from_millis(200);

fn main() -> ExitCode {
    let arguments = match cli::parse(env::args_os()) {
        Ok(arguments) => arguments,
        Err(answer) => {
            // When nobody reads it, there is nobody to tell.
            let _ = match answer.exit {
                Exit::Well => io::stdout().write_all(answer.text.as_bytes()),
                _ => io::stderr().write_all(answer.text.as_bytes()),
            };
            return answer.exit.code().into();
        }
    };
    if arguments.command == Some(Command::ServeInstance) {
        return serve_instance();
    }
    if let Some(Command::Demo { .. }) = &arguments.command
        && let Err(error) = isolation::isolate()
    {
        return failed(&error);
    }
    let runtime = match Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&error),
    };
    let terminals = Terminals {
        stdin: io::stdin().is_terminal(),
        stdout: io::stdout().is_terminal(),
        stderr: io::stderr().is_terminal(),
    };
    let surroundings = Surroundings::of_process();
    let exit = runtime.block_on(program::run(arguments, &surroundings, terminals, screen));
    runtime.shutdown_timeout(LEAVE);
    exit.code().into()
}

/// The full-screen face.
fn screen(connect: Connect<'_>, look: Look) -> BoxFuture<'_, Result<Result<Exit, ComposeError>, Failure>> {
    Box::pin(terminal::run(connect, look))
}

/// One instance of the service, for a stand-in that started us. Small, because there are several.
fn serve_instance() -> ExitCode {
    let runtime = match Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&error),
    };
    let end = runtime.block_on(hello_local::run_instance());
    runtime.shutdown_timeout(LEAVE);
    match end {
        Ok(()) => Exit::Well.code().into(),
        Err(error) => failed(&error),
    }
}

fn failed(error: &dyn std::error::Error) -> ExitCode {
    let _ = writeln!(io::stderr(), "error: {error}");
    ExitCode::FAILURE
}
