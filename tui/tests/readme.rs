//! The README says what the program does: its key table is the command table's.

#![expect(clippy::unwrap_used, reason = "a test ends at the first thing that is not as it should be")]

use std::fmt::Write;

use hello_dash::app::COMMANDS;

fn table() -> String {
    let mut table = String::from("| key | | what it does |\n|---|---|---|\n");
    for spec in COMMANDS {
        let keys: Vec<_> = spec.keys.iter().map(|key| format!("`{key}`")).collect();
        let acts = if spec.acts { "acts" } else { "looks" };
        writeln!(table, "| {} | {acts} | {} |", keys.join(" "), spec.help).unwrap();
    }
    table
}

#[test]
fn the_key_table_is_the_command_table() {
    let readme = include_str!("../../README.md");
    let table = table();
    assert!(readme.contains(&table), "the README's key table should be:\n{table}");
}
