//! Results of a store: heads, folded values, appended events and pages.

use std::fmt;

use chrono::{DateTime, Utc};

use crate::{Actor, EntityId, Event, EventType, Generation, RecordedEvent, Seq, State};

/// Current position of one entity: its sequence, generation, state and last event.
///
/// ```no_run
/// # use eventsource_core::{EntityId, Event, EventStore, Error};
/// # async fn example<E: Event>(tasks: EventStore<E>, id: EntityId) -> Result<(), Error> {
/// if let Some(head) = tasks.head(id).await? {
///     println!("{} may become {:?}", head.state, head.available());
/// }
/// # Ok(())
/// # }
/// ```
#[non_exhaustive]
pub struct Head<E: Event> {
    /// Id of the entity.
    pub id: EntityId,
    /// Number of events of the entity: the expected sequence of the next append.
    pub seq: Seq,
    /// Generation of the entity: 1 at first, one more after each restarting event.
    pub generation: Generation,
    /// State after the last event.
    pub state: State<E::Type>,
    /// Type of the last event.
    pub last_event_type: E::Type,
    /// Time at which the first event was recorded.
    pub created_at: DateTime<Utc>,
    /// Time at which the last event was recorded.
    pub updated_at: DateTime<Utc>,
}

impl<E: Event> Head<E> {
    /// Returns the event types that are legal next, in declaration order.
    #[must_use]
    pub fn available(&self) -> Vec<E::Type> {
        E::Type::available(self.state)
    }

    /// Returns the event types that are legal next and that `actor` has a role for, in declaration
    /// order.
    ///
    /// Internal ones are not among them: the program writes those by itself.
    #[must_use]
    pub fn available_to(&self, actor: &Actor) -> Vec<E::Type> {
        let mut available = self.available();
        available.retain(|event| event.allows(actor) && !event.is_internal());
        available
    }
}

// By hand: derives would require `E: Clone` and so on, although a head holds no `E`.
impl<E: Event> Clone for Head<E> {
    fn clone(&self) -> Self {
        Self {
            id: self.id,
            seq: self.seq,
            generation: self.generation,
            state: self.state,
            last_event_type: self.last_event_type,
            created_at: self.created_at,
            updated_at: self.updated_at,
        }
    }
}

impl<E: Event> PartialEq for Head<E> {
    fn eq(&self, other: &Self) -> bool {
        (
            self.id,
            self.seq,
            self.generation,
            self.state,
            self.last_event_type,
        ) == (
            other.id,
            other.seq,
            other.generation,
            other.state,
            other.last_event_type,
        ) && (self.created_at, self.updated_at) == (other.created_at, other.updated_at)
    }
}

impl<E: Event> fmt::Debug for Head<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Head")
            .field("id", &self.id)
            .field("seq", &self.seq)
            .field("generation", &self.generation)
            .field("state", &self.state)
            .field("last_event_type", &self.last_event_type)
            .field("created_at", &self.created_at)
            .field("updated_at", &self.updated_at)
            .finish()
    }
}

/// Events that an append stored.
///
/// ```no_run
/// # use eventsource_core::{EntityId, Event, EventStore, Error};
/// # async fn example<E: Event>(tasks: EventStore<E>, id: EntityId, event: E) -> Result<(), Error> {
/// let appended = tasks.append(id, event).await?;
/// println!("{} events, the last is #{}", appended.events.len(), appended.last().seq);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Appended<E: Event> {
    /// Stored events, each followed by its auto transitions; never empty.
    ///
    /// They come entity by entity, in the order in which the request first named the entities.
    pub events: Vec<RecordedEvent<E>>,
    /// Whether the events were stored by an earlier request with the same idempotency key.
    pub replayed: bool,
}

impl<E: Event> Appended<E> {
    /// Returns the first event, which is one that the request named and no auto transition.
    #[must_use]
    pub fn first(&self) -> &RecordedEvent<E> {
        &self.events[0]
    }

    /// Returns the id of the first event's entity, such as the one that
    /// [`EventStore::create`](crate::EventStore::create) allocated.
    #[must_use]
    pub fn entity_id(&self) -> EntityId {
        self.first().entity_id
    }

    /// Returns the last event, with the current sequence and state of the (last) entity.
    #[must_use]
    pub fn last(&self) -> &RecordedEvent<E> {
        &self.events[self.events.len() - 1]
    }
}

/// Page of a search: events or heads.
///
/// ```no_run
/// # use eventsource_core::{Event, EventStore, Error};
/// # async fn example<E: Event>(tasks: EventStore<E>) -> Result<(), Error> {
/// let page = tasks.search().limit(10).await?;
/// println!("{} of {:?}", page.items.len(), page.total);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Page<T> {
    /// Events or heads on this page.
    pub items: Vec<T>,
    /// Number of matches on all pages; `None` if the search was made `without_total`.
    pub total: Option<u64>,
}

/// Entity together with the value that a [`Fold`](crate::Fold) has computed from its events.
///
/// ```no_run
/// # use eventsource_core::{EntityId, Event, EventStore, Error};
/// # async fn example<E: Event>(tasks: EventStore<E>, id: EntityId) -> Result<(), Error> {
/// if let Some(task) = tasks.data(id).await? {
///     println!("#{} {}", task.head.seq, task.head.state);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Folded<E: Event, F> {
    /// Head after the last event that was applied.
    pub head: Head<E>,
    /// Value of the fold.
    pub value: F,
    /// Names of the fields of the data that are `None` because the reader may not see them; empty for a
    /// handle without a [reader](crate::EventStore::reading_as), and for another fold.
    pub hidden_fields: Vec<&'static str>,
}
