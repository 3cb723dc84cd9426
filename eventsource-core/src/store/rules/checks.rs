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
    let clauses: Vec<String> = rule
        .clauses
        .iter()
        .map(
            |clause| match (codes.mask(clause.all), codes.mask(clause.none)) {
                (0, 0) => "TRUE".to_owned(),
                (0, -1) => format!("{prior} = 0"),
                (all, 0) => format!("({prior} & {all}) = {all}"),
                (0, none) => format!("({prior} & {none}) = 0"),
                (all, none) => {
                    format!("({prior} & {all}) = {all} AND ({prior} & {none}) = 0")
                }
            },
        )
        .collect();
    let follows = match clauses.as_slice() {
        [] => "FALSE".to_owned(),
        [one] => one.clone(),
        many => format!("({})", many.join(" OR ")),
    };
    let after = match (codes.mask(rule.update.keep), codes.mask(rule.update.add)) {
        (0, add) => add.to_string(),
        (-1, 0) => prior,
        (-1, add) => format!("{prior} | {add}"),
        (keep, 0) => format!("{prior} & {keep}"),
        (keep, add) => format!("({prior} & {keep}) | {add}"),
    };
    format!("{follows} AND {state} = {after}")
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
    let restarting: Vec<String> = machine
        .rules()
        .filter(|(_, rule)| rule.restarting)
        .map(|(event, _)| codes.number(event).to_string())
        .collect();
    let begins = match restarting.as_slice() {
        [] => String::new(),
        codes => format!(
            " + CASE WHEN {} IN ({}) THEN 1 ELSE 0 END",
            columns.name("event_type"),
            codes.join(", ")
        ),
    };
    let (seq, version) = (columns.name("seq"), columns.name("version"));
    let prior_version = columns.name("prior_version");
    format!("{seq} = 1 OR {version} = {prior_version}{begins}")
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
