//! TODO

pub(crate) mod entities;
pub(crate) mod history;
pub(crate) mod search;
pub(crate) mod snapshots;
pub(crate) mod statements;
