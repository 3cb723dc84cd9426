//! Traits and rows of one import or export.

use std::borrow::Cow;
use std::collections::HashSet;
use std::future::Future;
use std::time::Duration;

use chrono::{DateTime, Utc};
use eventsource_model::{EventIndex, StateSet};
use uuid::Uuid;

use crate::id_format::number;
use crate::store::contract::companion::{Connection, StoredEvent as CompanionEvent};
use crate::store::contract::entity_context::EntityContext;
use crate::store::contract::plan_rules::PlanRules;
use crate::store::contract::read_row::ReadRow;
use crate::store::contract::rows::{EventRow, HeadRow, PayloadText};
use crate::{Error, Generation, LogSeq, Seq};

/// Row of a validated event, ready for the log.
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
    /// Number of the event within the import, from 1.
    pub(crate) number: u64,
}

/// Validated events in their order.
#[derive(Debug, Default)]
pub(crate) struct ValidatedBatch {
    pub(crate) rows: Vec<ValidatedRow>,
}

impl ValidatedBatch {
    /// Returns the entities whose first event is in the batch.
    pub(crate) fn new_entities(&self) -> impl Iterator<Item = Uuid> {
        let first = self.rows.iter().filter(|row| row.seq.get() == 1);
        first.map(|row| row.entity_id)
    }

    /// Returns the highest number among new entities, if the machine has counted ids.
    ///
    /// The counter must continue after it.
    pub(crate) fn highest_number(&self, rules: &PlanRules) -> Option<i64> {
        if !rules.id.is_counter() {
            return None;
        }
        let numbers = self.new_entities().filter_map(|id| number(id.into()));
        numbers
            .max()
            .and_then(|highest| i64::try_from(highest).ok())
    }
}

/// Log that is read page by page, in one snapshot of the database.
pub(crate) trait Pages: Send + Sized {
    /// Returns the next events; none at the end.
    fn next(
        &mut self,
        context: &EntityContext,
    ) -> impl Future<Output = Result<Vec<ReadRow<PayloadText>>, Error>> + Send;
}

/// Mode of an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ImportMode {
    /// Import that stores events while other programs append.
    Concurrent,
    /// Import that stores events with the tables locked for itself.
    Exclusive,
    /// Import that stores nothing and only reads heads.
    DryRun,
}

/// Reason why a batch was not written.
#[derive(Debug)]
pub(crate) enum WriteError {
    /// Event ids that the entities already have: positions in the batch.
    DuplicateIds(Vec<usize>),
    /// Failure of the database.
    Failed(Error),
}

impl From<Error> for WriteError {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// Stored event, with the columns by which a resumed import recognizes it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StoredEvent {
    pub(crate) entity_id: Uuid,
    pub(crate) event_id: Uuid,
    pub(crate) seq: Seq,
    pub(crate) event_type: EventIndex,
    pub(crate) recorded_at: DateTime<Utc>,
}

/// Place in the log of an event that was written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) log_seq: LogSeq,
    /// Id of the previous event of the entity.
    pub(crate) parent_id: Option<Uuid>,
}

impl ValidatedRow {
    /// Returns the row of the log, with its payload.
    ///
    /// # Errors
    /// [`Error::Database`] if the metadata are not what an import checks.
    pub(crate) fn stored(&self, place: Place) -> Result<CompanionEvent<'_>, Error> {
        Ok(EventRow {
            event_id: self.event_id,
            entity_id: self.entity_id,
            seq: self.seq,
            log_seq: place.log_seq,
            parent_id: place.parent_id,
            event_type: self.event_type,
            prior_state: self.prior_state,
            state: self.state,
            generation: self.generation,
            recorded_at: self.recorded_at,
            payload: Cow::Borrowed(&*self.data),
            metadata: serde_json::from_str(&self.metadata)
                .map_err(|error| Error::undecodable(error.into()))?,
        })
    }
}

/// Returns the positions of the rows whose event id the entity already has.
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
    let positions = ids.iter().enumerate().filter(|(_, id)| stored.contains(id));
    Ok(positions.map(|(at, _)| at).collect())
}

/// Transaction of an import; dropped without a commit, it stores nothing.
pub(crate) trait BulkWriter: Send + Sized {
    /// Returns the heads of the entities that have events, and locks them unless this is a dry run.
    fn heads(
        &mut self,
        context: &EntityContext,
        entity_ids: &[Uuid],
    ) -> impl Future<Output = Result<Vec<HeadRow>, Error>> + Send;

    /// Returns those of the events, given as `(entity, event)`, that are stored already.
    fn stored(
        &mut self,
        context: &EntityContext,
        events: &[(Uuid, Uuid)],
    ) -> impl Future<Output = Result<Vec<StoredEvent>, Error>> + Send;

    /// Writes a batch to the log.
    fn write(
        &mut self,
        context: &EntityContext,
        batch: &ValidatedBatch,
    ) -> impl Future<Output = Result<(), WriteError>> + Send;

    /// Returns what the log has given to rows that were written: their log sequences, and the ids of
    /// the events before them.
    fn places(
        &mut self,
        context: &EntityContext,
        rows: &[ValidatedRow],
    ) -> impl Future<Output = Result<Vec<Place>, Error>> + Send;

    /// Returns the connection, for what is written with the events.
    fn connection(&mut self) -> Connection<'_>;

    /// Returns the longest time that the companions of a batch may take.
    fn companions_may_take(&self) -> Duration;

    /// Commits the transaction.
    fn commit(self, context: &EntityContext) -> impl Future<Output = Result<(), Error>> + Send;
}
