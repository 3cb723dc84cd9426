//! Feed on Postgres: positions given after the commit, and pages of them.
//!
//! * `driver`, `handle`: the entry points, and the state that a store keeps.
//! * `catch_up`: calls of the function that gives positions, which a migration makes.
//! * `committed`: the same, until all that was committed has a position.
//! * `single_flight`: callers of one process share a run of the sequencer.
//! * `listen`, `channel`: notices of other processes.
//! * `read`, `parents`: pages, and the event before each event.

pub(crate) mod catch_up;
pub(crate) mod channel;
pub(crate) mod committed;
pub(crate) mod driver;
pub(crate) mod handle;
pub(crate) mod listen;
pub(crate) mod parents;
pub(crate) mod read;
pub(crate) mod single_flight;
