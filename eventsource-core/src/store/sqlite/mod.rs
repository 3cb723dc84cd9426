//! TODO

pub(crate) mod append;
pub(crate) mod bulk;
pub(crate) mod catalog;
pub(crate) mod ddl;
pub(crate) mod errors;
pub(crate) mod feed;
pub(crate) mod handle;
pub(crate) mod read;
pub(crate) mod schema;
pub(crate) mod snapshots;
pub(crate) mod transaction;
