//! SQL of a search for entities, with a trait for the parts in which the databases differ.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::{Database, QueryBuilder};
use uuid::Uuid;

use crate::store::contract::codes::EventTypeCodes;
use crate::store::contract::entity_context::EntityContext;
use crate::store::contract::entity_cursor::EntityOrder;
use crate::store::contract::filters::{EntityFilter, TimeCondition};
use crate::store::contract::names::literal;
use crate::store::sql::search::bigint;
use crate::{DataField, DataSource};

/// Parts of the statement in which the databases differ.
pub(crate) trait Dialect {
    /// Database of sqlx.
    type Database: Database;

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

/// Returns the statement of a page of entities.
///
/// If matches are counted, each row has their number, and there is at least one row.
pub(crate) fn page<D: Dialect>(
    context: &EntityContext,
    filter: &EntityFilter,
) -> QueryBuilder<D::Database> {
    if filter.counted && shares_matches(filter) {
        return page_of_matching::<D>(context, filter);
    }
    let mut query = QueryBuilder::new("SELECT ");
    if filter.counted {
        query.push("counted.total, page.* FROM (SELECT count(*) AS total");
        push_matching::<D>(&mut query, context, filter);
        query.push(") AS counted LEFT JOIN (SELECT ");
    }
    query.push(COLUMNS);
    push_matching::<D>(&mut query, context, filter);
    push_page::<D>(&mut query, filter);
    if filter.counted {
        query.push(") AS page ON true");
        query.push(order_by(filter, "page"));
    }
    query
}

/// Columns of a head `h`.
const COLUMNS: &str = "h.id, h.seq, h.version, h.state, h.last_event_type, h.last_event_id, \
    h.created_at, h.updated_at";

/// Returns whether page and count should share one materialized list of matches.
///
/// A page ordered by time needs all matches, as the count does. A page ordered by id reads the
/// primary key up to its last row, and the count stores no rows: there a shared list is slower,
/// unless finding the matches is what takes long. Without conditions the list would contain all
/// entities.
fn shares_matches(filter: &EntityFilter) -> bool {
    let by_time = filter.order != EntityOrder::Id;
    !filter.fields.is_empty() || (by_time && filter.has_condition())
}

/// Returns the statement of [`page`] with a shared list of matches.
fn page_of_matching<D: Dialect>(
    context: &EntityContext,
    filter: &EntityFilter,
) -> QueryBuilder<D::Database> {
    let mut query = QueryBuilder::new("WITH matching AS MATERIALIZED (SELECT ");
    query.push(COLUMNS);
    push_matching::<D>(&mut query, context, filter);
    query.push(
        ") SELECT counted.total, page.* FROM (SELECT count(*) AS total FROM matching) AS counted \
         LEFT JOIN (SELECT ",
    );
    query.push(COLUMNS).push(" FROM matching AS h WHERE true");
    push_page::<D>(&mut query, filter);
    query.push(") AS page ON true");
    query.push(order_by(filter, "page"));
    query
}

/// Adds cursor, order, limit and offset of the page.
fn push_page<D: Dialect>(query: &mut QueryBuilder<D::Database>, filter: &EntityFilter) {
    push_after::<D>(query, filter);
    query.push(order_by(filter, "h"));
    query.push(" LIMIT ");
    D::push_integer(query, bigint(filter.limit));
    query.push(" OFFSET ");
    D::push_integer(query, bigint(filter.offset));
}

/// Returns the ORDER BY clause.
fn order_by(filter: &EntityFilter, alias: &str) -> String {
    let direction = if filter.descending { " DESC" } else { "" };
    match time_column(filter.order) {
        Some(time) => format!(" ORDER BY {alias}.{time}{direction}, {alias}.id{direction}"),
        None => format!(" ORDER BY {alias}.id{direction}"),
    }
}

/// Returns the column of an order by time.
fn time_column(order: EntityOrder) -> Option<&'static str> {
    match order {
        EntityOrder::Id => None,
        EntityOrder::Created => Some("created_at"),
        EntityOrder::Updated => Some("updated_at"),
    }
}

/// Adds the condition that an entity comes after the cursor.
fn push_after<D: Dialect>(query: &mut QueryBuilder<D::Database>, filter: &EntityFilter) {
    let Some(cursor) = &filter.after else {
        return;
    };
    let beyond = if filter.descending { "<" } else { ">" };
    match (time_column(filter.order), cursor.time()) {
        (Some(column), Some(time)) => {
            query.push(format!(" AND (h.{column}, h.id) {beyond} ("));
            D::push_time(query, time);
            query.push(", ");
            D::push_id(query, cursor.id());
            query.push(")");
        }
        _ => {
            query.push(format!(" AND h.id {beyond} "));
            D::push_id(query, cursor.id());
        }
    }
}

/// Adds FROM and WHERE clauses with all conditions of the filter.
fn push_matching<D: Dialect>(
    query: &mut QueryBuilder<D::Database>,
    context: &EntityContext,
    filter: &EntityFilter,
) {
    query.push(format!(" FROM {} AS h WHERE true", context.names.heads()));
    let codes = &context.codes;
    if let Some(state) = filter.state {
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
    for event in filter.state_contains.iter() {
        let bit = (1_u64 << codes.number(event)).cast_signed();
        push_integer(&format!("(h.state & {bit}) <> "), 0);
    }
    for event in filter.state_excludes.iter() {
        let bit = (1_u64 << codes.number(event)).cast_signed();
        push_integer(&format!("(h.state & {bit}) = "), 0);
    }
    if let Some(event) = filter.last_event_type {
        push_integer("h.last_event_type = ", codes.number(event).into());
    }
    if let Some(generation) = filter.generation {
        push_integer("h.version = ", generation.get().into());
    }
    for (condition, time) in &filter.times {
        query.push(match condition {
            TimeCondition::CreatedFrom => " AND h.created_at >= ",
            TimeCondition::CreatedUntil => " AND h.created_at <= ",
            TimeCondition::UpdatedFrom => " AND h.updated_at >= ",
            TimeCondition::UpdatedUntil => " AND h.updated_at <= ",
        });
        D::push_time(query, *time);
    }
    for (field, value) in &filter.fields {
        push_field::<D>(query, context, field, value);
    }
}

/// Adds the condition that the latest event which sets the field sets it to this value.
fn push_field<D: Dialect>(
    query: &mut QueryBuilder<D::Database>,
    context: &EntityContext,
    field: &DataField,
    value: &Value,
) {
    let (log, id) = (context.names.log(), context.names.id_column());
    if value.is_null() {
        let given = D::field_value(context, field, "e");
        query.push(format!(
            " AND NOT EXISTS (SELECT 1 FROM {log} AS e WHERE e.{id} = h.id AND {given} IS NOT NULL)"
        ));
        return;
    }
    query.push(format!(
        " AND EXISTS (SELECT 1 FROM {log} AS e WHERE e.{id} = h.id AND "
    ));
    D::push_sets(query, context, field, value);
    let given = D::field_value(context, field, "l");
    query.push(format!(
        " AND NOT EXISTS (SELECT 1 FROM {log} AS l
        WHERE l.{id} = e.{id} AND l.seq > e.seq AND {given} IS NOT NULL))"
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
