//! Rows of views: how they are written and read.
//!
//! * `event`: an event of any machine that a view reads.
//! * `value`: the text of a value, and of its key.
//! * `table`: the rows of one generation, as they are written.
//! * `rows`: rows in a transaction, on either database.
//! * `store`: what a program reads; `query` runs it, with the statements of `sql`.
//! * `live`: the generation that it reads, and how far that is.

pub(crate) mod event;
pub(crate) mod live;
pub(crate) mod query;
pub(crate) mod rows;
pub(crate) mod sql;
pub(crate) mod store;
pub(crate) mod table;
pub(crate) mod value;
