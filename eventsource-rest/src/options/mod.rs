//! Settings of a service: limits, site, trusted proxies, endpoints, shutdown, checks before an
//! append, commands, and readers of views.
//!
//! May use `wire`.

pub(crate) mod before_append;
pub(crate) mod command;
pub(crate) mod endpoint;
pub(crate) mod limits;
pub(crate) mod readers;
pub(crate) mod shutdown;
pub(crate) mod site;
pub(crate) mod trusted_proxies;
