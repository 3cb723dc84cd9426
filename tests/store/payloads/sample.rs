//! Machine whose payloads hold a value of every kind, and random events of it with the edges of each.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use eventsource_core::{Event, MAX_PAYLOAD_DEPTH, to_payload};
use proptest::collection::{btree_map, btree_set, hash_set, vec};
use proptest::prelude::*;
use proptest::sample::select;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

#[allow(
    clippy::large_enum_variant,
    reason = "most events are of the large one"
)]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Event)]
#[machine(entity = "sample", allow(never_ends, no_operation))]
pub enum SampleEvent {
    Begun,
    #[event(follows = Begun, accumulate = keep())]
    Took {
        text: String,
        texts: Vec<String>,
        letter: char,
        signed: i64,
        unsigned: u64,
        wide: u128,
        float: f64,
        single: f32,
        flag: Option<bool>,
        reading: Option<f64>,
        nested: Nested,
        map: BTreeMap<String, Nested>,
        keyed: BTreeMap<u8, Option<String>>,
        tags: HashSet<String>,
        sorted: BTreeSet<i64>,
        pair: (Option<u8>, String),
        #[serde(default)]
        unit: (),
        doc: Value,
    },
    #[event(follows = Begun, accumulate = keep())]
    Kept(Open),
}

/// Payload that takes any field.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Open {
    title: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<f64>,
    #[serde(flatten)]
    more: BTreeMap<String, Value>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Nested {
    Nothing,
    Number(f64),
    Pair(u64, Option<Box<Nested>>),
    Named {
        inner: Box<Nested>,
        texts: Vec<Option<String>>,
    },
}

/// Returns the payload of an event as text: keys and sets in order, each number with its sign.
pub fn exact(event: &SampleEvent) -> String {
    Value::from(ordered(to_payload(event).unwrap())).to_string()
}

/// Puts the elements of the set in order.
pub fn ordered(mut payload: Map<String, Value>) -> Map<String, Value> {
    if let Some(Value::Array(tags)) = payload.get_mut("tags") {
        tags.sort_by_key(Value::to_string);
    }
    payload
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => "[a-z]{0,8}",
        3 => "[^\\x00]{0,12}",
        1 => select(vec![
            "", " ", "\u{1}", "\u{7f}", "\u{2028}", "\u{2029}", "\u{d7ff}\u{e000}", "\u{feff}", "\u{ffff}",
            "\u{10ffff}", "\"\\/", "\\u0000", "null", "{}", "1e16", "$serde_json::private::RawValue",
        ])
        .prop_map(str::to_owned),
    ]
}

fn float() -> impl Strategy<Value = f64> {
    prop_oneof![
        3 => any::<u64>().prop_map(f64::from_bits).prop_filter("JSON has it", |float| float.is_finite()),
        2 => -1e6..1e6_f64,
        1 => select(vec![
            0.0, -0.0, 1.0, 0.1, 1e15, 1e16, 1e17, -1e18, 1e19, 1e21, 1e22, 1e300, 1e-7, 5e-324, f64::MAX,
            f64::MIN, f64::MIN_POSITIVE, f64::EPSILON, 9_007_199_254_740_993.0,
        ]),
    ]
}

fn single() -> impl Strategy<Value = f32> {
    prop_oneof![
        any::<u32>()
            .prop_map(f32::from_bits)
            .prop_filter("JSON has it", |float| float.is_finite()),
        select(vec![
            0.0,
            -0.0,
            0.1,
            1e16,
            f32::MAX,
            f32::MIN_POSITIVE,
            1e-45
        ]),
    ]
}

fn unsigned() -> impl Strategy<Value = u64> {
    prop_oneof![
        any::<u64>(),
        0..100_u64,
        select(vec![
            u64::MAX,
            u64::MAX - 1,
            1 << 63,
            (1 << 63) - 1,
            1 << 53,
            (1 << 53) + 1
        ]),
    ]
}

fn signed() -> impl Strategy<Value = i64> {
    prop_oneof![
        any::<i64>(),
        select(vec![i64::MIN, i64::MIN + 1, i64::MAX, -1, 0])
    ]
}

fn nested() -> impl Strategy<Value = Nested> {
    let leaf = prop_oneof![Just(Nested::Nothing), float().prop_map(Nested::Number)];
    leaf.prop_recursive(3, 6, 2, |inner| {
        prop_oneof![
            (unsigned(), proptest::option::of(inner.clone()))
                .prop_map(|(number, inner)| Nested::Pair(number, inner.map(Box::new))),
            (inner, vec(proptest::option::of(text()), 0..3)).prop_map(|(inner, texts)| {
                Nested::Named {
                    inner: Box::new(inner),
                    texts,
                }
            }),
        ]
    })
}

fn document() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        text().prop_map(Value::from),
        signed().prop_map(Value::from),
        unsigned().prop_map(Value::from),
        float().prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        Just(json!([null])),
        Just(json!({})),
    ];
    let document = leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            vec(
                prop_oneof![9 => inner.clone(), 1 => Just(Value::Null)],
                0..4
            )
            .prop_map(Value::from),
            btree_map(key(), inner, 0..4)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    });
    // The payload is a level, and a page over HTTP has two more, which its reader here counts.
    let deepest = MAX_PAYLOAD_DEPTH - 3;
    let deep = (0..=deepest, any::<bool>()).prop_map(|(levels, is_list)| {
        (0..levels).fold(json!(1), |inner, _| match is_list {
            true => json!([inner]),
            false => json!({ "a": inner }),
        })
    });
    prop_oneof![20 => document, 1 => deep]
}

fn key() -> impl Strategy<Value = String> {
    text().prop_filter("an append takes it", |key| {
        !key.starts_with("$serde_json::private::")
    })
}

/// Random events, all of which an append takes.
pub fn event() -> impl Strategy<Value = SampleEvent> {
    let numbers = (signed(), unsigned(), unsigned(), float(), single());
    let options = (
        any::<Option<bool>>(),
        proptest::option::of(float()),
        any::<Option<u8>>(),
    );
    let texts = (
        text(),
        vec(text(), 0..3),
        any::<char>().prop_filter("a database stores it", |c| *c != '\0'),
    );
    let maps = (
        btree_map(key(), nested(), 0..3),
        btree_map(any::<u8>(), proptest::option::of(text()), 0..3),
        hash_set(text(), 0..5),
        btree_set(signed(), 0..4),
    );
    let took = (numbers, options, texts, maps, nested(), document());
    let took = took.prop_map(
        |(
            (signed, unsigned, wide, float, single),
            (flag, reading, first),
            (text, texts, letter),
            (map, keyed, tags, sorted),
            nested,
            doc,
        )| SampleEvent::Took {
            pair: (first, text.clone()),
            text,
            texts,
            letter,
            signed,
            unsigned,
            wide: wide.into(),
            float,
            single,
            flag,
            reading,
            nested,
            map,
            keyed,
            tags,
            sorted,
            unit: (),
            doc,
        },
    );
    let name = "[a-z]{1,3}[0-9]{1,2}";
    let kept = (
        text(),
        proptest::option::of(float()),
        btree_map(name, document(), 0..4),
    );
    let kept = kept.prop_map(|(title, size, more)| SampleEvent::Kept(Open { title, size, more }));
    prop_oneof![4 => took, 1 => kept]
}
