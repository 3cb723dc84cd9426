//! Import arrows between the files of each crate: downward only, and never in a circle.

mod graph;
mod source;

use graph::Graph;

/// Layers of the store in `eventsource-core`, from the ground up.
///
/// The two drivers share a layer and do not know each other.
const STORE: &[&[&str]] = &[
    &["store/contract"],
    &["store/rules"],
    &["store/sql"],
    &["store/postgres", "store/sqlite"],
    &["store/database"],
    &["store/commands"],
    &["store/api"],
    &["store/testing"],
];

/// Layers of `eventsource-rest`, from the ground up.
const REST: &[&[&str]] = &[
    &["wire"],
    &["auth", "options", "machine"],
    &["clients"],
    &["stream", "server"],
    &["endpoints", "openapi"],
    &["platform"],
    &["service"],
];

/// Layers of `eventsource-runtime`, from the ground up.
const RUNTIME: &[&[&str]] = &[
    &["contract"],
    &["error"],
    &["tables"],
    &["subscription"],
    &["feed", "model", "failure", "deadline", "schedule"],
    &["handler"],
    &["process"],
    &["generation"],
    &["worker"],
    &["inbox", "admin"],
    &["runtime"],
];

/// Circles that are allowed: a handle and its opener.
const CIRCLES: &[&[&str]] = &[&["store/api/event_store", "store/api/store"]];

#[test]
fn imports_of_the_store_point_down() {
    let upward = Graph::of_crate("eventsource-core").upward(STORE);
    assert_eq!(
        upward, [""; 0],
        "imports against the layers of store/mod.rs"
    );
}

/// A read that is added gets rows only where they are guarded for the reader of the handle.
#[test]
fn one_file_of_the_api_reads_from_the_drivers() {
    let workspace = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let store = workspace.join("eventsource-core/src/store/api");
    let mut readers = Vec::new();
    let mut folders = vec![store.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder of sources") {
            let path = entry.expect("an entry of the folder").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = std::fs::read_to_string(&path).expect("a source file");
            let reads = ["ReadDriver", "feed_of_machine", "load_snapshot_and_tail"];
            if reads.iter().any(|read| text.contains(read)) {
                let path = path.strip_prefix(&store).expect("a file of the folder");
                readers.push(path.display().to_string());
            }
        }
    }
    assert_eq!(readers, ["reading/reads.rs"]);
}

#[test]
fn imports_of_the_http_api_point_down() {
    let upward = Graph::of_crate("eventsource-rest").upward(REST);
    assert_eq!(upward, [""; 0], "imports against the layers of lib.rs");
}

#[test]
fn imports_of_the_runtime_point_down() {
    let upward = Graph::of_crate("eventsource-runtime").upward(RUNTIME);
    assert_eq!(upward, [""; 0], "imports against the layers of lib.rs");
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    for name in [
        "eventsource-model",
        "eventsource-macros",
        "eventsource-core",
        "eventsource-runtime",
        "eventsource-rest",
        "examples/fulfilment",
        "examples/patterns",
        "examples/tasks",
        "benches",
        "benches/http",
        "benches/peers",
        "tests",
    ] {
        let circles = Graph::of_crate(name).circles();
        let unexpected: Vec<_> = circles
            .iter()
            .filter(|circle| !CIRCLES.iter().any(|allowed| circle == allowed))
            .collect();
        assert!(unexpected.is_empty(), "in {name}: {unexpected:#?}");
    }
}

/// Checks the checks themselves, on sources with wrong imports.
#[test]
fn upward_import_and_circle_are_found() {
    let graph = Graph::of_files(&[
        ("lib", "mod store;\npub use store::Names;"),
        (
            "store/mod",
            "mod api;\nmod contract;\npub use contract::names::Names;",
        ),
        ("store/api/mod", "pub(crate) mod open;"),
        ("store/api/open", "use crate::Names;"),
        (
            "store/contract/mod",
            "pub(crate) mod names;\npub(crate) mod rows;",
        ),
        (
            "store/contract/names",
            "// use crate::store::api::comment;\nuse std::{fmt, io};\nuse super::{\n    rows::{self, Row},\n};",
        ),
        (
            "store/contract/rows",
            "fn f() { crate::store::api::open::open(\"use super::names;\") }",
        ),
    ]);
    assert_eq!(
        graph.upward(STORE),
        ["store/contract/rows -> store/api/open"]
    );
    assert_eq!(
        graph.circles(),
        [[
            "store/api/open",
            "store/contract/names",
            "store/contract/rows"
        ]]
    );
}
