//! What a migration has to do, decided from the machine and what the database holds.

use eventsource_model::{Machine, MachineSpec};

use super::names::Names;
use super::rules::{Numbers, NumbersExhausted, required_checks, rules_check, version_check};
use super::schema::SchemaOptions;
#[cfg(feature = "postgres")]
use crate::DataField;
#[cfg(feature = "postgres")]
use crate::payload_types::Kind;
use crate::{Error, Event};

/// What a database has registered of an entity: which rules, and the number of every event type
/// that there ever was.
///
/// Two are equal if these are; views, which can be made anew at any time, do not count.
///
/// ```
/// # mod example {
/// use eventsource_core::{Event, Store};
/// use eventsource_core::schema::Registered;
/// # use serde::{Deserialize, Serialize};
/// # #[derive(Serialize, Deserialize, Event)]
/// # #[machine(entity = "light")]
/// # pub enum LightEvent { Lit }
/// # #[tokio::main(flavor = "current_thread")]
/// # pub async fn main() -> Result<(), eventsource_core::Error> {
/// let store = Store::connect("sqlite::memory:").await?;
/// assert_eq!(store.registered::<LightEvent>().await?, None);
/// store.migrate::<LightEvent>().await?;
/// let registered = store.registered::<LightEvent>().await?;
/// assert_eq!(registered, Some(Registered::first::<LightEvent>()));
/// # Ok(())
/// # }
/// # }
/// # example::main().unwrap();
/// ```
#[derive(Clone, Debug)]
pub struct Registered {
    pub(crate) fingerprint: String,
    /// Every event type name there ever was, with its number.
    pub(crate) numbers: Vec<(String, u8)>,
    /// Whether it counts the entities.
    pub(crate) counts: bool,
    /// What its views say of themselves, if it has them all.
    #[cfg(feature = "postgres")]
    pub(crate) views: Option<String>,
}

impl PartialEq for Registered {
    fn eq(&self, other: &Self) -> bool {
        let of = |of: &Self| (of.fingerprint.clone(), of.numbers.clone(), of.counts);
        of(self) == of(other)
    }
}

impl Eq for Registered {}

impl Registered {
    /// What a database has registered whose first migration was to `E`.
    #[must_use]
    pub fn first<E: Event>() -> Self {
        let names = E::MACHINE.rules().map(|(_, rule)| rule.name.to_string());
        let numbers: Vec<_> = names.zip(0..).collect();
        Self {
            fingerprint: E::MACHINE.fingerprint().to_string(),
            counts: E::ID.is_counter(),
            #[cfg(feature = "postgres")]
            views: views::<E>(&numbers),
            numbers,
        }
    }

    /// What it has registered after a migration to `E` from there.
    ///
    /// # Errors
    /// [`Error::MigrationRefused`] if there is no such migration.
    pub fn then<E: Event>(&self) -> Result<Self, Error> {
        let steps = Migration::of::<E>(&SchemaOptions::new()).steps(Some(self), rules_check)?;
        let mut then = self.clone();
        if let Some(steps) = steps {
            then.fingerprint = steps.fingerprint;
            then.counts |= steps.counter;
            then.numbers.extend(steps.new_event_types);
        }
        #[cfg(feature = "postgres")]
        {
            then.views = views::<E>(&then.numbers);
        }
        Ok(then)
    }

    /// The fingerprint of the rules, as [`Machine::fingerprint`](eventsource_model::Machine) says it.
    #[must_use]
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// The names of the event types with their numbers, in the order of these.
    pub fn event_types(&self) -> impl Iterator<Item = (&str, u8)> {
        self.numbers
            .iter()
            .map(|(name, number)| (name.as_str(), *number))
    }
}

/// What the views of `E` say of themselves.
#[cfg(feature = "postgres")]
fn views<E: Event>(known: &[(String, u8)]) -> Option<String> {
    let migration = Migration::of::<E>(&SchemaOptions::new());
    let numbers = migration.numbers(known).ok()?;
    Some(super::postgres::schema::mark(&migration, &numbers))
}

/// A program's rules on their way into a database.
#[derive(Clone, Debug)]
pub(crate) struct Migration {
    pub(crate) names: Names,
    pub(crate) machine: &'static Machine,
    /// Whether the store counts the entities.
    pub(crate) counts: bool,
    #[cfg(feature = "postgres")]
    pub(crate) options: SchemaOptions,
    /// The fields of the payloads, if they are known.
    #[cfg(feature = "postgres")]
    pub(crate) fields: Vec<(String, Kind)>,
    /// The fields of the data.
    #[cfg(feature = "postgres")]
    pub(crate) data: Vec<(&'static DataField, Kind)>,
}

#[cfg(feature = "postgres")]
impl Migration {
    /// The fields of the data that are to have an index.
    pub(crate) fn indexed(&self) -> Result<Vec<&'static DataField>, Error> {
        let own = self.options.data_indexes.iter();
        let own = own.filter(|(entity, _)| *entity == self.names.entity());
        own.map(|(_, name)| {
            let mut fields = self.data.iter().map(|(field, _)| *field);
            let field = fields.find(|field| field.name() == name);
            field.ok_or_else(|| {
                self.refused(format!(
                    "there is to be an index for searches by '{name}', and the data have no such field"
                ))
            })
        })
        .collect()
    }
}

