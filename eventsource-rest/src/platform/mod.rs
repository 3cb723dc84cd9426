//! What surrounds the endpoints of the machines.

mod around;
mod correlate;
mod health;
mod options;
mod overload;
mod panic;
mod ready;
mod serve;

pub(crate) use around::around;
pub(crate) use options::Platform;
pub(crate) use ready::{Ready, check};
pub use serve::{ServeError, serve};
