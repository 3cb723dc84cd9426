//! Reading heads, events and searches on SQLite.
//!
//! * `events`: the entry points.
//! * `entities`: the search over entities.
//! * `row`, `event_row`: heads and events from rows.

pub(crate) mod entities;
pub(crate) mod event_row;
pub(crate) mod events;
pub(crate) mod row;
