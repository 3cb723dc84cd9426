//! TODO

pub(crate) mod copy;
pub(crate) mod driver;
pub(crate) mod drop_indexes;
pub(crate) mod export;
pub(crate) mod insert;
pub(crate) mod writer;
