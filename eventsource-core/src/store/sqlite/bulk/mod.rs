//! TODO

pub(crate) mod driver;
pub(crate) mod export;
pub(crate) mod writer;
