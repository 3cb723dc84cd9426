//! Query of a fold over the events of an entity, now or at an earlier point.

use std::future::{Future, IntoFuture};
use std::marker::PhantomData;
use std::pin::Pin;

use uuid::Uuid;

use crate::store::api::decode::{head, recorded};
use crate::store::api::history::History;
use crate::store::api::snapshots::{LastEvent, SnapshotCodec, wait_until_written};
use crate::store::contract::as_of::AsOf;
use crate::store::contract::rows::HeadRow;
use crate::store::contract::snapshot::StoredSnapshot;
use crate::store::contract::stream_range::{PageSize, StreamRange};
use crate::{EntityId, Error, Event, EventStore, Fold, Folded, Head, RecordedEvent, Seq, Snapshot};

/// Query of the value of a [`Fold`] for an entity: await it; `None` if the entity has no events.
///
/// Reads all events of the entity up to the point, about a thousand at a time; or, with
/// [`with_snapshots`](Self::with_snapshots), only the events since the last snapshot.
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
pub struct FoldQuery<'a, E: Event, F> {
    events: &'a EventStore<E>,
    entity_id: EntityId,
    as_of: Option<AsOf>,
    codec: Option<SnapshotCodec<F>>,
    /// Removes the value of a field, if `F` is the data; another fold has no fields.
    hide: Option<fn(&mut F, usize)>,
    fold: PhantomData<fn() -> F>,
}

impl<E: Event> EventStore<E> {
    /// Begins a query of the value of `F` for `id`, now or at an earlier point; await the builder.
    pub fn fold<F: Fold<E>>(&self, id: EntityId) -> FoldQuery<'_, E, F> {
        FoldQuery::new(self, id)
    }

    /// Begins a query of the data of `id`, now or at an earlier point: the latest value of each field
    /// of the payloads; await the builder.
    pub fn data(&self, id: EntityId) -> FoldQuery<'_, E, E::Data> {
        FoldQuery {
            hide: Some(E::clear_data_field),
            ..FoldQuery::new(self, id)
        }
    }
}

impl<'a, E: Event, F: Fold<E>> FoldQuery<'a, E, F> {
    pub(crate) fn new(events: &'a EventStore<E>, entity_id: EntityId) -> Self {
        Self {
            events,
            entity_id,
            as_of: None,
            codec: None,
            hide: None,
            fold: PhantomData,
        }
    }

    /// Reads the value as of an earlier point; `None` if the entity had no events then.
    pub fn as_of(mut self, point: impl Into<AsOf>) -> Self {
        self.as_of = Some(point.into());
        self
    }

    /// Starts from the last snapshot at or before the point: one query reads it and the events
    /// since.
    ///
    /// A query that has read [`Snapshot::EVERY`] events or more saves a snapshot for the next one,
    /// unless it is of a point in the past; it waits for that a second at most. A program that may
    /// not write snapshots, or a database without a table of them, reads all events instead of
    /// failing.
    ///
    /// `F` must be a [`Snapshot`], which has an example: mind its `VERSION`.
    pub fn with_snapshots(mut self) -> Self
    where
        F: Snapshot<E>,
    {
        self.codec = Some(SnapshotCodec::of::<E>(&self.events.context));
        self
    }
}

/// State of a fold while it reads events.
struct Folding<E: Event, F> {
    data: F,
    head: Option<Head<E>>,
    last_event_id: Uuid,
    /// Number of events that were applied, beyond a snapshot.
    applied: u64,
    /// Whether the stored snapshot cannot be decoded.
    snapshot_unreadable: bool,
    /// Whether there are no more events.
    at_end: bool,
}

impl<E: Event, F: Fold<E>> Folding<E, F> {
    fn begin() -> Self {
        Self {
            data: F::default(),
            head: None,
            last_event_id: Uuid::nil(),
            applied: 0,
            snapshot_unreadable: false,
            at_end: false,
        }
    }

    fn apply(&mut self, event: &RecordedEvent<E>) {
        self.head = Some(next_head(self.head.as_ref(), event));
        self.last_event_id = event.id.uuid();
        self.data.apply(event);
        self.applied += 1;
    }

    fn seq(&self) -> Seq {
        self.head.as_ref().map_or(Seq::NO_STREAM, |head| head.seq)
    }
}

