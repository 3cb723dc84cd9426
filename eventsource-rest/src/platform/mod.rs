//! What surrounds the endpoints of the machines. May use `wire`, `options`, `stream`, `machine` and
//! `openapi`.

#[cfg(feature = "docs")]
mod archive;
mod around;
mod correlate;
#[cfg(feature = "docs")]
mod docs;
mod health;
#[cfg(feature = "metrics")]
mod metrics;
mod overload;
mod panic;
mod ready;
#[cfg(feature = "otel")]
pub(crate) mod traces;

pub(crate) use around::Platform;
pub(crate) use ready::{Ready, check};
