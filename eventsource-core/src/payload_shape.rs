//! What serde says of a payload type: which fields it has.

use serde::de::{DeserializeSeed, Deserializer, Error as _, VariantAccess, Visitor};

use crate::payload::VariantOf;
use crate::{Event, EventType};

/// What a payload type asks of its deserializer.
pub(crate) enum Shape {
    Fields(&'static [&'static str]),
    AnyFields,
    /// A number, a list: never an object of fields.
    NoObject,
}

/// serde tells a deserializer what it is about to ask for; this one listens and stops.
pub(crate) fn listen<E: Event>(event_type: E::Type) -> Shape {
    let mut shape = Shape::AnyFields;
    let _stopped = E::deserialize(VariantOf {
        index: event_type.index(),
        content: Listener(&mut shape),
    });
    shape
}

struct Listener<'a>(&'a mut Shape);

impl Listener<'_> {
    fn stop<T>(self, shape: Shape) -> Result<T, serde_json::Error> {
        *self.0 = shape;
        Err(serde_json::Error::custom("only listening"))
    }
}

impl<'de> VariantAccess<'de> for Listener<'_> {
    type Error = serde_json::Error;

    fn unit_variant(self) -> Result<(), Self::Error> {
        self.stop(Shape::Fields(&[]))
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(
        self,
        seed: T,
    ) -> Result<T::Value, Self::Error> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, Self::Error> {
        self.stop(Shape::NoObject)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Self::Error> {
        self.stop(Shape::Fields(fields))
    }
}

/// Methods that take only the visitor, all with the same answer.
macro_rules! are {
    ($shape:ident: $($method:ident)*) => {
        $(
            fn $method<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Self::Error> {
                self.stop(Shape::$shape)
            }
        )*
    };
}

/// The payload type of a newtype variant.
impl<'de> Deserializer<'de> for Listener<'_> {
    type Error = serde_json::Error;

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
        _: V,
    ) -> Result<V::Value, Self::Error> {
        self.stop(Shape::Fields(fields))
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        visitor.visit_newtype_struct(self)
    }

    /// An enum, whose variants may have fields.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Self::Error> {
        self.stop(Shape::AnyFields)
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: V,
    ) -> Result<V::Value, Self::Error> {
        self.stop(Shape::NoObject)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, Self::Error> {
        self.stop(Shape::NoObject)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        _: V,
    ) -> Result<V::Value, Self::Error> {
        self.stop(Shape::NoObject)
    }
}
