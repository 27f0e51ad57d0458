//! The program in the image: listens on `PORT`, serves, drains on SIGTERM.

use std::{
    io::{self, Write},
    process::ExitCode,
};

use hello_service::{Info, Readiness, announce, listen, routes, serve, signalled};

/// The configuration is wrong (sysexits `EX_CONFIG`).
const CONFIGURATION: u8 = 78;

#[tokio::main]
async fn main() -> ExitCode {
    let listener = match listen([0, 0, 0, 0]).await {
        Ok(listener) => listener,
        Err(error) => return fail(&error.to_string(), CONFIGURATION),
    };
    let info = Info::from_env().await;
    if let Err(error) = announce(&listener, &info) {
        return fail(&format!("cannot write to standard output: {error}"), 1);
    }
    let readiness = Readiness::new(true);
    let routes = routes(info, readiness.clone());
    let shutdown = async {
        if let Err(error) = signalled().await {
            // Without handlers the default action of the signals ends the process, only without draining.
            let _ = writeln!(io::stderr().lock(), "hello-service: cannot listen for signals: {error}");
            std::future::pending::<()>().await;
        }
    };
    if serve(listener, routes, readiness, shutdown).await {
        ExitCode::SUCCESS
    } else {
        fail("requests were still running when the drain deadline passed", 1)
    }
}

fn fail(message: &str, code: u8) -> ExitCode {
    let _ = writeln!(io::stderr().lock(), "hello-service: {message}");
    ExitCode::from(code)
}
