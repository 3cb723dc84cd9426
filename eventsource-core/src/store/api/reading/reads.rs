//! Every read of a handle, for its reader.
//!
//! Nothing else in the API calls a driver to read heads or events, so a read that is added gets the
//! rows that its reader may see. Entities are checked after they were read: what was read before the
//! check, the reader may have been shown until then.

use std::collections::HashSet;

use tokio::sync::OwnedSemaphorePermit;

use crate::store::api::decode::{head, recorded};
use crate::store::api::reading::scope::ReadScope;
use crate::store::contract::as_of::AsOf;
use crate::store::contract::driver::{FeedDriver, ReadDriver, SnapshotDriver};
use crate::store::contract::entity_cursor::EntityOrder;
use crate::store::contract::feed::{FeedRead, FeedWindow};
use crate::store::contract::filters::{
    EntityConditions, EntityFilter, EntityScope, EventPlace, SearchFilter,
};
use crate::store::contract::raw_event::{RawEvent, RawEventKey};
use crate::store::contract::read_row::{ReadRow, place};
use crate::store::contract::rows::HeadRow;
use crate::store::contract::snapshot::{SnapshotAndTail, SnapshotKey};
use crate::store::contract::stream_range::{StreamPage, StreamRange};
use crate::store::database::on_database;
use crate::{
    EntityId, Error, Event, EventId, EventResult, EventStore, Head, Page, Position, RecordedEvent,
};

/// Most entities that one query checks.
const CHECKED_AT_ONCE: usize = 1000;

impl<E: Event> EventStore<E> {
    /// Reads the head of an entity, now or at an earlier point.
    pub(crate) async fn read_head(
        &self,
        id: EntityId,
        as_of: Option<AsOf>,
    ) -> Result<Option<Head<E>>, Error> {
        let scope = self.read_scope().await?;
        let (context, id) = (&*self.context, id.uuid());
        let row = on_database!(&self.store.database, backend => match as_of {
            Some(as_of) => backend.head_as_of(context, id, as_of).await,
            None => backend.head(context, id).await,
        })?;
        match row {
            Some(row) if self.may_read(&scope, row.entity_id.into()).await? => head(row).map(Some),
            _ => Ok(None),
        }
    }

    /// Reads an event by its id.
    pub(crate) async fn read_event(&self, id: EventId) -> Result<Option<EventResult<E>>, Error> {
        let scope = self.read_scope().await?;
        let context = &*self.context;
        let row = on_database!(&self.store.database, backend => {
            backend.event(context, id.uuid()).await
        })?;
        let Some(row) = row else {
            return Ok(None);
        };
        let event = recorded(context, row);
        if !self.may_read(&scope, entity_of(&event)).await? {
            return Ok(None);
        }
        Ok(Some(scope.show(event)))
    }

    /// Reads a range of the events of an entity; none if the reader may not read it.
    pub(crate) async fn read_history(
        &self,
        id: EntityId,
        range: StreamRange,
    ) -> Result<StreamPage<EventResult<E>>, Error> {
        let scope = self.read_scope().await?;
        let empty = StreamPage {
            events: Vec::new(),
            has_more: false,
            bytes: 0,
        };
        if range.limit == 0 {
            return Ok(empty);
        }
        let context = &*self.context;
        let decode = |row: ReadRow<&str>| Ok(scope.show(recorded(context, row)));
        let page = on_database!(&self.store.database, backend => {
            backend.history(context, id.uuid(), range, decode).await
        })?;
        match self.may_read(&scope, id).await? {
            true => Ok(page),
            false => Ok(empty),
        }
    }

    /// Waits for the turn of a read of many pages; `None` where none is needed.
    pub(crate) async fn long_read(&self) -> Option<OwnedSemaphorePermit> {
        on_database!(&self.store.database, backend => backend.long_read().await)
    }

    /// Reads a page of events, of the entities that the reader may read.
    pub(crate) async fn read_events(
        &self,
        mut filter: SearchFilter,
    ) -> Result<FoundEvents<E>, Error> {
        let scope = self.read_scope().await?;
        filter.scope = scope.entities().clone();
        let context = &*self.context;
        let found = on_database!(&self.store.database, backend => {
            backend.search(context, &filter).await
        })?;
        let last = found.events.last().map(place);
        let rows = found.events.into_iter();
        Ok(FoundEvents {
            page: Page {
                items: rows.map(|row| scope.show(recorded(context, row))).collect(),
                total: found.total,
            },
            is_cut: found.is_cut,
            bytes: found.bytes,
            last,
        })
    }

