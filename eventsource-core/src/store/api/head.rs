//! Query of the head of an entity, now or at an earlier point.

use std::future::{Future, IntoFuture};
use std::pin::Pin;

use crate::store::contract::as_of::AsOf;
use crate::{EntityId, Error, Event, EventStore, Head};

/// Query of the head of an entity: await it; `None` if the entity has no events.
///
/// Reads one row, however long the stream is.
///
/// ```no_run
/// # use eventsource_core::{EntityId, Event, EventStore, Error, Seq};
/// # async fn example<E: Event>(tasks: EventStore<E>, id: EntityId) -> Result<(), Error> {
/// let now = tasks.head(id).await?;
/// let at_first = tasks.head(id).as_of(Seq::new(1)).await?;
/// # Ok(())
/// # }
/// ```
#[must_use = "an entity is loaded when this is awaited"]
pub struct HeadQuery<'a, E: Event> {
    events: &'a EventStore<E>,
    entity_id: EntityId,
    as_of: Option<AsOf>,
}

impl<E: Event> EventStore<E> {
    /// Begins a query of the head of `id`, now or at an earlier point; await the builder.
    pub fn head(&self, id: EntityId) -> HeadQuery<'_, E> {
        HeadQuery::new(self, id)
    }
}

impl<'a, E: Event> HeadQuery<'a, E> {
    pub(crate) fn new(events: &'a EventStore<E>, entity_id: EntityId) -> Self {
        Self {
            events,
            entity_id,
            as_of: None,
        }
    }

    /// Reads the head as of an earlier point; `None` if the entity had no events then.
    pub fn as_of(mut self, point: impl Into<AsOf>) -> Self {
        self.as_of = Some(point.into());
        self
    }

    async fn read(self) -> Result<Option<Head<E>>, Error> {
        self.events.read_head(self.entity_id, self.as_of).await
    }
}

/// # Errors
/// [`Error::Unavailable`], [`Error::Database`].
impl<'a, E: Event> IntoFuture for HeadQuery<'a, E> {
    type Output = Result<Option<Head<E>>, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.read())
    }
}
