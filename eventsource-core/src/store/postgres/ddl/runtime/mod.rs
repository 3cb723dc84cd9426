//! SQL text of the tables of the runtime on Postgres, which all machines of a schema share.
//!
//! * `text`: the whole text.
//! * `tables`: the tables.
//! * `functions`: what a worker may let the owner do.
//! * `rights`: the rights of the roles.

pub(crate) mod functions;
pub(crate) mod rights;
pub(crate) mod tables;
pub(crate) mod text;
