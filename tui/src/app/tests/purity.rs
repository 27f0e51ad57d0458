//! The core stays pure: a scan of its own source.

use std::{fs, path::Path};

#[test]
fn the_core_imports_no_runtime_terminal_clock_or_io() {
    let forbidden = [
        "tokio",
        "crossterm",
        "ratatui",
        "reqwest",
        "Instant",
        "SystemTime",
        "std::env",
        "std::fs",
        "std::io",
        "std::process",
        "std::thread",
        "std::net",
        "crate::ui",
        "crate::runtime",
        "crate::compose",
        "crate::headless",
        "println!",
    ];
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/app");
    let mut files = 0;
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "rs") && !path.ends_with("tests.rs") {
            files += 1;
            let text = fs::read_to_string(&path).unwrap();
            for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//")) {
                for word in forbidden {
                    assert!(!line.contains(word), "{}:{}: {word}", path.display(), number + 1);
                }
            }
        }
    }
    assert!(files > 10, "the scan found only {files} files");
}
