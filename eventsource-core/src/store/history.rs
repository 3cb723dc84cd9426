//! The stream of one entity.

use std::future::{Future, IntoFuture};
use std::pin::Pin;

use super::backend::Backend;
use super::database::on_database;
use super::events::recorded;
use crate::{EntityId, Error, Event, EventStore, RecordedEvent, Seq};

/// The events of an entity, oldest first: await it.
///
/// ```no_run
/// # use eventsource_core::{EntityId, Event, EventStore, Error, Seq};
/// # async fn example<E: Event>(tasks: EventStore<E>, id: EntityId) -> Result<(), Error> {
/// let latest = tasks.history(id).after(Seq::new(10)).limit(5).await?;
/// # Ok(())
/// # }
/// ```
#[must_use = "a history is read when it is awaited"]
pub struct History<'a, E: Event> {
    events: &'a EventStore<E>,
    entity_id: EntityId,
    after: Seq,
    limit: u64,
}

impl<'a, E: Event> History<'a, E> {
    pub(super) fn new(events: &'a EventStore<E>, entity_id: EntityId) -> Self {
        Self {
            events,
            entity_id,
            after: Seq::NONE,
            limit: u64::MAX,
        }
    }

    /// Only the events after this one.
    pub fn after(mut self, seq: Seq) -> Self {
        self.after = seq;
        self
    }

    /// No more than this many events.
    pub fn limit(mut self, events: u64) -> Self {
        self.limit = events;
        self
    }

    async fn read(self) -> Result<Vec<RecordedEvent<E>>, Error> {
        let EventStore { store, table, .. } = self.events;
        on_database!(&store.database, backend => {
            backend.history(table, self.entity_id.uuid(), self.after, self.limit).await
        })?
        .into_iter()
        .map(recorded)
        .collect()
    }
}

/// # Errors
/// Those of [`EventStore::event`].
impl<'a, E: Event> IntoFuture for History<'a, E> {
    type Output = Result<Vec<RecordedEvent<E>>, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.read())
    }
}
