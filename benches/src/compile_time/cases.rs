//! Crates whose compilation is measured.

// Into strings, which never fails.
use std::fmt::Write;

use crate::options::Options;

/// Crate with one enum, or with nothing.
pub struct Case {
    /// Name of the package.
    pub package: String,
    /// Number of reachable states, for the report; `None` for the empty crate.
    pub states: Option<u64>,
    /// Number of event types, for the report.
    pub events: u32,
    /// Description of the content, for the report.
    pub holds: &'static str,
    /// Text of `src/lib.rs`.
    pub source: String,
}

/// Returns the empty crate and then each size with what the options ask for.
pub fn all(options: &Options) -> Vec<Case> {
    let mut cases = vec![Case {
        package: "empty".to_owned(),
        states: None,
        events: 0,
        holds: "nothing",
        source: String::new(),
    }];
    for size in &options.sizes {
        let case = |holds, suffix, source| Case {
            package: format!("independent_{size}{suffix}"),
            states: Some(states(*size)),
            events: size + 3,
            holds,
            source,
        };
        cases.push(case("serde", "_serde", payloads(*size)));
        cases.push(case("derive", "", machine(*size, options, false)));
        if options.transitions {
            let mut source = machine(*size, options, false);
            let _ = writeln!(
                source,
                "eventsource_core::transitions!(CaseEvent: {} => {{Completed}});",
                path(*size).join(" -> ")
            );
            cases.push(case("derive, `transitions!`", "_transitions", source));
        }
        if options.typestate {
            let mut source = machine(*size, options, true);
            source.push_str(&typed_walk(*size));
            cases.push(case("derive, typed handle", "_typestate", source));
        }
    }
    cases
}

/// Returns the number of states: one for each subset of the independent events beside `Created`,
/// and the last two.
fn states(size: u32) -> u64 {
    (1 << size) + 2
}

/// Writes an enum: `Created`; then as many independent events, in any order, each once; with all of
/// them `Started`; then `Completed`.
fn machine(size: u32, options: &Options, typestate: bool) -> String {
    let mut keys = match options.machine.as_str() {
        "" => String::new(),
        keys => format!(", {keys}"),
    };
    // The empty state is explored, too.
    let explored = states(size) + 1;
    if options.explore && (4097..=65536).contains(&explored) {
        let _ = write!(keys, ", max_states = {explored}");
    }
    if typestate {
        keys.push_str(", typestate");
    }
    let mut source = format!(
        "#[derive(serde::Serialize, serde::Deserialize, eventsource_core::Event)]\n\
         #[machine(entity = \"case\"{keys})]\n\
         pub enum CaseEvent {{\n    Created,\n"
    );
    let independent: Vec<String> = (1..=size).map(|n| format!("E{n}")).collect();
    for event in &independent {
        let _ = writeln!(
            source,
            "    #[event(follows = all_of(Created, but_not({event})), accumulate = union())]\n    {event},"
        );
    }
    let _ = writeln!(
        source,
        "    #[event(follows = all_of({}))]\n    Started,\n    \
         #[event(follows = Started, terminal)]\n    Completed,\n}}",
        independent.join(", ")
    );
    source
}

/// Writes the same enum without rules.
fn payloads(size: u32) -> String {
    format!(
        "#[derive(serde::Serialize, serde::Deserialize)]\npub enum CaseEvent {{ {} }}\n",
        path(size).join(", ")
    )
}

fn path(size: u32) -> Vec<String> {
    let mut path = vec!["Created".to_owned()];
    path.extend((1..=size).map(|n| format!("E{n}")));
    path.extend(["Started".to_owned(), "Completed".to_owned()]);
    path
}

/// Writes the same path by the methods of the handle.
fn typed_walk(size: u32) -> String {
    let mut source = "pub fn walk() -> usize {\n    \
        CaseHandle::new(eventsource_core::EntityId::new())\n"
        .to_owned();
    for event in path(size) {
        let _ = writeln!(source, "        .{}()", event.to_lowercase());
    }
    source.push_str("        .pending()\n        .len()\n}\n");
    source
}
