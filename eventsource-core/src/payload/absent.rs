//! Required fields that could never have a value, or that may be null after all, as serde tells.

use std::any::type_name;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, VariantAccess, Visitor};

use crate::Event;
use crate::payload::inspect::{Shape, probe_field, shape_of};
use crate::payload::variant::VariantOf;

type Error = serde_json::Error;

/// What a type asks its deserializer for, as far as it concerns null.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    /// An option: the type may be one by another name, or hold one.
    Option,
    /// A unit, which JSON writes as null.
    Unit,
    /// Something that has a value.
    Value,
}

/// Returns what the type of a field asks for.
pub(crate) fn asked<E: Event>(event_type: E::Type, field: &'static str) -> Asked {
    let mut asked = Asked::Value;
    // The field's first request sets it and stops.
    let _stopped = probe_field::<E, _>(event_type, field, Null(&mut asked));
    asked
}

/// Returns whether no payload of the event type can have the field: it is that of a flattened struct or
/// map, whose own fields stand in its place.
pub(crate) fn is_flattened<E: Event>(event_type: E::Type, field: &'static str) -> bool {
    use crate::EventType;
    if !matches!(shape_of::<E>(event_type), Shape::AnyFields) {
        return false;
    }
    let mut found = Found::default();
    let _stopped = E::deserialize(VariantOf {
        index: event_type.index(),
        content: Twice {
            field,
            given: 0,
            found: &mut found,
        },
    });
    // A struct refuses a field of its own that comes twice, and keeps others for what is flattened.
    found.is_kept && found.is_taken_twice
}

/// Ends an inspection by an error.
fn stop<T>() -> Result<T, Error> {
    Err(Error::custom("inspection ended"))
}

/// Deserializer of a field, which notes what is asked for.
struct Null<'a>(&'a mut Asked);

impl<'de> Deserializer<'de> for Null<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
        stop()
    }

    fn deserialize_option<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
        *self.0 = Asked::Option;
        stop()
    }

    fn deserialize_unit<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
        *self.0 = Asked::Unit;
        stop()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: V,
    ) -> Result<V::Value, Error> {
        *self.0 = Asked::Unit;
        stop()
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf seq tuple
        tuple_struct map struct enum identifier ignored_any
    }
}

/// What became of a field that was given twice.
#[derive(Default)]
struct Found {
    /// Whether the first value was kept as it is, for a flattened field.
    is_kept: bool,
    is_taken_twice: bool,
}

/// Payload with one field, twice.
struct Twice<'a> {
    field: &'static str,
    given: usize,
    found: &'a mut Found,
}

impl<'de> VariantAccess<'de> for Twice<'_> {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        stop()
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Error> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, Error> {
        stop()
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Error> {
        stop()
    }
}

impl<'de> Deserializer<'de> for Twice<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
        stop()
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_map(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
        unit_struct seq tuple tuple_struct struct enum identifier ignored_any
    }
}

impl<'de> MapAccess<'de> for Twice<'_> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Error> {
        let name: serde::de::value::BorrowedStrDeserializer<'de, Error> =
            serde::de::value::BorrowedStrDeserializer::new(self.field);
        seed.deserialize(name).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        self.given += 1;
        match self.given {
            1 => seed.deserialize(Kept(self.found)),
            _ => {
                self.found.is_taken_twice = true;
                stop()
            }
        }
    }
}

/// Value of a field, which notes whether it is kept for a flattened field.
struct Kept<'a>(&'a mut Found);

impl<'de> Deserializer<'de> for Kept<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        // What serde keeps a value of any type in.
        self.0.is_kept = type_name::<V>().contains("Content");
        visitor.visit_unit()
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
        unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Serialize};

    use super::*;

    type Note = Option<String>;

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    struct Marker;

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    struct Wrapped(Box<Option<u8>>);

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    #[serde(transparent)]
    struct Transparent {
        inner: Option<u8>,
    }

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    #[serde(untagged)]
    enum Either {
        One(u8),
        Other(String),
    }

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    struct Who {
        assignee: String,
    }

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    struct Details {
        title: String,
        note: Note,
        either: Either,
        any: serde_json::Value,
        #[serde(flatten)]
        who: Who,
        #[serde(flatten)]
        more: BTreeMap<String, serde_json::Value>,
    }

    #[derive(Serialize, Deserialize, eventsource_macros::Event)]
    #[machine(entity = "call", crate = "crate", allow(dead_end))]
    enum CallEvent {
        Made {
            alias: Note,
            boxed: Box<Option<u8>>,
            wrapped: Wrapped,
            transparent: Transparent,
            unit: (),
            marker: Marker,
            text: String,
            any: serde_json::Value,
        },
        #[event(follows = Made)]
        Held(Details),
    }

    #[test]
    fn asked_sees_through_names_and_wrappers() {
        let of = |field| asked::<CallEvent>(CallEventType::Made, field);
        for field in ["alias", "boxed", "wrapped", "transparent"] {
            assert_eq!(of(field), Asked::Option, "{field}");
        }
        for field in ["unit", "marker"] {
            assert_eq!(of(field), Asked::Unit, "{field}");
        }
        for field in ["text", "any"] {
            assert_eq!(of(field), Asked::Value, "{field}");
        }
    }

    #[test]
    fn flattened_field_is_told_from_those_that_stand_in_its_place() {
        let flattened = |field| is_flattened::<CallEvent>(CallEventType::Held, field);
        assert!(flattened("who") && flattened("more"));
        for field in ["title", "note", "either", "any"] {
            assert!(!flattened(field), "{field}");
        }
    }
}
