//! Where the tables are, and who may do what with them.

use std::num::NonZeroU16;

use crate::Event;

/// Where and how the tables of an entity are made.
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
    pub(crate) feed: FeedStrategy,
    /// Entities, with fields of their data.
    pub(crate) data_indexes: Vec<(&'static str, String)>,
}

/// How the feed of a schema finds what is new in it.
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
    /// By the number of the transaction that wrote it. An append writes nothing more, and nobody can
    /// keep an event from the feed.
    #[default]
    SnapshotDelta,
    /// By an outbox: whatever is inserted into a log, a trigger notes in one table for the whole
    /// schema, and the sequencer empties it. For servers that speak as Postgres does but whose numbers
    /// of transactions mean nothing, or less; and a dump goes on in another cluster without further
    /// ado. An append writes one row more, and whoever sequences can delete from the outbox.
    Outbox,
}

impl SchemaOptions {
    /// The schema `public`, no roles, no partitions.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The Postgres schema of the tables, created if it is not there; `public` if not given.
    #[must_use]
    pub fn schema(mut self, schema: impl Into<String>) -> Self {
        self.schema = Some(schema.into());
        self
    }

    /// Who owns, who writes, who reads. Without roles only the owner has rights.
    #[must_use]
    pub fn roles(mut self, roles: Roles) -> Self {
        self.roles = roles;
        self
    }

    /// Splits both tables by the hash of the entity's id into this many partitions, 1 or more; 0 is
    /// not to split them. It is decided when they are made.
    #[must_use]
    pub fn hash_partitions(mut self, partitions: u16) -> Self {
        self.partitions = NonZeroU16::new(partitions);
        self
    }

    /// Distributes both tables by the entity's id with Citus, which must be installed. Triggers are
    /// left out, for Citus has none: the constraints and the rights remain, and whoever appends moves
    /// the heads. So a program that only opens such tables has to be given these options too. The feed does not have
    /// the events of such tables, for a cluster has no one order of transactions.
    ///
    /// The text is written by the rules that a Citus cluster was found to demand; the tests of this
    /// crate do not run it on one.
    #[must_use]
    pub fn citus(mut self) -> Self {
        self.citus = true;
        self
    }

    /// Indexes the states of entities, so that a search for one
    /// ([`Entities::state`](crate::Entities::state)) reads the heads that match and no others. On
    /// SQLite it changes nothing.
    ///
    /// Each event that changes the state of its entity pays for it: its head is no longer updated in
    /// place, so every index of the heads gets an entry, and more is written ahead. Events that keep
    /// the state pay nothing. It is for large tables in which few entities are in the states that are
    /// searched for; a condition on a part of the state (`state_contains`, `state_excludes`) does not use it.
    ///
    /// A later migration makes the index if it is not there, and keeps appends out meanwhile. If the
    /// table is large and not partitioned, make it before by hand, under the name that it will have:
    /// `CREATE INDEX CONCURRENTLY task_event_heads_by_state ON task (state, id)`. Without the option
    /// an index that is there stays.
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

    /// How the feed finds what is new; [`FeedStrategy::SnapshotDelta`] if not given. The first machine
    /// of a schema decides for all.
    #[must_use]
    pub fn feed(mut self, strategy: FeedStrategy) -> Self {
        self.feed = strategy;
        self
    }

    /// Indexes on Postgres for [searches by these fields](crate::Entities::field) of the data of `E`,
    /// which otherwise read the log; given several times, for all of them. An index is one more place
    /// to write to for each event that gives the field a value.
    ///
    /// A migration makes them with the tables. On tables that are there it builds them while others
    /// write, however long that takes, and before it returns, unless another program is just building
    /// some of the entity. If it is killed meanwhile, the next one begins anew. An index for a field
    /// that is no longer named stays until it is dropped by hand. A migration to data that have no such
    /// field is refused.
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
    /// assert!(text.contains("USING hash ((CASE event_type WHEN 0 THEN data -> 'room' END))"));
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

    /// Whether there is an outbox. Tables on Citus are in no feed.
    #[cfg(feature = "postgres")]
    pub(crate) fn has_outbox(&self) -> bool {
        self.feed == FeedStrategy::Outbox && !self.citus
    }

    pub(crate) fn schema_or_public(&self) -> &str {
        self.schema.as_deref().unwrap_or("public")
    }
}

/// The roles of a Postgres database, by name. They must exist.
///
/// The writer may read everything, append to the log, give events their positions in the feed, keep
/// snapshots and delete them; no more: not update, delete or truncate an event, not change or delete a
/// head, which the log moves. The reader may read, also the feed as far as others have given positions.
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
}

impl Roles {
    /// No roles.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Who owns the tables; whoever migrates must be a member. If not given, whoever migrates owns
    /// them.
    #[must_use]
    pub fn owner(mut self, role: impl Into<String>) -> Self {
        self.owner = Some(role.into());
        self
    }

    /// Whom the program connects as.
    #[must_use]
    pub fn writer(mut self, role: impl Into<String>) -> Self {
        self.writer = Some(role.into());
        self
    }

    /// Whom those connect as who only look.
    #[must_use]
    pub fn reader(mut self, role: impl Into<String>) -> Self {
        self.reader = Some(role.into());
        self
    }

    /// Those that are given.
    #[cfg(feature = "postgres")]
    pub(crate) fn all(&self) -> impl Iterator<Item = &str> {
        [&self.owner, &self.writer, &self.reader]
            .into_iter()
            .filter_map(Option::as_deref)
    }
}
