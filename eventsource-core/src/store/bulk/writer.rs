//! What a database does for an import.

use std::collections::HashSet;
use std::future::Future;

use chrono::{DateTime, Utc};
use eventsource_model::EventIndex;
use uuid::Uuid;

use super::batch::{Judged, JudgedRow};
use crate::store::backend::Table;
use crate::store::row::HeadRow;
use crate::{Error, Seq};

/// What an import is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Events are to be stored, while others append.
    Store,
    /// The same, with the tables to itself.
    StoreAlone,
    /// Only heads are looked up.
    Look,
}

/// Why a batch was not written.
#[derive(Debug)]
pub(crate) enum NotWritten {
    /// Their entities have events of the same ids: positions in the batch.
    Twice(Vec<usize>),
    Failed(Error),
}

impl From<Error> for NotWritten {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// An event that is there already, as far as one must look to know it again.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StoredEvent {
    pub(crate) entity_id: Uuid,
    pub(crate) event_id: Uuid,
    pub(crate) seq: Seq,
    pub(crate) event_type: EventIndex,
    pub(crate) recorded_at: DateTime<Utc>,
}

/// The places of those rows whose entities have events of the same ids.
pub(crate) async fn twice<W: BulkWriter>(
    writer: &mut W,
    table: &Table,
    rows: &[JudgedRow],
) -> Result<Vec<usize>, Error> {
    let ids: Vec<_> = rows
        .iter()
        .map(|row| (row.entity_id, row.event_id))
        .collect();
    let stored = writer.stored(table, &ids).await?;
    let stored: HashSet<(Uuid, Uuid)> = stored
        .iter()
        .map(|event| (event.entity_id, event.event_id))
        .collect();
    let places = ids.iter().enumerate().filter(|(_, id)| stored.contains(id));
    Ok(places.map(|(at, _)| at).collect())
}

/// One transaction. Dropped, nothing was stored.
pub(crate) trait BulkWriter: Send + Sized {
    /// Where the entities stand, those that have events; locked if they are to get more.
    fn heads(
        &mut self,
        table: &Table,
        entity_ids: &[Uuid],
    ) -> impl Future<Output = Result<Vec<HeadRow>, Error>> + Send;

    /// Which of these events there are: `(entity, event)`.
    fn stored(
        &mut self,
        table: &Table,
        events: &[(Uuid, Uuid)],
    ) -> impl Future<Output = Result<Vec<StoredEvent>, Error>> + Send;

    fn write(
        &mut self,
        table: &Table,
        batch: &Judged,
    ) -> impl Future<Output = Result<(), NotWritten>> + Send;

    fn commit(self, table: &Table) -> impl Future<Output = Result<(), Error>> + Send;
}
