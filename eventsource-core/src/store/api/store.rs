//! Connection to a database, and from there to the events of one machine.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::store::api::stored_payloads::check_sample;
use crate::store::commands::Commands;
use crate::store::contract::clock::{Clock, SystemClock};
use crate::store::contract::driver::SchemaDriver;
use crate::store::contract::migration::Migration;
use crate::store::contract::names::Names;
use crate::store::contract::options::StoreOptions;
use crate::store::contract::schema_options::SchemaOptions;
use crate::store::contract::schema_version::SchemaVersion;
use crate::store::database::{Database, on_database};
use crate::store::rules::payload_rules::payload_rules;
use crate::{Error, Event, EventStore};

/// Connection to a database of events.
///
/// [`migrate`](Self::migrate) and [`open`](Self::open) return an [`EventStore`]: the events of one
/// machine in it. Cheap to clone; clones share the connections.
///
/// ```
/// # mod example {
/// use eventsource_core::{EntityId, Event, Store};
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
/// let store = Store::connect("sqlite::memory:").await?;
/// let lights = store.migrate::<LightEvent>().await?;
///
/// let id = EntityId::new();
/// lights.append(id, LightEvent::Lit { watts: 60 }).by("ann").await?;
/// let refused = lights.append(id, LightEvent::Lit { watts: 40 }).await.unwrap_err();
/// assert_eq!(refused.to_string(), "Event type 'LIT' may not follow [LIT]");
/// # Ok(())
/// # }
/// # }
/// # example::main().unwrap();
/// ```
#[derive(Clone, Debug)]
pub struct Store {
    pub(crate) database: Database,
    pub(crate) tables: SchemaOptions,
    allows_unreadable: bool,
    clock: Option<Arc<dyn Clock>>,
    pub(crate) commands: Arc<Commands>,
}

impl StoreOptions {
    /// Connects to the database.
    ///
    /// # Errors
    /// [`Error::UnsupportedUrl`] if the URL is of no supported database,
    /// [`Error::Unavailable`] if the database cannot be reached, [`Error::InvalidInput`] if Postgres
    /// would not take the name of the schema or a role as it is, [`Error::UnsupportedEncoding`] if it
    /// cannot store every text, [`Error::PoolerNotDeclared`] if there is a PgBouncer that the options
    /// do not tell of.
    pub async fn connect(self) -> Result<Store, Error> {
        let scheme = self.url.split(':').next().unwrap_or_default();
        let database = match scheme {
            #[cfg(feature = "sqlite")]
            "sqlite" => {
                Database::Sqlite(crate::store::sqlite::handle::Sqlite::connect(&self).await?)
            }
            #[cfg(feature = "postgres")]
            "postgres" | "postgresql" => {
                Database::Postgres(crate::store::postgres::handle::Postgres::connect(&self).await?)
            }
            other => {
                return Err(Error::UnsupportedUrl {
                    scheme: other.to_owned(),
                    reason: SUPPORTED,
                });
            }
        };
        Ok(Store {
            database,
            tables: self.tables,
            allows_unreadable: self.allows_unreadable,
            clock: self.clock,
            commands: Arc::default(),
        })
    }
}

const SUPPORTED: &str = if cfg!(all(feature = "sqlite", feature = "postgres")) {
    "supported are sqlite: and postgres:"
} else if cfg!(feature = "postgres") {
    "supported is postgres: (sqlite: needs the feature `sqlite`)"
} else {
    "supported is sqlite: (postgres: needs the feature `postgres`)"
};

impl Store {
    /// Connects to the database at `url`; see [`StoreOptions::new`] for the forms of a URL.
    ///
    /// # Errors
    /// As of [`StoreOptions::connect`].
    pub async fn connect(url: &str) -> Result<Self, Error> {
        StoreOptions::new(url).connect().await
    }

