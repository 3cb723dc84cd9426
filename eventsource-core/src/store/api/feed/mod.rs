//! TODO

pub(crate) mod page;
pub(crate) mod prefetch;
pub(crate) mod sequencer;
pub(crate) mod source;
pub(crate) mod stores;
pub(crate) mod subscription;
