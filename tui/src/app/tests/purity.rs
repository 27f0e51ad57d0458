//! The core stays pure: a scan of its own source.

use std::{
    fs,
    path::{Path, PathBuf},
};

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
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/app"), &mut files);
    for path in &files {
        let text = fs::read_to_string(path).unwrap();
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//")) {
            for word in forbidden {
                assert!(!line.contains(word), "{}:{}: {word}", path.display(), number + 1);
            }
        }
    }
    assert!(files.len() > 15, "the scan found only {files:?}");
}

/// Every source of the core but its tests.
fn sources(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("tests") {
            sources(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") && !path.ends_with("tests.rs") {
            files.push(path);
        }
    }
}

#[test]
fn only_the_composition_root_names_concrete_clouds() {
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
    for path in files.iter().filter(|path| !path.to_string_lossy().contains("compose")) {
        let text = fs::read_to_string(path).unwrap();
        for word in
            ["hello_cloud::aws", "hello_cloud::gcp", "aws::Ecs", "gcp::CloudRun", "GitHubActions::", "CloudBuild::new"]
        {
            assert!(
                !text.lines().any(|line| !line.trim_start().starts_with("//") && line.contains(word))
                    || path.ends_with("purity.rs"),
                "{}: {word}",
                path.display()
            );
        }
    }
}
