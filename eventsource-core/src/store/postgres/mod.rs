//! TODO

pub(crate) mod append;
pub(crate) mod bulk;
pub(crate) mod connect;
pub(crate) mod data_expression;
pub(crate) mod ddl;
pub(crate) mod errors;
pub(crate) mod feed;
pub(crate) mod handle;
pub(crate) mod pool;
pub(crate) mod read;
pub(crate) mod retry;
pub(crate) mod schema;
pub(crate) mod snapshots;
