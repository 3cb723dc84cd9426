//! Draft: an entity with pending events.

use std::fmt;

use crate::{EntityId, Event, EventType, Seq, State};

/// Entity with pending events, which have been validated and are not yet stored.
///
/// Every typed handle dereferences to its draft.
///
/// ```
/// # mod example {
/// use eventsource_core::{EntityId, Event, Seq};
/// # use serde::{Deserialize, Serialize};
/// #[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
/// #[machine(entity = "light", typestate)]
/// pub enum LightEvent {
///     Lit { watts: u32 },
///     #[event(follows = Lit)]
///     PutOut,
/// }
///
/// # pub fn main() {
/// let light = LightHandle::new(EntityId::new()).lit(60).put_out();
/// assert_eq!(light.seq(), Seq::NO_STREAM);
/// assert_eq!(light.state().to_string(), "[PUT_OUT]");
/// assert_eq!(light.pending(), [LightEvent::Lit { watts: 60 }, LightEvent::PutOut]);
/// # }
/// # }
/// # example::main();
/// ```
pub struct Draft<E: Event> {
    id: EntityId,
    seq: Seq,
    state: State<E::Type>,
    pending: Vec<E>,
}

impl<E: Event> Draft<E> {
    /// Creates the draft of a new entity.
    #[doc(hidden)]
    #[must_use]
    pub fn new(id: EntityId) -> Self {
        Self::at(id, Seq::NO_STREAM, State::EMPTY)
    }

    /// Creates a draft at this sequence and state, without pending events.
    pub(super) fn at(id: EntityId, seq: Seq, state: State<E::Type>) -> Self {
        let pending = Vec::new();
        Self {
            id,
            seq,
            state,
            pending,
        }
    }

    /// Adds a pending event, which the caller knows to be legal, and moves on to the state after it
    /// and its auto transitions.
    #[doc(hidden)]
    #[must_use]
    pub fn with(mut self, event: E) -> Self {
        let machine = E::MACHINE;
        let mut state = event.event_type().accumulate(self.state);
        // Auto transitions that never end are reported by the store.
        let written = machine.auto_transitions(state.set()).unwrap_or_default();
        if let Some((_, last)) = written.last() {
            state = State::from_set(*last);
        }
        self.state = state;
        self.pending.push(event);
        self
    }

    /// Returns the id of the entity.
    #[must_use]
    pub fn id(&self) -> EntityId {
        self.id
    }

    /// Returns the number of stored events, which is the expected sequence of an append.
    #[must_use]
    pub fn seq(&self) -> Seq {
        self.seq
    }

    /// Returns the state after the pending events.
    #[must_use]
    pub fn state(&self) -> State<E::Type> {
        self.state
    }

    /// Returns the pending events, without auto transitions.
    #[must_use]
    pub fn pending(&self) -> &[E] {
        &self.pending
    }

    /// Takes the pending events out.
    #[cfg(feature = "_store")]
    pub(super) fn take_pending(&mut self) -> Vec<E> {
        std::mem::take(&mut self.pending)
    }

    /// Puts the pending events back after a failed append.
    #[cfg(feature = "_store")]
    pub(super) fn put_back(&mut self, pending: Vec<E>) {
        self.pending = pending;
    }
}

#[cfg(feature = "_store")]
impl<E: Event> From<crate::Head<E>> for Draft<E> {
    fn from(head: crate::Head<E>) -> Self {
        Self::at(head.id, head.seq, head.state)
    }
}

impl<E: Event> fmt::Debug for Draft<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pending: Vec<E::Type> = self.pending.iter().map(Event::event_type).collect();
        f.debug_struct("Draft")
            .field("id", &self.id)
            .field("seq", &self.seq)
            .field("state", &self.state)
            .field("pending", &pending)
            .finish()
    }
}
