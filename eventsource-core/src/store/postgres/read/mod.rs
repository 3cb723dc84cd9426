//! TODO

pub(crate) mod entities;
pub(crate) mod event_row;
pub(crate) mod events;
pub(crate) mod row;
