//! Event of any of the machines that a view reads.

use crate::{Event, Keys, Reads, RecordedEvent, View};

/// Recorded event of one of the machines that a view reads, without the type of that machine.
///
/// Every [`RecordedEvent`] of a machine that the view [`Reads`] is one.
pub trait ViewEvent<V: View>: Sync {
    /// Returns the keys of the values that the event changes.
    fn keys(&self) -> Keys<V::Key>;

    /// Applies the event to the value of one of its keys.
    fn apply(&self, value: &mut V);

    /// Returns whether the values of its keys are deleted.
    fn ends(&self) -> bool;
}

impl<E: Event, V: Reads<E>> ViewEvent<V> for RecordedEvent<E> {
    fn keys(&self) -> Keys<V::Key> {
        V::keys(self)
    }

    fn apply(&self, value: &mut V) {
        value.apply(self);
    }

    fn ends(&self) -> bool {
        V::ends(self)
    }
}
