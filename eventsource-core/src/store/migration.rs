//! What a migration has to do, decided from the machine and what the database holds.

use eventsource_model::{Machine, MachineSpec};

use super::names::Names;
use super::rules::{Numbers, NumbersExhausted, required_checks, rules_check};
use crate::Error;

/// What the database has registered of an entity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Registered {
    pub(crate) fingerprint: String,
    /// Every event type name there ever was, with its number.
    pub(crate) numbers: Vec<(String, u8)>,
}

/// A program's rules on their way into a database.
#[derive(Clone, Debug)]
pub(crate) struct Migration {
    pub(crate) names: Names,
    pub(crate) machine: &'static Machine,
}

/// The steps that take the tables from what is registered to what the program has.
pub(crate) struct Steps {
    /// Whether the tables are to be created; else their constraints are replaced.
    pub(crate) create: bool,
    pub(crate) new_event_types: Vec<(String, u8)>,
    /// The constraints on rows of the log: `(unquoted suffix of the name, condition)`.
    pub(crate) checks: Vec<(String, String)>,
    pub(crate) fingerprint: String,
    /// The rules as JSON.
    pub(crate) rules: MachineSpec,
}

impl Migration {
    /// The steps from `registered` to the program's rules; `None` if there is nothing to do.
    pub(crate) fn steps(&self, registered: Option<&Registered>) -> Result<Option<Steps>, Error> {
        let fingerprint = self.machine.fingerprint().to_string();
        if registered.is_some_and(|registered| registered.fingerprint == fingerprint) {
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
        let (numbers, new) = Numbers::assign(self.machine, known)
            .map_err(|NumbersExhausted| self.refused(NUMBERS_EXHAUSTED))?;
        let mut checks = vec![("rules".to_owned(), rules_check(self.machine, &numbers))];
        for (field, condition) in required_checks(self.machine, &numbers) {
            checks.push((format!("requires_{field}"), condition));
        }
        Ok(Some(Steps {
            create: registered.is_none(),
            new_event_types: new,
            checks,
            fingerprint,
            rules: self.machine.to_spec(),
        }))
    }

    /// The constraints could not be put on what is stored.
    pub(crate) fn illegal_history(&self) -> Error {
        self.refused(
            "stored events are illegal under the new rules: keep the transitions that they use, and \
             let a new field be an `Option` or have a default",
        )
    }

    fn refused(&self, reason: impl Into<String>) -> Error {
        Error::MigrationRefused {
            entity: self.names.entity(),
            reason: reason.into(),
        }
    }
}

const NUMBERS_EXHAUSTED: &str =
    "all 64 numbers of event types are given, some to event types that are gone";
