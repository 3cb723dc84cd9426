//! Programs of the two READMEs: compiled as shown, with the output shown.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test stops at the first surprise"
)]

use std::process::Command;

const README: &str = include_str!("../../../eventsource-core/README.md");

/// Returns the first block of code in the README that is marked with this language.
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

/// Program of the README of the repository.
mod repository {
    use super::*;

    const README: &str = include_str!("../../../README.md");
    const PROGRAM: &str = include_str!("../src/bin/readme.rs");

    #[test]
    fn repository_readme_shows_the_program() {
        let (_, program) = PROGRAM.split_once("\n\n").unwrap();
        let (_, from) = README
            .split_once(
                "examples/quickstart/src/bin/readme.rs; a test keeps the two equal. -->\n```rust\n",
            )
            .unwrap();
        assert_eq!(program, from.split_once("```").unwrap().0);
    }

    #[test]
    fn program_prints_what_its_comments_say() {
        let folder = tempfile::tempdir().unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_readme"))
            .current_dir(folder.path())
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        let printed = String::from_utf8(output.stdout).unwrap();
        assert_eq!(printed.lines().count(), 2, "{printed}");
        for line in printed.lines() {
            assert!(PROGRAM.contains(&format!("// {line}\n")), "{line}");
        }
    }
}
