//! The service: its builder, the router that is built, and serving it. May use every folder.

mod builder;
mod serve;

pub use builder::{BuildError, Service};
pub use serve::{ServeError, serve};
