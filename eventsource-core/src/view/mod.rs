//! Read models of keyed values: what an author writes, without SQL.
//!
//! * `definition`: the traits [`View`](definition::View) and [`Reads`](definition::Reads).
//! * `key`: what the rows are named by.
//! * `keys`: the rows that one event changes.

pub(crate) mod definition;
pub(crate) mod key;
pub(crate) mod keys;
