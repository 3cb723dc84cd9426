//! Names of a machine's entities, events and fields on the wire.

use std::collections::BTreeSet;

use axum::http::HeaderName;
use eventsource_core::model::names::is_reserved_field;
use eventsource_core::{
    DataField, EntityId, Event, EventType, IdFormat, payload_fields, payload_schema,
};
use heck::{ToLowerCamelCase, ToUpperCamelCase};
use serde_json::Value;

/// Names of one machine on the wire.
pub(crate) struct WireNames {
    /// Entity in paths: `task`.
    pub(crate) entity: &'static str,
    /// Event collection in paths: `task_event`.
    pub(crate) event: String,
    /// Entity id in bodies: `taskId`.
    pub(crate) entity_id: String,
    /// Entity id in queries: `task_id`.
    pub(crate) entity_id_query: String,
    /// Response header of an appended event's id: `X-TaskEvent-Id`.
    pub(crate) id_header: HeaderName,
    /// Reason that is given for a text that is not an entity id.
    pub(crate) invalid_id_reason: String,
    id_format: IdFormat,
    /// Fields of the data that are always strings, which a query writes without quotes.
    pub(crate) string_fields: BTreeSet<&'static str>,
    /// Event types that no client appends.
    pub(crate) internal: Vec<&'static str>,
}

impl WireNames {
    /// Derives the names from the entity of `E`.
    pub(crate) fn of<E: Event>() -> Self {
        let entity = E::ENTITY;
        let id_header = format!("x-{}event-id", entity.to_upper_camel_case()).to_lowercase();
        Self {
            entity,
            event: format!("{entity}_event"),
            entity_id: format!("{}Id", entity.to_lower_camel_case()),
            entity_id_query: format!("{entity}_id"),
            // The derive takes letters, digits and underscores only.
            id_header: HeaderName::try_from(id_header)
                .unwrap_or(HeaderName::from_static("x-event-id")),
            invalid_id_reason: match (E::ID, E::ID.parse("")) {
                (IdFormat::Uuid, _) => "Not a valid UUID.".to_owned(),
                (_, Err(error)) => as_sentence(&error.to_string()),
                (_, Ok(_)) => "Not a valid id.".to_owned(),
            },
            id_format: E::ID,
            string_fields: string_fields::<E>(),
            internal: (E::Type::ALL.iter())
                .filter(|event_type| event_type.is_internal())
                .map(|event_type| event_type.name())
                .collect(),
        }
    }

    /// Formats an entity id as the machine's id format has it.
    pub(crate) fn format_id(&self, id: EntityId) -> String {
        self.id_format.format(id)
    }

    /// Parses an entity id in the machine's id format.
    pub(crate) fn parse_id(&self, text: &str) -> Option<EntityId> {
        self.id_format.parse(text).ok()
    }
}

/// Finds the fields of the data whose values are always strings.
fn string_fields<E: Event>() -> BTreeSet<&'static str> {
    let schemas: Vec<Value> = E::Type::ALL
        .iter()
        .map(|event_type| payload_schema::<E>(*event_type))
        .collect();
    let is_string = |field: &&DataField| {
        let mut sources = field.sources().iter();
        sources.all(|source| {
            let Some(name) = source.payload_field() else {
                return false;
            };
            match &schemas[source.event().get()]["properties"][name]["type"] {
                Value::String(kind) => kind == "string",
                Value::Array(kinds) => kinds.iter().all(|kind| kind == "string" || kind == "null"),
                _ => false,
            }
        })
    };
    let strings = E::DATA_FIELDS.iter().filter(is_string);
    strings.map(|field| field.name()).collect()
}

/// Makes a sentence of an error text: a capital first and a full stop last.
fn as_sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    let mut sentence: String = first.chain(letters).collect();
    sentence.push('.');
    sentence
}

/// Spells a payload field as bodies do, in camelCase.
pub(crate) fn wire_field(field: &str) -> String {
    field.to_lower_camel_case()
}

/// Field of the payload that a field of a body stands for.
pub(crate) enum PayloadField {
    /// Field of the event type, as the payload spells it.
    Own(String),
    /// Field of other event types only.
    OtherEventType,
    /// No field of any event type.
    Unknown,
}

/// Finds the field of the payload that bodies call `name`.
pub(crate) fn payload_field<E: Event>(event_type: E::Type, name: &str) -> PayloadField {
    let Some(own) = payload_fields::<E>(event_type) else {
        // The payload takes any field as it is spelled, except those that every event has.
        return match is_reserved_field(E::ENTITY, name) {
            true => PayloadField::Unknown,
            false => PayloadField::Own(name.to_owned()),
        };
    };
    let is_named = |field: &&&str| wire_field(field) == name;
    if let Some(field) = own.iter().find(is_named) {
        return PayloadField::Own((*field).to_owned());
    }
    let mut others = E::Type::ALL
        .iter()
        .filter_map(|other| payload_fields::<E>(*other));
    if others.any(|fields| fields.iter().any(|field| wire_field(field) == name)) {
        PayloadField::OtherEventType
    } else {
        PayloadField::Unknown
    }
}