    /// Reads a page of the entities that the reader may read.
    ///
    /// # Errors
    /// [`Error::HiddenField`] if a condition is about a field of the data that the reader may not see.
    pub(crate) async fn read_entities(
        &self,
        mut filter: EntityFilter,
    ) -> Result<Page<Head<E>>, Error> {
        let scope = self.read_scope().await?;
        let mut fields = filter.conditions.fields.iter();
        if let Some((field, _)) = fields.find(|(field, _)| scope.hides_data(field)) {
            return Err(Error::HiddenField {
                entity: E::ENTITY,
                field: field.name(),
            });
        }
        filter.scope = scope.entities().clone();
        let (rows, total) = self.entity_rows(&filter).await?;
        Ok(Page {
            items: rows.into_iter().map(head).collect::<Result<_, _>>()?,
            total,
        })
    }

    /// Reads the events of a window of positions, of the entities that the reader may read.
    pub(crate) async fn read_feed(
        &self,
        window: FeedWindow,
    ) -> Result<FeedRead<(Position, EventResult<E>)>, Error> {
        let scope = self.read_scope().await?;
        let context = &*self.context;
        let read = on_database!(&self.store.database, backend => {
            backend.feed_of_machine(context, window).await
        })?;
        let last = read.events.last().map(|(position, _)| *position);
        let rows = read.events.into_iter();
        let mut events: Vec<(Position, EventResult<E>)> = rows
            .map(|(position, row)| (position, recorded(context, row)))
            .collect();
        let entities = events.iter().map(|(_, event)| entity_of(event));
        if let Some(readable) = self.readable(&scope, entities).await? {
            events.retain(|(_, event)| readable.contains(&entity_of(event)));
        }
        let events = events.into_iter();
        Ok(FeedRead {
            events: events
                .map(|(position, event)| (position, scope.show(event)))
                .collect(),
            count: read.count,
            bytes: read.bytes,
            has_more: read.has_more,
            last,
        })
    }

    /// Loads a snapshot and the events after it; `None` if the database has no table of snapshots.
    ///
    /// A snapshot holds the fields of all events, so the caller must be allowed to see them.
    pub(crate) async fn read_snapshot(
        &self,
        key: SnapshotKey,
        range: StreamRange,
    ) -> Result<Option<SnapshotAndTail>, Error> {
        let context = &*self.context;
        let scope = self.read_scope().await?;
        let tail = on_database!(&self.store.database, backend => {
            backend.load_snapshot_and_tail(context, key, range).await
        })?;
        if self.may_read(&scope, key.entity_id.into()).await? {
            return Ok(tail);
        }
        Ok(tail.map(|_| SnapshotAndTail {
            snapshot: None,
            events: Vec::new(),
            has_more: false,
        }))
    }

    /// Reads an event as it is stored.
    pub(crate) async fn read_raw(&self, key: RawEventKey) -> Result<Option<RawEvent>, Error> {
        self.check_reads_everything().await?;
        let context = &*self.context;
        on_database!(&self.store.database, backend => backend.event_raw(context, key).await)
    }

    /// Checks that the reader may read and see everything.
    ///
    /// # Errors
    /// [`Error::PartlyHidden`] otherwise.
    pub(crate) async fn check_reads_everything(&self) -> Result<(), Error> {
        match self.read_scope().await?.is_all() {
            true => Ok(()),
            false => Err(Error::PartlyHidden { entity: E::ENTITY }),
        }
    }

    /// Returns whether the reader may read the entity.
    pub(crate) async fn may_read(&self, scope: &ReadScope<E>, id: EntityId) -> Result<bool, Error> {
        let readable = self.readable(scope, [id]).await?;
        Ok(readable.is_none_or(|readable| readable.contains(&id)))
    }

