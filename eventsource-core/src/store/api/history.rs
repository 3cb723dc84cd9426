//! Query of the events of one entity.

use std::future::{Future, IntoFuture};
use std::pin::{Pin, pin};

use futures_util::stream;
use futures_util::stream::{Stream, TryStreamExt};

use crate::store::contract::as_of::AsOf;
use crate::store::contract::stream_range::{PageSize, StreamPage, StreamRange};
use crate::{EntityId, Error, Event, EventResult, EventStore, RecordedEvent, Seq};

/// Query of the events of an entity, oldest first: await it for all of them, or read a stream.
///
/// ```no_run
/// # use eventsource_core::{EntityId, Event, EventStore, Error, Seq};
/// # async fn example<E: Event>(tasks: EventStore<E>, id: EntityId) -> Result<(), Error> {
/// let some = tasks.history(id).after(Seq::new(10)).limit(5).await?;
/// let as_it_was = tasks.history(id).as_of(Seq::new(10)).await?;
/// # Ok(())
/// # }
/// ```
#[must_use = "a history is read when it is awaited"]
pub struct History<'a, E: Event> {
    events: &'a EventStore<E>,
    entity_id: EntityId,
    range: StreamRange,
}

impl<E: Event> EventStore<E> {
    /// Begins a query of the events of `id`, oldest first; await the builder.
    pub fn history(&self, id: EntityId) -> History<'_, E> {
        History::new(self, id)
    }
}

impl<'a, E: Event> History<'a, E> {
    pub(crate) fn new(events: &'a EventStore<E>, entity_id: EntityId) -> Self {
        Self {
            events,
            entity_id,
            range: StreamRange {
                after: Seq::NO_STREAM,
                until: None,
                limit: u64::MAX,
                max_bytes: u64::MAX,
            },
        }
    }

    /// Reads only events after this one.
    pub fn after(mut self, seq: Seq) -> Self {
        self.range.after = seq;
        self
    }

    /// Reads only events up to this point, inclusive.
    pub fn as_of(mut self, point: impl Into<AsOf>) -> Self {
        self.range.until = Some(point.into());
        self
    }

    /// Limits the history to this many events.
    pub fn limit(mut self, events: u64) -> Self {
        self.range.limit = events;
        self
    }

    /// Ends the history early, with the event whose payload makes them this many bytes together.
    ///
    /// There is at least one event, if any matches: read on [`after`](Self::after) the last one.
    pub fn max_bytes(mut self, bytes: u64) -> Self {
        self.range.max_bytes = bytes;
        self
    }

    /// Reads each event of the range, one that cannot be read in its place.
    ///
    /// Awaiting the history itself fails with such an event, since what happened to the entity is not
    /// known without it.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Database`].
    ///
    /// ```no_run
    /// # use eventsource_core::{EntityId, Event, EventStore, Error};
    /// # async fn example<E: Event>(tasks: EventStore<E>, id: EntityId) -> Result<(), Error> {
    /// for event in tasks.history(id).each().await? {
    ///     match event {
    ///         Ok(recorded) => println!("#{} {}", recorded.seq, recorded.state),
    ///         Err(unreadable) => println!("#{}: {}", unreadable.seq, unreadable.reason),
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn each(self) -> Result<Vec<EventResult<E>>, Error> {
        let page = self.events.read_history(self.entity_id, self.range).await?;
        Ok(page.events)
    }

