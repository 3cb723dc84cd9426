//! A log, in.

use std::future::{Future, IntoFuture};
use std::pin::Pin;

use futures_util::future::join;
use futures_util::{Stream, StreamExt};
use tokio::io::AsyncBufRead;

use super::batch::{Batch, Judged};
use super::event::PlainEvent;
use super::heads::Heads;
use super::judge::{Due, judge, read};
use super::lines::{Read, lines};
use super::refused::{IllegalEvent, NotLegal};
use super::writer::{BulkWriter, NotWritten, Purpose};
use crate::store::backend::{Backend, Table};
use crate::store::database::on_database;
use crate::{EntityId, Error, Event, EventStore};

/// An import on its way: await it to store the events, all of them or none.
///
/// The events are taken as they are: in the order in which they come, under the rules of an append,
/// with the times and ids that they have. Auto transitions are among them, and are not added; an
/// entity for which one would follow at the end is refused. Memory does not grow with the number of
/// events.
///
/// Others may append meanwhile. Who appends to an entity of the import waits for the end of it, or is
/// told [`Error::Unavailable`] after some seconds; so is the import, if another has an entity of it.
///
/// Where a counter names the entities, it goes on after the highest number that was imported: what
/// lies between is given to nobody. Who creates one waits for the end of the import too.
///
/// ```
/// # mod example {
/// use eventsource_core::{Event, Store};
/// # use serde::{Deserialize, Serialize};
/// #[derive(Debug, Serialize, Deserialize, Event)]
/// #[machine(entity = "light")]
/// pub enum LightEvent {
///     Lit { watts: u32 },
///     #[event(follows = Lit, terminal)]
///     PutOut,
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # pub async fn main() -> Result<(), eventsource_core::Error> {
/// # let lights = Store::connect("sqlite::memory:").await?.migrate::<LightEvent>().await?;
/// let lines = r#"
/// {"entity_id": "01a1fdf0-d1f0-77ee-ad3b-d3a257613183", "event_type": "LIT", "recorded_at": "2025-12-24T18:00:00Z", "data": {"watts": 60}}
/// {"entity_id": "01a1fdf0-d1f0-77ee-ad3b-d3a257613183", "event_type": "PUT_OUT", "recorded_at": "2025-12-24T23:00:00Z"}
/// "#;
/// let imported = lights.import_lines(lines.as_bytes()).await?;
/// assert_eq!((imported.events, imported.entities), (2, 1));
///
/// let report = lights.import_lines(lines.as_bytes()).report_only().await?;
/// assert_eq!(report.illegal, 2);
/// assert!(report.first[0].to_string().ends_with("Event type 'LIT' may not follow [PUT_OUT]"));
/// # Ok(())
/// # }
/// # }
/// # example::main().unwrap();
/// ```
#[must_use = "an import does nothing until it is awaited"]
pub struct Import<'a, E: Event> {
    events: &'a EventStore<E>,
    source: Source<'a>,
    alone: bool,
}

type Source<'a> = Pin<Box<dyn Stream<Item = Read> + Send + 'a>>;

/// What an import stored.
///
/// ```no_run
/// # use eventsource_core::{Event, EventStore, Error};
/// # async fn example<E: Event>(tasks: EventStore<E>, lines: &[u8]) -> Result<(), Error> {
/// let imported = tasks.import_lines(lines).await?;
/// println!("{} events of {} new entities", imported.events, imported.entities);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Imported {
    /// How many events.
    pub events: u64,
    /// How many entities there are now that were not there before.
    pub entities: u64,
}

/// What an import would store, and what it would refuse.
///
/// ```no_run
/// # use eventsource_core::{Event, EventStore, Error};
/// # async fn example<E: Event>(tasks: EventStore<E>, lines: &[u8]) -> Result<(), Error> {
/// let report = tasks.import_lines(lines).report_only().await?;
/// for refused in &report.first {
///     println!("{refused}");
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct ImportReport {
    /// How many events are legal.
    pub legal: u64,
    /// How many are not. After one of these, its entity goes on as if it were not there.
    pub illegal: u64,
    /// The first of them, 100 at most, in their order.
    pub first: Vec<IllegalEvent>,
}

