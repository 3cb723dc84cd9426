//! What a fold makes of an entity, now or at an earlier point.

use std::future::{Future, IntoFuture};
use std::marker::PhantomData;
use std::pin::Pin;

use super::as_of::AsOf;
use super::history::History;
use crate::{EntityId, Error, Event, EventStore, Fold, Folded, Head, RecordedEvent};

/// What a [`Fold`] makes of an entity: await it, `None` if the entity has no events.
///
/// It reads all events of the entity up to the point, about a thousand at a time.
///
/// ```no_run
/// # use chrono::{DateTime, Utc};
/// # use eventsource_core::{EntityId, Event, EventStore, Error};
/// # async fn example<E: Event>(tasks: EventStore<E>, id: EntityId, when: DateTime<Utc>) -> Result<(), Error> {
/// let now = tasks.data(id).await?;
/// let then = tasks.data(id).as_of(when).await?;
/// # Ok(())
/// # }
/// ```
#[must_use = "events are folded when this is awaited"]
pub struct FoldOf<'a, E: Event, F> {
    events: &'a EventStore<E>,
    entity_id: EntityId,
    as_of: Option<AsOf>,
    fold: PhantomData<fn() -> F>,
}

impl<'a, E: Event, F: Fold<E>> FoldOf<'a, E, F> {
    pub(super) fn new(events: &'a EventStore<E>, entity_id: EntityId) -> Self {
        Self {
            events,
            entity_id,
            as_of: None,
            fold: PhantomData,
        }
    }

    /// As it was then; `None` if it had no events yet (P33, C21).
    pub fn as_of(mut self, point: impl Into<AsOf>) -> Self {
        self.as_of = Some(point.into());
        self
    }
}

impl<E: Event, F: Fold<E> + Send> FoldOf<'_, E, F> {
    async fn read(self) -> Result<Option<Folded<E, F>>, Error> {
        let mut history = History::new(self.events, self.entity_id);
        if let Some(as_of) = self.as_of {
            history = history.as_of(as_of);
        }
        let nothing = (None, F::default());
        let (head, data) = history
            .fold_with(nothing, |(head, data): &mut (Option<Head<E>>, F), event| {
                *head = Some(moved(head.as_ref(), event));
                data.apply(event);
            })
            .await?;
        Ok(head.map(|head| Folded { head, data }))
    }
}

/// The head after one more event.
fn moved<E: Event>(head: Option<&Head<E>>, event: &RecordedEvent<E>) -> Head<E> {
    Head {
        id: event.entity_id,
        seq: event.seq,
        version: event.version,
        state: event.state,
        last_event_type: event.event.event_type(),
        created_at: head.map_or(event.recorded_at, |head| head.created_at),
        updated_at: event.recorded_at,
    }
}

/// # Errors
/// Those of [`EventStore::event`].
impl<'a, E: Event, F: Fold<E> + Send + 'a> IntoFuture for FoldOf<'a, E, F> {
    type Output = Result<Option<Folded<E, F>>, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.read())
    }
}
