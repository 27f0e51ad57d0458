//! The program in the image: listens on `PORT`, serves, drains on SIGTERM. `hello-service healthcheck` probes one that
//! runs.

use std::{
    env,
    io::{self, Write},
    net::Ipv4Addr,
    process::ExitCode,
    sync::Arc,
    time::Duration,
};

use hello_service::{
    Config, Drained, Info, Level, Log, Metrics, Readiness, Server, Signals, announce, config, healthcheck, listen,
    routes,
};

/// It was called the wrong way (sysexits `EX_USAGE`).
const USAGE: u8 = 64;
/// The configuration is wrong (sysexits `EX_CONFIG`).
const CONFIGURATION: u8 = 78;
/// Longest wait for the reader of the log at the end.
const LAST_WORDS: Duration = Duration::from_millis(300);

fn main() -> ExitCode {
    // What is no text is no word of ours either.
    let mut arguments = env::args_os().skip(1).map(|argument| argument.to_string_lossy().into_owned());
    let (first, more) = (arguments.next(), arguments.next());
    let config = || Config::from_env().map_err(|error| error.to_string());
    match (first.as_deref(), more) {
        (None, _) => match config() {
            Ok(config) => run(&config),
            Err(error) => fail(&error, CONFIGURATION),
        },
        (Some("healthcheck"), None) => match config() {
            Ok(config) => match healthcheck::probe(config.port) {
                Ok(()) => ExitCode::SUCCESS,
                Err(error) => fail(&error, 1),
            },
            Err(error) => fail(&error, CONFIGURATION),
        },
        (Some("--help" | "-h" | "help"), None) => say(&format!(
            "hello-service               serve\nhello-service healthcheck   probe the one that listens on PORT\n\n{}",
            config::HELP
        )),
        (Some("--version" | "-V"), None) => say(&format!("hello-service {}\n", env!("CARGO_PKG_VERSION"))),
        (Some(_), _) => fail("usage: hello-service [healthcheck | --help | --version]", USAGE),
    }
}

fn run(config: &Config) -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&format!("cannot start: {error}"), 1),
    };
    let code = runtime.block_on(serve(config));
    // Nothing that still runs is worth waiting for: the drain is over.
    runtime.shutdown_background();
    code
}

async fn serve(config: &Config) -> ExitCode {
    // Before anything else: as PID 1 we would not hear a signal that comes earlier.
    let mut signals = match Signals::new() {
        Ok(signals) => signals,
        Err(error) => return fail(&format!("cannot listen for signals: {error}"), 1),
    };
    let listener = match listen(Ipv4Addr::UNSPECIFIED, config.port).await {
        Ok(listener) => listener,
        Err(error) => return fail(&error.to_string(), CONFIGURATION),
    };
    let (readiness, metrics) = (Readiness::new(true), Arc::new(Metrics::default()));
    let log = match Log::new(config.level, io::stdout()) {
        Ok(log) => log.with_metrics(Arc::clone(&metrics)),
        Err(error) => return fail(&format!("cannot start the log: {error}"), 1),
    };
    let info = tokio::select! {
        info = Info::learn(config.metadata, &log) => info,
        () = signals.next() => return ExitCode::SUCCESS,
    };
    if let Err(error) = announce(&listener, &info) {
        return fail(&format!("cannot write to standard output: {error}"), 1);
    }
    let log = log.with_project(info.project.clone());
    let routes = routes(info, readiness.clone(), Arc::clone(&metrics));
    let mut limits = config.limits;
    limits.connections = limits.connections.min(places());
    let server = Server { limits, drain: config.drain, readiness, metrics, log: log.clone() };
    let (asked, asked_again) = tokio::sync::oneshot::channel();
    let hasty = async {
        signals.next().await;
        let _ = asked.send(());
        signals.next().await;
    };
    let shutdown = async {
        let _ = asked_again.await;
    };
    let drained = tokio::select! {
        drained = server.run(listener, routes, shutdown) => Some(drained),
        // Asked twice: whoever asks does not want to wait.
        () = hasty => None,
    };
    let code = match drained {
        None => {
            log.say(Level::Warn, "stopped at once: asked twice", &[]);
            ExitCode::SUCCESS
        }
        Some(Drained::Clean) => {
            log.say(Level::Info, "stopped", &[]);
            ExitCode::SUCCESS
        }
        Some(Drained::Cut(left)) => {
            log.say(Level::Error, "stopped at the deadline", &[("cut", &left.to_string())]);
            ExitCode::FAILURE
        }
    };
    log.flush(LAST_WORDS);
    code
}

/// How many connections the file limit leaves room for, beside our own files.
fn places() -> usize {
    const OWN: u64 = 32;
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
    limit.map_or(usize::MAX, |limit| usize::try_from(limit.saturating_sub(OWN).max(1)).unwrap_or(usize::MAX))
}

fn say(text: &str) -> ExitCode {
    match io::stdout().lock().write_all(text.as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn fail(message: &str, code: u8) -> ExitCode {
    let _ = writeln!(io::stderr().lock(), "hello-service: {message}");
    ExitCode::from(code)
}
