//! `malformed [COUNT] [DECODER]`: that many broken answers through every decoder, or through one (aws, cloud_run, github,
//! cloud_build); 1000000 when no number is given. Exit code 1 when one of them panicked.

use std::process::ExitCode;

fn main() -> ExitCode {
    let count = std::env::args().nth(1).map_or(Ok(1_000_000), |count| count.parse());
    let Ok(count) = count else {
        eprintln!("malformed [COUNT] [DECODER]: COUNT must be a number");
        return ExitCode::from(64);
    };
    let reports = malformed::run::all(count, std::env::args().nth(2).as_deref(), |report| println!("{report}"));
    let panics: usize = reports.iter().map(|report| report.panics.len()).sum();
    println!("{panics} panics");
    ExitCode::from(u8::from(panics > 0))
}
