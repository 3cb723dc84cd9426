//! Connections to Postgres: names, limits, encryption, poolers, standbys, and what is refused.

mod file;
mod given_up;
mod limits;
mod pgbouncer;
mod refused;
mod standby;
mod tls;
