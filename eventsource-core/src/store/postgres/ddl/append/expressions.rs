//! Rules of a machine as SQL expressions over the number of an event type and a state.

use eventsource_model::{EventIndex, EventRule, StateSet};

use crate::store::contract::codes::EventTypeCodes;
use crate::store::contract::migration::Migration;
use crate::store::contract::names::literal;
use crate::store::rules::checks;

/// Rules of a machine with the codes of its event types.
pub(crate) struct Expressions<'a> {
    migration: &'a Migration,
    codes: &'a EventTypeCodes,
}

impl<'a> Expressions<'a> {
    pub(crate) fn new(migration: &'a Migration, codes: &'a EventTypeCodes) -> Self {
        Self { migration, codes }
    }

    /// Returns the condition that an event of type `kind` is legal in `state`; NULL for an unknown
    /// type.
    pub(crate) fn is_legal(&self, kind: &str, state: &str) -> String {
        self.by_type(kind, &|rule| checks::is_legal(rule, self.codes, state))
    }

    /// Returns the state after an event of type `kind` in `state`.
    pub(crate) fn state_after(&self, kind: &str, state: &str) -> String {
        self.by_type(kind, &|rule| checks::state_after(rule, self.codes, state))
    }

    /// Returns `and` with the event types in the state after an event of type `kind` that the program
    /// does not know; nothing if an event adds no other type to the state than its own.
    pub(crate) fn unknown_after(&self, and: &str, kind: &str, state: &str, is: &str) -> String {
        let adds_others = |(event, rule): (EventIndex, &EventRule)| {
            !StateSet::only(event).contains_all(rule.update.add)
        };
        if !self.rules().any(adds_others) {
            return String::new();
        }
        let after = self.state_after(kind, state);
        format!(" {and} ({after}) & unknown_types {is} 0")
    }

    /// Returns the condition that an event of type `kind` begins a generation.
    pub(crate) fn restarts(&self, kind: &str) -> String {
        let restarts = checks::restarts(self.migration.machine, self.codes, kind);
        restarts.unwrap_or_else(|| "false".to_owned())
    }

    /// Returns the number of the event type that follows by itself in `state`, or NULL; `None` if
    /// the machine has no auto transition.
    pub(crate) fn auto_transition(&self, state: &str) -> Option<String> {
        let arms: String = self
            .rules()
            .filter(|(_, rule)| rule.auto_transition)
            .map(|(event, rule)| {
                let number = self.codes.number(event);
                format!(
                    "\n                WHEN {} THEN {number}",
                    checks::is_legal(rule, self.codes, state)
                )
            })
            .collect();
        (!arms.is_empty()).then(|| format!("CASE{arms}\n                END"))
    }

    /// Returns the name of the first required field that `payload`, JSON, gives no value to, or NULL;
    /// `None` if no event type requires a field.
    pub(crate) fn missing_field(&self, kind: &str, payload: &str) -> Option<String> {
        let arms: String = self
            .rules()
            .filter(|(_, rule)| !rule.requires.is_empty())
            .map(|(event, rule)| {
                let fields: String = rule
                    .requires
                    .iter()
                    .map(|field| {
                        let field = literal(field);
                        format!(" WHEN {payload} ->> {field} IS NULL THEN {field}")
                    })
                    .collect();
                let number = self.codes.number(event);
                format!("\n                WHEN {number} THEN CASE{fields} END")
            })
            .collect();
        (!arms.is_empty()).then(|| format!("CASE {kind}{arms}\n                END"))
    }

