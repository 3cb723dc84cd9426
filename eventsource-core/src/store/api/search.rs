//! Search over the events of a machine.

use std::future::{Future, IntoFuture};
use std::pin::Pin;

use crate::store::api::decode::recorded;
use crate::store::contract::driver::ReadDriver;
use crate::store::contract::filters::{Order, SearchFilter};
use crate::store::database::on_database;
use crate::{
    EntityId, Error, Event, EventId, EventStore, EventType, Generation, LogSeq, Page, RecordedEvent,
};

/// Search over the events of a machine: await it for one page.
///
/// An event matches if all filters hold. The default order is by entity, descending, and within an
/// entity the newest event first.
///
/// ```no_run
/// # use eventsource_core::{LogSeq, EntityId, Event, EventStore, Error};
/// # async fn example<E: Event>(tasks: EventStore<E>, id: EntityId) -> Result<(), Error> {
/// let page = tasks.search().entity(id).min_log_seq(LogSeq::new(7)).oldest_first().await?;
/// # Ok(())
/// # }
/// ```
#[must_use = "a search is made when it is awaited"]
pub struct Search<'a, E: Event> {
    events: &'a EventStore<E>,
    filter: SearchFilter,
}

impl<E: Event> EventStore<E> {
    /// Begins a search over all events; await the builder for a page.
    pub fn search(&self) -> Search<'_, E> {
        Search::new(self)
    }
}

impl<'a, E: Event> Search<'a, E> {
    /// Number of events in a page unless [`Search::limit`] sets another.
    pub const DEFAULT_LIMIT: u64 = 20;

    pub(crate) fn new(events: &'a EventStore<E>) -> Self {
        Self {
            events,
            filter: SearchFilter {
                entity_id: None,
                event_type: None,
                log_seq: None,
                min_log_seq: None,
                max_log_seq: None,
                parent_id: None,
                generation: None,
                order: Order::EntityThenNewest,
                offset: 0,
                limit: Self::DEFAULT_LIMIT,
                counted: true,
            },
        }
    }

    /// Keeps only events of this entity.
    pub fn entity(mut self, id: EntityId) -> Self {
        self.filter.entity_id = Some(id.uuid());
        self
    }

    /// Keeps only events of this type.
    pub fn event_type(mut self, event_type: E::Type) -> Self {
        self.filter.event_type = Some(event_type.index());
        self
    }

    /// Keeps only the event with this log sequence.
    pub fn log_seq(mut self, log_seq: LogSeq) -> Self {
        self.filter.log_seq = Some(log_seq);
        self
    }

    /// Keeps only events with this log sequence or a higher one.
    pub fn min_log_seq(mut self, log_seq: LogSeq) -> Self {
        self.filter.min_log_seq = Some(log_seq);
        self
    }

    /// Keeps only events with this log sequence or a lower one.
    pub fn max_log_seq(mut self, log_seq: LogSeq) -> Self {
        self.filter.max_log_seq = Some(log_seq);
        self
    }

    /// Keeps only the event that follows this one in its stream.
    ///
    /// Without the entity it needs the [index](crate::ddl::SchemaOptions::index_event_ids) of the
    /// event ids.
    pub fn parent(mut self, id: EventId) -> Self {
        self.filter.parent_id = Some(id.uuid());
        self
    }

    /// Keeps only events of this generation of their entity.
    pub fn generation(mut self, generation: Generation) -> Self {
        self.filter.generation = Some(generation);
        self
    }

    /// Orders the newest event first, over all entities.
    pub fn newest_first(mut self) -> Self {
        self.filter.order = Order::Newest;
        self
    }

    /// Orders the oldest event first, over all entities.
    pub fn oldest_first(mut self) -> Self {
        self.filter.order = Order::Oldest;
        self
    }

    /// Skips this many of the events that match.
    pub fn offset(mut self, events: u64) -> Self {
        self.filter.offset = events;
        self
    }

    /// Limits the page to this many events; 0 only counts.
    pub fn limit(mut self, events: u64) -> Self {
        self.filter.limit = events;
        self
    }

    /// Omits the total, which takes longer than the page itself; see [`Page::total`].
    pub fn without_total(mut self) -> Self {
        self.filter.counted = false;
        self
    }

    async fn page(self) -> Result<Page<RecordedEvent<E>>, Error> {
        let EventStore { store, context, .. } = self.events;
        let (rows, total) =
            on_database!(&store.database, backend => backend.search(context, &self.filter).await)?;
        Ok(Page {
            items: rows.into_iter().map(recorded).collect::<Result<_, _>>()?,
            total,
        })
    }
}

/// # Errors
/// As of [`EventStore::event`].
impl<'a, E: Event> IntoFuture for Search<'a, E> {
    type Output = Result<Page<RecordedEvent<E>>, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.page())
    }
}
