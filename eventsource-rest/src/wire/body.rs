//! Body of an append: events and their entities.

use eventsource_core::{
    EntityId, Error, Event, EventType, UntrustedJsonError, from_payload, parse_untrusted_json,
};
use serde_json::{Map, Value};

use crate::wire::faults::{Fault, Faults, MAX_FAULTS};
use crate::wire::names::{PayloadField, WireNames, payload_field, wire_field};
use crate::wire::problem::Problem;

/// Member that names the event type.
const EVENT_TYPE: &str = "eventType";
/// Reason that is given for a missing member.
const MISSING: &str = "Missing data for required field.";
/// Reason that is given for a member that is null.
const NULL: &str = "Field may not be null.";

/// Event of a body, with its entity.
pub(crate) struct BodyEvent<E> {
    /// Entity; `None` for a new one, which this event or an earlier one of the body creates.
    pub(crate) entity_id: Option<EntityId>,
    /// Event, parsed and checked for its required fields.
    pub(crate) event: E,
}

/// Body of an append.
pub(crate) struct AppendBody<E> {
    /// Events, in the order of the body.
    pub(crate) events: Vec<BodyEvent<E>>,
    /// Whether the body was a list, so that the response is one.
    pub(crate) is_list: bool,
}

/// Reads the body of an append. `path_entity` is the entity of the path, if the path has one.
///
/// A body that is neither an object nor a list with items counts as an empty object, as in
/// microcosm-eventsource.
///
/// # Errors
/// 422 with all faults of the body.
pub(crate) fn read<E: Event>(
    names: &WireNames,
    body: &[u8],
    path_entity: Option<EntityId>,
    max_batch: usize,
) -> Result<AppendBody<E>, Problem> {
    let (parsed, unread) = match parse_untrusted_json(body) {
        Ok(parsed) => (parsed, None),
        Err(_) if body.is_empty() => (Value::Null, None),
        Err(UntrustedJsonError::Malformed(error)) => {
            (Value::Null, Some(format!("The body is not JSON: {error}.")))
        }
        Err(error) => (Value::Null, Some(format!("The body is not read: {error}."))),
    };
    let (given, is_list) = match parsed {
        Value::Array(given) if !given.is_empty() => (given, true),
        Value::Object(object) => (vec![object.into()], false),
        _ => (vec![Map::new().into()], false),
    };
    if given.len() > max_batch {
        let reason = format!(
            "The list has {} items; at most {max_batch} are allowed.",
            given.len()
        );
        return Err(Problem::body(&[Fault::at("", "_schema", reason)]));
    }
    let mut reader = BodyReader {
        names,
        entity: path_entity,
        creates: false,
        faults: Faults::up_to(MAX_FAULTS),
    };
    let mut events = Vec::with_capacity(given.len());
    for (number, value) in given.into_iter().enumerate() {
        let at = match is_list {
            true => format!("/{number}"),
            false => String::new(),
        };
        events.extend(reader.read_item::<E>(value, &at));
        if reader.faults.has_more() {
            break;
        }
    }
    if reader.faults.count() == 0 {
        return Ok(AppendBody { events, is_list });
    }
    let problem = Problem::faults(&reader.faults);
    Err(match unread {
        Some(detail) => problem.with("detail", detail),
        None => problem,
    })
}

/// Reads an event of a known entity, for a dry run.
///
/// # Errors
/// The faults of the event, up to `max_faults`.
pub(crate) fn read_event<E: Event>(
    names: &WireNames,
    value: Value,
    entity: EntityId,
    at: &str,
    max_faults: usize,
) -> Result<E, Faults> {
    let mut reader = BodyReader {
        names,
        entity: Some(entity),
        creates: false,
        faults: Faults::up_to(max_faults),
    };
    match reader.read_item::<E>(value, at) {
        Some(read) => Ok(read.event),
        None => Err(reader.faults),
    }
}

/// Reader of the events of one body, which collects their faults.
struct BodyReader<'a> {
    names: &'a WireNames,
    /// Entity of the path.
    entity: Option<EntityId>,
    /// Whether an earlier event of the body creates an entity without an id.
    creates: bool,
    faults: Faults,
}

