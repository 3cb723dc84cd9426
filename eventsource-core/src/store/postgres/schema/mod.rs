//! TODO

pub(crate) mod data_indexes;
pub(crate) mod driver;
pub(crate) mod migrate;
pub(crate) mod verify;
