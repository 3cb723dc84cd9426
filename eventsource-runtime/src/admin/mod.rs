//! What people see and do while subscriptions run.
//!
//! * `metrics`: what Prometheus reads.
//! * `note`: who does something, and why.
//! * `operations`: pause, resume, retry and skip.
//! * `parked`: keys that are set aside, and what is delivered again.
//! * `readiness`: whether people are needed.
//! * `status`: how far each subscription is, and what has stopped it.
//! * `verify`: compares a read model with one that is built anew.

#[cfg(feature = "metrics")]
pub(crate) mod metrics;
pub(crate) mod note;
pub(crate) mod operations;
pub(crate) mod parked;
pub(crate) mod readiness;
pub(crate) mod status;
pub(crate) mod verify;
