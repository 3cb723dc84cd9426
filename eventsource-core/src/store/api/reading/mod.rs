//! Readers: for whom a handle reads, and what they may see.
//!
//! * `condition`: conditions on entities, as searches and policies use them.
//! * `scope`: what one reader may read and see, at one moment.
//! * `policy`: the application's rule, which gives the scope of a reader.
//! * `reader`: the reader of a handle.
//! * `handle`: handles with a reader.
//! * `reads`: every read of the driver, guarded: the only file that calls one.

pub(crate) mod condition;
mod handle;
pub(crate) mod policy;
pub(crate) mod reader;
pub(crate) mod reads;
pub(crate) mod scope;
