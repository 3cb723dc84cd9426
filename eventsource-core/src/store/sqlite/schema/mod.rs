//! TODO

pub(crate) mod migrate;
pub(crate) mod verify;
