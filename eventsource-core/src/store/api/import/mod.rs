//! TODO

pub(crate) mod builder;
pub(crate) mod lines;
pub(crate) mod run;
