//! Decision of a command.

use crate::Event;

/// Events that a [`Command`](crate::Command) makes happen, in order; none if there is nothing to do.
///
/// ```
/// # use eventsource_core::{Decision, Event};
/// fn decided<E: Event>(first: E, then: Vec<E>, pair: [E; 2]) -> [Decision<E>; 4] {
///     [first.into(), then.into(), pair.into(), ().into()]
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a decision does nothing until a command returns it"]
pub struct Decision<E>(Vec<E>);

impl<E> Decision<E> {
    /// Decides that nothing happens, which is no refusal.
    pub fn nothing() -> Self {
        Self(Vec::new())
    }

    /// Returns the events.
    #[must_use]
    pub fn events(&self) -> &[E] {
        &self.0
    }

    /// Returns the events, to take them.
    #[must_use]
    pub fn into_events(self) -> Vec<E> {
        self.0
    }
}

impl<E: Event> From<E> for Decision<E> {
    fn from(event: E) -> Self {
        Self(vec![event])
    }
}

impl<E: Event> From<Vec<E>> for Decision<E> {
    fn from(events: Vec<E>) -> Self {
        Self(events)
    }
}

impl<E: Event, const N: usize> From<[E; N]> for Decision<E> {
    fn from(events: [E; N]) -> Self {
        Self(events.into())
    }
}

impl<E: Event> From<()> for Decision<E> {
    fn from((): ()) -> Self {
        Self::nothing()
    }
}
