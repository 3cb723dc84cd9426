//! TODO

pub(crate) mod channel;
pub(crate) mod driver;
pub(crate) mod handle;
pub(crate) mod listen;
pub(crate) mod outbox;
pub(crate) mod parents;
pub(crate) mod read;
pub(crate) mod resync;
pub(crate) mod single_flight;
pub(crate) mod snapshot_sequencer;
pub(crate) mod sources;
