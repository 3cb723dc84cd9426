//! What things are called on the wire.

use std::collections::BTreeSet;

use axum::http::HeaderName;
use eventsource_core::model::names::is_reserved_field;
use eventsource_core::{
    DataField, EntityId, Event, EventType, IdFormat, payload_fields, payload_schema,
};
use heck::{ToLowerCamelCase, ToUpperCamelCase};
use serde_json::Value;

/// The names that a machine has over HTTP.
pub(crate) struct Names {
    /// `task`, in paths.
    pub(crate) entity: &'static str,
    /// `task_event`, in paths.
    pub(crate) event: String,
    /// `taskId`, in bodies.
    pub(crate) entity_id: String,
    /// `task_id`, in queries.
    pub(crate) entity_id_query: String,
    /// `X-TaskEvent-Id`, in answers.
    pub(crate) id_header: HeaderName,
    /// What is said of a text that is no id of an entity.
    pub(crate) not_an_id: String,
    ids: IdFormat,
    /// The fields of the data whose values are texts, which a query writes without quotes.
    pub(crate) texts: BTreeSet<&'static str>,
}

impl Names {
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
            not_an_id: match (E::ID, E::ID.parse("")) {
                (IdFormat::Uuid, _) => "Not a valid UUID.".to_owned(),
                (_, Err(error)) => sentence(&error.to_string()),
                (_, Ok(_)) => "Not a valid id.".to_owned(),
            },
            ids: E::ID,
            texts: texts::<E>(),
        }
    }

    /// An entity's id as the machine writes it.
    pub(crate) fn format_id(&self, id: EntityId) -> String {
        self.ids.format(id)
    }

    /// The id that the machine writes so.
    pub(crate) fn parse_id(&self, text: &str) -> Option<EntityId> {
        self.ids.parse(text).ok()
    }
}

/// The fields of the data that take texts and nothing else.
fn texts<E: Event>() -> BTreeSet<&'static str> {
    let schemas: Vec<Value> = E::Type::ALL
        .iter()
        .map(|event_type| payload_schema::<E>(*event_type))
        .collect();
    let is_text = |field: &&DataField| {
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
    let texts = E::DATA_FIELDS.iter().filter(is_text);
    texts.map(|field| field.name()).collect()
}

/// With a capital and a full stop.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    let mut sentence: String = first.chain(letters).collect();
    sentence.push('.');
    sentence
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
        // The payload takes any field, as it is spelled, but for those that every event has.
        return match is_reserved_field(E::ENTITY, name) {
            true => Field::Unknown,
            false => Field::Own(name.to_owned()),
        };
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
