//! What the tests share: databases, machines, processes, and helpers; no tests.

pub mod child;
pub mod database;
pub mod machines;
pub mod plain_sql;
pub mod proxy;
pub mod shipments;
