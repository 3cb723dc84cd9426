//! Rules of a machine as the conditions of SQL constraints.

use std::fmt::Write;

use eventsource_model::{EventRule, Machine};

use crate::store::contract::codes::EventTypeCodes;

/// Way in which a condition names the columns of an event.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Columns {
    /// Columns of the table: `state`.
    Plain,
    /// Columns of the row that a domain checks: `(VALUE).state`.
    #[cfg(feature = "postgres")]
    OfValue,
}

impl Columns {
    /// Returns the name of a column.
    pub(crate) fn name(self, column: &str) -> String {
        match self {
            Self::Plain => column.to_owned(),
            #[cfg(feature = "postgres")]
            Self::OfValue => format!("(VALUE).{column}"),
        }
    }
}

/// Returns the condition that the event type is legal in `prior_state` and leads to `state`.
pub(crate) fn rules_check(machine: &Machine, codes: &EventTypeCodes, columns: Columns) -> String {
    let mut sql = format!("CASE {}", columns.name("event_type"));
    for (event, rule) in machine.rules() {
        // Writing into a string cannot fail.
        let _ = write!(
            sql,
            "\n        WHEN {number} THEN {condition} -- {name}",
            number = codes.number(event),
            condition = condition(rule, codes, columns),
            name = one_line(&rule.name),
        );
    }
    sql.push_str("\n        ELSE FALSE END");
    sql
}

/// Returns the condition for one event type: legal in `prior_state`, and leading to `state`.
fn condition(rule: &EventRule, codes: &EventTypeCodes, columns: Columns) -> String {
    let (prior, state) = (columns.name("prior_state"), columns.name("state"));
    format!(
        "{} AND {state} = {}",
        is_legal(rule, codes, &prior),
        state_after(rule, codes, &prior)
    )
}

/// Returns the condition that an event is legal in `state`.
pub(crate) fn is_legal(rule: &EventRule, codes: &EventTypeCodes, state: &str) -> String {
    let clauses: Vec<String> = rule
        .clauses
        .iter()
        .map(
            |clause| match (codes.mask(clause.all), codes.mask(clause.none)) {
                (0, 0) => "TRUE".to_owned(),
                (0, -1) => format!("{state} = 0"),
                (all, 0) => format!("({state} & {all}) = {all}"),
                (0, none) => format!("({state} & {none}) = 0"),
                (all, none) => {
                    format!("({state} & {all}) = {all} AND ({state} & {none}) = 0")
                }
            },
        )
        .collect();
    match clauses.as_slice() {
        [] => "FALSE".to_owned(),
        [one] => one.clone(),
        many => format!("({})", many.join(" OR ")),
    }
}

/// Returns the expression of the state after an event in `state`.
pub(crate) fn state_after(rule: &EventRule, codes: &EventTypeCodes, state: &str) -> String {
    match (codes.mask(rule.update.keep), codes.mask(rule.update.add)) {
        (0, add) => add.to_string(),
        (-1, 0) => state.to_owned(),
        (-1, add) => format!("{state} | {add}"),
        (keep, 0) => format!("{state} & {keep}"),
        (keep, add) => format!("({state} & {keep}) | {add}"),
    }
}

/// Replaces line breaks, so that a name can stand in a comment of SQL.
fn one_line(name: &str) -> String {
    name.replace(['\n', '\r'], " ")
}

/// Returns the condition that the generation continues the previous one.
pub(crate) fn generation_check(
    machine: &Machine,
    codes: &EventTypeCodes,
    columns: Columns,
) -> String {
    let begins = generation_begun(machine, codes, &columns.name("event_type"));
    let (seq, version) = (columns.name("seq"), columns.name("version"));
    let prior_version = columns.name("prior_version");
    format!("{seq} = 1 OR {version} = {prior_version}{begins}")
}

/// Returns the condition that an event of type `kind` begins a generation; `None` if none does.
pub(crate) fn restarts(machine: &Machine, codes: &EventTypeCodes, kind: &str) -> Option<String> {
    let restarting: Vec<String> = machine
        .rules()
        .filter(|(_, rule)| rule.restarting)
        .map(|(event, _)| codes.number(event).to_string())
        .collect();
    (!restarting.is_empty()).then(|| format!("{kind} IN ({})", restarting.join(", ")))
}

/// Returns what an event of type `kind` adds to a generation, to stand after it.
pub(crate) fn generation_begun(machine: &Machine, codes: &EventTypeCodes, kind: &str) -> String {
    restarts(machine, codes, kind).map_or_else(String::new, |restarts| {
        format!(" + CASE WHEN {restarts} THEN 1 ELSE 0 END")
    })
}

/// Returns for each required field the condition that it has a value: `(field, condition)`.
pub(crate) fn required_checks(
    machine: &Machine,
    codes: &EventTypeCodes,
    columns: Columns,
) -> Vec<(String, String)> {
    let (event_type, data) = (columns.name("event_type"), columns.name("data"));
    machine
        .required_fields()
        .into_iter()
        .map(|field| {
            let requiring: Vec<String> = machine
                .requiring(field)
                .into_iter()
                .map(|event| codes.number(event).to_string())
                .collect();
            let condition = format!(
                "{event_type} NOT IN ({}) OR {data} ->> '{}' IS NOT NULL",
                requiring.join(", "),
                field.replace('\'', "''"),
            );
            (field.to_owned(), condition)
        })
        .collect()
}
