//! Read models, and the tables that they and the runtime share.

mod tables;
mod transactions;
