//! TODO

pub(crate) mod append_only;
pub(crate) mod change;
pub(crate) mod counter;
pub(crate) mod create;
pub(crate) mod data_indexes;
pub(crate) mod feed;
pub(crate) mod guards;
pub(crate) mod outbox;
pub(crate) mod parts;
pub(crate) mod rights;
pub(crate) mod shared;
pub(crate) mod snapshots;
pub(crate) mod tables;
pub(crate) mod text;
pub(crate) mod view;
