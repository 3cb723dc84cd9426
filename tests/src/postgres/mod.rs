//! Temporary Postgres server.
//!
//! [`PostgresServer::start`] makes a database cluster in a temporary folder and serves it on a
//! free port of the loopback interface. No existing cluster is ever touched, and nothing stays
//! behind, however the process that started the server ends: a small guard process sees it go,
//! stops the server and removes the folder. A server kept in a `static` is therefore fine.
//!
//! All calls block.

mod cluster;
mod dump;
mod error;
mod guard;
mod programs;
mod psql;
mod ready;
mod server;
mod user;

pub use dump::dump;
pub use error::PostgresError;
pub use psql::psql;
pub use server::PostgresServer;
