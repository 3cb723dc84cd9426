//! Search over the events of a machine.

use std::future::{Future, IntoFuture};
use std::pin::Pin;

use futures_util::{Stream, stream};

use crate::store::contract::filters::{EntityScope, Order, SearchFilter};
use crate::store::contract::stream_range::PageSize;
use crate::{
    EntityId, Error, Event, EventId, EventResult, EventStore, EventType, Generation, LogSeq, Page,
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
/// for event in page.items {
///     println!("#{}", event?.seq);
/// }
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
                scope: EntityScope::All,
                entity_id: None,
                event_type: None,
                log_seq: None,
                min_log_seq: None,
                max_log_seq: None,
                parent_id: None,
                generation: None,
                order: Order::EntityThenNewest,
                after: None,
                offset: 0,
                limit: Self::DEFAULT_LIMIT,
                max_bytes: u64::MAX,
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

    /// Returns the page in parts whose payloads have about `max_bytes` together: a part ends with the
    /// event that reaches them.
    ///
    /// One part is in memory at a time, and no connection is held between two. There is at least one
    /// part, and only the first has a total. An event that is appended in the meantime is neither
    /// shown twice nor does it push another out. The stream ends after an error.
    ///
    /// ```no_run
    /// # use eventsource_core::{Event, EventStore, Error};
    /// use futures_util::TryStreamExt;
    ///
    /// # async fn example<E: Event>(tasks: EventStore<E>) -> Result<(), Error> {
    /// let mut parts = std::pin::pin!(tasks.search().limit(1000).parts(1 << 20));
    /// while let Some(part) = parts.try_next().await? {
    ///     println!("{} events", part.items.len());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn parts(
        self,
        max_bytes: u64,
    ) -> impl Stream<Item = Result<Page<EventResult<E>>, Error>> + Send + use<E> {
        let source = self.events.clone();
        let rest = Some((source, self.filter, PageSize::first(max_bytes)));
        stream::try_unfold(rest, |rest| async move {
            let Some((source, mut rest, size)) = rest else {
                return Ok(None);
            };
            let filter = SearchFilter {
                limit: rest.limit.min(size.events()),
                max_bytes: size.max_bytes(),
                ..rest.clone()
            };
            let asked = filter.limit;
            let part = source.read_events(filter).await?;
            let read = part.page.items.len() as u64;
            let is_last = read < asked && !part.is_cut;
            rest.limit -= read;
            rest.after = part.last.or(rest.after);
            (rest.offset, rest.counted) = (0, false);
            let size = size.after(read, part.bytes);
            let page = part.page;
            let rest = (!is_last && rest.limit > 0).then_some((source, rest, size));
            Ok(Some((page, rest)))
        })
    }
}

/// # Errors
/// [`Error::Unavailable`], [`Error::Database`], [`Error::EventIdsNotIndexed`] as of
/// [`Search::parent`]. An event that cannot be read is an item of the page, in its place.
impl<'a, E: Event> IntoFuture for Search<'a, E> {
    type Output = Result<Page<EventResult<E>>, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { Ok(self.events.read_events(self.filter).await?.page) })
    }
}
