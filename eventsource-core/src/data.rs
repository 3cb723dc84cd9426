//! Data of an entity as JSON, merged event by event.

use serde_json::{Map, Value};

use crate::{Event, EventType};

/// Returns the data of an entity without events as JSON: every field of [`Event::Data`], all null.
///
/// ```
/// # mod example {
/// # use eventsource_core::{Event, empty_data};
/// # use serde::{Deserialize, Serialize};
/// #[derive(Serialize, Deserialize, Event)]
/// #[machine(entity = "light")]
/// pub enum LightEvent {
///     #[event(terminal)]
///     Lit { watts: u32 },
/// }
///
/// # pub fn main() {
/// assert_eq!(serde_json::json!(empty_data::<LightEvent>()), serde_json::json!({"watts": null}));
/// # }
/// # }
/// # example::main();
/// ```
#[must_use]
pub fn empty_data<E: Event>() -> Map<String, Value> {
    let fields = E::DATA_FIELDS.iter();
    fields
        .map(|field| (field.name().to_owned(), Value::Null))
        .collect()
}

/// Merges one more payload into the JSON data of an entity, as [`Fold::apply`](crate::Fold) of
/// [`Event::Data`] does with events.
///
/// A later value replaces an earlier one; an absent or null field leaves it. Begin with
/// [`empty_data`]: after the payloads of all events the result equals the serialized `Event::Data`
/// of those events.
///
/// ```
/// # mod example {
/// # use eventsource_core::{Event, empty_data, merge_data};
/// # use serde::{Deserialize, Serialize};
/// #[derive(Serialize, Deserialize, Event)]
/// #[machine(entity = "light")]
/// pub enum LightEvent {
///     #[event(follows = any_state | nothing)]
///     Lit { watts: Option<u32>, room: Option<String> },
/// }
///
/// # pub fn main() {
/// let mut data = empty_data::<LightEvent>();
/// for payload in [
///     serde_json::json!({"watts": 60, "room": "hall"}),
///     serde_json::json!({"watts": 40, "room": null}),
/// ] {
///     merge_data::<LightEvent>(&mut data, LightEventType::Lit, payload.as_object().unwrap());
/// }
/// assert_eq!(serde_json::json!(data), serde_json::json!({"watts": 40, "room": "hall"}));
/// # }
/// # }
/// # example::main();
/// ```
pub fn merge_data<E: Event>(
    data: &mut Map<String, Value>,
    event_type: E::Type,
    payload: &Map<String, Value>,
) {
    let event = event_type.index();
    for field in E::DATA_FIELDS {
        let Some(source) = field
            .sources()
            .iter()
            .find(|source| source.event() == event)
        else {
            continue;
        };
        let value = match source.payload_field() {
            Some(name) => payload.get(name).filter(|value| !value.is_null()).cloned(),
            None => Some(Value::Object(payload.clone())),
        };
        if let Some(value) = value {
            data.insert(field.name().to_owned(), value);
        }
    }
}

/// Payload field that sets a data field of type `T`: a `T` or an `Option<T>`.
#[diagnostic::on_unimplemented(
    message = "a payload field of type `{Self}` cannot feed data of type `{T}`",
    label = "is neither `{T}` nor an `Option` of it",
    note = "fields of one name feed one field of the data, whichever event they are of",
    note = "let this one feed another: `#[event(feeds = other_name)]`"
)]
pub trait FieldValue<T> {
    /// Returns the value, if there is one.
    fn value(&self) -> Option<&T>;
}

impl<T> FieldValue<T> for T {
    fn value(&self) -> Option<&T> {
        Some(self)
    }
}

impl<T> FieldValue<T> for Option<T> {
    fn value(&self) -> Option<&T> {
        self.as_ref()
    }
}

/// Sets `data` to the value of `field`, if it has one.
pub fn assign<T: Clone, F: FieldValue<T>>(data: &mut Option<T>, field: &F) {
    if let Some(value) = field.value() {
        *data = Some(value.clone());
    }
}
