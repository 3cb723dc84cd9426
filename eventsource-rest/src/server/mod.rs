//! Server: listens, keeps connections within their limits, and passes their requests to a router.
//!
//! May use `wire`, `options` and `clients`.

mod activity;
mod connection;
mod connections;
mod descriptors;
mod listen;
mod socket;
#[cfg(feature = "tls")]
pub(crate) mod tls;

pub(crate) use listen::Server;
