//! Authentication: the actor that sends a request.
//!
//! May use `wire`.

pub(crate) mod actor;
pub(crate) mod authenticated;
#[cfg(feature = "jwt")]
pub(crate) mod jwt;
pub(crate) mod trusted;
