//! SQL text of the tables, to read, review and run by hand.

use eventsource_model::Machine;
#[cfg(feature = "postgres")]
use eventsource_model::names::MAX_ENTITY;

use crate::store::contract::migration::Migration;
use crate::store::contract::names::Names;
#[cfg(feature = "postgres")]
use crate::store::postgres::ddl::text::data_indexes;
#[cfg(feature = "postgres")]
use crate::store::postgres::ddl::text::text;
use crate::store::rules::checks::Columns;
use crate::store::rules::payload_rules::payload_rules;
#[cfg(feature = "sqlite")]
use crate::store::sqlite::ddl::tables;
use crate::{Error, Event};
#[cfg(feature = "postgres")]
use crate::{InputProblem, InvalidInput};

pub use crate::store::contract::schema_options::{FeedStrategy, Roles, SchemaOptions};
pub use crate::store::contract::schema_version::SchemaVersion;

impl SchemaVersion {
    /// Returns the version that a first migration to `E` registers.
    ///
    /// ```
    /// # mod example {
    /// use eventsource_core::{Event, ddl::SchemaVersion};
    /// # use serde::{Deserialize, Serialize};
    /// # #[derive(Serialize, Deserialize, Event)]
    /// # #[machine(entity = "light")]
    /// # pub enum LightEvent { Lit }
    /// # pub fn main() {
    /// let version = SchemaVersion::initial::<LightEvent>();
    /// assert_eq!(version.fingerprint(), LightEvent::MACHINE.fingerprint().to_string());
    /// # }
    /// # }
    /// # example::main();
    /// ```
    #[must_use]
    pub fn initial<E: Event>() -> Self {
        let names = E::MACHINE.rules().map(|(_, rule)| rule.name.to_string());
        let codes: Vec<_> = names.zip(0..).collect();
        Self {
            fingerprint: E::MACHINE.fingerprint().to_string(),
            counts: E::ID.is_counter(),
            unique: !E::MACHINE.unique_fields().is_empty(),
            #[cfg(feature = "postgres")]
            views: views::<E>(&codes),
            layout: crate::store::contract::layout::LAYOUT,
            codes,
        }
    }

    /// Returns the version after a migration from this one to `E`.
    ///
    /// # Errors
    /// [`Error::MigrationRefused`] if this version has an event type that `E` lacks.
    pub fn after_migration<E: Event>(&self) -> Result<Self, Error> {
        let steps = Migration::of::<E>(&SchemaOptions::new()).steps(Some(self), Columns::Plain)?;
        let mut then = self.clone();
        if let Some(steps) = steps {
            then.fingerprint = steps.fingerprint;
            then.counts |= steps.counter;
            then.unique = !E::MACHINE.unique_fields().is_empty();
            then.codes.extend(steps.new_event_types);
        }
        #[cfg(feature = "postgres")]
        {
            then.views = views::<E>(&then.codes);
        }
        then.layout = crate::store::contract::layout::LAYOUT;
        Ok(then)
    }
}

/// Returns the fingerprint of the views of `E`.
#[cfg(feature = "postgres")]
fn views<E: Event>(known: &[(String, u8)]) -> Option<String> {
    let migration = Migration::of::<E>(&SchemaOptions::new());
    let codes = migration.codes(known).ok()?;
    Some(crate::store::postgres::ddl::view::view_fingerprint(
        &migration, &codes,
    ))
}

/// Returns the SQL that creates the tables of `E` on Postgres, with its rules as constraints.
///
/// For a database without tables of the entity; [`Store::migrate`](crate::Store::migrate) runs the
/// same text. The statements are one transaction, which ends with registering the rules; run a
/// second time, they fail and change nothing.
///
/// # Errors
/// [`Error::InvalidMachine`] if a payload type does not fit the rules, [`Error::InvalidInput`] if
/// Postgres would not take the name of a schema or role as it is.
///
/// ```
/// # mod example {
/// # use eventsource_core::Event;
/// # use eventsource_core::ddl::{self, Roles, SchemaOptions};
/// # use serde::{Deserialize, Serialize};
/// # #[derive(Serialize, Deserialize, Event)]
/// # #[machine(entity = "light")]
/// # pub enum LightEvent { Lit }
/// # pub fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let options = SchemaOptions::new().schema("house").roles(Roles::new().writer("house_app"));
/// let text = ddl::postgres_create::<LightEvent>(&options)?;
/// assert!(text.contains("REVOKE ALL ON \"house\".\"light\", \"house\".\"light_event\""));
/// # Ok(())
/// # }
/// # }
/// # example::main().unwrap();
/// ```
#[cfg(feature = "postgres")]
pub fn postgres_create<E: Event>(options: &SchemaOptions) -> Result<String, Error> {
    let text = text(&migration::<E>(options)?, None)?;
    // Without a registered machine there is always something to do.
    Ok(text.unwrap_or_default())
}

