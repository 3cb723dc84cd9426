//! Connections to Postgres: names, limits, encryption, poolers, standbys.

mod limits;
mod pgbouncer;
mod standby;
mod tls;
