//! TODO

use serde_json::Value;

use crate::store::contract::rows::Payload;
use crate::{Error, Metadata};

/// The longest idempotency key, in bytes.
const MAX_KEY: usize = 255;

/// Postgres keeps no U+0000 in a text; what one database refuses, no database takes.
const NUL: char = '\u{0}';

pub(crate) const HAS_NUL: &str = "has the character U+0000";

pub(crate) fn check_texts(metadata: &Metadata) -> Result<(), Error> {
    let invalid = |what: &str, reason| {
        let what = what.to_owned();
        Err(Error::Invalid { what, reason })
    };
    for (what, text) in [
        ("the actor", &metadata.actor),
        ("the correlation id", &metadata.correlation_id),
        ("the causation id", &metadata.causation_id),
        ("the idempotency key", &metadata.idempotency_key),
    ] {
        if text.as_ref().is_some_and(|text| text.contains(NUL)) {
            return invalid(what, HAS_NUL);
        }
    }
    if metadata.roles.iter().any(|role| role.contains(NUL)) {
        return invalid("a role of the actor", HAS_NUL);
    }
    match &metadata.idempotency_key {
        Some(key) if key.is_empty() => invalid("the idempotency key", "is empty"),
        Some(key) if key.len() > MAX_KEY => {
            invalid("the idempotency key", "is longer than 255 bytes")
        }
        _ => Ok(()),
    }
}

pub(crate) fn check_payload(event_type: &str, payload: &Payload) -> Result<(), Error> {
    let mut fields = payload.iter();
    match fields.find(|(name, value)| name.contains(NUL) || has_nul(value)) {
        None => Ok(()),
        Some((field, _)) => Err(Error::Invalid {
            what: format!("the field {field:?} of '{event_type}'"),
            reason: HAS_NUL,
        }),
    }
}

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
