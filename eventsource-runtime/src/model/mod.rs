//! Read models that catch up with the feed.
//!
//! * `view`: models of keyed values.
//! * `projection`: models with SQL of their own.

pub(crate) mod projection;
pub(crate) mod view;
