//! Connections to Postgres: names, limits, encryption, poolers, standbys.

pub mod limits;
