//! SQL expression of a data field, for searches and for indexes.

use crate::DataField;
use crate::store::contract::codes::EventTypeCodes;
use crate::store::sql::conditions;

/// Returns the expression of the value that an event gives to the field.
///
/// The value is a `jsonb`, since a `json` cannot be compared: 1.0 equals 1. Searches and indexes must
/// have the same text for an index to be used.
pub(crate) fn value(codes: &EventTypeCodes, field: &DataField, row: &str) -> String {
    conditions::by_event_type(codes, field, row, |name| match name {
        Some(name) => format!("({row}data -> {})::jsonb", conditions::key(name)),
        None => format!("{row}data::jsonb"),
    })
}
