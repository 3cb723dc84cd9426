//! Hostile names: no picture may break on them.

use eventsource_model::render::{self, Drawing};
use eventsource_model::{EventSpec, Machine};

use crate::machines::{event, machine};

const NAMES: [&str; 8] = [
    "end",
    "a\"b; c: d`e`",
    "<b>&amp;#35;\\N\\",
    "1. $$x$$ **bold** %% {x} [y] |z| -->",
    "*/ -- ]]> <!--",
    "été 订单",
    "two\nlines\r\u{2028}\u{202e}reversed",
    "",
];

fn hostile() -> Machine {
    let follow = |name: &&str| EventSpec::new(*name).follows(event("begin")).by(["r\"]"]);
    let events = [EventSpec::new("begin")];
    machine(
        "\"</title>",
        events.into_iter().chain(NAMES.iter().map(follow)),
    )
}

/// Returns the name as a picture shows it.
fn shown(name: &str) -> String {
    name.replace(['\n', '\r', '\u{2028}', '\u{202e}'], "\u{fffd}")
}

#[test]
fn hostile_names_are_escaped_in_svg() {
    let svg = render::svg(&hostile()).unwrap();
    for name in NAMES {
        let escaped = shown(name).replace('&', "&amp;");
        let escaped = escaped.replace('<', "&lt;").replace('>', "&gt;");
        assert!(
            svg.contains(&format!(">{escaped}</text>")),
            "{name:?} in {svg}"
        );
    }
    assert!(svg.contains("<title>\"&lt;/title&gt;</title>"));
    // Nothing but our own elements.
    for tag in svg.split('<').skip(1) {
        let name = tag.trim_start_matches('/');
        let name = name.split([' ', '>', '/']).next().unwrap();
        let ours = [
            "svg", "title", "desc", "g", "path", "rect", "circle", "text",
        ];
        assert!(ours.contains(&name), "<{tag}");
    }
}

#[test]
fn hostile_names_are_escaped_in_mermaid() {
    let diagram = render::mermaid(&hostile()).unwrap();
    let read: Vec<String> = diagram.lines().filter_map(quoted_by_mermaid).collect();
    for name in NAMES {
        assert!(read.contains(&shown(name)), "{name:?} in {diagram}");
    }
    for line in diagram.lines() {
        assert!(matches!(line.matches('"').count(), 0 | 2), "{line}");
    }
}

/// Returns the text in the quotation marks of a line, with its character references decoded.
fn quoted_by_mermaid(line: &str) -> Option<String> {
    let (_, rest) = line.split_once('"')?;
    let (text, _) = rest.split_once('"')?;
    let mut read = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('#') {
        let (number, after) = after.split_once(';').unwrap();
        read.push_str(before);
        read.push(char::from_u32(number.parse().unwrap()).unwrap());
        rest = after;
    }
    read.push_str(rest);
    Some(read)
}

#[test]
fn hostile_names_are_escaped_in_dot() {
    let graph = render::dot(&hostile()).unwrap();
    for name in NAMES {
        let escaped = shown(name).replace('&', "&amp;");
        let escaped = escaped.replace('\\', "\\\\").replace('"', "\\\"");
        assert!(
            graph.contains(&format!("[label=\"{escaped}\"")),
            "{name:?} in {graph}"
        );
    }
}

#[test]
fn hostile_names_are_escaped_in_text() {
    let text = Drawing::of(&hostile()).unwrap().text();
    // The start, two states and nine events, then eight states.
    assert_eq!(text.lines().count(), 1 + 1 + 1 + 8 + 8, "{text}");
}

#[test]
fn hostile_names_are_escaped_in_markdown() {
    let machine = hostile();
    let table = render::markdown_table(&machine);
    assert_eq!(table.lines().count(), 2 + machine.len());
    assert!(table.contains("| `` a\"b; c: d`e` `` |"), "{table}");
    assert!(table.contains("\\|z\\|"), "{table}");
    for row in table.lines() {
        let bars = row.replace("\\|", "").matches('|').count();
        assert_eq!(bars, 6, "{row}");
    }
}
