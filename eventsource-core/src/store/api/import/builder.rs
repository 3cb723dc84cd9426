//! Builder of an import.

use std::future::{Future, IntoFuture};
use std::num::NonZeroU64;
use std::pin::Pin;

use futures_util::{Stream, StreamExt};
use tokio::io::AsyncBufRead;

use crate::store::api::import::lines::{SourceItem, lines};
use crate::store::api::import::run::{ImportOptions, ImportRun, ImportSource};
use crate::store::contract::bulk::ImportMode;
use crate::store::contract::driver::BulkDriver;
use crate::store::contract::exported_event::ExportedEvent;
use crate::store::contract::import_report::{ImportReport, Imported};
use crate::store::contract::invalid_input::{InputProblem, InvalidInput};
use crate::store::database::on_database;
use crate::{Error, Event, EventStore};

/// Import of events: await it to store all of them or none, unless it
/// [commits in chunks](Self::commit_every).
///
/// Events are stored in the order in which they come, with their own times and ids, and must obey
/// the rules of an append. Auto transitions are not added: where one is due, it must be the next
/// event of its entity. Memory does not grow with the number of events.
///
/// Others may append meanwhile. An append to an entity of the import waits for the end of the
/// import, or fails with [`Error::Unavailable`] after some seconds; the import waits and fails in
/// the same way for an entity that another transaction has locked.
///
/// Where ids come from a counter, it continues after the highest imported number; numbers below
/// that one are never given. Creations wait for the end of the import too.
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
/// let report = lights.import_lines(lines.as_bytes()).dry_run().await?;
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
    source: ImportSource<'a>,
    options: ImportOptions,
}

impl<E: Event> EventStore<E> {
    /// Begins an import of a stream of events, such as [`Export::stream`](crate::Export::stream) of
    /// another store; await the builder.
    ///
    /// An error in the stream ends the import with that error.
    pub fn import<'a, S>(&'a self, events: S) -> Import<'a, E>
    where
        S: Stream<Item = Result<ExportedEvent, Error>> + Send + 'a,
    {
        let numbered = events.enumerate().map(|(before, event)| match event {
            Ok(event) => SourceItem::Event(before as u64 + 1, event),
            Err(error) => SourceItem::Failed(error),
        });
        Import::new(self, Box::pin(numbered))
    }

    /// Begins an import from a reader, each line the JSON of an [`ExportedEvent`]; await the builder.
    ///
    /// Empty lines are skipped, but count in line numbers.
    pub fn import_lines<'a, R>(&'a self, reader: R) -> Import<'a, E>
    where
        R: AsyncBufRead + Unpin + Send + 'a,
    {
        Import::new(self, Box::pin(lines(reader)))
    }
}

impl<'a, E: Event> Import<'a, E> {
    fn new(events: &'a EventStore<E>, source: ImportSource<'a>) -> Self {
        Self {
            events,
            source,
            options: ImportOptions::default(),
        }
    }

    /// Locks the tables of the entity and rebuilds their indexes at the end.
    ///
    /// For a first load whose indexes are larger than the server's memory; smaller loads are as fast
    /// without. On Postgres nobody else can read or write the entity, or read the feed, until the
    /// import is done, and the role must own the tables. On SQLite it changes nothing.
    pub fn exclusive(mut self) -> Self {
        self.options.exclusive = true;
        self
    }

