//! Read models that catch up with the feed.
//!
//! * `projection`: models with SQL of their own.

pub(crate) mod projection;
