//! The body of an append: which events, of which entities.

use axum::body::Body;
use axum::http::StatusCode;
use eventsource_core::{EntityId, Error, Event, EventType, from_payload};
use serde_json::{Map, Value};

use crate::wire::names::{Field, Names, find_field, wire_field};
use crate::wire::problem::{Fault, Problem};

const EVENT_TYPE: &str = "eventType";
const MISSING: &str = "Missing data for required field.";
const NULL: &str = "Field may not be null.";

/// One event of a body.
pub(crate) struct Item<E> {
    /// `None` for the entity that begins with this event or began with one before it.
    pub(crate) entity_id: Option<EntityId>,
    pub(crate) event: E,
}

/// What a body asks to append.
pub(crate) struct Asked<E> {
    pub(crate) items: Vec<Item<E>>,
    /// Whether it was a list, which is answered by a list.
    pub(crate) is_list: bool,
}

/// The bytes of a body.
///
/// # Errors
/// 413 if there are more than `most`, 400 if it broke off.
pub(crate) async fn bytes(body: Body, most: usize) -> Result<axum::body::Bytes, Problem> {
    use axum::body::HttpBody;
    if body.size_hint().lower() > most as u64 {
        return Err(too_large(most));
    }
    axum::body::to_bytes(body, most).await.map_err(|error| {
        let cause = std::error::Error::source(&error);
        if cause.is_some_and(|cause| cause.is::<http_body_util::LengthLimitError>()) {
            return too_large(most);
        }
        Problem::new(
            StatusCode::BAD_REQUEST,
            "unreadable-body",
            "Unreadable body",
        )
        .detail("The body could not be read.")
    })
}

fn too_large(most: usize) -> Problem {
    let status = StatusCode::PAYLOAD_TOO_LARGE;
    Problem::new(status, "body-too-large", "Body too large")
        .detail(&format!("The body is larger than {most} bytes."))
        .with("limit", most)
}

/// Reads a body, telling all of its faults at once. `named` is the entity of the path.
///
/// As in microcosm, a body that is neither an object nor a list of some counts as an empty object.
///
/// # Errors
/// 422.
pub(crate) fn read<E: Event>(
    names: &Names,
    body: &[u8],
    named: Option<EntityId>,
    most: usize,
) -> Result<Asked<E>, Problem> {
    let (parsed, not_json) = match serde_json::from_slice(body) {
        Ok(parsed) => (parsed, None),
        Err(_) if body.is_empty() => (Value::Null, None),
        Err(error) => (Value::Null, Some(format!("The body is not JSON: {error}."))),
    };
    let (given, is_list) = match parsed {
        Value::Array(given) if !given.is_empty() => (given, true),
        Value::Object(object) => (vec![object.into()], false),
        _ => (vec![Map::new().into()], false),
    };
    if given.len() > most {
        let reason = format!("A list of {}; it may be of {most} at most.", given.len());
        return Err(Problem::body(&[Fault::at("", "_schema", reason)]));
    }
    let mut reader = Reader {
        names,
        named,
        begun: false,
        faults: Vec::new(),
    };
    let mut items = Vec::with_capacity(given.len());
    for (number, value) in given.into_iter().enumerate() {
        let at = match is_list {
            true => format!("/{number}"),
            false => String::new(),
        };
        items.extend(reader.item::<E>(value, &at));
    }
    if reader.faults.is_empty() {
        return Ok(Asked { items, is_list });
    }
    let problem = Problem::body(&reader.faults);
    Err(match not_json {
        Some(detail) => problem.with("detail", detail),
        None => problem,
    })
}

/// An event of this entity that is given to a dry run, or the faults of it.
pub(crate) fn read_event<E: Event>(
    names: &Names,
    value: Value,
    named: EntityId,
    at: &str,
) -> Result<E, Vec<Fault>> {
    let mut reader = Reader {
        names,
        named: Some(named),
        begun: false,
        faults: Vec::new(),
    };
    match reader.item::<E>(value, at) {
        Some(item) => Ok(item.event),
        None => Err(reader.faults),
    }
}

struct Reader<'a> {
    names: &'a Names,
    named: Option<EntityId>,
    /// Whether an event before began an entity without a name.
    begun: bool,
    faults: Vec<Fault>,
}

impl Reader<'_> {
    fn item<E: Event>(&mut self, value: Value, at: &str) -> Option<Item<E>> {
        let before = self.faults.len();
        let Value::Object(mut body) = value else {
            self.faults.push(Fault::at(at, "_schema", "Not an object."));
            return None;
        };
        let event_type: Option<E::Type> = self.take(&mut body, EVENT_TYPE, at, true, |text| {
            text.parse()
                .map_err(|_| format!("Invalid enum member {text}"))
        });
        let entity_id = self.entity_id(&mut body, event_type, at);
        // Without an event type it is not known which fields there may be.
        let event = event_type.and_then(|event_type| self.event(event_type, body, at));
        let faults = &mut self.faults[before..];
        faults.sort_by(|one, other| one.field.cmp(&other.field));
        let whole = faults.is_empty();
        event
            .filter(|_| whole)
            .map(|event| Item { entity_id, event })
    }

    fn entity_id<T: EventType>(
        &mut self,
        body: &mut Map<String, Value>,
        event_type: Option<T>,
        at: &str,
    ) -> Option<EntityId> {
        let names = self.names;
        let begins = event_type.is_some_and(T::is_initial);
        let needed = self.named.is_none() && !self.begun && !begins;
        let given = self.take(body, &names.entity_id, at, needed, |text| {
            names.parse_id(text).ok_or_else(|| names.not_an_id.clone())
        });
        match (self.named, given) {
            (Some(named), Some(given)) if named != given => {
                let reason = "Not the entity that is spoken of.";
                self.faults.push(Fault::at(at, &names.entity_id, reason));
                None
            }
            (named, given) => {
                let entity_id = named.or(given);
                self.begun |= entity_id.is_none() && begins;
                entity_id
            }
        }
    }

    fn event<E: Event>(
        &mut self,
        event_type: E::Type,
        body: Map<String, Value>,
        at: &str,
    ) -> Option<E> {
        let mut payload = Map::new();
        for (name, value) in body {
            match find_field::<E>(event_type, &name) {
                Field::Own(field) => {
                    payload.insert(field, value);
                }
                Field::Foreign => {
                    let reason =
                        format!("Event type '{event_type}' does not have the field '{name}'");
                    self.faults.push(Fault::at(at, &name, reason));
                }
                Field::Unknown => self.faults.push(Fault::at(at, &name, "Unknown field.")),
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
        self.typed(event_type, payload, complete, at)
    }

    /// serde stops at the first field that does not fit: it is asked again without that one, to
    /// hear of the others.
    fn typed<E: Event>(
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
            // What is missing now, without those fields, was not missing before.
            if !known {
                return None;
            }
            first = false;
        }
    }

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

/// As the store says it, for it checks the same.
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
