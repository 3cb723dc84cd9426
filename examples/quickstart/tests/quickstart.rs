//! The quickstart prints what the README of `eventsource-core` says, and is the program shown there.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test stops at the first surprise"
)]

use std::process::Command;

const README: &str = include_str!("../../../eventsource-core/README.md");

/// The first block of code in the README that is marked as being in this language.
fn block(language: &str) -> &'static str {
    let (_, from) = README.split_once(&format!("```{language}\n")).unwrap();
    let (block, _) = from.split_once("```").unwrap();
    block
}

#[test]
fn quickstart_prints_the_output_in_the_readme() {
    let output = Command::new(env!("CARGO_BIN_EXE_quickstart"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    assert_eq!(String::from_utf8(output.stdout).unwrap(), block("text"));
}

#[test]
fn readme_shows_the_quickstart() {
    let (_, program) = include_str!("../src/main.rs").split_once("\n\n").unwrap();
    assert_eq!(program, block("rust"));
}
