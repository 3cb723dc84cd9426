//! Conversion of an event from and to its payload, a JSON object without the name of the variant.

use serde::de::{DeserializeSeed, Deserializer, Error as _, VariantAccess, Visitor};
use serde_json::{Map, Value};

use crate::payload::inspect::{Shape, shape_of};
use crate::payload::variant::VariantOf;
use crate::{Event, EventType};

/// Message about a payload of another form.
pub(crate) const NOT_AN_OBJECT: &str = "the payload must be a JSON object";

/// Error of a payload that does not fit the fields of its event type.
///
/// ```
/// # mod example {
/// use eventsource_core::{Event, from_payload};
/// # use serde::{Deserialize, Serialize};
/// #[derive(Debug, Serialize, Deserialize, Event)]
/// #[machine(entity = "light")]
/// pub enum LightEvent {
///     #[event(terminal)]
///     Lit { watts: u32 },
/// }
///
/// # pub fn main() {
/// let error = from_payload::<LightEvent>(LightEventType::Lit, Default::default()).unwrap_err();
/// assert_eq!(error.to_string(), "the payload of 'LIT' does not fit: missing field `watts`");
/// # }
/// # }
/// # example::main();
/// ```
#[derive(Debug, thiserror::Error)]
#[error("the payload of '{event_type}' does not fit: {source}")]
pub struct PayloadError {
    /// Name of the event type.
    pub event_type: &'static str,
    /// Field that does not fit, if it is known.
    pub field: Option<String>,
    /// Error of serde.
    pub source: serde_json::Error,
}

/// Returns the payload of `event`: its fields as a JSON object, empty for an event without fields.
///
/// # Errors
/// [`PayloadError`] if a field cannot be written as JSON, or a payload type is not an object.
///
/// ```
/// # mod example {
/// use eventsource_core::{Event, to_payload};
/// # use serde::{Deserialize, Serialize};
/// #[derive(Serialize, Deserialize, Event)]
/// #[machine(entity = "light")]
/// pub enum LightEvent {
///     #[event(terminal)]
///     Lit { watts: u32 },
/// }
///
/// # pub fn main() {
/// let payload = to_payload(&LightEvent::Lit { watts: 60 }).unwrap();
/// assert_eq!(payload["watts"], 60);
/// # }
/// # }
/// # example::main();
/// ```
pub fn to_payload<E: Event>(event: &E) -> Result<Map<String, Value>, PayloadError> {
    let failed = |source| PayloadError {
        event_type: event.event_type().name(),
        field: None,
        source,
    };
    // Serde's default representation of an enum: "Name", or {"Name": payload}.
    let tagged = serde_json::to_value(event).map_err(failed)?;
    let payload = match tagged {
        Value::String(_) => Value::Null,
        Value::Object(tagged) => tagged.into_values().next().unwrap_or_default(),
        other => other,
    };
    match payload {
        Value::Object(fields) => Ok(fields),
        Value::Null => Ok(Map::new()),
        _ => Err(failed(serde_json::Error::custom(NOT_AN_OBJECT))),
    }
}

/// Returns the event of this type with this payload.
///
/// # Errors
/// [`PayloadError`] if a field is missing or of another type.
///
/// ```
/// # mod example {
/// use eventsource_core::{Event, from_payload};
/// # use serde::{Deserialize, Serialize};
/// #[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
/// #[machine(entity = "light")]
/// pub enum LightEvent {
///     #[event(terminal)]
///     Lit { watts: u32 },
/// }
///
/// # pub fn main() {
/// let payload = serde_json::json!({"watts": 60}).as_object().unwrap().clone();
/// let event = from_payload::<LightEvent>(LightEventType::Lit, payload).unwrap();
/// assert_eq!(event, LightEvent::Lit { watts: 60 });
/// # }
/// # }
/// # example::main();
/// ```
pub fn from_payload<E: Event>(
    event_type: E::Type,
    payload: Map<String, Value>,
) -> Result<E, PayloadError> {
    let variant = VariantOf {
        index: event_type.index(),
        content: PayloadFields(payload),
    };
    serde_path_to_error::deserialize(variant).map_err(|error| PayloadError {
        event_type: event_type.name(),
        field: error.path().iter().find_map(|segment| match segment {
            serde_path_to_error::Segment::Map { key } => Some(key.clone()),
            _ => None,
        }),
        source: error.into_inner(),
    })
}

/// Returns the names of the payload fields of `event_type`, or `None` if it accepts any field.
///
/// ```
/// # mod example {
/// use eventsource_core::{Event, payload_fields};
/// # use serde::{Deserialize, Serialize};
/// #[derive(Clone, Serialize, Deserialize)]
/// pub struct Bulb { watts: u32 }
///
/// #[derive(Serialize, Deserialize, Event)]
/// #[machine(entity = "light")]
/// pub enum LightEvent {
///     #[event(terminal)]
///     Lit(Bulb),
/// }
///
/// # pub fn main() {
/// assert_eq!(payload_fields::<LightEvent>(LightEventType::Lit), Some(&["watts"][..]));
/// # }
/// # }
/// # example::main();
/// ```
#[must_use]
pub fn payload_fields<E: Event>(event_type: E::Type) -> Option<&'static [&'static str]> {
    match shape_of::<E>(event_type) {
        Shape::Fields(fields) => Some(fields),
        Shape::AnyFields | Shape::NoObject => None,
    }
}

/// Content of a variant: a JSON object, for any shape of the variant.
struct PayloadFields(Map<String, Value>);

impl<'de> VariantAccess<'de> for PayloadFields {
    type Error = serde_json::Error;

    fn unit_variant(self) -> Result<(), Self::Error> {
        match self.0.keys().next() {
            None => Ok(()),
            Some(field) => Err(Self::Error::custom(format_args!(
                "unknown field `{field}`, there are no fields"
            ))),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(
        self,
        seed: T,
    ) -> Result<T::Value, Self::Error> {
        seed.deserialize(Value::Object(self.0))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, Self::Error> {
        Err(Self::Error::custom(NOT_AN_OBJECT))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        Value::Object(self.0).deserialize_struct("", fields, visitor)
    }
}
