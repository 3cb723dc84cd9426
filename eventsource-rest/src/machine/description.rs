//! Description of a machine and its payloads, independent of the Rust types.

use eventsource_core::model::Machine;
use eventsource_core::{DataField, Event, EventType, IdFormat, payload_schema};
use heck::ToUpperCamelCase;
use serde_json::{Map, Value, json};

use super::example::example_value;
use crate::wire::names::{WireNames, wire_field};

/// Machine and payloads, without their Rust types.
pub(crate) struct MachineDescription {
    /// Entity: `task`.
    pub(crate) entity: &'static str,
    /// Rules.
    pub(crate) machine: &'static Machine,
    /// Names on the wire.
    pub(crate) names: WireNames,
    /// Event types, in the order of the machine.
    pub(crate) events: Vec<EventDescription>,
    /// Schema of each field of an entity's data; any may be null.
    pub(crate) data: Map<String, Value>,
    /// Commands that clients may give.
    pub(crate) commands: Vec<CommandDescription>,
    id_format: IdFormat,
}

/// Command that clients may give.
pub(crate) struct CommandDescription {
    /// Name in paths.
    pub(crate) name: &'static str,
    /// Schema of its body.
    pub(crate) schema: Value,
    /// Whether it can be executed later.
    pub(crate) is_submittable: bool,
}

/// Event type and its payload.
pub(crate) struct EventDescription {
    /// Name: `CREATED`.
    pub(crate) name: &'static str,
    /// Name of its schema: `TaskCreated`.
    pub(crate) title: String,
    /// Whether it may be the first event of an entity.
    pub(crate) initial: bool,
    /// Whether no client may append it.
    pub(crate) internal: bool,
    /// Schema of each field, as bodies spell it.
    pub(crate) properties: Map<String, Value>,
    /// Required fields, as bodies spell them.
    pub(crate) required: Vec<String>,
    /// Example of a payload.
    pub(crate) example: Map<String, Value>,
    /// Whether other fields than the properties are allowed.
    pub(crate) open: bool,
}

impl EventDescription {
    /// Returns an example of a body, without the entity.
    pub(crate) fn body(&self) -> Value {
        let mut body = Map::new();
        body.insert("eventType".to_owned(), self.name.into());
        body.extend(self.example.clone());
        body.into()
    }
}

impl MachineDescription {
    /// Lists the event types that clients may append.
    pub(crate) fn for_clients(&self) -> impl Iterator<Item = &EventDescription> + Clone {
        self.events.iter().filter(|event| !event.internal)
    }

    /// Describes the machine of `E`.
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
            let example = required.iter().filter_map(|name| {
                let schema = fields.get(name)?;
                Some((name.clone(), example_value(schema)))
            });
            EventDescription {
                name: event_type.name(),
                title: format!("{entity}{}", event_type.name().to_upper_camel_case()),
                initial: event_type.is_initial(),
                internal: event_type.is_internal(),
                open: properties.is_none(),
                example: example.collect(),
                properties: fields,
                required,
            }
        };
        let events: Vec<EventDescription> = E::Type::ALL.iter().map(event).collect();
        let data = E::DATA_FIELDS.iter();
        Self {
            entity: E::ENTITY,
            machine: E::MACHINE,
            names: WireNames::of::<E>(),
            data: data
                .map(|field| (wire_field(field.name()), nullable::<E>(&events, field)))
                .collect(),
            events,
            commands: Vec::new(),
            id_format: E::ID,
        }
    }

    /// Returns the schema of an entity id.
    pub(crate) fn id_schema(&self) -> Value {
        match self.id_format {
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

    /// Returns the name of the entity's schema: `Task`.
    pub(crate) fn title(&self) -> String {
        self.entity.to_upper_camel_case()
    }
}

/// Returns the schema of a data field: that of its sources, or null.
///
/// If the sources have different schemas, any value is allowed.
fn nullable<E: Event>(events: &[EventDescription], field: &DataField) -> Value {
    let mut sources = field.sources().iter().map(|source| {
        let event = events.get(source.event().get())?;
        event.properties.get(&wire_field(source.payload_field()?))
    });
    let mut schema = match sources.next().flatten() {
        Some(first) if sources.all(|source| source == Some(first)) => {
            json!({ "anyOf": [first, { "type": "null" }] })
        }
        _ => json!({}),
    };
    let machine = E::MACHINE;
    let mut sources = field.sources().iter();
    if sources.any(|source| !machine.rule(source.event()).readers.is_empty()) {
        schema["description"] = "Absent for readers who may not see all events that set it.".into();
    }
    schema
}

/// Escapes a text so that it is a pattern for itself.
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
