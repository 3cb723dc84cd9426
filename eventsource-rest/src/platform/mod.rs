//! Platform around the endpoints of the machines: the gate, health, metrics, documents, limits,
//! correlation.
//!
//! May use `wire`, `auth`, `options`, `clients`, `stream`, `machine` and `openapi`.

#[cfg(feature = "docs")]
mod archive;
mod correlate;
#[cfg(feature = "docs")]
mod docs;
mod gate;
mod health;
mod layers;
#[cfg(feature = "metrics")]
mod metrics;
mod overload;
mod panic;
mod ready;
mod response_headers;
#[cfg(feature = "otel")]
pub(crate) mod traces;

pub(crate) use layers::Platform;
pub(crate) use ready::{ReadyFuture, check_ready};
