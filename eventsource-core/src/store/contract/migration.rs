//! What a migration has to do, decided from the machine and what the database holds.

use eventsource_model::{Machine, MachineSpec};

#[cfg(feature = "postgres")]
use crate::DataField;
#[cfg(feature = "postgres")]
use crate::payload::columns::Kind;
use crate::store::contract::codes::{CodesExhausted, EventTypeCodes};
use crate::store::contract::names::Names;
use crate::store::contract::schema_options::SchemaOptions;
use crate::{Error, Event};

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
    pub(crate) codes: EventTypeCodes,
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
            fields: crate::payload::columns::columns::<E>(),
            #[cfg(feature = "postgres")]
            data: crate::payload::columns::data_columns::<E>(),
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

    /// The numbers of the program's event types, with those that the database knows.
    #[cfg(feature = "postgres")]
    pub(crate) fn codes(&self, known: &[(String, u8)]) -> Result<EventTypeCodes, Error> {
        self.assign(known).map(|(codes, _)| codes)
    }

    pub(crate) fn assign(
        &self,
        known: &[(String, u8)],
    ) -> Result<(EventTypeCodes, Vec<(String, u8)>), Error> {
        EventTypeCodes::assign(self.machine, known)
            .map_err(|CodesExhausted| self.refused(NUMBERS_EXHAUSTED))
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

pub(crate) const COUNTED: &str =
    "the database counts the entities, the program does not: keep `id = counter(..)`";

pub(crate) const NUMBERS_EXHAUSTED: &str =
    "all 64 numbers of event types are given, some to event types that are gone";
