//! The database, checked anew: its tables against what this program would make, and its history
//! against the rules.

use std::future::{Future, IntoFuture};
use std::pin::Pin;

use crate::store::contract::driver::SchemaDriver;
use crate::store::contract::schema_difference::SchemaDifference;
use crate::store::contract::suspects::HistorySql;
use crate::store::contract::violation::Violation;
use crate::store::database::on_database;
use crate::store::rules::history;
use crate::{Error, Event, EventStore};

/// A check of the database on its way: await it.
///
/// It is what an auditor runs after a restore, or when somebody may have been at the tables who can
/// switch off what they enforce. Nothing is changed and nobody is kept waiting; the database reads the
/// log some times from end to end, and what is held in memory does not grow with it.
///
/// It checks
///
/// * the tables: that every table, column, constraint, index, trigger, function, view and right that a
///   migration with the store's [`SchemaOptions`](crate::ddl::SchemaOptions) makes is there as it
///   makes it, is validated and is not switched off, and that nobody else may write or take back events.
///   What others have added is theirs. On Postgres the tables are made anew for this, as temporary ones
///   in a transaction that is rolled back: it takes the right to make temporary tables.
/// * the history: that the events of each entity are 1, 2, 3; that each is legal in the state where the
///   one before it ended, and leads to the state and the version that the rules say; that it has the
///   fields that its type requires, no time or clock before those of the event before it, and an id
///   of its own; and that each entity stands at its last event.
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

/// What a check of the database has found.
///
/// ```no_run
/// # use eventsource_core::{Event, EventStore, Error};
/// # async fn example<E: Event>(tasks: EventStore<E>) -> Result<(), Error> {
/// let verified = tasks.verify().await?;
/// for drift in &verified.drift {
///     println!("{drift}");
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verification {
    /// What the tables are otherwise than a migration makes them, by table and name.
    pub drift: Vec<SchemaDifference>,
    /// What in the history is against the rules: the first ones, by entity and sequence.
    pub violations: Vec<Violation>,
    /// How many events there are.
    pub events: u64,
    /// How many entities there are.
    pub entities: u64,
}

impl Verification {
    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        self.drift.is_empty() && self.violations.is_empty()
    }
}

impl<E: Event> EventStore<E> {
    /// Checks the tables and the history. Await the builder that is returned.
    pub fn verify(&self) -> Verify<'_, E> {
        Verify {
            events: self,
            limit: Verify::<E>::DEFAULT_LIMIT,
        }
    }
}

impl<E: Event> Verify<'_, E> {
    /// How many violations are told unless [`Verify::limit`] says otherwise.
    pub const DEFAULT_LIMIT: u32 = 100;

    /// Tells no more than this many violations.
    pub fn limit(mut self, violations: u32) -> Self {
        self.limit = violations;
        self
    }

    async fn run(self) -> Result<Verification, Error> {
        let EventStore { store, context, .. } = self.events;
        let migration = store.migration::<E>();
        let sql = HistorySql::of(context, &store.tables);
        let (drift, suspects) = on_database!(&store.database, backend => {
            let drift = backend.schema_differences(&migration).await?;
            (drift, backend.suspects(&sql, self.limit).await?)
        });
        Ok(Verification {
            drift,
            events: suspects.events,
            entities: suspects.entities,
            violations: history::violations(context, suspects, self.limit as usize),
        })
    }
}

/// # Errors
/// [`Error::NotPermitted`] if the role of this connection may not make temporary tables,
/// [`Error::Unavailable`], [`Error::Database`]. That something is wrong with what was checked is no
/// error.
impl<'a, E: Event> IntoFuture for Verify<'a, E> {
    type Output = Result<Verification, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}
