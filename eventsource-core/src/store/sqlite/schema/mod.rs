//! TODO

pub(crate) mod driver;
pub(crate) mod migrate;
pub(crate) mod verify;