/// Returns the SQL that migrates a Postgres database from the registered version to the rules of
/// `E`; `None` if the database enforces them already.
///
/// New event types get new numbers. Constraints change in three transactions: the new ones are
/// added beside the old ones as `NOT VALID`, which takes a moment whatever the size of the log;
/// are validated while appends go on; and replace the old ones.
///
/// Tables of layout 1 are brought to layout 2: the log is copied while appends go on, and the copy
/// takes its place. Run that text with `psql`, which sends the statements one by one: a loop that
/// copies commits after each batch.
///
/// # Errors
/// [`Error::MigrationRefused`] if `E` lacks an event type that the database has,
/// [`Error::InvalidMachine`] if a payload type does not fit the rules.
///
/// ```
/// # mod example {
/// # use eventsource_core::Event;
/// use eventsource_core::ddl::{self, SchemaVersion, SchemaOptions};
/// # use serde::{Deserialize, Serialize};
/// # pub mod before {
/// # use super::*;
/// # #[derive(Serialize, Deserialize, Event)]
/// # #[machine(entity = "light")]
/// # pub enum LightEvent { Lit }
/// # }
/// # #[derive(Serialize, Deserialize, Event)]
/// # #[machine(entity = "light")]
/// # pub enum LightEvent { Lit, #[event(follows = Lit, terminal)] PutOut }
/// # pub fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let registered = SchemaVersion::initial::<before::LightEvent>();
/// let text = ddl::postgres_migrate::<LightEvent>(&registered, &SchemaOptions::new())?.unwrap();
/// assert!(text.contains("VALIDATE CONSTRAINT"));
/// # Ok(())
/// # }
/// # }
/// # example::main().unwrap();
/// ```
#[cfg(feature = "postgres")]
pub fn postgres_migrate<E: Event>(
    registered: &SchemaVersion,
    options: &SchemaOptions,
) -> Result<Option<String>, Error> {
    text(&migration::<E>(options)?, Some(registered))
}

/// Returns the statements that build the [indexes](SchemaOptions::index_data) for searches by the
/// data of `E`, for a Postgres database that enforces the rules of `E`.
///
/// Run them one by one, each outside of a transaction: appends then do not wait for them. Indexes
/// that exist stay as they are. [`postgres_create`] creates the indexes together with the tables.
///
/// # Errors
/// [`Error::MigrationRefused`] if the data have no field of a name that is to be indexed,
/// [`Error::InvalidMachine`] if a payload type does not fit the rules.
///
/// ```
/// # mod example {
/// # use eventsource_core::Event;
/// # use eventsource_core::ddl::{self, SchemaVersion, SchemaOptions};
/// # use serde::{Deserialize, Serialize};
/// # #[derive(Serialize, Deserialize, Event)]
/// # #[machine(entity = "light")]
/// # pub enum LightEvent { #[event(terminal)] Lit { room: String } }
/// # pub fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let options = SchemaOptions::new().index_data::<LightEvent>(["room"]);
/// let registered = SchemaVersion::initial::<LightEvent>();
/// let statements = ddl::postgres_data_indexes::<LightEvent>(&registered, &options)?;
/// assert!(statements[0].starts_with("CREATE INDEX CONCURRENTLY"));
/// # Ok(())
/// # }
/// # }
/// # example::main().unwrap();
/// ```
#[cfg(feature = "postgres")]
pub fn postgres_data_indexes<E: Event>(
    registered: &SchemaVersion,
    options: &SchemaOptions,
) -> Result<Vec<String>, Error> {
    data_indexes(&migration::<E>(options)?, registered)
}

/// Returns the SQL that creates the tables of a machine compiled at run time, on Postgres.
///
/// The entity has the name of the machine; otherwise as [`postgres_create`].
///
/// # Errors
/// [`Error::InvalidInput`] if a name is longer than Postgres would keep it.
///
/// ```
/// use eventsource_core::model::{EventSpec, Machine, MachineSpec};
/// use eventsource_core::ddl::{self, SchemaOptions};
///
/// let machine = Machine::compile(&MachineSpec::new("light", [EventSpec::new("LIT")]))?;
/// let text = ddl::postgres_create_for_machine(Box::leak(Box::new(machine)), &SchemaOptions::new())?;
/// assert!(text.contains("CREATE TABLE \"public\".\"light_event\""));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[cfg(feature = "postgres")]
pub fn postgres_create_for_machine(
    machine: &'static Machine,
    options: &SchemaOptions,
) -> Result<String, Error> {
    options.check_names()?;
    check_entity(machine.name())?;
    let text = text(&Migration::of_machine(machine, options), None)?;
    Ok(text.unwrap_or_default())
}

