//! TODO

pub(crate) mod batch;
pub(crate) mod check;
pub(crate) mod heads;
