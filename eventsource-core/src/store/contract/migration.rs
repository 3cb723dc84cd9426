//! Migration: the rules of a program, and the steps that bring a database to them.

use eventsource_model::{Machine, MachineSpec};

#[cfg(feature = "postgres")]
use crate::DataField;
#[cfg(feature = "postgres")]
use crate::payload::columns::Kind;
use crate::store::contract::codes::{CodesExhausted, EventTypeCodes};
use crate::store::contract::names::Names;
use crate::store::contract::schema_options::SchemaOptions;
use crate::{Error, Event};

/// Rules of a program for one entity type, with the options of its tables.
#[derive(Clone, Debug)]
pub(crate) struct Migration {
    pub(crate) names: Names,
    pub(crate) machine: &'static Machine,
    /// Whether the entity ids come from a counter.
    pub(crate) counts: bool,
    #[cfg(feature = "postgres")]
    pub(crate) options: SchemaOptions,
    /// Fields of the payloads with their types; empty if only the machine is known.
    #[cfg(feature = "postgres")]
    pub(crate) fields: Vec<(String, Kind)>,
    /// Fields of the payload of each event type, by its index; `None` if any field is accepted.
    #[cfg(feature = "postgres")]
    pub(crate) fields_by_type: Vec<Option<&'static [&'static str]>>,
    /// Fields of the data with their types.
    #[cfg(feature = "postgres")]
    pub(crate) data: Vec<(&'static DataField, Kind)>,
}

#[cfg(feature = "postgres")]
impl Migration {
    /// Returns the fields of the data that the options index.
    pub(crate) fn indexed(&self) -> Result<Vec<&'static DataField>, Error> {
        let own = self.options.data_indexes.iter();
        let own = own.filter(|(entity, _)| *entity == self.names.entity());
        own.map(|(_, name)| {
            let mut fields = self.data.iter().map(|(field, _)| *field);
            let field = fields.find(|field| field.name() == name);
            field.ok_or_else(|| self.refused(format!("cannot index unknown data field '{name}'")))
        })
        .collect()
    }
}

/// Steps that bring the tables from the registered rules to those of the program.
pub(crate) struct MigrationSteps {
    /// Whether to create the tables; otherwise their constraints are replaced.
    #[cfg(feature = "sqlite")]
    pub(crate) create: bool,
    /// Codes of the program's event types.
    pub(crate) codes: EventTypeCodes,
    /// Event types without a registered code, with the code that they get.
    pub(crate) new_event_types: Vec<(String, u8)>,
    /// Constraints on rows of the log: `(unquoted suffix of the name, condition)`.
    pub(crate) checks: Vec<(String, String)>,
    /// Whether to create the counter of entity ids.
    pub(crate) counter: bool,
    /// Fingerprint of the program's rules.
    pub(crate) fingerprint: String,
    /// Rules as JSON.
    pub(crate) rules: MachineSpec,
}

impl Migration {
    /// Creates the migration to the rules of `E`, for tables with these options.
    pub(crate) fn of<E: Event>(options: &SchemaOptions) -> Self {
        Self {
            names: Names::of_tables(options, E::ENTITY),
            counts: E::ID.is_counter(),
            #[cfg(feature = "postgres")]
            fields: crate::payload::columns::columns::<E>(),
            #[cfg(feature = "postgres")]
            fields_by_type: crate::payload::inspect::fields_by_type::<E>(),
            #[cfg(feature = "postgres")]
            data: crate::payload::columns::data_columns::<E>(),
            ..Self::of_machine(E::MACHINE, options)
        }
    }

    /// Creates the migration to the rules of a machine whose name is that of the entity type.
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
            fields_by_type: Vec::new(),
            #[cfg(feature = "postgres")]
            data: Vec::new(),
        }
    }

    /// Returns the codes of the program's event types, given those that the database knows.
    #[cfg(feature = "postgres")]
    pub(crate) fn codes(&self, known: &[(String, u8)]) -> Result<EventTypeCodes, Error> {
        self.assign(known).map(|(codes, _)| codes)
    }

    /// Assigns codes to the program's event types; returns the new ones as well.
    pub(crate) fn assign(
        &self,
        known: &[(String, u8)],
    ) -> Result<(EventTypeCodes, Vec<(String, u8)>), Error> {
        EventTypeCodes::assign(self.machine, known)
            .map_err(|CodesExhausted| self.refused(NUMBERS_EXHAUSTED))
    }

    /// Creates the error for stored events that the new constraints refuse.
    pub(crate) fn illegal_history(&self) -> Error {
        self.refused(
            "stored events are illegal under the new rules: keep the transitions that they use, and \
             let a new field be an `Option` or have a default",
        )
    }

    /// Creates the error for entities that were stored before their ids came from a counter.
    pub(crate) fn uncounted(&self) -> Error {
        self.refused(
            "there are entities whose ids are not from the counter: choose `id = counter(..)` before \
             the first entity is stored",
        )
    }

    /// Creates the error of a migration that is refused for this reason.
    pub(crate) fn refused(&self, reason: impl Into<String>) -> Error {
        Error::MigrationRefused {
            entity: self.names.entity(),
            reason: reason.into(),
        }
    }
}

/// Returns the reason for refusing a unique field of which entities have the same value.
pub(crate) fn taken_twice(values: &str) -> String {
    format!(
        "entities have the same value of a unique field ({values}): give all but one another value"
    )
}

/// Reason for refusing a program without the counter that the database has.
pub(crate) const COUNTED: &str =
    "the database counts the entities, the program does not: keep `id = counter(..)`";

/// Reason for refusing a program with a new event type when no code is left.
pub(crate) const NUMBERS_EXHAUSTED: &str =
    "all 64 codes of event types are in use, some by event types that no longer exist";
