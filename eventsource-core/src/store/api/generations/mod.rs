//! Generations of read models: made beside the live one, compared with it, switched to, and dropped.
//!
//! * `model`: what a generation is made of, and how it is registered.
//! * `create`: makes the rows and tables of a generation.
//! * `switch`: makes it the live one, or drops it.
//! * `compare`: compares the tables of two generations row by row.
//! * `handle`: what a program may do with them.

pub(crate) mod compare;
pub(crate) mod create;
pub(crate) mod handle;
pub(crate) mod model;
pub(crate) mod switch;
