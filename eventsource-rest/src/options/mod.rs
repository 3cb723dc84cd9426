//! Settings of a service: limits, trusted proxies, shutdown and checks before an append.
//!
//! May use `wire`.

pub(crate) mod before_append;
pub(crate) mod limits;
pub(crate) mod shutdown;
pub(crate) mod trusted_proxies;
