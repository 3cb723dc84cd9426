//! Column types of payload fields, learned from their `Deserialize`.

use serde::de::{Deserializer, Error as _, Visitor};

use crate::payload::inspect::{Shape, probe_field, shape_of};
use crate::{DataField, Event, EventType};

/// Type of a field, as far as a column of a database can express it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Boolean.
    Boolean,
    /// Integer of at most 63 bits and a sign.
    Integer,
    /// Integer of more bits.
    Numeric,
    /// Floating-point number.
    Float,
    /// Text, and times, ids and other types that serde writes as text.
    Text,
    /// Any other type, or a field whose type differs between event types.
    Json,
}

/// Returns the fields of all payloads with their types, in the order in which the event types name
/// them.
pub(crate) fn columns<E: Event>() -> Vec<(String, Kind)> {
    let mut columns: Vec<(String, Kind)> = Vec::new();
    for event_type in E::Type::ALL {
        let Shape::Fields(fields) = shape_of::<E>(*event_type) else {
            continue;
        };
        for field in fields {
            let kind = kind_of::<E>(*event_type, field);
            match columns.iter_mut().find(|(name, _)| name == field) {
                None => columns.push(((*field).to_owned(), kind)),
                Some((_, known)) if *known != kind => *known = Kind::Json,
                Some(_) => {}
            }
        }
    }
    columns
}

/// Returns the fields of the data, in their order, with the types of the payload fields that set
/// them.
pub(crate) fn data_columns<E: Event>() -> Vec<(&'static DataField, Kind)> {
    let fields = E::DATA_FIELDS.iter();
    fields
        .map(|field| {
            let mut kinds = field.sources().iter().map(|source| {
                let event_type = E::Type::from_index(source.event());
                match (event_type, source.payload_field()) {
                    (Some(event_type), Some(name)) => kind_of::<E>(event_type, name),
                    _ => Kind::Json,
                }
            });
            let first = kinds.next().unwrap_or(Kind::Json);
            let kind = if kinds.all(|kind| kind == first) {
                first
            } else {
                Kind::Json
            };
            (field, kind)
        })
        .collect()
}

/// Returns the type of the field; [`Kind::Json`] if serde does not tell.
fn kind_of<E: Event>(event_type: E::Type, field: &'static str) -> Kind {
    let mut kind = Kind::Json;
    // The field's first request for a value sets the kind and stops.
    let _stopped = probe_field::<E, _>(event_type, field, Field(&mut kind));
    kind
}

/// Ends the inspection by an error.
fn stop<T>() -> Result<T, serde_json::Error> {
    Err(serde_json::Error::custom("inspection ended"))
}

/// Deserializer of the field, which notes the type that is asked for.
struct Field<'a>(&'a mut Kind);

/// Declares methods that take only the visitor and note a kind.
macro_rules! kinds {
    ($($kind:ident: $($method:ident)*,)*) => {
        $($(
            fn $method<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Self::Error> {
                *self.0 = Kind::$kind;
                stop()
            }
        )*)*
    };
}

impl<'de> Deserializer<'de> for Field<'_> {
    type Error = serde_json::Error;

    kinds! {
        Boolean: deserialize_bool,
        Integer:
            deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64
            deserialize_u8 deserialize_u16 deserialize_u32,
        Numeric: deserialize_i128 deserialize_u64 deserialize_u128,
        Float: deserialize_f32 deserialize_f64,
        Text: deserialize_char deserialize_str deserialize_string deserialize_identifier,
        Json: deserialize_any,
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        visitor.visit_newtype_struct(self)
    }

    serde::forward_to_deserialize_any! {
        bytes byte_buf unit unit_struct seq tuple tuple_struct map struct enum ignored_any
    }
}

#[cfg(test)]
mod tests {
    use serde::{Deserialize, Serialize};

    use super::*;

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    struct Watts(u32);

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    struct Put {
        by: Option<String>,
        amount: f32,
    }

    #[derive(Serialize, Deserialize, eventsource_macros::Event)]
    #[machine(entity = "light", crate = "crate", allow(dead_end))]
    enum LightEvent {
        Lit {
            watts: Watts,
            dimmed: Option<bool>,
            at: chrono::DateTime<chrono::Utc>,
            serial: u64,
            colours: Vec<String>,
        },
        #[event(follows = Lit)]
        Put(Put),
        #[event(follows = Lit)]
        Moved {
            amount: Option<i64>,
            #[event(feeds = place)]
            at: String,
        },
        #[event(follows = Lit)]
        Out,
    }

    #[test]
    fn column_type_follows_deserialize() {
        let columns = columns::<LightEvent>();
        let columns: Vec<(&str, Kind)> = columns
            .iter()
            .map(|(name, kind)| (name.as_str(), *kind))
            .collect();
        assert_eq!(
            columns,
            [
                ("watts", Kind::Integer),
                ("dimmed", Kind::Boolean),
                ("at", Kind::Text),
                ("serial", Kind::Numeric),
                ("colours", Kind::Json),
                ("by", Kind::Text),
                // A float in one event type and an integer in another.
                ("amount", Kind::Json),
            ]
        );
    }
}