impl<E: Event, F: Fold<E> + Send> FoldQuery<'_, E, F> {
    /// Reads the value as the reader of the handle may see it.
    async fn read(self) -> Result<Option<Folded<E, F>>, Error> {
        let scope = self.events.read_scope().await?;
        let Some(hide) = self.hide else {
            // A snapshot may hold what the reader may not see.
            let codec = self.codec.as_ref();
            let codec = codec.filter(|_| scope.hidden_types().is_empty());
            return self.folded(self.events, codec).await;
        };
        // A field that is not hidden needs the events that feed it, and no others.
        let program = self.events.reading_as_program();
        let folded = self.folded(&program, self.codec.as_ref()).await;
        if !self.events.may_read(&scope, self.entity_id).await? {
            return Ok(None);
        }
        let Some(mut folded) = folded.map_err(|error| scope.show_error(error))? else {
            return Ok(None);
        };
        for (position, field) in E::DATA_FIELDS.iter().enumerate() {
            if scope.hides_data(field) {
                hide(&mut folded.value, position);
                folded.hidden_fields.push(field.name());
            }
        }
        Ok(Some(folded))
    }

    /// Folds the events that `events` reads.
    async fn folded(
        &self,
        events: &EventStore<E>,
        codec: Option<&SnapshotCodec<F>>,
    ) -> Result<Option<Folded<E, F>>, Error> {
        let mut folding = match codec {
            Some(codec) => self.resume(events, codec).await?,
            None => Folding::begin(),
        };
        if !folding.at_end {
            let mut rest = History::new(events, self.entity_id).after(folding.seq());
            if let Some(as_of) = self.as_of {
                rest = rest.as_of(as_of);
            }
            folding = rest.fold_with(folding, Folding::apply).await?;
        }
        let Some(head) = folding.head else {
            return Ok(None);
        };
        // A point in the past is seldom read twice.
        let codec = codec.filter(|codec| {
            self.as_of.is_none() && (folding.snapshot_unreadable || codec.is_due(folding.applied))
        });
        let writing = codec.and_then(|codec| {
            let last = LastEvent {
                entity_id: self.entity_id,
                seq: head.seq,
                event_id: folding.last_event_id,
                created_at: head.created_at,
            };
            codec.save(events, &folding.data, last)
        });
        if let Some(writing) = writing {
            wait_until_written(writing).await;
        }
        Ok(Some(Folded {
            head,
            value: folding.data,
            hidden_fields: Vec::new(),
        }))
    }

    /// Begins with the snapshot and the events after it that one query reads.
    async fn resume(
        &self,
        events: &EventStore<E>,
        codec: &SnapshotCodec<F>,
    ) -> Result<Folding<E, F>, Error> {
        let range = StreamRange {
            after: Seq::NO_STREAM,
            until: self.as_of,
            limit: PageSize::FIRST,
            max_bytes: PageSize::MAX_BYTES,
        };
        let tail = codec.load(events, self.entity_id, range).await?;
        let mut folding = Folding::begin();
        let Some(tail) = tail else {
            return Ok(folding);
        };
        if let Some(found) = tail.snapshot {
            let Some(data) = codec.value(&events.context, &found.value) else {
                folding.snapshot_unreadable = true;
                return Ok(folding);
            };
            folding.data = data;
            folding.last_event_id = found.last.event_id;
            folding.head = Some(head(snapshot_head(found))?);
        }
        folding.at_end = !tail.has_more;
        for row in tail.events {
            folding.apply(&recorded(&events.context, row)?);
        }
        Ok(folding)
    }
}

/// Returns the head at the last event of a snapshot.
fn snapshot_head(found: StoredSnapshot) -> HeadRow {
    let last = found.last;
    HeadRow {
        entity_id: last.entity_id,
        seq: last.seq,
        generation: last.generation,
        state: last.state,
        last_event_type: last.event_type,
        last_event_id: last.event_id,
        created_at: found.created_at,
        updated_at: last.recorded_at,
    }
}

/// Returns the head after one more event.
pub(crate) fn next_head<E: Event>(head: Option<&Head<E>>, event: &RecordedEvent<E>) -> Head<E> {
    Head {
        id: event.entity_id,
        seq: event.seq,
        generation: event.generation,
        state: event.state,
        last_event_type: event.event.event_type(),
        created_at: head.map_or(event.recorded_at, |head| head.created_at),
        updated_at: event.recorded_at,
    }
}

/// # Errors
/// [`Error::Unavailable`], [`Error::Database`], [`Error::Unreadable`] with the first event that cannot
/// be read.
impl<'a, E: Event, F: Fold<E> + Send + 'a> IntoFuture for FoldQuery<'a, E, F> {
    type Output = Result<Option<Folded<E, F>>, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.read())
    }
}
