//! Checks of texts that not every supported database can store.

use eventsource_model::names::is_reserved_field;
use serde_json::Value;

use crate::payload::limits::{MAX_PAYLOAD_BYTES, MAX_PAYLOAD_DEPTH};
use crate::payload::lossy::{LossyKind, lossy};
use crate::payload::scan::{Content, Fault, Field, Scanned, scan};
use crate::payload::text::malformed;
use crate::store::contract::import_violation::ImportViolation;
use crate::store::contract::invalid_input::{InputProblem, InvalidInput};
use crate::{Actor, Error, Event, EventType, Metadata, PayloadError};

/// Maximum length of a text of the metadata, in bytes: the actor, each role, and each id and key.
pub(crate) const MAX_TEXT_BYTES: usize = 255;

/// Maximum number of roles of an actor.
pub(crate) const MAX_ROLES: usize = 64;

/// Character that Postgres cannot store in a text; refused on SQLite too, so that logs can be
/// moved.
const NUL: char = '\u{0}';

/// Checks the texts that come with an append: none is empty, or longer than any of use is.
pub(crate) fn check_metadata(metadata: &Metadata) -> Result<(), InvalidInput> {
    for (input, text) in texts(metadata) {
        check_length(input, text)?;
    }
    if metadata.roles.len() > MAX_ROLES {
        let problem = InputProblem::TooMany { max: MAX_ROLES };
        return Err(InvalidInput::new("the list of the actor's roles", problem));
    }
    check_storable(metadata)
}

impl Actor {
    /// Checks that events can be appended for this actor: the name and each role have 1 to 255 bytes,
    /// and there are at most 64 roles.
    ///
    /// An append checks the same. A service checks what its authenticator returns.
    ///
    /// # Errors
    /// The text that is too long, or empty.
    ///
    /// ```
    /// use eventsource_core::Actor;
    ///
    /// assert!(Actor::new("ann").check().is_ok());
    /// let error = Actor::new("").check().unwrap_err();
    /// assert_eq!(error.to_string(), "the actor is empty");
    /// ```
    pub fn check(&self) -> Result<(), InvalidInput> {
        let (id, roles) = self.clone().into_parts();
        check_metadata(&Metadata {
            actor: Some(id),
            roles,
            ..Metadata::default()
        })
    }
}

/// Checks the texts that come with an imported event, which an earlier version may have stored
/// without a limit of their lengths.
pub(crate) fn check_imported_metadata(metadata: &Metadata) -> Result<(), InvalidInput> {
    if let Some(key) = &metadata.idempotency_key {
        check_length(KEY, key)?;
    }
    check_storable(metadata)
}

/// How messages name an idempotency key.
const KEY: &str = "the idempotency key";

/// Returns the texts of the metadata, with their names for messages.
fn texts(metadata: &Metadata) -> impl Iterator<Item = (&'static str, &str)> {
    let named = [
        ("the actor", &metadata.actor),
        ("the correlation id", &metadata.correlation_id),
        ("the causation id", &metadata.causation_id),
        (KEY, &metadata.idempotency_key),
    ];
    let named = named
        .into_iter()
        .filter_map(|(input, text)| Some((input, text.as_deref()?)));
    let roles = metadata.roles.iter();
    named.chain(roles.map(|role| ("a role of the actor", role.as_str())))
}

fn check_length(input: &str, text: &str) -> Result<(), InvalidInput> {
    let problem = match text.len() {
        0 => InputProblem::Empty,
        1..=MAX_TEXT_BYTES => return Ok(()),
        _ => InputProblem::TooLong {
            max_bytes: MAX_TEXT_BYTES,
        },
    };
    Err(InvalidInput::new(input, problem))
}

/// Checks that every supported database can store the texts.
fn check_storable(metadata: &Metadata) -> Result<(), InvalidInput> {
    match texts(metadata).find(|(_, text)| text.contains(NUL)) {
        Some((input, _)) => Err(InvalidInput::new(input, InputProblem::ContainsNul)),
        None => Ok(()),
    }
}

