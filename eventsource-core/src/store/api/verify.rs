//! Verification of a database: its tables against those of a migration, its history against the
//! rules.

use std::collections::BTreeMap;
use std::future::{Future, IntoFuture};
use std::pin::Pin;

use futures_util::TryStreamExt;

use crate::store::api::decode::recorded;
use crate::store::api::export::log_of;
use crate::store::contract::driver::SchemaDriver;
use crate::store::contract::entity_context::EntityContext;
use crate::store::contract::schema_difference::SchemaDifference;
use crate::store::contract::schema_options::SchemaOptions;
use crate::store::contract::suspects::HistorySql;
use crate::store::contract::unreadable_event::UnreadableEvent;
use crate::store::contract::violation::Violation;
use crate::store::database::on_database;
use crate::store::rules::history;
use crate::{Error, Event, EventStore};

/// Check of the tables and the history of a machine: await it.
///
/// For an audit after a restore, or after somebody with the rights to disable the constraints had
/// access to the tables. Nothing is changed and no append waits; the database reads the log a few
/// times from end to end, and memory does not grow with the log.
///
/// The check covers
///
/// * the tables: every table, column, constraint, index, trigger, function, view and right that a
///   migration with the store's [`SchemaOptions`](crate::ddl::SchemaOptions) makes exists as the
///   migration makes it, is validated and enabled; and no other role may insert or change events.
///   Tables and indexes that others have added are ignored. On Postgres the expected tables are
///   made as temporary ones, in a transaction that is rolled back, which needs the right to make
///   temporary tables.
/// * the history: the events of each entity are numbered 1, 2, 3; each is legal in the state of the
///   event before it, and leads to the state and the generation that the rules give; each has the
///   fields that its type requires, no time or log sequence before those of the event before it,
///   and an id of its own; and each head equals the last event of its entity.
/// * the payloads: the program reads every event.
///
/// ```
/// # mod example {
/// use eventsource_core::{EntityId, Event, Store};
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
/// let lights = Store::connect("sqlite::memory:").await?.migrate::<LightEvent>().await?;
/// lights.append(EntityId::new(), LightEvent::Lit { watts: 60 }).await?;
///
/// let verified = lights.verify().await?;
/// assert!(verified.is_valid());
/// assert_eq!((verified.events, verified.entities), (1, 1));
/// for violation in &verified.violations {
///     println!("{violation}");
/// }
/// # Ok(())
/// # }
/// # }
/// # example::main().unwrap();
/// ```
#[must_use = "nothing is checked until it is awaited"]
pub struct Verify<'a, E: Event> {
    events: &'a EventStore<E>,
    limit: u32,
}

/// Result of a [`Verify`].
///
/// ```no_run
/// # use eventsource_core::{Event, EventStore, Error};
/// # async fn example<E: Event>(tasks: EventStore<E>) -> Result<(), Error> {
/// let verified = tasks.verify().await?;
/// for difference in &verified.differences {
///     println!("{difference}");
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verification {
    /// Differences of the tables from those that a migration makes, by table and name.
    pub differences: Vec<SchemaDifference>,
    /// First violations of the rules in the history, by entity and sequence.
    pub violations: Vec<Violation>,
    /// Number of events.
    pub events: u64,
    /// Number of entities.
    pub entities: u64,
}

impl Verification {
    /// Checks whether neither differences nor violations were found.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        self.differences.is_empty() && self.violations.is_empty()
    }
}

impl<E: Event> EventStore<E> {
    /// Begins a check of the tables and the history; await the builder.
    pub fn verify(&self) -> Verify<'_, E> {
        Verify {
            events: self,
            limit: Verify::<E>::DEFAULT_LIMIT,
        }
    }
}

impl<E: Event> Verify<'_, E> {
    /// Number of violations that are reported unless [`Verify::limit`] sets another.
    pub const DEFAULT_LIMIT: u32 = 100;

    /// Limits the report to this many violations.
    pub fn limit(mut self, violations: u32) -> Self {
        self.limit = violations;
        self
    }

    async fn run(self) -> Result<Verification, Error> {
        let EventStore { store, context, .. } = self.events;
        let migration = store.migration::<E>();
        let (differences, suspects) = on_database!(&store.database, backend => {
            let differences = backend.schema_differences(&migration).await?;
            let sql = history_sql(backend, context, &store.tables);
            (differences, backend.suspects(&sql, self.limit).await?)
        });
        let limit = self.limit as usize;
        let unreadable = self.unreadable(limit).await?;
        Ok(Verification {
            differences,
            events: suspects.events,
            entities: suspects.entities,
            violations: history::violations(context, suspects, unreadable, limit),
        })
    }

    /// Reads every event, and returns those that cannot be read: the first ones by entity and sequence.
    async fn unreadable(&self, limit: usize) -> Result<Vec<UnreadableEvent>, Error> {
        let context = &self.events.context;
        let mut found = BTreeMap::new();
        let mut log = log_of(self.events);
        while let Some(row) = log.try_next().await? {
            if let Err(event) = recorded::<E, _>(context, row) {
                found.insert((event.entity_id, event.seq, event.log_seq), *event);
                if found.len() > limit {
                    found.pop_last();
                }
            }
        }
        Ok(found.into_values().collect())
    }
}

/// Writes the statements that check a history, for the database of `driver`.
fn history_sql<D: SchemaDriver>(
    _driver: &D,
    context: &EntityContext,
    options: &SchemaOptions,
) -> HistorySql {
    HistorySql::of(context, options, D::CHECKED_PAYLOAD)
}

/// # Errors
/// [`Error::NotPermitted`] if the role of this connection may not make temporary tables,
/// [`Error::Unavailable`], [`Error::Database`]. Differences and violations are no errors.
impl<'a, E: Event> IntoFuture for Verify<'a, E> {
    type Output = Result<Verification, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}
