//! `malformed [COUNT]`: that many broken answers through every decoder; 1000000 when no number is given. Exit code 1 when
//! one of them panicked.

use std::process::ExitCode;

fn main() -> ExitCode {
    let count = std::env::args().nth(1).map_or(Ok(1_000_000), |count| count.parse());
    let Ok(count) = count else {
        eprintln!("malformed [COUNT]: COUNT must be a number");
        return ExitCode::from(64);
    };
    let reports = malformed::run::all(count, |report| println!("{report}"));
    let panics: usize = reports.iter().map(|report| report.panics.len()).sum();
    println!("{panics} panics");
    ExitCode::from(u8::from(panics > 0))
}
