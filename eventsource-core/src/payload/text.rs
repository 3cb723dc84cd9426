//! Conversion of the text of a payload to the event, without a JSON [`Value`](serde_json::Value) in
//! between.

use serde::de::{DeserializeSeed, Deserializer as _, Error as _, VariantAccess, Visitor};
use serde_json::de::StrRead;
use serde_json::{Deserializer, Map, Value};

use crate::payload::value::from_payload;
use crate::payload::variant::VariantOf;
use crate::{Event, EventType, PayloadError};

/// Converts the text of a JSON object to the event of this type.
///
/// # Errors
/// As of [`from_payload`].
pub(crate) fn from_payload_text<E: Event>(
    event_type: E::Type,
    payload: &str,
) -> Result<E, PayloadError> {
    let direct = E::deserialize(VariantOf {
        index: event_type.index(),
        content: PayloadText(payload),
    });
    // Only the slower way reports the field that does not fit.
    direct.or_else(|_| {
        let payload: Map<String, Value> =
            serde_json::from_str(payload).map_err(|source| PayloadError {
                event_type: event_type.name(),
                field: None,
                source,
            })?;
        from_payload(event_type, payload)
    })
}

/// Content of a variant: the text of a JSON object, for any shape of the variant.
struct PayloadText<'de>(&'de str);

impl<'de> PayloadText<'de> {
    /// Deserializes the whole text.
    fn read<T>(
        self,
        read: impl FnOnce(&mut Deserializer<StrRead<'de>>) -> serde_json::Result<T>,
    ) -> serde_json::Result<T> {
        let mut text = Deserializer::from_str(self.0);
        let value = read(&mut text)?;
        text.end()?;
        Ok(value)
    }
}

impl<'de> VariantAccess<'de> for PayloadText<'de> {
    type Error = serde_json::Error;

    fn unit_variant(self) -> Result<(), Self::Error> {
        if self.0 == "{}" {
            return Ok(());
        }
        Err(Self::Error::custom(
            "unexpected fields, there are no fields",
        ))
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(
        self,
        seed: T,
    ) -> Result<T::Value, Self::Error> {
        self.read(|text| seed.deserialize(text))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, Self::Error> {
        Err(Self::Error::custom("the payload must be a JSON object"))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        self.read(|text| text.deserialize_struct("", fields, visitor))
    }
}
