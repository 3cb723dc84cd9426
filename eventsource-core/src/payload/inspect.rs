//! Inspection of a payload type: its field names, and deserialization of one field alone.
//!
//! A type announces to its deserializer what it expects, such as a struct with these fields. The
//! deserializer here notes that, provides at most one field, and stops.

use serde::de::value::{BorrowedStrDeserializer, UnitDeserializer};
use serde::de::{
    DeserializeSeed, Deserializer, Error as _, IntoDeserializer, MapAccess, VariantAccess, Visitor,
};

use crate::payload::variant::VariantOf;
use crate::{Event, EventType};

type Error = serde_json::Error;

/// Fields of a payload type.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Shape {
    /// Object with these fields.
    Fields(&'static [&'static str]),
    /// Object with any fields.
    AnyFields,
    /// Other JSON, such as a number or a list: never an object.
    NoObject,
}

/// Returns the fields of the payload of `event_type`.
pub(crate) fn shape_of<E: Event>(event_type: E::Type) -> Shape {
    let unit: UnitDeserializer<Error> = ().into_deserializer();
    inspect::<E, _>(event_type, None, unit).shape
}

/// Returns the fields of the payload of each event type; `None` for one that accepts any field.
#[cfg(feature = "postgres")]
pub(crate) fn fields_by_type<E: Event>() -> Vec<Option<&'static [&'static str]>> {
    let fields = |event_type: &E::Type| match shape_of::<E>(*event_type) {
        Shape::Fields(fields) => Some(fields),
        Shape::AnyFields | Shape::NoObject => None,
    };
    E::Type::ALL.iter().map(fields).collect()
}

/// Deserializes one field of the payload of `event_type` from `value`.
///
/// # Errors
/// If the field does not accept the value, or there is no such field.
pub(crate) fn probe_field<E, D>(
    event_type: E::Type,
    field: &'static str,
    value: D,
) -> Result<(), Error>
where
    E: Event,
    D: for<'de> Deserializer<'de, Error = Error>,
{
    if inspect::<E, D>(event_type, Some(field), value).accepted {
        Ok(())
    } else {
        Err(Error::custom("the field does not accept the value"))
    }
}

/// Deserializes an event from an [`Inspector`] and returns what that observed.
fn inspect<E, D>(event_type: E::Type, field: Option<&'static str>, value: D) -> Observed
where
    E: Event,
    D: for<'de> Deserializer<'de, Error = Error>,
{
    let mut observed = Observed {
        shape: Shape::AnyFields,
        accepted: false,
    };
    let _stopped = E::deserialize(VariantOf {
        index: event_type.index(),
        content: Inspector {
            observed: &mut observed,
            field,
            value: Some(value),
        },
    });
    observed
}

/// Result of an inspection.
struct Observed {
    shape: Shape,
    /// Whether the field accepted its value.
    accepted: bool,
}

/// Content of the variant, and its payload type's deserializer.
struct Inspector<'a, D> {
    observed: &'a mut Observed,
    field: Option<&'static str>,
    value: Option<D>,
}

/// Ends the inspection by an error.
fn stop<T>() -> Result<T, Error> {
    Err(Error::custom("inspection ended"))
}

impl<D> Inspector<'_, D> {
    /// Notes the shape and ends the inspection.
    fn stop_at<T>(self, shape: Shape) -> Result<T, Error> {
        self.observed.shape = shape;
        stop()
    }
}

impl<D: for<'de> Deserializer<'de, Error = Error>> Inspector<'_, D> {
    /// Notes the fields and visits the one that is to be deserialized, if any.
    fn fields<'de, V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.observed.shape = Shape::Fields(fields);
        match self.field {
            Some(_) => visitor.visit_map(self),
            None => stop(),
        }
    }
}

impl<'de, D: for<'d> Deserializer<'d, Error = Error>> VariantAccess<'de> for Inspector<'_, D> {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        self.stop_at(Shape::Fields(&[]))
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Error> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, Error> {
        self.stop_at(Shape::NoObject)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.fields(fields, visitor)
    }
}

/// Declares methods that take only the visitor and note a shape.
macro_rules! shapes {
    ($shape:ident: $($method:ident)*) => {
        $(
            fn $method<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
                self.stop_at(Shape::$shape)
            }
        )*
    };
}

impl<'de, D: for<'d> Deserializer<'d, Error = Error>> Deserializer<'de> for Inspector<'_, D> {
    type Error = Error;

    shapes! { AnyFields: deserialize_any deserialize_map deserialize_ignored_any }

    shapes! {
        NoObject:
        deserialize_bool deserialize_char deserialize_str deserialize_string deserialize_bytes
        deserialize_byte_buf deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64
        deserialize_i128 deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64
        deserialize_u128 deserialize_f32 deserialize_f64 deserialize_option deserialize_unit
        deserialize_seq deserialize_identifier
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.fields(fields, visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    /// Notes that any fields may come: the variants of an enum may have fields.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Error> {
        self.stop_at(Shape::AnyFields)
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: V,
    ) -> Result<V::Value, Error> {
        self.stop_at(Shape::NoObject)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, Error> {
        self.stop_at(Shape::NoObject)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        _: V,
    ) -> Result<V::Value, Error> {
        self.stop_at(Shape::NoObject)
    }
}

impl<'de, D: for<'d> Deserializer<'d, Error = Error>> MapAccess<'de> for Inspector<'_, D> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Error> {
        match self.field.take() {
            Some(field) => {
                let name: BorrowedStrDeserializer<'de, Error> = BorrowedStrDeserializer::new(field);
                seed.deserialize(name).map(Some)
            }
            None => stop(),
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        let Some(value) = self.value.take() else {
            return stop();
        };
        let value = seed.deserialize(value);
        self.observed.accepted = value.is_ok();
        value
    }
}
