//! Checks of texts that not every supported database can store.

use serde_json::Value;

use crate::Metadata;
use crate::store::contract::invalid_input::{InputProblem, InvalidInput};
use crate::store::contract::rows::Payload;

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

/// Checks the texts of a payload, names of fields included.
pub(crate) fn check_payload(event_type: &str, payload: &Payload) -> Result<(), InvalidInput> {
    let mut fields = payload.iter();
    match fields.find(|(name, value)| name.contains(NUL) || has_nul(value)) {
        None => Ok(()),
        Some((field, _)) => Err(InvalidInput::new(
            format!("the field {field:?} of '{event_type}'"),
            InputProblem::ContainsNul,
        )),
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
