//! What a database does for an import.

use std::collections::HashSet;
use std::future::Future;

use chrono::{DateTime, Utc};
use eventsource_model::{EventIndex, StateSet};
use uuid::Uuid;

use crate::id_format::number;
use crate::store::contract::entity_context::EntityContext;
use crate::store::contract::plan_rules::PlanRules;
use crate::store::contract::rows::{HeadRow, Payload};
use crate::{Error, Generation, Metadata, Seq};

/// A legal event, as the log holds it.
#[derive(Debug)]
pub(crate) struct ValidatedRow {
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
pub(crate) struct ValidatedBatch {
    pub(crate) rows: Vec<ValidatedRow>,
}

impl ValidatedBatch {
    /// Those that begin here.
    pub(crate) fn new_entities(&self) -> impl Iterator<Item = Uuid> {
        let first = self.rows.iter().filter(|row| row.seq.get() == 1);
        first.map(|row| row.entity_id)
    }

    /// The highest number of an entity that is new, where a counter names them (C7).
    pub(crate) fn highest_number(&self, rules: &PlanRules) -> Option<i64> {
        if !rules.id.is_counter() {
            return None;
        }
        let codes = self.new_entities().filter_map(|id| number(id.into()));
        codes.max().and_then(|highest| i64::try_from(highest).ok())
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
    fn next(
        &mut self,
        context: &EntityContext,
    ) -> impl Future<Output = Result<Vec<ExportRow>, Error>> + Send;
}

/// What an import is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ImportMode {
    /// Events are to be stored, while others append.
    Concurrent,
    /// The same, with the tables to itself.
    Exclusive,
    /// Only heads are looked up.
    DryRun,
}

/// Why a batch was not written.
#[derive(Debug)]
pub(crate) enum WriteError {
    /// Their entities have events of the same ids: positions in the batch.
    DuplicateIds(Vec<usize>),
    Failed(Error),
}

impl From<Error> for WriteError {
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
pub(crate) async fn duplicate_ids<W: BulkWriter>(
    writer: &mut W,
    context: &EntityContext,
    rows: &[ValidatedRow],
) -> Result<Vec<usize>, Error> {
    let ids: Vec<_> = rows
        .iter()
        .map(|row| (row.entity_id, row.event_id))
        .collect();
    let stored = writer.stored(context, &ids).await?;
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
        context: &EntityContext,
        entity_ids: &[Uuid],
    ) -> impl Future<Output = Result<Vec<HeadRow>, Error>> + Send;

    /// Which of these events there are: `(entity, event)`.
    fn stored(
        &mut self,
        context: &EntityContext,
        events: &[(Uuid, Uuid)],
    ) -> impl Future<Output = Result<Vec<StoredEvent>, Error>> + Send;

    fn write(
        &mut self,
        context: &EntityContext,
        batch: &ValidatedBatch,
    ) -> impl Future<Output = Result<(), WriteError>> + Send;

    fn commit(self, context: &EntityContext) -> impl Future<Output = Result<(), Error>> + Send;
}
