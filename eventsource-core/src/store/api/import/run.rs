//! The run of an import: a batch is written while the next one is read.

use std::collections::HashMap;
use std::num::NonZeroU64;
use std::pin::Pin;

use futures_util::future::join;
use futures_util::{Stream, StreamExt};
use uuid::Uuid;

use crate::store::api::import::lines::Read;
use crate::store::contract::bulk::{
    BulkWriter, ImportMode, StoredEvent, ValidatedBatch, WriteError,
};
use crate::store::contract::driver::{BulkDriver, FeedDriver};
use crate::store::contract::entity_context::EntityContext;
use crate::store::contract::import_report::{ImportReport, Imported};
use crate::store::contract::import_violation::{IllegalEvent, ImportViolation};
use crate::store::rules::import::batch::Batch;
use crate::store::rules::import::check::{PendingAutoTransitions, read, validate};
use crate::store::rules::import::heads::Heads;
use crate::{EntityId, Error};

pub(crate) type Source<'a> = Pin<Box<dyn Stream<Item = Read> + Send + 'a>>;

/// How the events are to be stored.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ImportOptions {
    pub(crate) exclusive: bool,
    /// How many events are committed together; all if not given.
    pub(crate) commit_every: Option<NonZeroU64>,
    /// Whether what is stored already is passed over.
    pub(crate) resume: bool,
}

impl ImportOptions {
    /// Whether each event must say by what it is known when it is met again.
    fn needs_identity(self) -> bool {
        self.resume || self.commit_every.is_some()
    }
}

pub(crate) struct ImportRun<'a> {
    context: &'a EntityContext,
    source: Source<'a>,
    options: ImportOptions,
    heads: Heads,
    pending: PendingAutoTransitions,
}

/// A batch, and what came after it.
struct Next {
    batch: Batch,
    then: Then,
}

enum Then {
    More,
    End,
    Illegal(IllegalEvent),
    Failed(Error),
}

/// What is committed together.
struct Chunk {
    imported: Imported,
    /// How many events it has, with those that are passed over.
    events: u64,
    /// The number of the last one.
    through: u64,
    /// What was read meanwhile.
    following: Result<Option<Next>, Error>,
}

impl<'a> ImportRun<'a> {
    pub(crate) fn new(
        context: &'a EntityContext,
        source: Source<'a>,
        options: ImportOptions,
    ) -> Self {
        Self {
            context,
            source,
            options,
            heads: Heads::bounded(),
            pending: PendingAutoTransitions::default(),
        }
    }

    pub(crate) async fn store<B: BulkDriver + FeedDriver>(
        mut self,
        backend: &B,
    ) -> Result<Imported, Error> {
        let purpose = if self.options.exclusive {
            ImportMode::Exclusive
        } else {
            ImportMode::Concurrent
        };
        let (mut committed, mut through) = (Imported::default(), 0);
        let mut next = None;
        loop {
            let chunk = async {
                let writer = backend.begin_import(self.context, purpose).await?;
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
                Ok(None) => return Ok(committed),
                // Nothing is there of the first chunk: it is as if there were no others.
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

    /// One transaction.
    async fn chunk<W: BulkWriter>(
        &mut self,
        mut writer: W,
        next: Option<Next>,
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
            let Next { batch, then } = next;
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
            let (context, ends) = (self.context, self.ends(&chunk));
            // The database works while the next batch is read.
            if ends {
                let stored = async {
                    write(&mut writer, context, &validated).await?;
                    writer.commit(context).await
                };
                let (stored, following) = join(stored, self.after(then)).await;
                stored?;
                chunk.following = following;
                break;
            }
            let written = write(&mut writer, context, &validated);
            let (written, following) = join(written, self.after(then)).await;
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

    async fn after(&mut self, then: Then) -> Result<Option<Next>, Error> {
        match then {
            Then::More => Ok(Some(self.next().await)),
            Then::End => Ok(None),
            Then::Illegal(illegal) => Err(illegal.into()),
            Then::Failed(error) => Err(error),
        }
    }

    /// Whether the chunk may be committed: never between an event and what follows by itself, for no
    /// append leaves an entity so.
    fn ends(&self, chunk: &Chunk) -> bool {
        let full = |every: NonZeroU64| chunk.events >= every.get();
        self.options.commit_every.is_some_and(full) && self.pending.is_empty()
    }

    pub(crate) async fn report<W: BulkWriter>(
        mut self,
        mut writer: W,
    ) -> Result<ImportReport, Error> {
        self.heads = Heads::unbounded();
        let mut report = ImportReport::default();
        loop {
            let Next { batch, then } = self.next().await;
            let (validated, skipped) = self
                .validate(&mut writer, batch, |illegal| {
                    report.add(illegal);
                    Ok(())
                })
                .await?;
            report.legal += validated.rows.len() as u64;
            report.skipped += skipped;
            match then {
                Then::More => {}
                Then::Illegal(illegal) => report.add(illegal),
                Then::End => break,
                Then::Failed(error) => return Err(error),
            }
        }
        report.add_due(self.pending.into_illegal(&self.context.rules));
        Ok(report)
    }

    /// Reads until a batch is full, or something is wrong.
    async fn next(&mut self) -> Next {
        let needs_identity = self.options.needs_identity();
        let most = self.options.commit_every.map_or(u64::MAX, NonZeroU64::get);
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let mut batch = Batch::default();
        let then = loop {
            if batch.is_full(most) {
                break Then::More;
            }
            match self.source.next().await {
                None => break Then::End,
                Some(Read::Failed(error)) => break Then::Failed(error),
                Some(Read::Illegal(illegal)) => break Then::Illegal(illegal),
                Some(Read::Event(number, event)) => {
                    match read(&self.context.rules, number, event, needs_identity) {
                        Ok(Ok(row)) => batch.push(row),
                        Ok(Err(illegal)) => break Then::Illegal(illegal),
                        Err(error) => break Then::Failed(error),
                    }
                }
            }
        };
        Next { batch, then }
    }

    /// What of the batch is legal, and how many of its events were passed over.
    async fn validate<W: BulkWriter>(
        &mut self,
        writer: &mut W,
        mut batch: Batch,
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
            skipped = self.skip(writer, &mut batch, &mut reject).await?;
        }
        let rules = &self.context.rules;
        let validated = validate(rules, &mut self.heads, &mut self.pending, batch, reject)?;
        Ok((validated, skipped))
    }

    /// Takes out what is stored already, and returns how many events that are.
    async fn skip<W: BulkWriter>(
        &mut self,
        writer: &mut W,
        batch: &mut Batch,
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
    validated: &ValidatedBatch,
) -> Result<(), Error> {
    if validated.rows.is_empty() {
        return Ok(());
    }
    match writer.write(context, validated).await {
        Ok(()) => Ok(()),
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
                None => Err(Error::database("an event was refused for no event's sake")),
            }
        }
    }
}
