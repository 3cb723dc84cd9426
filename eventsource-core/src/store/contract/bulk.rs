//! What a database does for an import.

use std::collections::HashSet;
use std::future::Future;

use chrono::{DateTime, Utc};
use eventsource_model::{EventIndex, StateSet};
use uuid::Uuid;

use crate::id_format::number;
use crate::store::contract::entity_context::Table;
use crate::store::contract::plan_rules::Rules;
use crate::store::contract::rows::{HeadRow, Payload};
use crate::{Error, Generation, Metadata, Seq};

/// A legal event, as the log holds it.
#[derive(Debug)]
pub(crate) struct JudgedRow {
    pub(crate) entity_id: Uuid,
    pub(crate) seq: Seq,
    pub(crate) event_id: Uuid,
    pub(crate) event_type: EventIndex,
    pub(crate) prior_state: StateSet,
    pub(crate) state: StateSet,
    pub(crate) prior_generation: u32,
    pub(crate) generation: Generation,
    pub(crate) recorded_at: DateTime<Utc>,
    pub(crate) data: String,
    pub(crate) metadata: String,
    /// Its place in what is imported.
    pub(crate) number: u64,
}

/// Legal events in their order.
#[derive(Debug, Default)]
pub(crate) struct Judged {
    pub(crate) rows: Vec<JudgedRow>,
}

impl Judged {
    /// Those that begin here.
    pub(crate) fn new_entities(&self) -> impl Iterator<Item = Uuid> {
        let first = self.rows.iter().filter(|row| row.seq.get() == 1);
        first.map(|row| row.entity_id)
    }

    /// The highest number of an entity that is new, where a counter names them (C7).
    pub(crate) fn highest_number(&self, rules: &Rules) -> Option<i64> {
        if !rules.id.is_counter() {
            return None;
        }
        let numbers = self.new_entities().filter_map(|id| number(id.into()));
        numbers
            .max()
            .and_then(|highest| i64::try_from(highest).ok())
    }
}

/// An event as an export needs it.
#[derive(Debug)]
pub(crate) struct ExportRow {
    pub(crate) entity_id: Uuid,
    pub(crate) seq: Seq,
    pub(crate) event_id: Uuid,
    pub(crate) event_type: EventIndex,
    pub(crate) recorded_at: DateTime<Utc>,
    pub(crate) data: Payload,
    pub(crate) metadata: Metadata,
}

/// A log that is read page by page, all as of one moment.
pub(crate) trait Pages: Send + Sized {
    /// The next events; none at the end.
    fn next(&mut self, table: &Table)
    -> impl Future<Output = Result<Vec<ExportRow>, Error>> + Send;
}

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
