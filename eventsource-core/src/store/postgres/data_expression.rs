//! TODO

use crate::DataField;
use crate::store::contract::codes::EventTypeCodes;
use crate::store::sql::entities;

/// The value that an event gives to the field: the expression that is searched by, and indexed.
pub(crate) fn value(codes: &EventTypeCodes, field: &DataField, row: &str) -> String {
    entities::by_event_type(codes, field, row, |name| match name {
        Some(name) => format!("{row}data -> {}", entities::key(name)),
        None => format!("{row}data"),
    })
}
