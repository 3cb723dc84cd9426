//! What is told of a machine, whatever its events are.

use eventsource_core::model::Machine;
use eventsource_core::{DataField, Event, EventType, IdFormat, payload_schema};
use heck::ToUpperCamelCase;
use serde_json::{Map, Value, json};

use super::example::example;
use crate::wire::names::{Names, wire_field};

/// A machine and its payloads, without their types.
pub(crate) struct Described {
    pub(crate) entity: &'static str,
    pub(crate) machine: &'static Machine,
    pub(crate) names: Names,
    pub(crate) events: Vec<DescribedEvent>,
    /// Of each field of the data of an entity, which need not have a value.
    pub(crate) data: Map<String, Value>,
    ids: IdFormat,
}

pub(crate) struct DescribedEvent {
    /// `CREATED`.
    pub(crate) name: &'static str,
    /// `TaskCreated`, as schemas are called.
    pub(crate) title: String,
    pub(crate) initial: bool,
    /// Of each field, as bodies spell it.
    pub(crate) properties: Map<String, Value>,
    pub(crate) required: Vec<String>,
    /// A payload to show.
    pub(crate) example: Map<String, Value>,
    /// Whether there may be fields that are not among the properties.
    pub(crate) open: bool,
}

impl DescribedEvent {
    /// A body to show, without the entity.
    pub(crate) fn body(&self) -> Value {
        let mut body = Map::new();
        body.insert("eventType".to_owned(), self.name.into());
        body.extend(self.example.clone());
        body.into()
    }
}

impl Described {
    pub(crate) fn of<E: Event>() -> Self {
        let entity = E::ENTITY.to_upper_camel_case();
        let event = |event_type: &E::Type| {
            let mut schema = payload_schema::<E>(*event_type);
            let properties = schema["properties"].take();
            let properties = properties.as_object();
            let named = |(name, schema): (&String, &Value)| (wire_field(name), schema.clone());
            let required = schema["required"].as_array().into_iter().flatten();
            let required: Vec<String> =
                required.filter_map(Value::as_str).map(wire_field).collect();
            let fields: Map<String, Value> = properties.into_iter().flatten().map(named).collect();
            let shown = required.iter().filter_map(|name| {
                let schema = fields.get(name)?;
                Some((name.clone(), example(schema)))
            });
            DescribedEvent {
                name: event_type.name(),
                title: format!("{entity}{}", event_type.name().to_upper_camel_case()),
                initial: event_type.is_initial(),
                open: properties.is_none(),
                example: shown.collect(),
                properties: fields,
                required,
            }
        };
        let events: Vec<DescribedEvent> = E::Type::ALL.iter().map(event).collect();
        let data = E::DATA_FIELDS.iter();
        Self {
            entity: E::ENTITY,
            machine: E::MACHINE,
            names: Names::of::<E>(),
            data: data
                .map(|field| (wire_field(field.name()), nullable(&events, field)))
                .collect(),
            events,
            ids: E::ID,
        }
    }

    /// Of the ids of the entities.
    pub(crate) fn id_schema(&self) -> Value {
        match self.ids {
            IdFormat::Ulid { prefix } => {
                let pattern = format!("^{}[0-7][0-9A-HJKMNP-TV-Z]{{25}}$", escaped(prefix));
                json!({ "type": "string", "pattern": pattern })
            }
            IdFormat::Counter { prefix, width } => {
                let pattern = format!("^{}[0-9]{{{width},}}$", escaped(prefix));
                json!({ "type": "string", "pattern": pattern })
            }
            _ => json!({ "type": "string", "format": "uuid" }),
        }
    }

    /// `Task`, as schemas are called.
    pub(crate) fn title(&self) -> String {
        self.entity.to_upper_camel_case()
    }
}

/// The values that feed a field, or none: what is not the same in all events may be anything.
fn nullable(events: &[DescribedEvent], field: &DataField) -> Value {
    let mut sources = field.sources().iter().map(|source| {
        let event = events.get(source.event().get())?;
        event.properties.get(&wire_field(source.payload_field()?))
    });
    match sources.next().flatten() {
        Some(first) if sources.all(|source| source == Some(first)) => {
            json!({ "anyOf": [first, { "type": "null" }] })
        }
        _ => json!({}),
    }
}

/// As a pattern that it alone fits.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if !character.is_alphanumeric() && character != '_' && character != '-' {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}
