//! Recorded messages of `tests/ui/fail`, without the compiler whose version their rendering depends
//! on.

use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::TokenStream;

use super::{errors, expansions, warnings};

fn cases(folder: &Path) -> Vec<PathBuf> {
    let mut cases = Vec::new();
    for entry in fs::read_dir(folder).expect("the folder of cases") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            cases.extend(self::cases(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            cases.push(path);
        }
    }
    cases.sort();
    cases
}

/// Messages of the compiler alone, since it calls the macros that fragments become.
const OF_RUSTC: [&str; 3] = [
    "cannot find macro",
    "no rules expected",
    "`basic_task` is a fragment of an enum of events",
];

/// Returns the messages of the derive, among those that the compiler printed.
///
/// Most messages of rustc have a code, `error[E0609]`. A warning is an error in these cases, and
/// begins with the name of the deprecated macro.
fn recorded(stderr: &str) -> Vec<String> {
    let mut messages: Vec<String> = Vec::new();
    let mut inside = false;
    for line in stderr.lines() {
        let message = line.strip_prefix("error: ");
        let message =
            message.filter(|message| !OF_RUSTC.iter().any(|own| message.starts_with(own)));
        if let Some(message) = message {
            let warning = message.strip_prefix("use of deprecated macro `eventsource_finding::");
            let warning = warning.and_then(|rest| rest.split_once("`: "));
            let message = warning.map_or(message, |(_, message)| message);
            messages.push(message.to_owned());
            inside = true;
        } else if inside && let Some(more) = line.strip_prefix("       = ") {
            let last = messages.last_mut().expect("inside a message");
            last.push_str("\n= ");
            last.push_str(more);
        } else {
            inside = false;
        }
    }
    messages
}

/// Returns the messages in the expansion: errors and warnings.
fn messages(expansion: TokenStream) -> Vec<String> {
    let mut messages = errors(expansion.clone());
    messages.extend(warnings(expansion));
    messages
}

#[test]
fn messages_are_as_recorded() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/ui/fail");
    let mut seen = 0;
    // What another macro writes is not to be seen without the compiler.
    let plain = |case: &PathBuf| !case.ends_with("generated_by_a_macro.rs");
    for case in cases(&folder).into_iter().filter(plain) {
        let read = |path: &Path| fs::read_to_string(path).expect("a file of the case");
        let mut made: Vec<String> = expansions(&read(&case))
            .into_iter()
            .flat_map(messages)
            .collect();
        let mut recorded = recorded(&read(&case.with_extension("stderr")));
        // Which enum of a file comes first is the compiler's business.
        made.sort();
        recorded.sort();
        assert_eq!(made, recorded, "{}", case.display());
        seen += made.len();
    }
    assert!(seen > 150, "{seen} messages");
}

#[test]
fn messages_follow_the_style_of_rustc() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/ui/fail");
    for case in cases(&folder) {
        let source = fs::read_to_string(&case).expect("a file of the case");
        for message in expansions(&source).into_iter().flat_map(messages) {
            let first = message.chars().next().unwrap_or_default();
            assert!(first.is_lowercase() || first == '`', "{message}");
            for line in message.lines() {
                assert!(!line.ends_with('.') && !line.ends_with(' '), "{message}");
            }
        }
    }
}
