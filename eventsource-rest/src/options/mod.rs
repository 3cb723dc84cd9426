//! Settings of a service that several folders read: limits, shutdown, checks before an append. May use
//! `wire`.

pub(crate) mod before_append;
pub(crate) mod limits;
pub(crate) mod shutdown;
