//! Run of an import: a batch is written while the next one is read.

use std::collections::HashMap;
use std::num::NonZeroU64;
use std::pin::Pin;

use futures_util::future::join;
use futures_util::{Stream, StreamExt};
use uuid::Uuid;

use crate::store::api::import::lines::SourceItem;
use crate::store::contract::bulk::{
    BulkWriter, ImportMode, StoredEvent, ValidatedBatch, WriteError,
};
use crate::store::contract::companion::{CompanionError, Companions, Stored};
use crate::store::contract::driver::{BulkDriver, FeedDriver};
use crate::store::contract::entity_context::EntityContext;
use crate::store::contract::import_report::{ImportReport, Imported};
use crate::store::contract::import_violation::{IllegalEvent, ImportViolation};
use crate::store::rules::import::batch::ImportBatch;
use crate::store::rules::import::check::{PendingAutoTransitions, read, validate};
use crate::store::rules::import::heads::Heads;
use crate::{EntityId, Error};

/// Source of the events of an import.
pub(crate) type ImportSource<'a> = Pin<Box<dyn Stream<Item = SourceItem> + Send + 'a>>;

/// Most events of a batch that are handed to the companions at once.
const COMPANION_ROWS: usize = 512;

/// Number of events from which an import changes what the tables hold on the whole.
const LARGE: u64 = 1000;

/// Options of an import.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ImportOptions {
    pub(crate) exclusive: bool,
    /// Number of events that are committed together; all if not given.
    pub(crate) commit_every: Option<NonZeroU64>,
    /// Whether events that are stored already are skipped.
    pub(crate) resume: bool,
}

impl ImportOptions {
    /// Checks whether each event must have an id and a sequence, to be recognised by `resume`.
    fn needs_identity(self) -> bool {
        self.resume || self.commit_every.is_some()
    }
}

/// Import in progress.
pub(crate) struct ImportRun<'a> {
    context: &'a EntityContext,
    companions: &'a Companions,
    source: ImportSource<'a>,
    options: ImportOptions,
    heads: Heads,
    pending: PendingAutoTransitions,
}

/// Batch that was read, and the continuation of the source.
struct NextBatch {
    batch: ImportBatch,
    then: AfterBatch,
}

/// Continuation of the source after a batch.
enum AfterBatch {
    More,
    End,
    Illegal(IllegalEvent),
    Failed(Error),
}

/// Events that were committed in one transaction.
struct Chunk {
    imported: Imported,
    /// Number of its events, skipped ones included.
    events: u64,
    /// Number of its last event in the source.
    through: u64,
    /// Batch that was read while this chunk was written.
    following: Result<Option<NextBatch>, Error>,
}

impl<'a> ImportRun<'a> {
    pub(crate) fn new(
        context: &'a EntityContext,
        companions: &'a Companions,
        source: ImportSource<'a>,
        options: ImportOptions,
    ) -> Self {
        Self {
            context,
            companions,
            source,
            options,
            heads: Heads::bounded(),
            pending: PendingAutoTransitions::default(),
        }
    }

    /// Checks and stores all events.
    pub(crate) async fn store<B: BulkDriver + FeedDriver>(
        mut self,
        backend: &B,
    ) -> Result<Imported, Error> {
        let mode = if self.options.exclusive {
            ImportMode::Exclusive
        } else {
            ImportMode::Concurrent
        };
        let (mut committed, mut through) = (Imported::default(), 0);
        let mut next = None;
        loop {
            let chunk = async {
                let begun = backend.begin_import(self.context, self.companions, mode);
                let writer = begun.await?;
                self.chunk(writer, next.take()).await
            };
            let following = match chunk.await {
                Ok(chunk) => {
                    backend.notify_feed();
                    committed += chunk.imported;
                    through = through.max(chunk.through);
                    chunk.following
                }
                Err(error) => Err(error),
            };
            match following {
                Ok(Some(following)) => next = Some(following),
                Ok(None) => {
                    if committed.events >= LARGE {
                        backend.analyze(self.context).await;
                    }
                    return Ok(committed);
                }
                // The first chunk has failed: nothing was stored.
                Err(error) if through == 0 => return Err(error),
                Err(error) => {
                    return Err(Error::ImportIncomplete {
                        committed,
                        through,
                        source: Box::new(error),
                    });
                }
            }
        }
    }

