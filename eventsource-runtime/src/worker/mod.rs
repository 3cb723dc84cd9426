//! Running subscriptions: which shards this worker owns, and the work on each.
//!
//! * `attempt`: events of a shard, whole or bisected down to the one at fault.
//! * `progress`: the loop of a shard.
//! * `settle`: running to the end of the feed in the caller's task.
//! * `trial`: care with the events at which workers may have died.
//! * `shared`: what all parts of a runtime share.
//! * `share`: how many shards of a generation are this worker's fair share.
//! * `worker`: claims, starts, stops and gives back shards.

pub(crate) mod attempt;
pub(crate) mod progress;
pub(crate) mod settle;
pub(crate) mod share;
pub(crate) mod shared;
pub(crate) mod trial;
#[allow(
    clippy::module_inception,
    reason = "the worker gives the room its name"
)]
pub(crate) mod worker;
