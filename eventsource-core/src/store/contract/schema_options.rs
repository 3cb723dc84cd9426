//! Options of the tables on Postgres: schema, roles, partitions, indexes and feed.

use std::num::NonZeroU16;
use std::time::Duration;

use crate::Event;
#[cfg(feature = "postgres")]
use crate::store::contract::identifier::check_identifier;
#[cfg(feature = "postgres")]
use crate::store::contract::invalid_input::{InputProblem, InvalidInput};

/// Options of the tables of an entity type: schema, roles, partitions, indexes and feed.
///
/// ```
/// use eventsource_core::ddl::{Roles, SchemaOptions};
///
/// let options = SchemaOptions::new()
///     .schema("orders")
///     .roles(Roles::new().writer("orders_app").reader("orders_report"))
///     .hash_partitions(16);
/// # let _ = options;
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SchemaOptions {
    pub(crate) schema: Option<String>,
    pub(crate) roles: Roles,
    pub(crate) partitions: Option<NonZeroU16>,
    pub(crate) citus: bool,
    pub(crate) indexes_states: bool,
    /// Whether there is no unique key of the event ids.
    pub(crate) omits_event_ids: bool,
    pub(crate) feed: FeedStrategy,
    /// Age at which an idempotency key expires.
    pub(crate) keys_expire_after: Option<Duration>,
    /// Indexes of data fields: entity type and name of the field.
    pub(crate) data_indexes: Vec<(&'static str, String)>,
}

/// Way in which the feed of a schema finds new events.
///
/// ```
/// use eventsource_core::ddl::{FeedStrategy, SchemaOptions};
///
/// let options = SchemaOptions::new().schema("orders").feed(FeedStrategy::Outbox);
/// # let _ = options;
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum FeedStrategy {
    /// Comparison of snapshots: new events are found by their transaction id.
    ///
    /// An append writes nothing in addition.
    #[default]
    SnapshotDelta,
    /// Outbox: a trigger copies the key of each new event to one table for the whole schema, and
    /// the sequencer empties it.
    ///
    /// For servers that speak the protocol of Postgres but have no comparable transaction ids. A
    /// dump can be restored in another cluster without further steps. An append writes one more
    /// row.
    Outbox,
}

impl SchemaOptions {
    /// Creates options with the schema `public`, no roles and no partitions.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the Postgres schema of the tables, created if it does not exist; `public` by default.
    #[must_use]
    pub fn schema(mut self, schema: impl Into<String>) -> Self {
        self.schema = Some(schema.into());
        self
    }

    /// Sets the roles that own, write and read the tables; by default only the owner has rights.
    #[must_use]
    pub fn roles(mut self, roles: Roles) -> Self {
        self.roles = roles;
        self
    }

    /// Splits both tables into this many partitions by the hash of the entity's id; 0 means none.
    ///
    /// Existing tables are not changed.
    #[must_use]
    pub fn hash_partitions(mut self, partitions: u16) -> Self {
        self.partitions = NonZeroU16::new(partitions);
        self
    }

    /// Distributes both tables by the entity's id with Citus, which must be installed.
    ///
    /// Citus has no triggers: constraints, rights and the functions that append protect the tables,
    /// and nothing keeps their owner from changing a head by hand. A program that only opens such
    /// tables needs this option too. The feed does not contain their events, since a cluster has no single order of
    /// transactions.
    ///
    /// The generated SQL follows the restrictions of a Citus cluster, but the tests of this crate
    /// do not run on one.
    #[must_use]
    pub fn citus(mut self) -> Self {
        self.citus = true;
        self
    }

    /// Indexes the states of entities on Postgres, so that a search by state
    /// ([`Entities::state`](crate::Entities::state)) reads only the heads that match.
    ///
    /// Each event that changes the state of its entity becomes more expensive: its head is no
    /// longer updated in place, so every index of the heads gets an entry and the write-ahead log
    /// grows. Events that keep the state cost nothing more. The index is for large tables in which
    /// few entities are in the states that are searched for; `state_contains` and `state_excludes`
    /// do not use it.
    ///
    /// A later migration creates the index if it does not exist, and blocks appends meanwhile. If
    /// the table is large and not partitioned, create the index by hand before, under the name that
    /// it will have: `CREATE INDEX CONCURRENTLY task_event_heads_by_state ON task (state, id)`.
    /// Without this option an existing index stays.
    ///
    /// ```
    /// # mod example {
    /// # use eventsource_core::Event;
    /// use eventsource_core::ddl::{self, SchemaOptions};
    /// # use serde::{Deserialize, Serialize};
    /// # #[derive(Serialize, Deserialize, Event)]
    /// # #[machine(entity = "light")]
    /// # pub enum LightEvent { Lit }
    /// # pub fn main() -> Result<(), eventsource_core::Error> {
    /// let text = ddl::postgres_create::<LightEvent>(&SchemaOptions::new().index_states())?;
    /// assert!(text.contains(r#""light_event_heads_by_state" ON "public"."light" (state, id)"#));
    /// # Ok(())
    /// # }
    /// # }
    /// # example::main().unwrap();
    /// ```
    #[must_use]
    pub fn index_states(mut self) -> Self {
        self.indexes_states = true;
        self
    }

    /// Sets whether Postgres indexes the ids of events, by a unique key; by default it does.
    ///
    /// Without the index an event takes less space and time to store, and is found by entity and
    /// sequence only: [`EventStore::event`](crate::EventStore::event), and a search by
    /// [`parent`](crate::Search::parent) without the entity, are
    /// [`Error::EventIdsNotIndexed`](crate::Error::EventIdsNotIndexed). An append still makes an id
    /// of its own for each event, but no constraint refuses an id that plain SQL or an import
    /// repeats within an entity; [`verify`](crate::EventStore::verify) finds it.
    ///
    /// If the ids of the entities are counted, the index exists whatever is set here: after a lost
    /// connection the id of the first event tells which number its entity got.
    ///
    /// A program that only opens tables without the index needs this option too. A later migration
    /// with the index creates it if it does not exist, and blocks appends meanwhile; one without it
    /// leaves it in place until it is dropped by hand, as by
    /// `ALTER TABLE task_event DROP CONSTRAINT task_event_event_id`.
    ///
    /// ```
    /// # mod example {
    /// # use eventsource_core::Event;
    /// use eventsource_core::ddl::{self, SchemaOptions};
    /// # use serde::{Deserialize, Serialize};
    /// # #[derive(Serialize, Deserialize, Event)]
    /// # #[machine(entity = "light")]
    /// # pub enum LightEvent { Lit }
    /// # pub fn main() -> Result<(), eventsource_core::Error> {
    /// let options = SchemaOptions::new().index_event_ids(false);
    /// let text = ddl::postgres_create::<LightEvent>(&options)?;
    /// assert!(!text.contains("UNIQUE (event_id"));
    /// # Ok(())
    /// # }
    /// # }
    /// # example::main().unwrap();
    /// ```
    #[must_use]
    pub fn index_event_ids(mut self, indexed: bool) -> Self {
        self.omits_event_ids = !indexed;
        self
    }

    /// Lets [idempotency keys](crate::Append::idempotency_key) expire this long after they were stored;
    /// by default they are kept forever.
    ///
    /// A request with an expired key is a new request, and appends. So choose a time longer than any
    /// client, queue or person may take to repeat one. Only you know it, which is why there is no other
    /// default.
    ///
    /// Each append with a key deletes a few expired ones, also those of other machines, without waiting
    /// for anybody. On Postgres the functions that `migrate` makes decide by the server's time what has
    /// expired, whatever the options of the program that appends; `migrate` also builds an index of the
    /// keys by time the first time that it finds this option, and keeps appends with a key waiting
    /// meanwhile. On SQLite the program decides.
    ///
    /// ```
    /// use std::time::Duration;
    /// use eventsource_core::StoreOptions;
    /// use eventsource_core::ddl::SchemaOptions;
    ///
    /// let days = |days: u64| Duration::from_secs(days * 24 * 60 * 60);
    /// let tables = SchemaOptions::new().idempotency_keys_expire_after(days(30));
    /// let options = StoreOptions::new("postgres://localhost/shop").schema_options(tables);
    /// # let _ = options;
    /// ```
    #[must_use]
    pub fn idempotency_keys_expire_after(mut self, age: Duration) -> Self {
        self.keys_expire_after = Some(age);
        self
    }

    /// Sets the way in which the feed finds new events; [`FeedStrategy::SnapshotDelta`] by default.
    ///
    /// The first migration of a schema decides for all its entity types.
    #[must_use]
    pub fn feed(mut self, strategy: FeedStrategy) -> Self {
        self.feed = strategy;
        self
    }

    /// Adds indexes on Postgres for [searches by these fields](crate::Entities::field) of the data
    /// of `E`, which otherwise read the log.
    ///
    /// Each event that sets one of the fields writes to its index too. A migration creates the
    /// indexes together with new tables. On existing tables it builds them concurrently with
    /// appends, however long that takes, and returns when they are complete, unless another program
    /// is building indexes of the entity type at that moment. If the migration is killed, the next
    /// one starts over. An index of a field that is no longer given stays until it is dropped by
    /// hand. A field that the data do not have makes the migration fail.
    ///
    /// ```
    /// # mod example {
    /// # use eventsource_core::Event;
    /// # use eventsource_core::ddl::{self, SchemaOptions};
    /// # use serde::{Deserialize, Serialize};
    /// #[derive(Serialize, Deserialize, Event)]
    /// #[machine(entity = "light")]
    /// pub enum LightEvent {
    ///     #[event(terminal)]
    ///     Lit { room: String },
    /// }
    ///
    /// # pub fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let options = SchemaOptions::new().index_data::<LightEvent>(["room"]);
    /// let text = ddl::postgres_create::<LightEvent>(&options)?;
    /// assert!(text.contains("USING hash ((CASE event_type WHEN 0 THEN (data -> 'room')::jsonb END))"));
    /// # Ok(())
    /// # }
    /// # }
    /// # example::main().unwrap();
    /// ```
    #[must_use]
    pub fn index_data<E: Event>(
        mut self,
        fields: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        for field in fields {
            let index = (E::ENTITY, field.into());
            if !self.data_indexes.contains(&index) {
                self.data_indexes.push(index);
            }
        }
        self
    }

    /// Returns whether there is an outbox; tables on Citus are in no feed and have none.
    #[cfg(feature = "postgres")]
    pub(crate) fn has_outbox(&self) -> bool {
        self.feed == FeedStrategy::Outbox && !self.citus
    }

    /// Checks that Postgres would take the names of schema and roles as they are.
    ///
    /// It cuts longer ones: two schemas whose names begin alike would be one.
    #[cfg(feature = "postgres")]
    pub(crate) fn check_names(&self) -> Result<(), InvalidInput> {
        let schema = self.schema_or_public();
        check_identifier("schema", schema)?;
        if schema.starts_with("pg_") {
            let input = format!("the schema '{schema}'");
            return Err(InvalidInput::new(input, InputProblem::ReservedName));
        }
        for role in self.roles.all() {
            check_identifier("role", role)?;
        }
        Ok(())
    }

    /// Returns the schema; `public` by default.
    pub(crate) fn schema_or_public(&self) -> &str {
        self.schema.as_deref().unwrap_or("public")
    }
}

/// Names of database roles on Postgres, which must exist.
///
/// The writer may read, append and give events their positions in the feed by functions that have the
/// rights of the owner, and store and delete snapshots. It has no right to insert, update, delete or
/// truncate in any other table; imports are for the owner. The reader may read, including the feed up
/// to the latest position given by a writer, but no idempotency keys.
///
/// ```
/// use eventsource_core::ddl::Roles;
///
/// let roles = Roles::new().owner("shop_owner").writer("shop_app").reader("shop_report");
/// # let _ = roles;
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Roles {
    pub(crate) owner: Option<String>,
    pub(crate) writer: Option<String>,
    pub(crate) reader: Option<String>,
    pub(crate) worker: Option<String>,
}

impl Roles {
    /// Creates an empty set of roles.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the role that owns the tables; by default the role that runs the migration.
    ///
    /// The role that runs the migration must be a member of it.
    #[must_use]
    pub fn owner(mut self, role: impl Into<String>) -> Self {
        self.owner = Some(role.into());
        self
    }

    /// Sets the role that the application connects as.
    #[must_use]
    pub fn writer(mut self, role: impl Into<String>) -> Self {
        self.writer = Some(role.into());
        self
    }

    /// Sets the role for read-only connections, such as reports.
    #[must_use]
    pub fn reader(mut self, role: impl Into<String>) -> Self {
        self.reader = Some(role.into());
        self
    }

    /// Sets the role that the runtime connects as: it follows the logs and fills read models; the
    /// writer if it is not given.
    ///
    /// It appends nothing: a program whose runtime executes commands connects it as a role that is
    /// also a member of the writer.
    ///
    /// ```
    /// use eventsource_core::ddl::Roles;
    ///
    /// let roles = Roles::new().writer("shop_app").worker("shop_worker");
    /// # let _ = roles;
    /// ```
    #[must_use]
    pub fn worker(mut self, role: impl Into<String>) -> Self {
        self.worker = Some(role.into());
        self
    }

    /// Returns the role of the runtime.
    pub(crate) fn worker_or_writer(&self) -> Option<&str> {
        self.worker.as_deref().or(self.writer.as_deref())
    }

    /// Returns the roles that are set.
    #[cfg(feature = "postgres")]
    pub(crate) fn all(&self) -> impl Iterator<Item = &str> {
        [&self.owner, &self.writer, &self.reader, &self.worker]
            .into_iter()
            .filter_map(Option::as_deref)
    }
}
