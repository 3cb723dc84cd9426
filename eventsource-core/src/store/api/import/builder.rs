//! A log, in.

use std::future::{Future, IntoFuture};
use std::num::NonZeroU64;
use std::pin::Pin;

use futures_util::{Stream, StreamExt};
use tokio::io::AsyncBufRead;

use crate::store::api::import::lines::{Read, lines};
use crate::store::api::import::run::{ImportOptions, ImportRun, Source};
use crate::store::contract::bulk::ImportMode;
use crate::store::contract::driver::BulkDriver;
use crate::store::contract::exported_event::ExportedEvent;
use crate::store::contract::import_report::{ImportReport, Imported};
use crate::store::contract::invalid_input::{InputProblem, InvalidInput};
use crate::store::database::on_database;
use crate::{Error, Event, EventStore};

/// An import on its way: await it to store the events, all of them or none, unless it is to
/// [commit in chunks](Self::commit_every).
///
/// The events are taken as they are: in the order in which they come, under the rules of an append,
/// with the times and ids that they have. Auto transitions are among them, and are not added: where one
/// is due, it must be the next event of its entity. Memory does not grow with the number of
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
    source: Source<'a>,
    options: ImportOptions,
}

impl<E: Event> EventStore<E> {
    /// Imports the events of a stream, such as [`Export::stream`](crate::Export::stream) of another
    /// store. Await the builder that is returned.
    ///
    /// An error in the stream ends the import, with that error.
    pub fn import<'a, S>(&'a self, events: S) -> Import<'a, E>
    where
        S: Stream<Item = Result<ExportedEvent, Error>> + Send + 'a,
    {
        let numbered = events.enumerate().map(|(before, event)| match event {
            Ok(event) => Read::Event(before as u64 + 1, event),
            Err(error) => Read::Failed(error),
        });
        Import::new(self, Box::pin(numbered))
    }

    /// Imports the events of a reader, a line of JSON each: a [`ExportedEvent`]. Await the builder that
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
            options: ImportOptions::default(),
        }
    }

    /// Takes the tables of the entity for itself, for a first load whose indexes are larger than the
    /// server's memory: they are then made once for all events. Smaller ones are loaded as fast without.
    ///
    /// On Postgres nobody else reads or writes the entity until the import is done, and the feed is
    /// not read either; and only the owner of the tables may do so. On SQLite it changes nothing.
    pub fn exclusive(mut self) -> Self {
        self.options.exclusive = true;
        self
    }

    /// Commits after so many events, 1 or more, instead of all at the end: for what is too large for
    /// one transaction. A chunk has more where it would end between an event and what follows from it
    /// by itself.
    ///
    /// If the import fails later, those that were committed stay: [`Error::ImportIncomplete`] says how
    /// many. So does what was committed when the program is killed, or stops awaiting. Import the same
    /// events again, with [`resume`](Self::resume). They must have what that knows them by: an
    /// `event_id` and a `seq`, as an export gives them.
    ///
    /// Between two chunks others may append to the entities, and create some where a counter names
    /// them. What does not go on from there is refused, as everywhere.
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

    /// Passes over the events that are stored already, which it knows by entity and event id: for an
    /// import that was made in [chunks](Self::commit_every) and did not reach its end, or one of which
    /// nobody knows whether it did.
    ///
    /// One that is of the same id, and of another type, time or sequence, is not passed over but
    /// illegal: [`ImportViolation::DuplicateEventId`](crate::ImportViolation::DuplicateEventId).
    pub fn resume(mut self) -> Self {
        self.options.resume = true;
        self
    }

    /// Stores nothing: says what would be refused. It remembers each entity, some hundred bytes.
    ///
    /// # Errors
    /// Those of the source and of the database.
    pub async fn dry_run(self) -> Result<ImportReport, Error> {
        let EventStore { store, context, .. } = self.events;
        let run = ImportRun::new(context, self.source, self.options);
        on_database!(&store.database, backend => {
            let writer = backend.begin_import(context, ImportMode::DryRun).await?;
            run.report(writer).await
        })
    }

    async fn store(self) -> Result<Imported, Error> {
        if self.options.exclusive && self.options.commit_every.is_some() {
            let import = "an exclusive import";
            return Err(InvalidInput::new(import, InputProblem::ExclusiveInChunks).into());
        }
        let EventStore { store, context, .. } = self.events;
        let run = ImportRun::new(context, self.source, self.options);
        on_database!(&store.database, backend => run.store(backend).await)
    }
}

/// # Errors
/// [`Error::ImportRejected`] for the first event that is illegal, [`Error::Io`] if the reader fails,
/// [`Error::NotPermitted`] if it is to be [`exclusive`](Import::alone) and may not, [`Error::InvalidInput`] if
/// it is to be alone and in chunks, and those of the database. In every case nothing was stored; only
/// after [`Error::Unavailable`] it may have been. If it is in [chunks](Import::commit_every) and some
/// of them are committed, it is [`Error::ImportIncomplete`] for any of these reasons, which it holds.
impl<'a, E: Event> IntoFuture for Import<'a, E> {
    type Output = Result<Imported, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.store())
    }
}