    /// Checks and writes events in one transaction.
    async fn chunk<W: BulkWriter>(
        &mut self,
        mut writer: W,
        next: Option<NextBatch>,
    ) -> Result<Chunk, Error> {
        let mut chunk = Chunk {
            imported: Imported::default(),
            events: 0,
            through: 0,
            following: Ok(None),
        };
        let mut next = match next {
            Some(next) => next,
            None => self.next().await,
        };
        loop {
            let NextBatch { batch, then } = next;
            chunk.events += batch.rows.len() as u64;
            if let Some(last) = batch.rows.last() {
                chunk.through = last.number;
            }
            let (validated, skipped) = self
                .validate(&mut writer, batch, |illegal| Err(illegal.into()))
                .await?;
            chunk.imported += Imported {
                events: validated.rows.len() as u64,
                entities: validated.new_entities().count() as u64,
                skipped,
            };
            let (context, complete) = (self.context, self.is_complete(&chunk));
            let companions = self.companions;
            // The database works while the next batch is read.
            if complete {
                let stored = async {
                    write(&mut writer, context, companions, &validated).await?;
                    writer.commit(context).await
                };
                let (stored, following) = join(stored, self.read_after(then)).await;
                stored?;
                chunk.following = following;
                break;
            }
            let written = write(&mut writer, context, companions, &validated);
            let (written, following) = join(written, self.read_after(then)).await;
            written?;
            match following? {
                Some(following) => next = following,
                None => {
                    let pending = std::mem::take(&mut self.pending).into_illegal(&context.rules);
                    if let Some(illegal) = pending.into_iter().next() {
                        return Err(illegal.into());
                    }
                    writer.commit(context).await?;
                    break;
                }
            }
        }
        // Others may append to these entities from now on.
        self.heads = Heads::bounded();
        Ok(chunk)
    }

    /// Reads the next batch, unless the source is at its end.
    async fn read_after(&mut self, then: AfterBatch) -> Result<Option<NextBatch>, Error> {
        match then {
            AfterBatch::More => Ok(Some(self.next().await)),
            AfterBatch::End => Ok(None),
            AfterBatch::Illegal(illegal) => Err(illegal.into()),
            AfterBatch::Failed(error) => Err(error),
        }
    }

    /// Checks whether the chunk may be committed now: never between an event and its auto transition,
    /// for no append leaves an entity there.
    fn is_complete(&self, chunk: &Chunk) -> bool {
        let full = |every: NonZeroU64| chunk.events >= every.get();
        self.options.commit_every.is_some_and(full) && self.pending.is_empty()
    }

    /// Checks all events and reports which are illegal.
    pub(crate) async fn report<W: BulkWriter>(
        mut self,
        mut writer: W,
    ) -> Result<ImportReport, Error> {
        self.heads = Heads::unbounded();
        let mut report = ImportReport::default();
        loop {
            let NextBatch { batch, then } = self.next().await;
            let (validated, skipped) = self
                .validate(&mut writer, batch, |illegal| {
                    report.add(illegal);
                    Ok(())
                })
                .await?;
            report.legal += validated.rows.len() as u64;
            report.skipped += skipped;
            match then {
                AfterBatch::More => {}
                AfterBatch::Illegal(illegal) => report.add(illegal),
                AfterBatch::End => break,
                AfterBatch::Failed(error) => return Err(error),
            }
        }
        report.add_due(self.pending.into_illegal(&self.context.rules));
        Ok(report)
    }

    /// Reads until a batch is full, or until the end or an error of the source.
    async fn next(&mut self) -> NextBatch {
        let needs_identity = self.options.needs_identity();
        let max_rows = self.options.commit_every.map_or(u64::MAX, NonZeroU64::get);
        let max_rows = usize::try_from(max_rows).unwrap_or(usize::MAX);
        let mut batch = ImportBatch::default();
        let then = loop {
            if batch.is_full(max_rows) {
                break AfterBatch::More;
            }
            match self.source.next().await {
                None => break AfterBatch::End,
                Some(SourceItem::Failed(error)) => break AfterBatch::Failed(error),
                Some(SourceItem::Illegal(illegal)) => break AfterBatch::Illegal(illegal),
                Some(SourceItem::Event(number, event)) => {
                    match read(&self.context.rules, number, event, needs_identity) {
                        Ok(Ok(row)) => batch.push(row),
                        Ok(Err(illegal)) => break AfterBatch::Illegal(illegal),
                        Err(error) => break AfterBatch::Failed(error),
                    }
                }
            }
        };
        NextBatch { batch, then }
    }