    /// Returns the events one by one.
    ///
    /// A page of at most 8,192 of them is in memory at a time, fewer if their payloads exceed 4 MiB,
    /// or what [`max_bytes`](Self::max_bytes) says, and no connection is held between two pages.
    /// Events that are appended while the stream is read come at its end, unless
    /// [`as_of`](Self::as_of) excludes them. The stream ends after an error.
    ///
    /// ```no_run
    /// # use eventsource_core::{EntityId, Event, EventStore, Error};
    /// use futures_util::TryStreamExt;
    ///
    /// # async fn example<E: Event>(tasks: EventStore<E>, id: EntityId) -> Result<(), Error> {
    /// let mut events = std::pin::pin!(tasks.history(id).stream());
    /// while let Some(recorded) = events.try_next().await? {
    ///     println!("#{} {}", recorded.seq, recorded.state);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn stream(self) -> impl Stream<Item = Result<RecordedEvent<E>, Error>> + Send + use<E> {
        self.pages()
            .map_ok(|page| stream::iter(page.into_iter().map(Ok)))
            .try_flatten()
    }

    /// Returns the events page by page, as [`stream`](Self::stream) reads them.
    pub fn pages(self) -> impl Stream<Item = Result<Vec<RecordedEvent<E>>, Error>> + Send + use<E> {
        let pages = self.each_page();
        pages.and_then(|page| std::future::ready(readable(page)))
    }

    /// Returns the events page by page, each page as [`each`](Self::each) reads it.
    pub fn each_page(
        self,
    ) -> impl Stream<Item = Result<Vec<EventResult<E>>, Error>> + Send + use<E> {
        let source = self.events.clone();
        let size = PageSize::first(self.range.max_bytes.min(PageSize::MAX_BYTES));
        let rest = Some((source, self.entity_id, self.range, size));
        stream::try_unfold(rest, |rest| async move {
            let Some((source, id, mut rest, size)) = rest else {
                return Ok(None);
            };
            let range = StreamRange {
                limit: rest.limit.min(size.events()),
                max_bytes: size.max_bytes(),
                ..rest
            };
            let StreamPage {
                events,
                has_more,
                bytes,
            } = source.read_history(id, range).await?;
            rest.after = match events.last() {
                Some(Ok(last)) => last.seq,
                Some(Err(last)) => last.seq,
                None => return Ok(None),
            };
            rest.limit -= events.len() as u64;
            let size = size.after(events.len() as u64, bytes);
            let rest = (has_more && rest.limit > 0).then_some((source, id, rest, size));
            Ok(Some((events, rest)))
        })
    }

    /// Folds the events with a closure, starting from `initial`.
    ///
    /// For a value with a type of its own see [`EventStore::fold`].
    ///
    /// # Errors
    /// As of awaiting the history.
    ///
    /// ```no_run
    /// # use eventsource_core::{EntityId, Event, EventStore, Error};
    /// # async fn example<E: Event>(tasks: EventStore<E>, id: EntityId) -> Result<(), Error> {
    /// let by_ann = tasks
    ///     .history(id)
    ///     .fold_with(0, |count, event| {
    ///         if event.metadata.actor.as_deref() == Some("ann") {
    ///             *count += 1;
    ///         }
    ///     })
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn fold_with<S: Send>(
        self,
        initial: S,
        mut apply: impl FnMut(&mut S, &RecordedEvent<E>) + Send,
    ) -> Result<S, Error> {
        let (mut state, mut applied, mut turn) = (initial, 0, None);
        let events = self.events;
        let mut pages = pin!(self.pages());
        while let Some(page) = pages.try_next().await? {
            for event in &page {
                apply(&mut state, event);
            }
            applied += page.len() as u64;
            if turn.is_none() && applied >= PageSize::FIRST {
                // There may be many more pages: whoever came first ends first.
                turn = events.long_read().await;
            }
        }
        Ok(state)
    }
}

/// Refuses events of which one cannot be read.
fn readable<E: Event>(events: Vec<EventResult<E>>) -> Result<Vec<RecordedEvent<E>>, Error> {
    Ok(events.into_iter().collect::<Result<_, _>>()?)
}

/// # Errors
/// [`Error::Unavailable`], [`Error::Database`], [`Error::Unreadable`] with the first event that cannot
/// be read.
impl<'a, E: Event> IntoFuture for History<'a, E> {
    type Output = Result<Vec<RecordedEvent<E>>, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { readable(self.each().await?) })
    }
}
