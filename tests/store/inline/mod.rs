//! Inline models: what is written in the transaction of each append.

mod appends;
mod faults;
mod fill;
mod guard;
mod killed;
pub mod users;
mod views;