impl BodyReader<'_> {
    /// Reads one event; `at` is the pointer to it. `None` if it has faults.
    fn read_item<E: Event>(&mut self, value: Value, at: &str) -> Option<BodyEvent<E>> {
        let before = self.faults.count();
        let Value::Object(mut body) = value else {
            self.faults.push(Fault::at(at, "_schema", "Not an object."));
            return None;
        };
        let event_type: Option<E::Type> = self.take(&mut body, EVENT_TYPE, at, true, |text| {
            text.parse()
                .map_err(|_| format!("Invalid enum member {text}"))
        });
        let entity_id = self.entity_id(&mut body, event_type, at);
        // The event type decides which fields are allowed.
        let event = event_type.and_then(|event_type| self.event(event_type, body, at));
        self.faults.sort_from(before);
        let whole = self.faults.count() == before;
        event
            .filter(|_| whole)
            .map(|event| BodyEvent { entity_id, event })
    }

    /// Reads the entity of an event, which may be missing if the path names it or the event creates
    /// it.
    fn entity_id<T: EventType>(
        &mut self,
        body: &mut Map<String, Value>,
        event_type: Option<T>,
        at: &str,
    ) -> Option<EntityId> {
        let names = self.names;
        let is_initial = event_type.is_some_and(T::is_initial);
        let needed = self.entity.is_none() && !self.creates && !is_initial;
        let given = self.take(body, &names.entity_id, at, needed, |text| {
            names
                .parse_id(text)
                .ok_or_else(|| names.invalid_id_reason.clone())
        });
        match (self.entity, given) {
            (Some(entity), Some(given)) if entity != given => {
                let reason = "Not the entity of the request.";
                self.faults.push(Fault::at(at, &names.entity_id, reason));
                None
            }
            (entity, given) => {
                let entity_id = entity.or(given);
                self.creates |= entity_id.is_none() && is_initial;
                entity_id
            }
        }
    }

    /// Reads the payload of an event.
    fn event<E: Event>(
        &mut self,
        event_type: E::Type,
        body: Map<String, Value>,
        at: &str,
    ) -> Option<E> {
        let mut payload = Map::new();
        for (name, value) in body {
            if self.faults.has_more() {
                return None;
            }
            match payload_field::<E>(event_type, &name) {
                PayloadField::Own(field) => {
                    payload.insert(field, value);
                }
                PayloadField::OtherEventType => {
                    let reason =
                        format!("Event type '{event_type}' does not have the field '{name}'");
                    self.faults.push(Fault::at(at, &name, reason));
                }
                PayloadField::Unknown => self.faults.push(Fault::at(at, &name, "Unknown field.")),
            }
        }
        let mut complete = true;
        for field in event_type.requires() {
            if payload.get(field).is_none_or(Value::is_null) {
                complete = false;
                payload.remove(field);
                self.faults.push(missing(event_type, field, at));
            }
        }
        self.deserialize(event_type, payload, complete, at)
    }

    /// Deserializes a payload and reports every field that does not fit.
    ///
    /// serde stops at the first such field, so the payload is deserialized again without it.
    fn deserialize<E: Event>(
        &mut self,
        event_type: E::Type,
        mut payload: Map<String, Value>,
        complete: bool,
        at: &str,
    ) -> Option<E> {
        let mut first = complete;
        loop {
            let error = match from_payload(event_type, payload.clone()) {
                Ok(event) => return Some(event),
                Err(error) => error,
            };
            let field = error.field.filter(|field| payload.remove(field).is_some());
            let known = field.is_some();
            if known || first {
                let name = field.as_deref().map_or("_schema".to_owned(), wire_field);
                self.faults
                    .push(Fault::at(at, &name, error.source.to_string()));
            }
            // Further errors would only report the fields that were removed; and a payload of many
            // fields is not read once for each of them.
            if !known || payload.len() > MAX_FAULTS || self.faults.has_more() {
                return None;
            }
            first = false;
        }
    }

    /// Takes a text member of the body out of it.
    fn take<T>(
        &mut self,
        body: &mut Map<String, Value>,
        name: &str,
        at: &str,
        needed: bool,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Option<T> {
        let parsed = match body.remove(name) {
            None if !needed => return None,
            None => Err(MISSING.to_owned()),
            Some(Value::Null) => Err(NULL.to_owned()),
            Some(Value::String(text)) => parse(&text),
            Some(other) => parse(&other.to_string()),
        };
        parsed
            .map_err(|reason| self.faults.push(Fault::at(at, name, reason)))
            .ok()
    }
}

/// Describes a missing required field in the words of the store, which checks the same.
fn missing<T: EventType>(event_type: T, field: &str, at: &str) -> Fault {
    let error = Error::MissingField {
        event_type: event_type.name().to_owned(),
        field: field.to_owned(),
    };
    Fault {
        message: format!("Missing required field: '{field}'"),
        ..Fault::at(at, &wire_field(field), error.to_string())
    }
}