    /// Commits after this many events, 1 or more, instead of once at the end: for a log that is too
    /// large for one transaction.
    ///
    /// A chunk is larger where it would end between an event and its auto transition.
    ///
    /// Committed events stay if the import fails later, for which [`Error::ImportIncomplete`] gives
    /// their number, and also if the program is killed or stops awaiting. Then import the same
    /// events again with [`resume`](Self::resume). Every event must have an `event_id` and a `seq`,
    /// as in an export, to be recognised.
    ///
    /// Between two chunks others may append to the entities, and create some where ids come from a
    /// counter. Events of the import that are illegal after those are refused.
    ///
    /// ```
    /// # mod example {
    /// use eventsource_core::{EntityId, Error, Event, Store};
    /// use futures_util::{StreamExt, stream};
    /// # use serde::{Deserialize, Serialize};
    /// #[derive(Debug, Serialize, Deserialize, Event)]
    /// #[machine(entity = "light")]
    /// pub enum LightEvent {
    ///     #[event(terminal)]
    ///     Lit { watts: u32 },
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # pub async fn main() -> Result<(), eventsource_core::Error> {
    /// # let here = Store::connect("sqlite::memory:").await?.migrate::<LightEvent>().await?;
    /// # let there = Store::connect("sqlite::memory:").await?.migrate::<LightEvent>().await?;
    /// for watts in 1..=5 {
    ///     here.append(EntityId::new(), LightEvent::Lit { watts }).await?;
    /// }
    /// let failed = || stream::iter([Err(Error::Io { source: std::io::ErrorKind::Other.into() })]);
    /// let cut = here.export().stream().take(3).chain(failed());
    /// let Err(Error::ImportIncomplete { committed, .. }) = there.import(cut).commit_every(2).await else {
    ///     panic!("the stream fails")
    /// };
    /// assert_eq!(committed.events, 2);
    ///
    /// let all = here.export().stream();
    /// let imported = there.import(all).commit_every(2).resume().await?;
    /// assert_eq!((imported.events, imported.skipped), (3, 2));
    /// # Ok(())
    /// # }
    /// # }
    /// # example::main().unwrap();
    /// ```
    pub fn commit_every(mut self, events: u64) -> Self {
        self.options.commit_every = Some(NonZeroU64::new(events).unwrap_or(NonZeroU64::MIN));
        self
    }

    /// Skips events that are stored already, recognised by entity and event id.
    ///
    /// For an import in [chunks](Self::commit_every) that did not reach its end, or whose outcome is
    /// unknown. An event with the id of a stored one but another type, time or sequence is illegal:
    /// [`ImportViolation::DuplicateEventId`](crate::ImportViolation::DuplicateEventId).
    pub fn resume(mut self) -> Self {
        self.options.resume = true;
        self
    }

    /// Checks the events and reports which would be refused; stores nothing.
    ///
    /// Memory grows by some hundred bytes for each entity.
    ///
    /// # Errors
    /// Errors of the source and of the database.
    pub async fn dry_run(self) -> Result<ImportReport, Error> {
        let EventStore {
            store,
            context,
            companions,
            ..
        } = self.events;
        let run = ImportRun::new(context, companions, self.source, self.options);
        on_database!(&store.database, backend => {
            let writer = backend.begin_import(context, companions, ImportMode::DryRun).await?;
            run.report(writer).await
        })
    }

    async fn store(self) -> Result<Imported, Error> {
        if self.options.exclusive && self.options.commit_every.is_some() {
            let import = "an exclusive import";
            return Err(InvalidInput::new(import, InputProblem::ExclusiveInChunks).into());
        }
        let EventStore {
            store,
            context,
            companions,
            ..
        } = self.events;
        if self.options.exclusive && !companions.is_empty() {
            let import = "an exclusive import";
            return Err(InvalidInput::new(import, InputProblem::ExclusiveWithModels).into());
        }
        let run = ImportRun::new(context, companions, self.source, self.options);
        on_database!(&store.database, backend => run.store(backend).await)
    }
}

/// # Errors
/// [`Error::ImportRejected`] for the first event that is illegal, [`Error::Io`] if the reader fails,
/// [`Error::NotPermitted`] if the role does not own the tables, unless this is a dry run,
/// [`Error::InvalidInput`] for an import that is exclusive and in chunks, and the errors of the
/// database. Nothing was stored, except perhaps after [`Error::Unavailable`]. After some [chunks](Import::commit_every) were committed, the error is
/// [`Error::ImportIncomplete`], which holds the reason.
impl<'a, E: Event> IntoFuture for Import<'a, E> {
    type Output = Result<Imported, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.store())
    }
}
