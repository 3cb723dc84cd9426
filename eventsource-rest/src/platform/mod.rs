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
mod serve;

pub(crate) use around::around;
pub(crate) use options::Platform;
pub(crate) use ready::{Ready, check};
pub use serve::{ServeError, serve};
