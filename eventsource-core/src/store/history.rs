//! The stream of one entity.

use std::collections::VecDeque;
use std::future::{Future, IntoFuture};
use std::pin::Pin;

use futures_util::stream::{self, Stream, TryStreamExt};

use super::as_of::AsOf;
use super::backend::Backend;
use super::database::on_database;
use super::events::recorded;
use super::row::Stretch;
use crate::{EntityId, Error, Event, EventStore, RecordedEvent, Seq};

/// The events of an entity, oldest first: await it for all of them, or read them as a stream.
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
    stretch: Stretch,
}

/// How many events a stream has in memory at most: enough that round trips do not count.
pub(super) const PAGE: u64 = 1024;

impl<'a, E: Event> History<'a, E> {
    pub(super) fn new(events: &'a EventStore<E>, entity_id: EntityId) -> Self {
        Self {
            events,
            entity_id,
            stretch: Stretch {
                after: Seq::NONE,
                until: None,
                limit: u64::MAX,
            },
        }
    }

    /// Only the events after this one.
    pub fn after(mut self, seq: Seq) -> Self {
        self.stretch.after = seq;
        self
    }

    /// Only the events up to that point, the one that stands there included (P33, C21).
    pub fn as_of(mut self, point: impl Into<AsOf>) -> Self {
        self.stretch.until = Some(point.into());
        self
    }

    /// No more than this many events.
    pub fn limit(mut self, events: u64) -> Self {
        self.stretch.limit = events;
        self
    }

    /// The events one by one. About a thousand of them are in memory at a time, however many there
    /// are, and no connection is held between two pages of them.
    ///
    /// Events that are appended while it is read come at its end, unless
    /// [`as_of`](Self::as_of) leaves them out. After an error the stream is over.
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
        let source = self.events.clone();
        let state = (source, self.entity_id, self.stretch, VecDeque::new(), false);
        stream::try_unfold(
            state,
            |(source, id, mut rest, mut page, mut is_last)| async move {
                if page.is_empty() && !is_last {
                    let wanted = rest.limit.min(PAGE);
                    let stretch = Stretch {
                        limit: wanted,
                        ..rest
                    };
                    page = read(&source, id, stretch).await?.into();
                    rest.limit -= page.len() as u64;
                    is_last = (page.len() as u64) < wanted || rest.limit == 0;
                    if let Some(last) = page.back() {
                        let last: &RecordedEvent<E> = last;
                        rest.after = last.seq;
                    }
                }
                let next = page.pop_front();
                Ok(next.map(|event| (event, (source, id, rest, page, is_last))))
            },
        )
    }

    /// What a closure makes of the events, from `initial` on.
    ///
    /// For a state that is a type of its own see [`EventStore::fold`].
    ///
    /// # Errors
    /// Those of [`EventStore::event`].
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
        let events = self.stream();
        let fold = |mut state, event| {
            apply(&mut state, &event);
            std::future::ready(Ok(state))
        };
        events.try_fold(initial, fold).await
    }
}

async fn read<E: Event>(
    events: &EventStore<E>,
    id: EntityId,
    stretch: Stretch,
) -> Result<Vec<RecordedEvent<E>>, Error> {
    if stretch.limit == 0 {
        return Ok(Vec::new());
    }
    let EventStore { store, table, .. } = events;
    let rows = on_database!(&store.database, backend => {
        backend.history(table, id.uuid(), stretch).await
    })?;
    rows.into_iter().map(recorded).collect()
}

/// # Errors
/// Those of [`EventStore::event`].
impl<'a, E: Event> IntoFuture for History<'a, E> {
    type Output = Result<Vec<RecordedEvent<E>>, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { read(self.events, self.entity_id, self.stretch).await })
    }
}
