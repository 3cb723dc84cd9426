//! SQL of conditions on entities, with a trait for the parts in which the databases differ.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::{Database, QueryBuilder};
use uuid::Uuid;

use crate::store::contract::codes::EventTypeCodes;
use crate::store::contract::entity_context::EntityContext;
use crate::store::contract::filters::{EntityConditions, EntityScope, TimeCondition};
use crate::store::contract::names::literal;
use crate::{DataField, DataSource};

/// Parts of a statement in which the databases differ.
pub(crate) trait Dialect {
    /// Database of sqlx.
    type Database: Database;

    /// Whether the values of a field may have an index.
    const INDEXES_VALUES: bool;

    /// Binds an integer.
    fn push_integer(query: &mut QueryBuilder<Self::Database>, value: i64);
    /// Binds an id.
    fn push_id(query: &mut QueryBuilder<Self::Database>, value: Uuid);
    /// Binds a time.
    fn push_time(query: &mut QueryBuilder<Self::Database>, value: DateTime<Utc>);

    /// Returns the expression of the value that the event `alias` sets the field to: JSON, or NULL.
    fn field_value(context: &EntityContext, field: &DataField, alias: &str) -> String;

    /// Adds the condition that the event `e` sets the field to this value.
    fn push_sets(
        query: &mut QueryBuilder<Self::Database>,
        context: &EntityContext,
        field: &DataField,
        value: &Value,
    );
}

/// Adds the condition that a reader may read the entity `h`.
pub(crate) fn push_scope<D: Dialect>(
    query: &mut QueryBuilder<D::Database>,
    context: &EntityContext,
    scope: &EntityScope,
) {
    let EntityScope::Any(alternatives) = scope else {
        return;
    };
    query.push(" AND (false");
    for conditions in alternatives {
        query.push(" OR (true");
        push_conditions::<D>(query, context, conditions);
        query.push(")");
    }
    query.push(")");
}

/// Adds conditions on the entity `h`, each after an AND.
pub(crate) fn push_conditions<D: Dialect>(
    query: &mut QueryBuilder<D::Database>,
    context: &EntityContext,
    conditions: &EntityConditions,
) {
    let codes = &context.codes;
    if let Some(ids) = &conditions.ids {
        push_ids::<D>(query, ids);
    }
    if let Some(state) = conditions.state {
        // Postgres may plan a statement once for all values of its parameters. With the state as a
        // literal it can estimate the number of matches, and whether the index of states is worth
        // using.
        let state = codes.encode(state);
        query.push(format!(" AND h.state = CAST('{state}' AS bigint)"));
    }
    let mut push_integer = |condition: &str, value: i64| {
        query.push(" AND ").push(condition);
        D::push_integer(query, value);
    };
    for event in conditions.state_contains.iter() {
        let bit = (1_u64 << codes.number(event)).cast_signed();
        push_integer(&format!("(h.state & {bit}) <> "), 0);
    }
    for event in conditions.state_excludes.iter() {
        let bit = (1_u64 << codes.number(event)).cast_signed();
        push_integer(&format!("(h.state & {bit}) = "), 0);
    }
    if let Some(event) = conditions.last_event_type {
        push_integer("h.last_event_type = ", codes.number(event).into());
    }
    if let Some(generation) = conditions.generation {
        push_integer("h.version = ", generation.get().into());
    }
    for (condition, time) in &conditions.times {
        query.push(match condition {
            TimeCondition::CreatedFrom => " AND h.created_at >= ",
            TimeCondition::CreatedUntil => " AND h.created_at <= ",
            TimeCondition::UpdatedFrom => " AND h.updated_at >= ",
            TimeCondition::UpdatedUntil => " AND h.updated_at <= ",
        });
        D::push_time(query, *time);
    }
    for (field, value) in &conditions.fields {
        push_field::<D>(query, context, field, value);
    }
}

/// Adds the condition that the entity is one of these.
fn push_ids<D: Dialect>(query: &mut QueryBuilder<D::Database>, ids: &[Uuid]) {
    let Some((first, others)) = ids.split_first() else {
        query.push(" AND false");
        return;
    };
    query.push(" AND h.id IN (");
    D::push_id(query, *first);
    for id in others {
        query.push(", ");
        D::push_id(query, *id);
    }
    query.push(")");
}

/// Adds the condition that the latest event which sets the field sets it to this value.
///
/// That event is read from the end of the stream. With each event of this value compared with those
/// after it, an entity that often had the value would take the square of its length.
fn push_field<D: Dialect>(
    query: &mut QueryBuilder<D::Database>,
    context: &EntityContext,
    field: &DataField,
    value: &Value,
) {
    let (log, id) = (context.names.log(), context.names.id_column());
    let given = D::field_value(context, field, "e");
    if value.is_null() {
        query.push(format!(
            " AND NOT EXISTS (SELECT 1 FROM {log} AS e WHERE e.{id} = h.id AND {given} IS NOT NULL)"
        ));
        return;
    }
    if D::INDEXES_VALUES {
        // Finds the few entities that ever had the value.
        query.push(format!(
            " AND EXISTS (SELECT 1 FROM {log} AS e WHERE e.{id} = h.id AND "
        ));
        D::push_sets(query, context, field, value);
        query.push(")");
    }
    query.push(" AND (SELECT ");
    D::push_sets(query, context, field, value);
    query.push(format!(
        " FROM {log} AS e WHERE e.{id} = h.id AND {given} IS NOT NULL ORDER BY e.seq DESC LIMIT 1)"
    ));
}

/// Returns a CASE over the event types that set the field, each with the expression that `of`
/// returns.
///
/// `of` gets the payload field, or `None` for the whole payload. `row` is the prefix of columns: an
/// alias and a dot, or nothing.
pub(crate) fn by_event_type(
    codes: &EventTypeCodes,
    field: &DataField,
    row: &str,
    of: impl Fn(Option<&str>) -> String,
) -> String {
    let arms = field.sources().iter().map(|source: &DataSource| {
        let number = codes.number(source.event());
        format!(" WHEN {number} THEN {}", of(source.payload_field()))
    });
    let arms: String = arms.collect();
    format!("CASE {row}event_type{arms} END")
}

/// Quotes the name of a field as an SQL literal.
pub(crate) fn key(field: &str) -> String {
    literal(field)
}
