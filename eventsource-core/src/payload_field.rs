//! An event that is asked for with one field alone.

use serde::de::value::StrDeserializer;
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, VariantAccess, Visitor};

use crate::payload::VariantOf;
use crate::payload_trace::Probe;
use crate::{Event, EventType};

type Error = serde_json::Error;

/// Asks for the event with this field alone: whether it is taken is what the field itself says.
pub(crate) fn one_field<E: Event>(
    event_type: E::Type,
    field: &'static str,
    probe: Probe<'_>,
) -> Result<(), Error> {
    let mut taken = false;
    let content = One {
        field,
        probe: Some(probe),
        taken: &mut taken,
    };
    let _stopped = E::deserialize(VariantOf {
        index: event_type.index(),
        content,
    });
    if taken {
        Ok(())
    } else {
        Err(Error::custom("the field was refused"))
    }
}

struct One<'a, 'b> {
    field: &'static str,
    probe: Option<Probe<'b>>,
    taken: &'a mut bool,
}

fn stop<T>() -> Result<T, Error> {
    Err(Error::custom("only listening"))
}

impl<'de> VariantAccess<'de> for One<'_, '_> {
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
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_map(self)
    }
}

/// The payload type of a newtype variant.
impl<'de> Deserializer<'de> for One<'_, '_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
        stop()
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
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
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

impl<'de> MapAccess<'de> for One<'_, '_> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Error> {
        if self.probe.is_none() {
            return stop();
        }
        let name: StrDeserializer<'_, Error> = StrDeserializer::new(self.field);
        seed.deserialize(name).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        let Some(probe) = self.probe.take() else {
            return stop();
        };
        let value = seed.deserialize(probe);
        *self.taken = value.is_ok();
        value
    }
}
