//! TODO

pub(crate) mod append;
pub mod ddl;
pub(crate) mod decode;
pub(crate) mod entities;
pub(crate) mod event_store;
pub(crate) mod export;
pub(crate) mod feed;
pub(crate) mod fold;
pub(crate) mod head;
pub(crate) mod history;
pub(crate) mod import;
pub(crate) mod search;
pub(crate) mod snapshots;
pub(crate) mod store;
pub(crate) mod verify;
