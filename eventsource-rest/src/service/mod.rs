//! Service: its builder, the router that it builds, and the server that runs it.
//!
//! May use every folder.

mod builder;
mod consistency;
mod error;
mod mounted;
mod mounted_view;
mod router;
mod serve;

pub use builder::Service;
pub use error::BuildError;
pub use router::router;
pub use serve::{ServeError, serve};
