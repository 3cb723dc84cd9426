//! Helpers that the tests of several crates share.
//!
//! - [`nats`]: a server of NATS that lives as long as the test that uses it.
//! - [`postgres`]: a Postgres server that lives as long as the tests that use it.
//! - [`tools`]: tools of other languages, installed once.
//! - [`waiting`]: waits for a condition, with one generous limit.
//!
//! The binary `with-postgres` puts such a server around any command.

#[cfg(test)]
mod architecture;
#[cfg(test)]
mod documents;
pub mod nats;
pub mod postgres;
pub mod tools;
pub mod waiting;
