//! What surrounds the endpoints of the machines.

#[cfg(feature = "docs")]
mod archive;
mod around;
mod correlate;
#[cfg(feature = "docs")]
mod docs;
mod health;
#[cfg(feature = "metrics")]
mod metrics;
mod options;
mod overload;
mod panic;
mod ready;
#[cfg(feature = "otel")]
pub(crate) mod traces;

pub(crate) use around::around;
pub(crate) use options::Platform;
pub(crate) use ready::{Ready, check};
