//! The service: its builder, the router that is built, and serving it. May use every folder.

mod builder;
mod error;
mod machine;
mod router;
mod serve;

pub use builder::Service;
pub use error::BuildError;
pub use router::router;
pub use serve::{ServeError, serve};