    /// Returns the legal events of the batch, and the number of skipped ones.
    async fn validate<W: BulkWriter>(
        &mut self,
        writer: &mut W,
        mut batch: ImportBatch,
        mut reject: impl FnMut(IllegalEvent) -> Result<(), Error>,
    ) -> Result<(ValidatedBatch, u64), Error> {
        let unknown = self
            .heads
            .unknown(batch.rows.iter().map(|row| row.entity_id));
        if !unknown.is_empty() {
            for head in writer.heads(self.context, &unknown).await? {
                self.heads.found(head);
            }
        }
        let mut skipped = 0;
        if self.options.resume {
            skipped = self.remove_stored(writer, &mut batch, &mut reject).await?;
        }
        let rules = &self.context.rules;
        let validated = validate(rules, &mut self.heads, &mut self.pending, batch, reject)?;
        Ok((validated, skipped))
    }

    /// Removes the events that are stored already from the batch; returns their number.
    async fn remove_stored<W: BulkWriter>(
        &mut self,
        writer: &mut W,
        batch: &mut ImportBatch,
        reject: &mut impl FnMut(IllegalEvent) -> Result<(), Error>,
    ) -> Result<u64, Error> {
        // An entity without a head has no events.
        let known = batch
            .rows
            .iter()
            .filter(|row| self.heads.get(row.entity_id).is_some());
        let ids: Vec<_> = known.map(|row| (row.entity_id, row.event_id)).collect();
        if ids.is_empty() {
            return Ok(0);
        }
        let stored = writer.stored(self.context, &ids).await?;
        let stored: HashMap<(Uuid, Uuid), StoredEvent> = stored
            .into_iter()
            .map(|event| ((event.entity_id, event.event_id), event))
            .collect();
        let (mut skipped, mut rows) = (0, Vec::with_capacity(batch.rows.len()));
        for row in std::mem::take(&mut batch.rows) {
            match stored.get(&(row.entity_id, row.event_id)) {
                None => rows.push(row),
                Some(event) if row.is(event) => skipped += 1,
                Some(_) => reject(IllegalEvent {
                    number: row.number,
                    entity_id: Some(EntityId::from(row.entity_id)),
                    reason: ImportViolation::DuplicateEventId,
                })?,
            }
        }
        batch.rows = rows;
        Ok(skipped)
    }
}

impl From<IllegalEvent> for Error {
    fn from(illegal: IllegalEvent) -> Self {
        Self::ImportRejected(Box::new(illegal))
    }
}

async fn write<W: BulkWriter>(
    writer: &mut W,
    context: &EntityContext,
    companions: &Companions,
    validated: &ValidatedBatch,
) -> Result<(), Error> {
    if validated.rows.is_empty() {
        return Ok(());
    }
    match writer.write(context, validated).await {
        Ok(()) if companions.is_empty() => Ok(()),
        Ok(()) => accompany(writer, context, companions, validated).await,
        Err(WriteError::Failed(error)) => Err(error),
        Err(WriteError::DuplicateIds(positions)) => {
            let rows = positions.iter().filter_map(|at| validated.rows.get(*at));
            match rows.min_by_key(|row| row.number) {
                Some(row) => Err(IllegalEvent {
                    number: row.number,
                    entity_id: Some(EntityId::from(row.entity_id)),
                    reason: ImportViolation::DuplicateEventId,
                }
                .into()),
                None => Err(Error::database(
                    "internal error: the import found a duplicate event id, but no row that has it",
                )),
            }
        }
    }
}

/// Lets the companions write what belongs to a batch.
async fn accompany<W: BulkWriter>(
    writer: &mut W,
    context: &EntityContext,
    companions: &Companions,
    validated: &ValidatedBatch,
) -> Result<(), Error> {
    let most = writer.companions_may_take();
    // A batch of an import is larger than what a call of appends has.
    for rows in validated.rows.chunks(COMPANION_ROWS) {
        let places = writer.places(context, rows).await?;
        let rows = rows.iter().zip(places);
        let stored = Stored {
            context,
            own: None,
            rows: rows
                .map(|(row, place)| row.stored(place))
                .collect::<Result<_, _>>()?,
        };
        let stored = [stored];
        let written = companions.write(&stored, writer.connection(), most);
        if let Err(CompanionError { name, source }) = written.await {
            return Err(Error::ByProjection { name, source });
        }
    }
    Ok(())
}
