//! What things are called on the wire.

use eventsource_core::{Event, EventType, payload_fields};
use heck::{ToLowerCamelCase, ToUpperCamelCase};

/// The names that a machine has over HTTP.
pub(crate) struct Names {
    /// `task_event`, in paths.
    pub(crate) event: String,
    /// `taskId`, in bodies.
    pub(crate) entity_id: String,
    /// `task_id`, in queries.
    pub(crate) entity_id_query: String,
    /// `X-TaskEvent-Id`, in answers.
    pub(crate) id_header: String,
}

impl Names {
    pub(crate) fn of<E: Event>() -> Self {
        let entity = E::ENTITY;
        Self {
            event: format!("{entity}_event"),
            entity_id: format!("{}Id", entity.to_lower_camel_case()),
            entity_id_query: format!("{entity}_id"),
            id_header: format!("x-{}event-id", entity.to_upper_camel_case()).to_lowercase(),
        }
    }
}

/// A payload field as bodies spell it.
pub(crate) fn wire_field(field: &str) -> String {
    field.to_lower_camel_case()
}

/// How a field of a body is spelled in the payload.
pub(crate) enum Field {
    /// A field of the event type.
    Own(String),
    /// A field of other event types only.
    Foreign,
    Unknown,
}

/// Which field of the payload `name` is.
pub(crate) fn find_field<E: Event>(event_type: E::Type, name: &str) -> Field {
    let Some(own) = payload_fields::<E>(event_type) else {
        // The payload takes any field, as it is spelled.
        return Field::Own(name.to_owned());
    };
    let is_it = |field: &&&str| wire_field(field) == name;
    if let Some(field) = own.iter().find(is_it) {
        return Field::Own((*field).to_owned());
    }
    let mut others = E::Type::ALL
        .iter()
        .filter_map(|other| payload_fields::<E>(*other));
    if others.any(|fields| fields.iter().any(|field| wire_field(field) == name)) {
        Field::Foreign
    } else {
        Field::Unknown
    }
}
