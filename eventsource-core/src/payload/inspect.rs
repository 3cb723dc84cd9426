//! Inspection of a payload type: the fields that it has, and one of them alone.
//!
//! A type tells its deserializer what it is about to ask for. This one takes note, gives at most one
//! field, and stops.

use serde::de::value::{StrDeserializer, UnitDeserializer};
use serde::de::{
    DeserializeSeed, Deserializer, Error as _, IntoDeserializer, MapAccess, VariantAccess, Visitor,
};

use crate::payload::variant::VariantOf;
use crate::{Event, EventType};

type Error = serde_json::Error;

/// Fields of a payload type.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Shape {
    Fields(&'static [&'static str]),
    AnyFields,
    /// A number, a list: never an object of fields.
    NoObject,
}

/// Returns the fields of the payload of `event_type`.
pub(crate) fn shape_of<E: Event>(event_type: E::Type) -> Shape {
    let unit: UnitDeserializer<Error> = ().into_deserializer();
    inspect::<E, _>(event_type, None, unit).shape
}

/// Asks for the event with this field alone, deserialized from `value`.
///
/// # Errors
/// If the field itself refuses the value, or there is no such field.
pub(crate) fn probe_field<E, D>(
    event_type: E::Type,
    field: &'static str,
    value: D,
) -> Result<(), Error>
where
    E: Event,
    D: for<'de> Deserializer<'de, Error = Error>,
{
    if inspect::<E, D>(event_type, Some(field), value).taken {
        Ok(())
    } else {
        Err(Error::custom("the field was refused"))
    }
}

fn inspect<E, D>(event_type: E::Type, field: Option<&'static str>, value: D) -> Observed
where
    E: Event,
    D: for<'de> Deserializer<'de, Error = Error>,
{
    let mut observed = Observed {
        shape: Shape::AnyFields,
        taken: false,
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
    /// Whether the field took its value.
    taken: bool,
}

/// Content of the variant, and its payload type's deserializer.
struct Inspector<'a, D> {
    observed: &'a mut Observed,
    field: Option<&'static str>,
    value: Option<D>,
}

fn stop<T>() -> Result<T, Error> {
    Err(Error::custom("only inspecting"))
}

impl<D> Inspector<'_, D> {
    fn stop_at<T>(self, shape: Shape) -> Result<T, Error> {
        self.observed.shape = shape;
        stop()
    }
}

impl<'a, D: for<'de> Deserializer<'de, Error = Error>> Inspector<'a, D> {
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

/// Methods that take only the visitor, all with the same answer.
macro_rules! are {
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

    are! { AnyFields: deserialize_any deserialize_map deserialize_ignored_any }

    are! {
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

    /// An enum, whose variants may have fields.
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
                let name: StrDeserializer<'_, Error> = StrDeserializer::new(field);
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
        self.observed.taken = value.is_ok();
        value
    }
}
