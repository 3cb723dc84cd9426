//! Clients of a service: who they are, and what each of them holds.
//!
//! May use `wire` and `options`.

mod bucket;
pub(crate) mod key;
pub(crate) mod table;
