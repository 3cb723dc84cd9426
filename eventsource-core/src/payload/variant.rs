//! Deserializer of one variant of an enum, chosen by its position.

use eventsource_model::EventIndex;
use serde::de::value::U32Deserializer;
use serde::de::{DeserializeSeed, Deserializer, EnumAccess, VariantAccess, Visitor};

/// Deserializer that yields the variant at `index`; by position, since serde may rename variants.
pub(crate) struct VariantOf<C> {
    pub(crate) index: EventIndex,
    pub(crate) content: C,
}

impl<'de, C: VariantAccess<'de, Error = serde_json::Error>> Deserializer<'de> for VariantOf<C> {
    type Error = serde_json::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_enum(self)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier
        ignored_any
    }
}

impl<'de, C: VariantAccess<'de, Error = serde_json::Error>> EnumAccess<'de> for VariantOf<C> {
    type Error = serde_json::Error;
    type Variant = C;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, C), Self::Error> {
        #[allow(clippy::cast_possible_truncation, reason = "below 64")]
        let index = self.index.get() as u32;
        let variant = seed.deserialize(U32Deserializer::<Self::Error>::new(index))?;
        Ok((variant, self.content))
    }
}
