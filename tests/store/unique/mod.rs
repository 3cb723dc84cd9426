//! Unique fields: no two entities have the same value, whoever appends, imports or migrates.

mod migrations;
mod races;
pub mod users;
mod values;
