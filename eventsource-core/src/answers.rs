//! Answers of a store: heads, folded values, appended events and pages.

use std::fmt;

use chrono::{DateTime, Utc};

use crate::{Actor, EntityId, Event, EventType, Generation, RecordedEvent, Seq, State};

/// Where the stream of an entity stands.
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
    /// The entity.
    pub id: EntityId,
    /// How many events it has: the expected sequence of the next append.
    pub seq: Seq,
    /// The version.
    pub generation: Generation,
    /// The state.
    pub state: State<E::Type>,
    /// The type of its last event.
    pub last_event_type: E::Type,
    /// When its first event was recorded.
    pub created_at: DateTime<Utc>,
    /// When its last event was recorded.
    pub updated_at: DateTime<Utc>,
}

impl<E: Event> Head<E> {
    /// The event types that are legal next, in declaration order.
    #[must_use]
    pub fn available(&self) -> Vec<E::Type> {
        E::Type::available(self.state)
    }

    /// Those among them that `actor` may write (C5), in declaration order.
    #[must_use]
    pub fn available_to(&self, actor: &Actor) -> Vec<E::Type> {
        let mut available = self.available();
        available.retain(|event| event.allows(actor));
        available
    }
}

// By hand: derives would ask for `E: Debug` and the like, of which a head holds nothing.
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
            .field("version", &self.generation)
            .field("state", &self.state)
            .field("last_event_type", &self.last_event_type)
            .field("created_at", &self.created_at)
            .field("updated_at", &self.updated_at)
            .finish()
    }
}

/// What an append stored.
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
    /// The events, each followed by its auto transitions; entity by entity, in the order in which
    /// the request first named them. Never empty.
    pub events: Vec<RecordedEvent<E>>,
    /// Whether an earlier request with the same idempotency key had stored them.
    pub replayed: bool,
}

impl<E: Event> Appended<E> {
    /// The first event: what was asked for, before any auto transition.
    #[must_use]
    pub fn first(&self) -> &RecordedEvent<E> {
        &self.events[0]
    }

    /// The entity of the first event: what [`EventStore::create`](crate::EventStore::create) has
    /// named.
    #[must_use]
    pub fn entity_id(&self) -> EntityId {
        self.first().entity_id
    }

    /// The last event: where the (last) entity stands now.
    #[must_use]
    pub fn last(&self) -> &RecordedEvent<E> {
        &self.events[self.events.len() - 1]
    }
}

/// One page of a search.
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
    /// What is on the page: events, or the heads of entities.
    pub items: Vec<T>,
    /// How many match, on all pages; if they were not counted, the offset and the items of this
    /// page.
    pub total: Option<u64>,
}

/// An entity and what a [`Fold`] has made of its events.
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
    /// Where the stream stood after the last event that was applied.
    pub head: Head<E>,
    /// What the events gave.
    pub value: F,
}
