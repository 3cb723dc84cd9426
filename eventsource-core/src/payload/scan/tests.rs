//! Tests of the scan against readers of JSON, and against a slow reference.

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::Value;

use super::scanner::{Content, Fault, RESERVED, scan};
use crate::payload::limits::MAX_PAYLOAD_DEPTH;

fn content(text: &str) -> Option<Content> {
    match scan(text) {
        Err(Fault::InField { content, .. }) => Some(content),
        _ => None,
    }
}

#[test]
fn fields_keep_their_text() {
    let fields = scan(r#" { "a" : [1, {"b":"\n"}] ,"\u00e9":null,"c":-0.5e-3} "#).unwrap();
    let fields: Vec<(&str, &str, bool)> = fields
        .fields
        .iter()
        .map(|field| (&*field.name, field.value, field.has_value()))
        .collect();
    let expected = [
        ("a", r#"[1, {"b":"\n"}]"#, true),
        ("é", "null", false),
        ("c", "-0.5e-3", true),
    ];
    assert_eq!(fields, expected);
    assert_eq!(scan("{}").map(|scanned| scanned.fields), Ok(Vec::new()));
    let has_null = |text| scan(text).unwrap().has_null;
    assert!(has_null(r#"{"a":[{"b":null}]}"#) && !has_null(r#"{"null":"null","a":true}"#));
}

#[test]
fn text_that_a_reader_refuses_is_malformed() {
    for text in [
        "",
        "[]",
        "null",
        "{}{}",
        r#"{"a":1"#,
        r#"{"a":1}}"#,
        r#"{"a":"\ud800"}"#,
        r#"{"a":"\ud800é"}"#,
        r#"{"a":"\udc00"}"#,
        r#"{"\ud800":1}"#,
        r#"{"a":NaN}"#,
        r#"{"a":-Infinity}"#,
        r#"{"a":1e}"#,
    ] {
        assert_eq!(scan(text), Err(Fault::Malformed), "{text}");
    }
    for text in [
        r#"{"a":1e999}"#,
        r#"{"a":-1E400}"#,
        r#"{"a":0.001e-400}"#,
        r#"{"a":18446744073709551616}"#,
        r#"{"a":-9223372036854775809}"#,
    ] {
        assert_eq!(content(text), Some(Content::NumberOutOfRange), "{text}");
    }
    for text in [
        r#"{"a":"\ud83d\ude00"}"#,
        r#"{"a":18446744073709551615}"#,
        r#"{"a":-9223372036854775808}"#,
        r#"{"a":100000000000000000000.0}"#,
        r#"{"a":[-0.0,-0,0.00e-999,5e-324,1.7976931348623157e308]}"#,
    ] {
        assert!(scan(text).is_ok(), "{text}");
    }
}

#[test]
fn fault_names_field_and_key() {
    let fault = |field: &str, key: Option<&str>, content| {
        Err(Fault::InField {
            field: field.to_owned(),
            key: key.map(str::to_owned),
            content,
        })
    };
    for (text, expected) in [
        (r#"{"a":["\u0000"]}"#, fault("a", None, Content::Nul)),
        (r#"{"a\u0000":1}"#, fault("a\0", None, Content::Nul)),
        (
            r#"{"a":{"b\u0000":1}}"#,
            fault("a", Some("b\0"), Content::Nul),
        ),
        (r#"{"a":1,"a":2}"#, fault("a", None, Content::DuplicateKey)),
        (
            r#"{"c":[{"b":1,"\u0062":2}]}"#,
            fault("c", Some("b"), Content::DuplicateKey),
        ),
        (
            r#"{"a":{"$serde_json::private::RawValue":"1"}}"#,
            fault(
                "a",
                Some("$serde_json::private::RawValue"),
                Content::ReservedKey,
            ),
        ),
    ] {
        assert_eq!(scan(text), expected, "{text}");
    }
    // An escaped backslash, and equal keys of different objects.
    assert!(scan(r#"{"a":"\\u0000","b":{"a":{"a":1}},"c":{"a":1}}"#).is_ok());
}

#[test]
fn nesting_ends_where_readers_end() {
    for (depth, reads) in [(MAX_PAYLOAD_DEPTH, true), (MAX_PAYLOAD_DEPTH + 1, false)] {
        let arrays = depth - 1;
        let text = format!("{{\"a\":{}{}}}", "[".repeat(arrays), "]".repeat(arrays));
        assert_eq!(content(&text), (!reads).then_some(Content::TooDeep));
        assert_eq!(serde_json::from_str::<Value>(&text).is_ok(), reads);
    }
}

#[test]
fn duplicate_is_found_among_many_keys() {
    let fields = |count: usize| -> String {
        let fields: Vec<String> = (0..count).map(|n| format!("\"k{n}\":{n}")).collect();
        fields.join(",")
    };
    for count in [2, 16, 17, 500] {
        assert!(scan(&format!("{{{}}}", fields(count))).is_ok());
        let twice = format!("{{\"a\":{{{},\"k1\":0}}}}", fields(count));
        assert_eq!(content(&twice), Some(Content::DuplicateKey), "{count}");
    }
}

/// JSON value whose objects may have a key twice.
#[derive(Clone, Debug)]
enum Tree {
    Literal(&'static str),
    Text(String),
    Array(Vec<Tree>),
    Object(Vec<(String, Tree)>),
}

impl Tree {
    /// Writes the value, with spaces and escapes that serde_json would not write if `is_odd`.
    fn write(&self, is_odd: bool, to: &mut String) {
        let space = if is_odd { " \n" } else { "" };
        match self {
            Self::Literal(literal) => to.push_str(literal),
            Self::Text(text) => write_text(text, is_odd, to),
            Self::Array(values) => {
                to.push('[');
                for (at, value) in values.iter().enumerate() {
                    to.push_str(if at == 0 { space } else { "," });
                    value.write(is_odd, to);
                    to.push_str(space);
                }
                to.push(']');
            }
            Self::Object(fields) => {
                to.push('{');
                for (at, (key, value)) in fields.iter().enumerate() {
                    to.push_str(if at == 0 { space } else { "," });
                    // Every second key is escaped, so that equal keys look different.
                    write_text(key, is_odd && at % 2 == 0, to);
                    to.push_str(space);
                    to.push(':');
                    value.write(is_odd, to);
                    to.push_str(space);
                }
                to.push('}');
            }
        }
    }

    /// Adds all faults, the slow way.
    fn faults(&self, depth: usize, to: &mut Vec<Content>) {
        let is_container = matches!(self, Self::Array(_) | Self::Object(_));
        if is_container && depth > MAX_PAYLOAD_DEPTH {
            to.push(Content::TooDeep);
        }
        match self {
            Self::Literal(_) => {}
            Self::Text(text) if text.contains('\0') => to.push(Content::Nul),
            Self::Text(_) => {}
            Self::Array(values) => values.iter().for_each(|value| value.faults(depth + 1, to)),
            Self::Object(fields) => {
                for (at, (key, value)) in fields.iter().enumerate() {
                    if key.contains('\0') {
                        to.push(Content::Nul);
                    }
                    if key.starts_with(RESERVED) {
                        to.push(Content::ReservedKey);
                    }
                    if fields[..at].iter().any(|(earlier, _)| earlier == key) {
                        to.push(Content::DuplicateKey);
                    }
                    value.faults(depth + 1, to);
                }
            }
        }
    }
}

fn write_text(text: &str, is_odd: bool, to: &mut String) {
    if !is_odd {
        to.push_str(&serde_json::to_string(text).unwrap());
        return;
    }
    to.push('"');
    for unit in text.encode_utf16() {
        to.push_str(&format!("\\u{unit:04X}"));
    }
    to.push('"');
}

fn key() -> impl Strategy<Value = String> {
    prop_oneof![
        40 => "[a-f]{1,2}",
        10 => "[é😀\"\\\\\n]{0,3}",
        1 => Just("a\0".to_owned()),
        1 => Just(format!("{RESERVED}Number")),
    ]
}

fn object() -> impl Strategy<Value = Vec<(String, Tree)>> {
    let leaf = prop_oneof![
        20 => proptest::sample::select(vec!["null", "true", "0", "-1.5e-7", "18446744073709551615"])
            .prop_map(Tree::Literal),
        20 => "[ a-z\"\\\\{}\\[\\],:é😀\n]{0,6}".prop_map(Tree::Text),
        1 => Just(Tree::Text("\0".to_owned())),
        // As deep as is allowed at this place or near it, or deeper.
        1 => (120_usize..128).prop_map(|depth| {
            (0..depth).fold(Tree::Literal("1"), |inner, _| Tree::Array(vec![inner]))
        }),
    ];
    let tree = leaf.prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Tree::Array),
            vec((key(), inner), 0..5).prop_map(Tree::Object),
        ]
    });
    vec((key(), tree), 0..5)
}

proptest! {
    #[test]
    fn scan_finds_what_slow_reference_finds(fields in object(), is_odd in any::<bool>()) {
        let tree = Tree::Object(fields.clone());
        let mut text = String::new();
        tree.write(is_odd, &mut text);
        let mut faults = Vec::new();
        tree.faults(1, &mut faults);
        match scan(&text) {
            Ok(found) => {
                prop_assert!(faults.is_empty(), "{faults:?} in {text}");
                let read: serde_json::Map<String, Value> = serde_json::from_str(&text).unwrap();
                prop_assert_eq!(found.fields.len(), read.len());
                for (found, (name, _)) in found.fields.iter().zip(&fields) {
                    prop_assert_eq!(&*found.name, name);
                    let value: Value = serde_json::from_str(found.value).unwrap();
                    prop_assert_eq!(&value, &read[name]);
                    let whole = format!("{{{}}}", found.text);
                    let whole: Value = serde_json::from_str(&whole).unwrap();
                    prop_assert_eq!(&whole[name], &value);
                }
            }
            Err(Fault::InField { content, .. }) => {
                prop_assert!(faults.contains(&content), "{content:?} in {text}");
            }
            Err(Fault::Malformed) => prop_assert!(false, "malformed: {text}"),
        }
    }

    #[test]
    fn scan_of_any_text_does_not_panic(text in "[{}\\[\\]\",:\\\\u0d8 é-]{0,40}") {
        let _ = scan(&text);
        let _ = scan(&format!("{{\"a\":{text}"));
    }
}