    /// Migrates the tables of the entity to the rules of `E`, and opens them.
    ///
    /// Creates the tables the first time, changes nothing if they enforce the rules already, and
    /// otherwise registers new event types and replaces the constraints. Several programs may
    /// migrate at once. On Postgres, tables that an earlier version of this crate has made get the
    /// layout of this one: the log is copied while others append to it.
    ///
    /// # Errors
    /// [`Error::MigrationRefused`] if stored events are illegal under the rules of `E`, or if `E`
    /// lacks an event type that the database has, as an older program does; nothing has changed
    /// then. [`Error::InvalidMachine`] if a payload type does not fit the rules.
    /// [`Error::LayoutMismatch`] if a later version of this crate has made the tables.
    /// [`Error::StoredPayload`] if `E` cannot read one of the stored events that are looked at: the
    /// oldest and the newest of each type, and some in between.
    ///
    /// ```no_run
    /// # use eventsource_core::{Error, Event, Store};
    /// # async fn example<E: Event>() -> Result<(), Error> {
    /// let store = Store::connect("postgres://localhost/shop").await?;
    /// let events = store.migrate::<E>().await?;
    /// # let _ = events;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn migrate<E: Event>(&self) -> Result<EventStore<E>, Error> {
        // A machine that cannot be opened is not migrated either.
        payload_rules::<E>()?;
        let migration = self.migration::<E>();
        if !self.allows_unreadable
            && let Some(registered) = self.registered::<E>().await?
        {
            check_sample::<E>(&self.database, &migration.names, &registered).await?;
        }
        on_database!(&self.database, backend => backend.migrate(&migration).await)?;
        self.open().await
    }

    /// Creates the tables of the runtime that do not exist yet: those of subscriptions, read models,
    /// commands and deadlines, which all machines of the schema share.
    ///
    /// May be called any number of times, by several programs at once, before and after the migrations
    /// of machines. It takes the rights of the owner of the tables, and grants the roles theirs; a
    /// program of another role only uses the tables. [`ddl::postgres_runtime`](crate::ddl::postgres_runtime)
    /// has the same text.
    ///
    /// # Errors
    /// [`Error::NotPermitted`] if this role may not create tables, [`Error::MigrationRefused`] if a role
    /// of the options does not exist, or through a PgBouncer.
    ///
    /// ```
    /// # async fn example() -> Result<(), eventsource_core::Error> {
    /// # let store = eventsource_core::Store::connect("sqlite::memory:").await?;
    /// store.migrate_runtime().await?;
    /// # Ok(())
    /// # }
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(example()).unwrap();
    /// ```
    pub async fn migrate_runtime(&self) -> Result<(), Error> {
        let names = self.shared_names();
        on_database!(&self.database, backend => {
            backend.migrate_runtime(&names, &self.tables).await
        })
    }

    /// Opens the tables of the entity, for a program that does not migrate them itself.
    ///
    /// # Errors
    /// [`Error::NotMigrated`] if the database has no tables of the entity,
    /// [`Error::RulesMismatch`] if they enforce other rules, [`Error::LayoutMismatch`] if they have
    /// another layout.
    ///
    /// ```no_run
    /// # use eventsource_core::{Error, Event, Store};
    /// # async fn example<E: Event>(store: Store) -> Result<(), Error> {
    /// let events = store.open::<E>().await?;
    /// # let _ = events;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn open<E: Event>(&self) -> Result<EventStore<E>, Error> {
        let names = self.names::<E>();
        let registered = on_database!(&self.database, backend => backend.registered(&names).await)?
            .ok_or(Error::NotMigrated { entity: E::ENTITY })?;
        EventStore::new(self.clone(), names, &registered)
    }

    /// Returns a store that reads from the [`read_replica`](StoreOptions::read_replica), which may
    /// lag behind.
    ///
    /// Histories, events, searches and the feed come from the replica, or from the primary if there
    /// is none; appends and [`EventStore::head`] always go to the primary. A read of the feed then gives no positions,
    /// with a replica or without: run a [`sequencer`](Self::sequencer).
    ///
    /// ```no_run
    /// # use eventsource_core::{Error, Event, StoreOptions};
    /// # async fn example<E: Event>() -> Result<(), Error> {
    /// let store = StoreOptions::new("postgres://primary/shop")
    ///     .read_replica("postgres://standby/shop")
    ///     .connect()
    ///     .await?;
    /// let total = store.read_from_replica().open::<E>().await?.search().await?.total;
    /// # let _ = total;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn read_from_replica(&self) -> Self {
        let mut store = self.clone();
        store.database = match store.database {
            #[cfg(feature = "postgres")]
            Database::Postgres(postgres) => Database::Postgres(postgres.read_from_replica()),
            #[cfg(feature = "sqlite")]
            sqlite @ Database::Sqlite(_) => sqlite,
        };
        store
    }

    /// Returns the clock that [`StoreOptions::clock`] has set, or that of the system.
    #[must_use]
    pub fn clock(&self) -> &dyn Clock {
        match &self.clock {
            Some(clock) => &**clock,
            None => &SystemClock,
        }
    }

    /// Returns the time by which is decided what is due: by the clock that [`StoreOptions::clock`]
    /// has set, else by that of the server on Postgres, or of the system on SQLite.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Database`].
    ///
    /// ```
    /// # use eventsource_core::Store;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), eventsource_core::Error> {
    /// let store = Store::connect("sqlite::memory:").await?;
    /// assert!(store.now().await? <= store.clock().now());
    /// # Ok(())
    /// # }
    /// ```
    pub async fn now(&self) -> Result<DateTime<Utc>, Error> {
        match &self.clock {
            Some(clock) => Ok(clock.now()),
            None => on_database!(&self.database, backend => backend.now().await),
        }
    }

    /// Returns a store that reads nothing from a replica.
    pub(crate) fn reading_from_primary(&self) -> Self {
        let mut store = self.clone();
        match &mut store.database {
            #[cfg(feature = "postgres")]
            Database::Postgres(postgres) => postgres.reads_replica = false,
            #[cfg(feature = "sqlite")]
            Database::Sqlite(_) => (),
        }
        store
    }

    /// Closes the connections once they are no longer used.
    ///
    /// Later calls fail with [`Error::Unavailable`], also those of clones.
    pub async fn close(self) {
        on_database!(&self.database, backend => backend.close().await);
    }

    /// Returns the schema version that the database has registered for the entity; `None` before
    /// its first migration.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Database`].
    pub async fn registered<E: Event>(&self) -> Result<Option<SchemaVersion>, Error> {
        let names = self.names::<E>();
        on_database!(&self.database, backend => backend.registered(&names).await)
    }

    /// Returns the names of the tables that all entities share.
    pub(crate) fn shared_names(&self) -> Names {
        Names::of_schema(self.schema())
    }

    /// Returns the migration of this database to the rules of `E`.
    pub(crate) fn migration<E: Event>(&self) -> Migration {
        Migration {
            names: self.names::<E>(),
            ..Migration::of::<E>(&self.tables)
        }
    }

    fn names<E: Event>(&self) -> Names {
        match &self.database {
            #[cfg(feature = "sqlite")]
            Database::Sqlite(_) => Names::new(None, E::ENTITY),
            #[cfg(feature = "postgres")]
            Database::Postgres(_) => Names::of_tables(&self.tables, E::ENTITY),
        }
    }

    pub(crate) fn schema(&self) -> Option<&str> {
        match &self.database {
            #[cfg(feature = "sqlite")]
            Database::Sqlite(_) => None,
            #[cfg(feature = "postgres")]
            Database::Postgres(_) => Some(self.tables.schema_or_public()),
        }
    }
}
