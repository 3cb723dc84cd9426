//! TODO

pub(crate) mod export;
pub(crate) mod writer;