    /// Returns those of the entities that the reader may read; `None` if all of them.
    async fn readable(
        &self,
        scope: &ReadScope<E>,
        ids: impl IntoIterator<Item = EntityId>,
    ) -> Result<Option<HashSet<EntityId>>, Error> {
        if matches!(scope.entities(), EntityScope::All) {
            return Ok(None);
        }
        let asked: HashSet<EntityId> = ids.into_iter().collect();
        let asked: Vec<_> = asked.into_iter().map(EntityId::uuid).collect();
        let mut readable = HashSet::new();
        for ids in asked.chunks(CHECKED_AT_ONCE) {
            let filter = EntityFilter {
                conditions: EntityConditions {
                    ids: Some(ids.to_vec()),
                    ..EntityConditions::default()
                },
                scope: scope.entities().clone(),
                order: EntityOrder::Id,
                descending: false,
                after: None,
                offset: 0,
                limit: ids.len() as u64,
                counted: false,
                // A replica may not know yet that the reader has lost the entity.
                current: true,
            };
            let (rows, _) = self.entity_rows(&filter).await?;
            readable.extend(rows.iter().map(|row| EntityId::from(row.entity_id)));
        }
        Ok(Some(readable))
    }

    async fn entity_rows(
        &self,
        filter: &EntityFilter,
    ) -> Result<(Vec<HeadRow>, Option<u64>), Error> {
        let context = &*self.context;
        on_database!(&self.store.database, backend => backend.entities(context, filter).await)
    }

    /// Returns events that an earlier request stored, if the reader may still see all of them.
    ///
    /// # Errors
    /// [`Error::Unreadable`] with the first whose fields it may not see, or whose entity it may not read.
    pub(crate) async fn shown(
        &self,
        events: Vec<RecordedEvent<E>>,
    ) -> Result<Vec<RecordedEvent<E>>, Error> {
        let visible = self.visibility(&events).await?;
        let shown = events.into_iter().zip(visible);
        let shown = shown.map(|(event, visible)| match visible {
            Visibility::Fields => Ok(event),
            Visibility::Envelope | Visibility::Nothing => Err(event.hidden()),
        });
        Ok(shown.collect::<Result<_, _>>()?)
    }

    /// Returns how much of each of these events the reader of this handle may see.
    ///
    /// For the answer to an append: whether an actor may append is a matter of `by(..)` and not of the
    /// reader, but the answer shows events.
    ///
    /// # Errors
    /// As of any read: [`Error::ReaderNotAllowed`], [`Error::ReadPolicy`], [`Error::Unavailable`],
    /// [`Error::Database`].
    ///
    /// ```no_run
    /// # use eventsource_core::{Actor, EntityId, Error, Event, EventStore};
    /// # async fn example<E: Event>(tasks: EventStore<E>, ann: Actor, id: EntityId, event: E) -> Result<(), Error> {
    /// let appended = tasks.append(id, event).by(&ann).await?;
    /// let visible = tasks.reading_as(&ann).visibility(&appended.events).await?;
    /// # let _ = visible;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn visibility(&self, events: &[RecordedEvent<E>]) -> Result<Vec<Visibility>, Error> {
        let scope = self.read_scope().await?;
        let ids = events.iter().map(|event| event.entity_id);
        let readable = self.readable(&scope, ids).await?;
        let of = |event: &RecordedEvent<E>| match &readable {
            Some(readable) if !readable.contains(&event.entity_id) => Visibility::Nothing,
            _ if scope.hides(event) => Visibility::Envelope,
            _ => Visibility::Fields,
        };
        Ok(events.iter().map(of).collect())
    }
}

/// How much of an event a reader may see.
///
/// ```
/// use eventsource_core::Visibility;
///
/// assert_ne!(Visibility::Envelope, Visibility::Fields);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Visibility {
    /// The event with its fields.
    Fields,
    /// The event without its fields: id, entity, sequence, type, states, time and metadata.
    Envelope,
    /// Nothing: the reader may not read the entity.
    Nothing,
}

/// Page of a search for events, and where it ended.
pub(crate) struct FoundEvents<E: Event> {
    pub(crate) page: Page<EventResult<E>>,
    /// Whether the page ended by its bytes, before the limit.
    pub(crate) is_cut: bool,
    /// Length of the payloads, in bytes.
    pub(crate) bytes: u64,
    /// Last event of the page.
    pub(crate) last: Option<EventPlace>,
}

/// Returns the entity of an event.
fn entity_of<E: Event>(event: &EventResult<E>) -> EntityId {
    match event {
        Ok(event) => event.entity_id,
        Err(unreadable) => unreadable.entity_id,
    }
}
