//! Rules of a machine as the conditions of SQL constraints.

use std::fmt::Write;

use eventsource_model::{EventRule, Machine};

use crate::store::contract::codes::EventTypeCodes;

/// Returns the condition that the event type is legal in `prior_state` and leads to `state`.
pub(crate) fn rules_check(machine: &Machine, codes: &EventTypeCodes) -> String {
    let mut sql = String::from("CASE event_type");
    for (event, rule) in machine.rules() {
        // Writing into a string cannot fail.
        let _ = write!(
            sql,
            "\n        WHEN {number} THEN {condition} -- {name}",
            number = codes.number(event),
            condition = condition(rule, codes),
            name = one_line(&rule.name),
        );
    }
    sql.push_str("\n        ELSE FALSE END");
    sql
}

/// Returns the condition for one event type: legal in `prior_state`, and leading to `state`.
fn condition(rule: &EventRule, codes: &EventTypeCodes) -> String {
    let clauses: Vec<String> = rule
        .clauses
        .iter()
        .map(
            |clause| match (codes.mask(clause.all), codes.mask(clause.none)) {
                (0, 0) => "TRUE".to_owned(),
                (0, -1) => "prior_state = 0".to_owned(),
                (all, 0) => format!("(prior_state & {all}) = {all}"),
                (0, none) => format!("(prior_state & {none}) = 0"),
                (all, none) => {
                    format!("(prior_state & {all}) = {all} AND (prior_state & {none}) = 0")
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
        (-1, 0) => "prior_state".to_owned(),
        (-1, add) => format!("prior_state | {add}"),
        (keep, 0) => format!("prior_state & {keep}"),
        (keep, add) => format!("(prior_state & {keep}) | {add}"),
    };
    format!("{follows} AND state = {after}")
}

/// Returns the condition of [`rules_check`] for Postgres, as lookups in arrays by event type code.
///
/// Postgres parses the text of a condition again for each inserting statement: arrays take a
/// fraction of the time that a long `CASE` takes.
///
/// A clause holds if, of the bits that it names, the state has exactly those that it requires. Each
/// clause has a pair of arrays; an event type with fewer clauses repeats its last one.
#[cfg(feature = "postgres")]
pub(crate) fn rules_check_by_number(machine: &Machine, codes: &EventTypeCodes) -> String {
    let mut by_number: Vec<_> = machine
        .rules()
        .map(|(event, rule)| (codes.number(event), rule))
        .collect();
    by_number.sort_unstable_by_key(|(number, _)| *number);
    let counts = by_number.iter().map(|(_, rule)| rule.clauses.len().max(1));
    let (max, total): (usize, usize) = counts.fold((0, 0), |(max, total), count| {
        (max.max(count), total + count)
    });
    // More than half of the arrays would be repetition.
    if max > 4 && max * by_number.len() > 2 * total {
        return rules_check(machine, codes);
    }
    let last = by_number.last().map_or(0, |(number, _)| *number);
    let array = |value: &dyn Fn(&EventRule) -> i64| {
        let values: Vec<String> = (0..=last)
            .map(|number| {
                let rule = by_number.iter().find(|(known, _)| *known == number);
                rule.map_or_else(|| "NULL".to_owned(), |(_, rule)| value(rule).to_string())
            })
            .collect();
        format!(
            "('[0:{last}]={{{}}}'::bigint[])[event_type]",
            values.join(",")
        )
    };
    let follows: Vec<String> = (0..max)
        .map(|position| {
            // Bits that the clause names, and those of them that it requires.
            let clause = |rule: &EventRule| {
                let clause = rule.clauses.get(position).or(rule.clauses.last());
                clause.map_or((0, 1), |clause| {
                    let (has, lacks) = (codes.mask(clause.all), codes.mask(clause.none));
                    (has | lacks, has)
                })
            };
            format!(
                "prior_state & {} = {}",
                array(&|rule| clause(rule).0),
                array(&|rule| clause(rule).1)
            )
        })
        .collect();
    let keep = array(&|rule| codes.mask(rule.update.keep));
    let add = array(&|rule| codes.mask(rule.update.add));
    let legend: String = by_number
        .iter()
        .map(|(number, rule)| {
            let (name, condition) = (one_line(&rule.name), condition(rule, codes));
            format!("\n        -- {number} {name}: {condition}")
        })
        .collect();
    // An unknown event type has no element: the result is NULL, which a CHECK would accept.
    format!(
        "coalesce({legend}\n        ({})\n        AND state = (prior_state & {keep}) | {add}, FALSE)",
        follows.join("\n            OR "),
    )
}

/// Replaces line breaks, so that a name can stand in a comment of SQL.
fn one_line(name: &str) -> String {
    name.replace(['\n', '\r'], " ")
}

/// Returns the condition that the generation continues the previous one.
pub(crate) fn generation_check(machine: &Machine, codes: &EventTypeCodes) -> String {
    let restarting: Vec<String> = machine
        .rules()
        .filter(|(_, rule)| rule.restarting)
        .map(|(event, _)| codes.number(event).to_string())
        .collect();
    let begins = match restarting.as_slice() {
        [] => String::new(),
        codes => format!(
            " + CASE WHEN event_type IN ({}) THEN 1 ELSE 0 END",
            codes.join(", ")
        ),
    };
    format!("seq = 1 OR version = prior_version{begins}")
}

/// Returns for each required field the condition that it has a value: `(field, condition)`.
pub(crate) fn required_checks(machine: &Machine, codes: &EventTypeCodes) -> Vec<(String, String)> {
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
                "event_type NOT IN ({}) OR data ->> '{}' IS NOT NULL",
                requiring.join(", "),
                field.replace('\'', "''"),
            );
            (field.to_owned(), condition)
        })
        .collect()
}
