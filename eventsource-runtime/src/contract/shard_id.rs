//! Key of a shard.

/// Key of a shard in the tables.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct ShardId {
    /// Name of the subscription.
    pub(crate) subscription: String,
    /// Generation of the subscription.
    pub(crate) generation: u32,
    /// Number of the shard, from 0.
    pub(crate) shard: u16,
}
