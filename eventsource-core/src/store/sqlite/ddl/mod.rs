//! TODO

pub(crate) mod feed;
pub(crate) mod snapshots;
pub(crate) mod tables;
