//! TODO

pub(crate) mod entities;
pub(crate) mod events;
pub(crate) mod row;
