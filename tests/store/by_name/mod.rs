//! Appends by plain SQL, as people and programs in other languages make them.

mod arguments;
mod codes;
mod documented;
mod forged;
mod forgeries;
mod refusals;
pub mod support;
mod transactions;
