//! Read models, and the tables that they and the runtime share.

mod board;
mod tables;
mod transactions;
mod view_table;
