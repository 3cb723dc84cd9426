//! Feed on Postgres: positions given after the commit, and pages of them.
//!
//! * `driver`, `handle`: the entry points, and the state that a store keeps.
//! * `snapshot_sequencer`, `outbox`: the statement that gives positions, for each strategy.
//! * `sources`, `resync`: the logs of the feed, and a database that moved to another cluster.
//! * `single_flight`: callers of one process share a run of the sequencer.
//! * `listen`, `channel`: notices of other processes.
//! * `read`, `parents`: pages, and the event before each event.

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