    /// Returns the payload of an auto transition of type `kind`, JSON: the fields of `payload` that
    /// the event type has too.
    pub(crate) fn carried(&self, kind: &str, payload: &str) -> String {
        let arms: String = self
            .rules()
            .filter(|(_, rule)| rule.auto_transition)
            .filter_map(|(event, _)| {
                let fields = (*self.migration.fields_by_type.get(event.get())?)?;
                let fields: Vec<String> = fields.iter().map(|field| literal(field)).collect();
                let number = self.codes.number(event);
                let among = match fields.is_empty() {
                    true => "false".to_owned(),
                    false => format!("key IN ({})", fields.join(", ")),
                };
                Some(format!(" WHEN {number} THEN {among}"))
            })
            .collect();
        let among = match arms.is_empty() {
            true => String::new(),
            false => format!("\n                    WHERE CASE {kind}{arms} ELSE true END"),
        };
        format!(
            "(SELECT coalesce(json_object_agg(key, value), '{{}}') FROM json_each({payload}){among})"
        )
    }

    /// Returns the condition that an event type `kind` does not have the field `key`; `None` if all
    /// event types accept any field.
    pub(crate) fn lacks_field(&self, kind: &str, key: &str) -> Option<String> {
        let arms: String = self
            .rules()
            .filter_map(|(event, _)| {
                let fields = (*self.migration.fields_by_type.get(event.get())?)?;
                let fields: Vec<String> = fields.iter().map(|field| literal(field)).collect();
                let number = self.codes.number(event);
                let lacks = match fields.is_empty() {
                    true => "true".to_owned(),
                    false => format!("{key} NOT IN ({})", fields.join(", ")),
                };
                Some(format!("\n            WHEN {number} THEN {lacks}"))
            })
            .collect();
        (!arms.is_empty()).then(|| format!("CASE {kind}{arms} ELSE false END"))
    }

    /// Returns the names of the event types that are legal in `state`, in the order of the machine,
    /// as an array.
    pub(crate) fn legal_names(&self, state: &str) -> String {
        let names: Vec<String> = self
            .rules()
            .map(|(_, rule)| {
                let (condition, name) = (
                    checks::is_legal(rule, self.codes, state),
                    literal(&rule.name),
                );
                format!("\n                CASE WHEN {condition} THEN {name} END")
            })
            .collect();
        format!("array_remove(ARRAY[{}\n    ], NULL)", names.join(","))
    }

    /// Returns the names of all event types, in the order of the machine, as one text.
    pub(crate) fn all_names(&self) -> String {
        let names: Vec<&str> = self.rules().map(|(_, rule)| rule.name.as_ref()).collect();
        literal(&names.join(", "))
    }

    /// Returns the number of the event type called `name`, or NULL.
    pub(crate) fn number(&self, name: &str) -> String {
        let arms: String = self
            .rules()
            .map(|(event, rule)| {
                let number = self.codes.number(event);
                format!(
                    "\n                WHEN {} THEN {number}",
                    literal(&rule.name)
                )
            })
            .collect();
        format!("CASE {name}{arms}\n                END")
    }

    /// Returns the names of the event types in a state, sorted, as an array.
    pub(crate) fn names(&self, state: &str) -> String {
        let mut names: Vec<(&str, i16)> = self
            .rules()
            .map(|(event, rule)| (rule.name.as_ref(), self.codes.number(event)))
            .collect();
        names.sort_unstable();
        let names: Vec<String> = names
            .into_iter()
            .map(|(name, number)| {
                let bit = (1_u64 << number).cast_signed();
                format!(
                    "\n        CASE WHEN ({state} & {bit}) <> 0 THEN {} END",
                    literal(name)
                )
            })
            .collect();
        format!("array_remove(ARRAY[{}\n    ], NULL)", names.join(","))
    }

    /// Returns a CASE over the event types.
    fn by_type(&self, kind: &str, then: &dyn Fn(&EventRule) -> String) -> String {
        let arms: String = self
            .rules()
            .map(|(event, rule)| {
                let number = self.codes.number(event);
                format!("\n                WHEN {number} THEN {}", then(rule))
            })
            .collect();
        format!("CASE {kind}{arms}\n                END")
    }

    fn rules(&self) -> impl Iterator<Item = (EventIndex, &'a EventRule)> {
        self.migration.machine.rules()
    }
}
