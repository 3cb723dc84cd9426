//! Checks of texts that not every supported database can store.

use serde_json::Value;

use crate::payload::scan::{Content, Fault, Field, MAX_DEPTH, scan};
use crate::payload::text::malformed;
use crate::store::contract::invalid_input::{InputProblem, InvalidInput};
use crate::{Actor, Error, Metadata, PayloadError};

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

/// Returns the fields of the payload of an event, unless some reader could not read it.
pub(crate) fn check_payload<'t>(
    event_type: &'static str,
    payload: &'t str,
) -> Result<Vec<Field<'t>>, UnreadablePayload> {
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
                    max_depth: MAX_DEPTH,
                },
                Content::DuplicateKey => InputProblem::DuplicateKey,
                Content::ReservedKey => InputProblem::ReservedKey,
            };
            UnreadablePayload::Input(InvalidInput::new(input, problem))
        }
    })
}

impl From<UnreadablePayload> for Error {
    fn from(unreadable: UnreadablePayload) -> Self {
        match unreadable {
            UnreadablePayload::Payload(error) => error.into(),
            UnreadablePayload::Input(invalid) => invalid.into(),
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
