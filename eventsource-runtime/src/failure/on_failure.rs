//! What follows when an event has failed as often as it may.

/// What follows when an event has failed as often as it may in place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum OnFailure {
    /// Its key is set aside and tried again later; the events of other keys go on.
    #[default]
    Park,
    /// Its shard halts at the event until a person decides.
    Halt,
}
