//! Transactions for SQL of one's own: of read models, and of the runtime.
//!
//! * `handle`: the transaction.
//! * `value`: what a statement is given.
//! * `args`: the list of it.
//! * `row`: what a statement returns.

pub(crate) mod args;
pub(crate) mod handle;
pub(crate) mod row;
pub(crate) mod value;
