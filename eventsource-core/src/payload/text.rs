//! Conversion of an event from and to the text of its payload, without a JSON
//! [`Value`](serde_json::Value) in between.

use std::io::{self, Write};

use serde::de::{DeserializeSeed, Deserializer as _, Error as _, VariantAccess, Visitor};
use serde_json::de::StrRead;
use serde_json::error::Category;
use serde_json::ser::Formatter;
use serde_json::{Deserializer, Map, Serializer, Value};

use crate::payload::limits::MAX_PAYLOAD_DEPTH;
use crate::payload::scan::{RESERVED, scan_document};
use crate::payload::value::{NOT_AN_OBJECT, from_payload};
use crate::payload::variant::VariantOf;
use crate::{Event, EventType, PayloadError};

/// Text of a payload without fields.
const EMPTY: &str = "{}";

/// Returns the payload of `event` as JSON: the text of an object, unless serde gives it another form.
///
/// A payload that is nested too deep is cut off where it becomes so, which a
/// [`scan`](crate::payload::scan::scan) refuses: nothing here is as deep as the value that was given.
///
/// # Errors
/// [`PayloadError`] if a field cannot be written as JSON.
pub(crate) fn to_payload_text<E: Event>(event: &E) -> Result<String, PayloadError> {
    let failed = |source| PayloadError {
        event_type: event.event_type().name(),
        field: None,
        source,
    };
    let mut written = Vec::with_capacity(128);
    let is_cut = match event.serialize(&mut Serializer::with_formatter(&mut written, DepthLimit(0)))
    {
        Ok(()) => false,
        // Too deep: nothing else fails to write to a vector.
        Err(error) if error.is_io() => true,
        Err(error) => return Err(failed(error)),
    };
    let mut tagged =
        String::from_utf8(written).map_err(|error| failed(serde_json::Error::custom(error)))?;
    // Serde's default representation of an enum: "Name", or {"Name":payload}.
    if tagged.starts_with('"') {
        return Ok(EMPTY.to_owned());
    }
    let start = start_of_payload(&tagged)
        .ok_or_else(|| failed(serde_json::Error::custom(NOT_AN_OBJECT)))?;
    if !is_cut {
        tagged.pop();
    }
    tagged.drain(..start);
    match tagged.as_str() {
        "null" => Ok(EMPTY.to_owned()),
        _ => Ok(tagged),
    }
}

/// Compact JSON, which ends at the first value that is nested too deep; holds the present depth.
struct DepthLimit(usize);

impl DepthLimit {
    fn begin<W: ?Sized + Write>(&mut self, writer: &mut W, bracket: &[u8]) -> io::Result<()> {
        /// The name of the variant is around the payload.
        const MAX: usize = MAX_PAYLOAD_DEPTH + 1;
        writer.write_all(bracket)?;
        self.0 += 1;
        match self.0 > MAX {
            true => Err(io::ErrorKind::InvalidData.into()),
            false => Ok(()),
        }
    }

    fn end<W: ?Sized + Write>(&mut self, writer: &mut W, bracket: &[u8]) -> io::Result<()> {
        self.0 -= 1;
        writer.write_all(bracket)
    }
}

impl Formatter for DepthLimit {
    fn begin_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.begin(writer, b"[")
    }

    fn end_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.end(writer, b"]")
    }

    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.begin(writer, b"{")
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.end(writer, b"}")
    }
}

/// Returns where the payload begins in `{"Name":payload}`.
fn start_of_payload(tagged: &str) -> Option<usize> {
    const OPENING: &str = "{\"";
    let name = tagged.strip_prefix(OPENING)?;
    let mut is_escaped = false;
    let end = name.bytes().position(|byte| {
        let is_end = byte == b'"' && !is_escaped;
        is_escaped = byte == b'\\' && !is_escaped;
        is_end
    })?;
    let content = name[end..].strip_prefix("\":")?;
    Some(tagged.len() - content.len())
}

/// Creates the error of a payload that [`scan`](crate::payload::scan::scan) has found malformed.
pub(crate) fn malformed(event_type: &'static str, payload: &str) -> PayloadError {
    let read: serde_json::Result<Map<String, Value>> = serde_json::from_str(payload);
    PayloadError {
        event_type,
        field: None,
        source: match read {
            // Never: what the scan finds malformed, a reader refuses.
            Ok(_) => serde_json::Error::custom("malformed JSON"),
            Err(error) if error.classify() == Category::Data => {
                serde_json::Error::custom(NOT_AN_OBJECT)
            }
            Err(error) => error,
        },
    }
}

/// Converts the text of a JSON object to the event of this type.
///
/// # Errors
/// As of [`from_payload`].
pub(crate) fn from_payload_text<E: Event>(
    event_type: E::Type,
    payload: &str,
) -> Result<E, PayloadError> {
    // A key with this beginning, which no append has stored: its value would be parsed as JSON of its own.
    if payload.contains(RESERVED) && scan_document(payload).is_err() {
        return Err(PayloadError {
            event_type: event_type.name(),
            field: None,
            source: serde_json::Error::custom(format_args!("a key begins with {RESERVED}")),
        });
    }
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
        if self.0 == EMPTY {
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
        Err(Self::Error::custom(NOT_AN_OBJECT))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        self.read(|text| text.deserialize_struct("", fields, visitor))
    }
}
