//! Registration of an inline model, which is filled first from the events that are stored.
//!
//! It is filled behind the log, in batches, while others append. Then appends are kept out for as long
//! as the rest takes, and those who do not write the model stay out.

use std::marker::PhantomData;

use serde_json::json;

#[cfg(feature = "sqlite")]
use crate::store::api::decode::recorded;
use crate::store::api::generations::create::{
    Purpose, Registered, building, create, register, registered,
};
use crate::store::api::generations::model::{INLINE, Model, is_name};
use crate::store::api::generations::switch::switch;
use crate::store::api::inline::model::InlineModel;
use crate::store::api::transaction::handle::Transaction;
use crate::store::contract::cause::database_error;
use crate::store::contract::dialect::Dialect;
use crate::store::contract::tables::Tables;
use crate::store::database::Database;
#[cfg(feature = "postgres")]
use crate::store::postgres;
#[cfg(feature = "sqlite")]
use crate::store::sqlite;
#[cfg(feature = "sqlite")]
use crate::store::sqlite::feed;
use crate::{Error, Event, EventResult, EventStore, Position, RecordedEvent};

/// Most events in one transaction.
const BATCH: u64 = 1000;

/// Most bytes of payloads in one transaction, where there may be more than one of its events.
#[cfg(feature = "postgres")]
const BATCH_BYTES: u64 = 4 << 20;

/// Registration of one model.
pub(crate) struct Filling<'a, E: Event, M, Kind> {
    pub(super) events: EventStore<E>,
    pub(super) model: &'a M,
    pub(super) name: &'static str,
    pub(super) version: i64,
    kind: PhantomData<fn() -> Kind>,
}