/// The steps that take the tables from what is registered to what the program has.
pub(crate) struct Steps {
    /// Whether the tables are to be created; else their constraints are replaced.
    #[cfg(feature = "sqlite")]
    pub(crate) create: bool,
    #[cfg(feature = "postgres")]
    pub(crate) numbers: Numbers,
    pub(crate) new_event_types: Vec<(String, u8)>,
    /// The constraints on rows of the log: `(unquoted suffix of the name, condition)`.
    pub(crate) checks: Vec<(String, String)>,
    /// Whether the entities are to be counted from now on.
    pub(crate) counter: bool,
    pub(crate) fingerprint: String,
    /// The rules as JSON.
    pub(crate) rules: MachineSpec,
}

impl Migration {
    /// The rules of `E`, for tables in a Postgres schema.
    pub(crate) fn of<E: Event>(options: &SchemaOptions) -> Self {
        Self {
            names: Names::of_tables(options, E::ENTITY),
            counts: E::ID.is_counter(),
            #[cfg(feature = "postgres")]
            fields: crate::payload_types::columns::<E>(),
            #[cfg(feature = "postgres")]
            data: crate::payload_types::data_columns::<E>(),
            ..Self::of_machine(E::MACHINE, options)
        }
    }

    /// The same of an entity that is called as its machine.
    pub(crate) fn of_machine(machine: &'static Machine, options: &SchemaOptions) -> Self {
        Self {
            names: Names::of_tables(options, machine.name()),
            machine,
            counts: false,
            #[cfg(feature = "postgres")]
            options: options.clone(),
            #[cfg(feature = "postgres")]
            fields: Vec::new(),
            #[cfg(feature = "postgres")]
            data: Vec::new(),
        }
    }

    /// The steps from `registered` to the program's rules, which `rules` puts as a database likes
    /// them; `None` if there is nothing to do.
    pub(crate) fn steps(
        &self,
        registered: Option<&Registered>,
        rules: fn(&Machine, &Numbers) -> String,
    ) -> Result<Option<Steps>, Error> {
        let fingerprint = self.machine.fingerprint().to_string();
        let counter = self.counts && !registered.is_some_and(|registered| registered.counts);
        if registered.is_some_and(|registered| registered.counts && !self.counts) {
            return Err(self.refused(COUNTED));
        }
        if registered.is_some_and(|registered| registered.fingerprint == fingerprint) && !counter {
            return Ok(None);
        }
        let gone: Vec<&str> = registered
            .map_or(&[][..], |registered| &registered.numbers)
            .iter()
            .map(|(name, _)| name.as_str())
            .filter(|name| self.machine.index_of(name).is_none())
            .collect();
        if !gone.is_empty() {
            return Err(self.refused(format!(
                "the database has event types that the program has not ({}): keep them in the \
                 enum; or the program is older than the database",
                gone.join(", ")
            )));
        }
        let known = registered.map_or(&[][..], |registered| &registered.numbers);
        let (numbers, new) = self.assign(known)?;
        let mut checks = vec![
            ("rules".to_owned(), rules(self.machine, &numbers)),
            ("version".to_owned(), version_check(self.machine, &numbers)),
        ];
        for (field, condition) in required_checks(self.machine, &numbers) {
            checks.push((format!("requires_{field}"), condition));
        }
        Ok(Some(Steps {
            #[cfg(feature = "sqlite")]
            create: registered.is_none(),
            #[cfg(feature = "postgres")]
            numbers,
            new_event_types: new,
            checks,
            counter,
            fingerprint,
            rules: self.machine.to_spec(),
        }))
    }

    /// The steps that would make the tables anew of a database that has registered the same rules.
    pub(crate) fn steps_anew(
        &self,
        registered: Registered,
        rules: fn(&Machine, &Numbers) -> String,
    ) -> Result<Steps, Error> {
        let none_of_it = Registered {
            fingerprint: String::new(),
            counts: false,
            ..registered
        };
        let steps = self.steps(Some(&none_of_it), rules)?;
        // Other rules are always something to do.
        steps.ok_or_else(|| self.refused("the rules have no fingerprint"))
    }

    /// The numbers of the program's event types, with those that the database knows.
    #[cfg(feature = "postgres")]
    pub(crate) fn numbers(&self, known: &[(String, u8)]) -> Result<Numbers, Error> {
        self.assign(known).map(|(numbers, _)| numbers)
    }

    fn assign(&self, known: &[(String, u8)]) -> Result<(Numbers, Vec<(String, u8)>), Error> {
        Numbers::assign(self.machine, known)
            .map_err(|NumbersExhausted| self.refused(NUMBERS_EXHAUSTED))
    }

    /// The constraints could not be put on what is stored.
    pub(crate) fn illegal_history(&self) -> Error {
        self.refused(
            "stored events are illegal under the new rules: keep the transitions that they use, and \
             let a new field be an `Option` or have a default",
        )
    }

    /// There are entities that had another name before they were to be counted.
    pub(crate) fn uncounted(&self) -> Error {
        self.refused(
            "there are entities that no counter has named: `id = counter(..)` is decided before the \
             first one",
        )
    }

    pub(crate) fn refused(&self, reason: impl Into<String>) -> Error {
        Error::MigrationRefused {
            entity: self.names.entity(),
            reason: reason.into(),
        }
    }
}

const COUNTED: &str =
    "the database counts the entities, the program does not: keep `id = counter(..)`";

const NUMBERS_EXHAUSTED: &str =
    "all 64 numbers of event types are given, some to event types that are gone";
