//! Read models, and the tables that they and the runtime share.

mod board;
mod generations;
mod rights;
mod tables;
mod transactions;
mod view_store;
mod view_table;