impl<'a, E: Event, M: InlineModel<E, Kind>, Kind: 'static> Filling<'a, E, M, Kind> {
    pub(crate) fn new(events: &EventStore<E>, model: &'a M) -> Result<Self, Error> {
        let filling = Self {
            // Whatever its reader may see, a model gets all events.
            events: events.reading_as_program(),
            model,
            name: model.name(),
            version: model.version().into(),
            kind: PhantomData,
        };
        if !is_name(filling.name) {
            return Err(filling.refused(
                "its name is not a lower-case letter, followed by at most 47 lower-case letters, \
                 digits and underscores",
            ));
        }
        Ok(filling)
    }

    /// Returns the generation that appends write, which is filled and registered unless it is.
    pub(crate) async fn ready(&self) -> Result<u32, Error> {
        let found = match self.registered().await {
            Err(Error::RuntimeNotMigrated { .. }) => {
                self.events.store.migrate_runtime().await?;
                None
            }
            found => found?,
        };
        if let Some(registered) = &found {
            self.check(registered)?;
            if registered.version == self.version && registered.generation > 0 {
                return Ok(number(registered.generation));
            }
        }
        let generation = self.fill(false).await?;
        self.switch(generation).await
    }

    /// Begins a generation, or goes on with one, and fills it until it is nearly level; returns it.
    ///
    /// It is the registered one if another program has registered this version meanwhile, unless it is to
    /// be compared with that.
    pub(super) async fn fill(&self, beside_registered: bool) -> Result<i64, Error> {
        self.check_store()?;
        let generation = self.begin(beside_registered).await?;
        loop {
            let mut transaction = self.events.store.begin().await?;
            let Some(at) = self.lock(&mut transaction, generation).await? else {
                // Another program has filled it meanwhile.
                break;
            };
            let page = self.page(&mut transaction, at).await?;
            self.write(&mut transaction, generation, &page).await?;
            self.keep(&mut transaction, generation, page.last).await?;
            transaction.commit().await?;
            if !page.has_more {
                break;
            }
        }
        Ok(generation)
    }

    /// Checks that a model can be filled with what the store has.
    fn check_store(&self) -> Result<(), Error> {
        match &self.events.store.database {
            #[cfg(feature = "sqlite")]
            Database::Sqlite(_) => Ok(()),
            #[cfg(feature = "postgres")]
            Database::Postgres(postgres) => {
                if self.events.store.tables.citus {
                    return Err(self.refused("the logs of Citus have no triggers"));
                }
                // One has the lock while another one reads the feed.
                match postgres.pool.options().get_max_connections() {
                    0 | 1 => Err(self.refused(
                        "filling it takes two connections: see `StoreOptions::max_connections`",
                    )),
                    _ => Ok(()),
                }
            }
        }
    }

    /// Keeps appends out, writes the rest, and registers the model.
    async fn switch(&self, generation: i64) -> Result<u32, Error> {
        let mut transaction = self.events.store.begin().await?;
        let guard = self.guard(number(generation));
        transaction
            .execute_all(&guard)
            .await
            .map_err(|error| self.not_permitted(error))?;
        let Some(mut after) = self.lock(&mut transaction, generation).await? else {
            drop(transaction);
            let registered = self.registered().await?;
            return match registered.filter(|found| found.version == self.version) {
                Some(registered) => Ok(number(registered.generation)),
                None => Err(self.refused("another program has replaced it: try again")),
            };
        };
        after = self.write_rest(&mut transaction, generation, after).await?;
        self.keep(&mut transaction, generation, after).await?;
        switch(&mut transaction, self.name, number(generation)).await?;
        transaction.commit().await?;
        Ok(number(generation))
    }

    /// Writes all events after this position, while nobody appends; returns the last position.
    pub(super) async fn write_rest(
        &self,
        transaction: &mut Transaction<'_>,
        generation: i64,
        mut after: Position,
    ) -> Result<Position, Error> {
        loop {
            let page = self.page(transaction, after).await?;
            self.write(transaction, generation, &page).await?;
            after = page.last;
            if !page.has_more {
                return Ok(after);
            }
        }
    }

    /// Checks that the model may be registered where this is.
    fn check(&self, registered: &Registered) -> Result<(), Error> {
        let reads = json!({ E::ENTITY: null });
        if registered.kind != INLINE {
            return Err(self.refused(&format!(
                "its name is that of a subscription of the kind '{}'",
                registered.kind
            )));
        }
        if registered.reads != reads {
            return Err(self.refused("it is inline for another machine"));
        }
        if registered.version > self.version {
            return Err(Error::InlineMissing {
                entity: E::ENTITY,
                name: self.name.to_owned(),
            });
        }
        Ok(())
    }

    pub(super) async fn registered(&self) -> Result<Option<Registered>, Error> {
        let mut transaction = self.events.store.begin().await?;
        registered(&mut transaction, self.name, "").await
    }

    /// Begins a generation, or goes on with one of this version, and returns it.
    async fn begin(&self, beside_registered: bool) -> Result<i64, Error> {
        let mut transaction = self.events.store.begin().await?;
        let model = self.model();
        let begun = async {
            let live = register(&mut transaction, &model, 1).await?;
            self.check(&live)?;
            let is_registered = live.generation > 0 && live.version == self.version;
            if is_registered && !beside_registered {
                return Ok(number(live.generation));
            }
            if let Some(generation) = building(&mut transaction, &model, &live).await? {
                return Ok(generation);
            }
            let (roles, purpose) = (&self.events.store.tables.roles, Purpose::Building);
            create(&mut transaction, roles, &model, &live, 1, purpose).await
        };
        let generation = begun.await.map_err(|error| self.not_permitted(error))?;
        transaction.commit().await?;
        Ok(generation.into())
    }

    /// Returns the model as its generations are made.
    fn model(&self) -> Model<'_> {
        let version = self.model.version();
        Model::inline(self.name, version, E::ENTITY, |tables| {
            self.model.create(tables)
        })
    }

    /// Locks a generation that is being filled, and returns how far it is; `None` if it is complete.
    pub(super) async fn lock(
        &self,
        transaction: &mut Transaction<'_>,
        generation: i64,
    ) -> Result<Option<Position>, Error> {
        let select = format!(
            "SELECT position FROM {{eventsource_shard}}
WHERE subscription = $1 AND generation = $2 AND shard = 0 AND building{}",
            self.for_update()
        );
        let rows = transaction.fetch(&select, (self.name, generation)).await?;
        let position = rows.first().map(|row| row.get(0)).transpose()?;
        Ok(position.map(|position: i64| Position::new(position.unsigned_abs())))
    }

    /// Notes how far a generation is filled.
    async fn keep(
        &self,
        transaction: &mut Transaction<'_>,
        generation: i64,
        position: Position,
    ) -> Result<(), Error> {
        let update = "UPDATE {eventsource_shard} SET position = $3, moved_at = $4
WHERE subscription = $1 AND generation = $2";
        let position = i64::try_from(position.get()).unwrap_or(i64::MAX);
        let row = (self.name, generation, position, chrono::Utc::now());
        transaction.execute(update, row).await.map(drop)
    }

    async fn write(
        &self,
        transaction: &mut Transaction<'_>,
        generation: i64,
        page: &Page<E>,
    ) -> Result<(), Error> {
        transaction.scope(self.tables(generation), None);
        let written = self
            .model
            .write(number(generation), &page.events, transaction)
            .await;
        transaction.scope(self.events.store.tables(), None);
        written.map_err(|source| Error::ByProjection {
            name: self.name.to_owned(),
            source,
        })
    }

    /// Reads the next events of the machine.
    async fn page(
        &self,
        transaction: &mut Transaction<'_>,
        after: Position,
    ) -> Result<Page<E>, Error> {
        let (events, has_more) = match &self.events.store.database {
            // In memory there is no other connection.
            #[cfg(feature = "sqlite")]
            Database::Sqlite(_) => {
                let connection = transaction.sqlite();
                let connection = connection.ok_or_else(|| Error::database("another database"))?;
                let context = &self.events.context;
                let rows = feed::events_within(connection, context, after, BATCH).await?;
                let has_more = rows.len() as u64 == BATCH;
                let events = rows.into_iter();
                let events = events.map(|(position, row)| (position, recorded(context, row)));
                (events.collect(), has_more)
            }
            #[cfg(feature = "postgres")]
            Database::Postgres(_) => {
                // Another transaction reads, of which an error does not end this one.
                let _ = transaction;
                let feed = self.events.feed().after(after).limit(BATCH);
                let page = feed.max_bytes(BATCH_BYTES).await?;
                (page.events, page.has_more)
            }
        };
        let events: Vec<(Position, EventResult<E>)> = events;
        let last = events.last().map_or(after, |(position, _)| *position);
        let events = events.into_iter();
        let events = events.map(|(position, event)| Ok((Some(position), event?)));
        Ok(Page {
            events: events.collect::<Result<_, Error>>()?,
            last,
            has_more,
        })
    }

    /// Returns the SQL that keeps out those who do not write this generation.
    fn guard(&self, generation: u32) -> String {
        let names = &self.events.context.names;
        match &self.events.store.database {
            #[cfg(feature = "sqlite")]
            Database::Sqlite(_) => sqlite::inline::guard(names, self.name, generation),
            #[cfg(feature = "postgres")]
            Database::Postgres(_) => {
                let options = &self.events.store.tables;
                postgres::ddl::inline::guard(names, options, self.name, generation)
            }
        }
    }

    /// Returns what makes a SELECT lock its row; SQLite has locked the whole file.
    fn for_update(&self) -> &'static str {
        match self.events.store.tables().dialect() {
            Dialect::Sqlite => "",
            Dialect::Postgres => " FOR UPDATE",
        }
    }

    fn tables(&self, generation: i64) -> Tables {
        self.events.store.tables().of_generation(number(generation))
    }

    /// Creates the error of a registration that is refused for this reason.
    pub(super) fn refused(&self, reason: &str) -> Error {
        Error::MigrationRefused {
            entity: E::ENTITY,
            reason: format!(
                "the inline model '{}' cannot be registered: {reason}",
                self.name
            ),
        }
    }

    /// Converts the error of a statement for which the role may lack a right.
    fn not_permitted(&self, error: Error) -> Error {
        let is_forbidden =
            database_error(&error).is_some_and(|error| match &self.events.store.database {
                #[cfg(feature = "sqlite")]
                Database::Sqlite(_) => sqlite::errors::is_forbidden(error),
                #[cfg(feature = "postgres")]
                Database::Postgres(_) => postgres::errors::is_forbidden(error),
            });
        match is_forbidden {
            true => Error::NotPermitted {
                entity: E::ENTITY,
                source: Box::new(error),
            },
            false => error,
        }
    }
}

/// Events of a feed with the last position that was read.
struct Page<E: Event> {
    events: Vec<(Option<Position>, RecordedEvent<E>)>,
    last: Position,
    has_more: bool,
}

/// Returns the number of a generation, which counts from 1.
pub(super) fn number(generation: i64) -> u32 {
    u32::try_from(generation).unwrap_or(u32::MAX)
}
