//! Entity, as a command sees it.

use std::fmt;

use crate::{EntityId, Event, EventType, Head, State};

/// Entity on which a [`Command`](crate::Command) decides: its head, and the value of a fold.
///
/// It shows all events, whoever the [reader](crate::EventStore::reading_as) of the handle is: a
/// decision must not depend on what somebody may see.
#[non_exhaustive]
pub struct Entity<E: Event, S> {
    /// Id of the entity.
    ///
    /// While an entity with a counted id is [created](crate::EventStore::execute_new), it has none yet,
    /// and this is a placeholder.
    pub id: EntityId,
    /// Head of the entity; `None` if it has no events.
    pub head: Option<Head<E>>,
    /// Value of the fold; the default if the entity has no events.
    pub data: S,
}

impl<E: Event, S> Entity<E, S> {
    /// Creates an entity with this head and value.
    #[must_use]
    pub fn new(id: EntityId, head: Option<Head<E>>, data: S) -> Self {
        Self { id, head, data }
    }

    /// Returns the state; the empty one if the entity has no events.
    #[must_use]
    pub fn state(&self) -> State<E::Type> {
        self.head.as_ref().map_or(State::EMPTY, |head| head.state)
    }

    /// Checks whether the rules let `event` happen now.
    #[must_use]
    pub fn may(&self, event: E::Type) -> bool {
        event.may_follow(self.state())
    }
}

// By hand: a derive would require `E: Debug`, of which an entity holds no value.
impl<E: Event, S: fmt::Debug> fmt::Debug for Entity<E, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entity")
            .field("id", &self.id)
            .field("head", &self.head)
            .field("data", &self.data)
            .finish()
    }
}
