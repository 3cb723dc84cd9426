//! What becomes of a failure.
//!
//! * `retry_policy`, `on_failure`: how often an event is tried, and what follows.
//! * `set_aside`: errors after which a try in place is of no use.
//! * `breaker`: tells an outage from an event that cannot be handled.
//! * `parked`: keys that are set aside, in the table of the database.

pub(crate) mod breaker;
pub(crate) mod on_failure;
pub(crate) mod parked;
pub(crate) mod retry_policy;
pub(crate) mod set_aside;
