//! Checks of the history and of the tables after somebody has changed them.

pub mod history;
pub mod tables;
