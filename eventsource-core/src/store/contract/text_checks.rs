//! Checks of texts that not every supported database can store.

use serde_json::Value;

use crate::payload::scan::{Content, Fault, Field, MAX_DEPTH, scan};
use crate::payload::text::malformed;
use crate::store::contract::invalid_input::{InputProblem, InvalidInput};
use crate::{Error, Metadata, PayloadError};

/// Maximum length of an idempotency key, in bytes.
const MAX_KEY_BYTES: usize = 255;

/// Character that Postgres cannot store in a text; refused on SQLite too, so that logs can be
/// moved.
const NUL: char = '\u{0}';

/// Checks the texts that come with an append.
pub(crate) fn check_metadata(metadata: &Metadata) -> Result<(), InvalidInput> {
    let invalid = |input: &str, problem| Err(InvalidInput::new(input, problem));
    for (input, text) in [
        ("the actor", &metadata.actor),
        ("the correlation id", &metadata.correlation_id),
        ("the causation id", &metadata.causation_id),
        ("the idempotency key", &metadata.idempotency_key),
    ] {
        if text.as_ref().is_some_and(|text| text.contains(NUL)) {
            return invalid(input, InputProblem::ContainsNul);
        }
    }
    if metadata.roles.iter().any(|role| role.contains(NUL)) {
        return invalid("a role of the actor", InputProblem::ContainsNul);
    }
    match &metadata.idempotency_key {
        Some(key) if key.is_empty() => invalid("the idempotency key", InputProblem::Empty),
        Some(key) if key.len() > MAX_KEY_BYTES => {
            let max_bytes = MAX_KEY_BYTES;
            invalid("the idempotency key", InputProblem::TooLong { max_bytes })
        }
        _ => Ok(()),
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