/// Returns the SQL that creates the tables of `E` on SQLite, with its rules as constraints.
///
/// For a database without tables of the entity.
///
/// # Errors
/// [`Error::InvalidMachine`] if a payload type does not fit the rules.
///
/// ```
/// # mod example {
/// # use eventsource_core::{Event, ddl};
/// # use serde::{Deserialize, Serialize};
/// # #[derive(Serialize, Deserialize, Event)]
/// # #[machine(entity = "light")]
/// # pub enum LightEvent { Lit, #[event(follows = Lit, terminal)] PutOut }
/// # pub fn main() {
/// let text = ddl::sqlite_create::<LightEvent>().unwrap();
/// assert!(text.contains("WHEN 1 THEN (prior_state & 1) = 1 AND state = 2 -- PUT_OUT"));
/// # }
/// # }
/// # example::main();
/// ```
#[cfg(feature = "sqlite")]
pub fn sqlite_create<E: Event>() -> Result<String, Error> {
    payload_rules::<E>()?;
    sqlite_create_for_machine(E::MACHINE)
}

/// Returns the SQL that creates the tables of a machine compiled at run time, on SQLite.
///
/// The entity has the name of the machine; otherwise as [`sqlite_create`].
///
/// # Errors
/// None for a compiled machine; the signature is that of [`sqlite_create`].
///
/// ```
/// use eventsource_core::model::{EventSpec, Machine, MachineSpec};
/// use eventsource_core::ddl;
///
/// let machine = Machine::compile(&MachineSpec::new("light", [EventSpec::new("LIT")]))?;
/// let text = ddl::sqlite_create_for_machine(Box::leak(Box::new(machine)))?;
/// assert!(text.contains("CREATE TABLE \"light_event\""));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[cfg(feature = "sqlite")]
pub fn sqlite_create_for_machine(machine: &'static Machine) -> Result<String, Error> {
    let migration = Migration::of_machine(machine, &SchemaOptions::new());
    let names = Names::new(None, machine.name());
    let steps = migration.steps(None, Columns::Plain)?;
    let body = steps.map(|steps| tables::create(&names, machine, &steps));
    let body = body.unwrap_or_default();
    Ok(format!("BEGIN IMMEDIATE;{body}COMMIT;\n"))
}

/// Returns the SQL that creates the tables of the runtime on Postgres, or what of them does not exist
/// yet, and grants the roles their rights.
///
/// [`Store::migrate_runtime`](crate::Store::migrate_runtime) runs the same text, which may be run any
/// number of times.
///
/// # Errors
/// [`Error::InvalidInput`] if Postgres would not take the name of a schema or role as it is.
///
/// ```
/// use eventsource_core::ddl::{self, SchemaOptions};
///
/// let text = ddl::postgres_runtime(&SchemaOptions::new().schema("shop"))?;
/// assert!(text.contains(r#"CREATE TABLE IF NOT EXISTS "shop"."eventsource_subscription""#));
/// # Ok::<(), eventsource_core::Error>(())
/// ```
#[cfg(feature = "postgres")]
pub fn postgres_runtime(options: &SchemaOptions) -> Result<String, Error> {
    options.check_names()?;
    let names = Names::of_schema(Some(options.schema_or_public()));
    Ok(crate::store::postgres::ddl::runtime::text::text(
        &names, options,
    ))
}

/// Returns the SQL that creates the tables of the runtime on SQLite unless they exist.
///
/// ```
/// let text = eventsource_core::ddl::sqlite_runtime();
/// assert!(text.contains(r#"CREATE TABLE IF NOT EXISTS "eventsource_subscription""#));
/// ```
#[cfg(feature = "sqlite")]
#[must_use]
pub fn sqlite_runtime() -> String {
    let tables = crate::store::sqlite::ddl::runtime::create(&Names::of_schema(None));
    format!("BEGIN IMMEDIATE;{tables}COMMIT;\n")
}

/// Checks that the tables of a machine compiled at run time can be named after it, as a derive checks.
#[cfg(feature = "postgres")]
fn check_entity(name: &str) -> Result<(), Error> {
    if name.len() <= MAX_ENTITY {
        return Ok(());
    }
    let input = format!("the name of the machine '{name}', of {} bytes,", name.len());
    let problem = InputProblem::TooLong {
        max_bytes: MAX_ENTITY,
    };
    Err(InvalidInput::new(input, problem).into())
}

#[cfg(feature = "postgres")]
fn migration<E: Event>(options: &SchemaOptions) -> Result<Migration, Error> {
    payload_rules::<E>()?;
    options.check_names()?;
    Ok(Migration::of::<E>(options))
}