/// Reason why a payload is not stored.
#[derive(Debug)]
pub(crate) enum UnreadablePayload {
    Payload(PayloadError),
    Input(InvalidInput),
}

/// Returns what the payload of an event holds, unless some reader could not read it.
pub(crate) fn check_payload<'t>(
    event_type: &'static str,
    payload: &'t str,
) -> Result<Scanned<'t>, UnreadablePayload> {
    if payload.len() > MAX_PAYLOAD_BYTES {
        let max_bytes = MAX_PAYLOAD_BYTES;
        return Err(UnreadablePayload::Input(InvalidInput::new(
            format!("the payload of '{event_type}'"),
            InputProblem::TooLong { max_bytes },
        )));
    }
    scan(payload).map_err(|fault| match fault {
        Fault::Malformed => UnreadablePayload::Payload(malformed(event_type, payload)),
        Fault::InField {
            field,
            key,
            content,
        } => {
            let input = match key {
                None => format!("the field {field:?} of '{event_type}'"),
                Some(key) => format!("the key {key:?} in the field {field:?} of '{event_type}'"),
            };
            let problem = match content {
                Content::Nul => InputProblem::ContainsNul,
                Content::TooDeep => InputProblem::NestedTooDeep {
                    max_depth: MAX_PAYLOAD_DEPTH,
                },
                Content::DuplicateKey => InputProblem::DuplicateKey,
                Content::ReservedKey => InputProblem::ReservedKey,
                Content::NumberOutOfRange => InputProblem::NumberOutOfRange,
            };
            UnreadablePayload::Input(InvalidInput::new(input, problem))
        }
    })
}

/// Checks that no field has the name of one that every event has beside its payload.
///
/// Payload types that name their fields are checked by a migration; here are those that take any.
pub(crate) fn check_open_fields(
    entity: &str,
    event_type: &str,
    fields: &[Field<'_>],
) -> Result<(), InvalidInput> {
    let mut names = fields.iter().map(|field| &field.name);
    match names.find(|name| is_reserved_field(entity, name)) {
        None => Ok(()),
        Some(name) => Err(InvalidInput::new(
            format!("the field {name:?} of '{event_type}'"),
            InputProblem::NameOfEnvelope,
        )),
    }
}

/// Checks that JSON has written no value of the event as null that was something else.
///
/// `read`: the event as it is read back, if it can be. An option with a value that is written as null is
/// fine if the type reads it back as one.
pub(crate) fn check_lossy<E: Event>(event: &E, read: Option<&E>) -> Result<(), InvalidInput> {
    let mut found = lossy(event);
    if !found.is_empty() {
        let kept = read.map(lossy).unwrap_or_default();
        found.retain(|lossy| !kept.contains(lossy));
    }
    match found.first() {
        None => Ok(()),
        Some(lossy) => Err(InvalidInput::new(
            format!(
                "the field {:?} of '{}'",
                lossy.path,
                event.event_type().name()
            ),
            match lossy.kind {
                LossyKind::NotANumber => InputProblem::NotANumber,
                LossyKind::NullInOption => InputProblem::NullInOption,
            },
        )),
    }
}

impl From<UnreadablePayload> for Error {
    fn from(unreadable: UnreadablePayload) -> Self {
        match unreadable {
            UnreadablePayload::Payload(error) => error.into(),
            UnreadablePayload::Input(invalid) => invalid.into(),
        }
    }
}

impl From<UnreadablePayload> for ImportViolation {
    fn from(unreadable: UnreadablePayload) -> Self {
        match unreadable {
            UnreadablePayload::Payload(error) => Self::Payload(error),
            UnreadablePayload::Input(invalid) => Self::InvalidText(invalid),
        }
    }
}

/// Returns whether any text within the value has the character U+0000.
pub(crate) fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains(NUL),
        Value::Array(values) => values.iter().any(has_nul),
        Value::Object(fields) => fields
            .iter()
            .any(|(name, value)| name.contains(NUL) || has_nul(value)),
        _ => false,
    }
}