/// How many illegal events a report names.
const NAMED: usize = 100;

impl<E: Event> EventStore<E> {
    /// Imports the events of a stream, such as [`Export::stream`](crate::Export::stream) of another
    /// store. Await the builder that is returned.
    ///
    /// An error in the stream ends the import, with that error.
    pub fn import<'a, S>(&'a self, events: S) -> Import<'a, E>
    where
        S: Stream<Item = Result<PlainEvent, Error>> + Send + 'a,
    {
        let numbered = events.enumerate().map(|(before, event)| match event {
            Ok(event) => Read::Event(before as u64 + 1, event),
            Err(error) => Read::Failed(error),
        });
        Import::new(self, Box::pin(numbered))
    }

    /// Imports the events of a reader, a line of JSON each: a [`PlainEvent`]. Await the builder that
    /// is returned.
    ///
    /// Empty lines are passed over, and count.
    pub fn import_lines<'a, R>(&'a self, reader: R) -> Import<'a, E>
    where
        R: AsyncBufRead + Unpin + Send + 'a,
    {
        Import::new(self, Box::pin(lines(reader)))
    }
}

impl<'a, E: Event> Import<'a, E> {
    fn new(events: &'a EventStore<E>, source: Source<'a>) -> Self {
        Self {
            events,
            source,
            alone: false,
        }
    }

    /// Takes the tables of the entity for itself: faster for a first load, for indexes and foreign
    /// keys are then made, and checked, once for all events.
    ///
    /// On Postgres nobody else reads or writes the entity until the import is done, and the feed is
    /// not read either; and only the owner of the tables may do so. On SQLite it changes nothing.
    pub fn alone(mut self) -> Self {
        self.alone = true;
        self
    }

    /// Stores nothing: says what would be refused. It remembers each entity, some hundred bytes.
    ///
    /// # Errors
    /// Those of the source and of the database.
    pub async fn report_only(self) -> Result<ImportReport, Error> {
        let EventStore { store, table, .. } = self.events;
        let run = Run::new(table, self.source, Heads::unbounded());
        on_database!(&store.database, backend => {
            let writer = backend.bulk(table, Purpose::Look).await?;
            run.report(writer).await
        })
    }

    async fn store(self) -> Result<Imported, Error> {
        let EventStore { store, table, .. } = self.events;
        let run = Run::new(table, self.source, Heads::bounded());
        let purpose = if self.alone {
            Purpose::StoreAlone
        } else {
            Purpose::Store
        };
        on_database!(&store.database, backend => {
            let writer = backend.bulk(table, purpose).await?;
            let imported = run.store(writer).await;
            backend.tell();
            imported
        })
    }
}

/// # Errors
/// [`Error::NotImported`] for the first event that is illegal, [`Error::Lines`] if the reader fails,
/// [`Error::NotPermitted`] if it is to be [`alone`](Import::alone) and may not, and those of the
/// database. In every case nothing was stored; only after [`Error::Unavailable`] it may have been.
impl<'a, E: Event> IntoFuture for Import<'a, E> {
    type Output = Result<Imported, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.store())
    }
}

struct Run<'a> {
    table: &'a Table,
    source: Source<'a>,
    heads: Heads,
    due: Due,
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

impl<'a> Run<'a> {
    fn new(table: &'a Table, source: Source<'a>, heads: Heads) -> Self {
        Self {
            table,
            source,
            heads,
            due: Due::default(),
        }
    }

