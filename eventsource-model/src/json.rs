//! JSON form of formulas and accumulators: `"NAME"` or `{"op": .., ..}`.

use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{Accumulator, Formula};

#[derive(Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case", deny_unknown_fields)]
enum FormulaOp {
    Event { name: String },
    Nothing {},
    ButNot { arg: Box<Formula<String>> },
    AnyOf { args: Vec<Formula<String>> },
    AllOf { args: Vec<Formula<String>> },
}

impl Serialize for Formula<String> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Event(name) => FormulaOp::Event { name: name.clone() },
            Self::Nothing => FormulaOp::Nothing {},
            Self::NoneOf(operands) => FormulaOp::ButNot {
                arg: Box::new(match operands.as_ref() {
                    [one] => one.clone(),
                    many => Self::any_of(many.to_vec()),
                }),
            },
            Self::AnyOf(operands) => FormulaOp::AnyOf {
                args: operands.to_vec(),
            },
            Self::AllOf(operands) => FormulaOp::AllOf {
                args: operands.to_vec(),
            },
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Formula<String> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct FormulaVisitor;

        impl<'de> Visitor<'de> for FormulaVisitor {
            type Value = Formula<String>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an event type's name or an object with an `op`")
            }

            fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
                Ok(Formula::event(name))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                let op = FormulaOp::deserialize(MapAccessDeserializer::new(map))?;
                Ok(match op {
                    FormulaOp::Event { name } => Formula::Event(name),
                    FormulaOp::Nothing {} => Formula::Nothing,
                    FormulaOp::ButNot { arg } => Formula::but_not(*arg),
                    FormulaOp::AnyOf { args } => Formula::any_of(args),
                    FormulaOp::AllOf { args } => Formula::all_of(args),
                })
            }
        }

        deserializer.deserialize_any(FormulaVisitor)
    }
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case", deny_unknown_fields)]
enum AccumulatorOp {
    Current {},
    Keep {},
    Union {},
    Alias { event: String },
    Addition { events: Vec<String> },
    Difference { events: Vec<String> },
    Compose { funcs: Vec<Accumulator<String>> },
}

impl Serialize for Accumulator<String> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Current => AccumulatorOp::Current {},
            Self::Keep => AccumulatorOp::Keep {},
            Self::Union => AccumulatorOp::Union {},
            Self::Alias(event) => AccumulatorOp::Alias {
                event: event.clone(),
            },
            Self::Addition(events) => AccumulatorOp::Addition {
                events: events.to_vec(),
            },
            Self::Difference(events) => AccumulatorOp::Difference {
                events: events.to_vec(),
            },
            Self::Compose(parts) => AccumulatorOp::Compose {
                funcs: parts.to_vec(),
            },
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Accumulator<String> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match AccumulatorOp::deserialize(deserializer)? {
            AccumulatorOp::Current {} => Self::Current,
            AccumulatorOp::Keep {} => Self::Keep,
            AccumulatorOp::Union {} => Self::Union,
            AccumulatorOp::Alias { event } => Self::Alias(event),
            AccumulatorOp::Addition { events } => Self::Addition(events.into()),
            AccumulatorOp::Difference { events } => Self::Difference(events.into()),
            AccumulatorOp::Compose { funcs } => Self::Compose(funcs.into()),
        })
    }
}
