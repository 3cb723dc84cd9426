//! Helpers that several folders share: databases, processes, machines, and lists of tests.

#[macro_use]
mod lists;

pub mod campaigns;
pub mod child;
pub mod concurrency;
pub mod database;
pub mod events;
pub mod feed;
pub mod machines;
pub mod plain_sql;
pub mod property;
pub mod proxy;
pub mod servers;
pub mod shipments;
pub mod tasks;
pub mod waiting;