    async fn store<W: BulkWriter>(mut self, mut writer: W) -> Result<Imported, Error> {
        let mut imported = Imported::default();
        let mut next = next_of(self.table, &mut self.source).await;
        loop {
            let Next { batch, then } = next;
            let judged = self
                .judge(&mut writer, batch, |illegal| Err(illegal.into()))
                .await?;
            imported.events += judged.rows.len() as u64;
            imported.entities += judged.new_entities().count() as u64;
            // The database writes this batch while the next one is read.
            let (written, following) = join(write(&mut writer, self.table, &judged), async {
                match then {
                    Then::More => Ok(Some(next_of(self.table, &mut self.source).await)),
                    Then::End => Ok(None),
                    Then::Illegal(illegal) => Err(illegal.into()),
                    Then::Failed(error) => Err(error),
                }
            })
            .await;
            written?;
            match following? {
                Some(following) => next = following,
                None => break,
            }
        }
        if let Some(illegal) = self.due.into_illegal().into_iter().next() {
            return Err(illegal.into());
        }
        writer.commit(self.table).await?;
        Ok(imported)
    }

    async fn report<W: BulkWriter>(mut self, mut writer: W) -> Result<ImportReport, Error> {
        let mut report = ImportReport::default();
        loop {
            let Next { batch, then } = next_of(self.table, &mut self.source).await;
            let judged = self
                .judge(&mut writer, batch, |illegal| {
                    report.add(illegal);
                    Ok(())
                })
                .await?;
            report.legal += judged.rows.len() as u64;
            match then {
                Then::More => {}
                Then::Illegal(illegal) => report.add(illegal),
                Then::End => break,
                Then::Failed(error) => return Err(error),
            }
        }
        // They are known last and may be among the first.
        let due = self.due.into_illegal();
        report.legal -= due.len() as u64;
        report.illegal += due.len() as u64;
        report.first.extend(due);
        report.first.sort_by_key(|illegal| illegal.number);
        report.first.truncate(NAMED);
        Ok(report)
    }

    async fn judge<W: BulkWriter>(
        &mut self,
        writer: &mut W,
        batch: Batch,
        refuse: impl FnMut(IllegalEvent) -> Result<(), Error>,
    ) -> Result<Judged, Error> {
        let unknown = self
            .heads
            .unknown(batch.rows.iter().map(|row| row.entity_id));
        if !unknown.is_empty() {
            for head in writer.heads(self.table, &unknown).await? {
                self.heads.found(head);
            }
        }
        let rules = &self.table.rules;
        judge(rules, &mut self.heads, &mut self.due, batch, refuse)
    }
}

impl ImportReport {
    fn add(&mut self, illegal: IllegalEvent) {
        self.illegal += 1;
        if self.first.len() < NAMED {
            self.first.push(illegal);
        }
    }
}

impl From<IllegalEvent> for Error {
    fn from(illegal: IllegalEvent) -> Self {
        Self::NotImported(Box::new(illegal))
    }
}

/// Reads until a batch is full, or something is wrong.
async fn next_of(table: &Table, source: &mut Source<'_>) -> Next {
    let mut batch = Batch::default();
    let then = loop {
        if batch.is_full() {
            break Then::More;
        }
        match source.next().await {
            None => break Then::End,
            Some(Read::Failed(error)) => break Then::Failed(error),
            Some(Read::Illegal(illegal)) => break Then::Illegal(illegal),
            Some(Read::Event(number, event)) => match read(&table.rules, number, event) {
                Ok(Ok(row)) => batch.push(row),
                Ok(Err(illegal)) => break Then::Illegal(illegal),
                Err(error) => break Then::Failed(error),
            },
        }
    };
    Next { batch, then }
}

async fn write<W: BulkWriter>(writer: &mut W, table: &Table, judged: &Judged) -> Result<(), Error> {
    if judged.rows.is_empty() {
        return Ok(());
    }
    match writer.write(table, judged).await {
        Ok(()) => Ok(()),
        Err(NotWritten::Failed(error)) => Err(error),
        Err(NotWritten::Twice(positions)) => {
            let rows = positions.iter().filter_map(|at| judged.rows.get(*at));
            match rows.min_by_key(|row| row.number) {
                Some(row) => Err(IllegalEvent {
                    number: row.number,
                    entity_id: Some(EntityId::from(row.entity_id)),
                    reason: NotLegal::Twice,
                }
                .into()),
                None => Err(Error::database("an event was refused for no event's sake")),
            }
        }
    }
}
