//! Import and export of whole logs on SQLite.
//!
//! * `driver`: the entry points.
//! * `export`: reading a log page by page.
//! * `writer`: the transaction of an import.

pub(crate) mod driver;
pub(crate) mod export;
pub(crate) mod writer;
