//! A search of entities as SQL, but for what each database writes in its own way.

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

/// What each database writes in its own way.
pub(crate) trait Dialect {
    type Database: Database;

    fn push_integer(query: &mut QueryBuilder<Self::Database>, value: i64);
    fn push_id(query: &mut QueryBuilder<Self::Database>, value: Uuid);
    fn push_time(query: &mut QueryBuilder<Self::Database>, value: DateTime<Utc>);

    /// The value that an event `alias` gives to the field: JSON, or null if it gives none.
    fn given(context: &EntityContext, field: &DataField, alias: &str) -> String;

    /// That this is the value that the event `e` gives.
    fn push_gives(
        query: &mut QueryBuilder<Self::Database>,
        context: &EntityContext,
        field: &DataField,
        value: &Value,
    );
}

/// The page, and with it how many match: one row at least if they are counted.
pub(crate) fn page<D: Dialect>(
    context: &EntityContext,
    filter: &EntityFilter,
) -> QueryBuilder<D::Database> {
    if filter.counted && is_looked_for_once(filter) {
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

const COLUMNS: &str = "h.id, h.seq, h.version, h.state, h.last_event_type, h.last_event_id, \
    h.created_at, h.updated_at";

/// Whether a page and its count are made of one list of what matches.
///
/// A page by time needs all that match, as the count does. A page by id is read from the key up to
/// its last row, and a count keeps none: to keep all for both takes longer, unless to find out what
/// matches does. Without a condition the list would be of all entities.
fn is_looked_for_once(filter: &EntityFilter) -> bool {
    let by_time = filter.order != EntityOrder::Id;
    !filter.fields.is_empty() || (by_time && filter.has_condition())
}

/// The same rows as [`page`], where what matches is looked for once.
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

/// Which of those that match are on the page.
fn push_page<D: Dialect>(query: &mut QueryBuilder<D::Database>, filter: &EntityFilter) {
    push_after::<D>(query, filter);
    query.push(order_by(filter, "h"));
    query.push(" LIMIT ");
    D::push_integer(query, bigint(filter.limit));
    query.push(" OFFSET ");
    D::push_integer(query, bigint(filter.offset));
}

fn order_by(filter: &EntityFilter, alias: &str) -> String {
    let direction = if filter.descending { " DESC" } else { "" };
    match time_column(filter.order) {
        Some(time) => format!(" ORDER BY {alias}.{time}{direction}, {alias}.id{direction}"),
        None => format!(" ORDER BY {alias}.id{direction}"),
    }
}

fn time_column(order: EntityOrder) -> Option<&'static str> {
    match order {
        EntityOrder::Id => None,
        EntityOrder::Created => Some("created_at"),
        EntityOrder::Updated => Some("updated_at"),
    }
}

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

fn push_matching<D: Dialect>(
    query: &mut QueryBuilder<D::Database>,
    context: &EntityContext,
    filter: &EntityFilter,
) {
    query.push(format!(" FROM {} AS h WHERE true", context.names.heads()));
    let codes = &context.codes;
    if let Some(state) = filter.state {
        // Postgres plans a statement once for all values of its parameters. Only if it knows the state
        // does it know how many have it, and whether an index of states is worth reading.
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

/// That the latest event which gives the field a value gives this one.
fn push_field<D: Dialect>(
    query: &mut QueryBuilder<D::Database>,
    context: &EntityContext,
    field: &DataField,
    value: &Value,
) {
    let (log, id) = (context.names.log(), context.names.id_column());
    if value.is_null() {
        let given = D::given(context, field, "e");
        query.push(format!(
            " AND NOT EXISTS (SELECT 1 FROM {log} AS e WHERE e.{id} = h.id AND {given} IS NOT NULL)"
        ));
        return;
    }
    query.push(format!(
        " AND EXISTS (SELECT 1 FROM {log} AS e WHERE e.{id} = h.id AND "
    ));
    D::push_gives(query, context, field, value);
    let given = D::given(context, field, "l");
    query.push(format!(
        " AND NOT EXISTS (SELECT 1 FROM {log} AS l
        WHERE l.{id} = e.{id} AND l.seq > e.seq AND {given} IS NOT NULL))"
    ));
}

/// A CASE over the event types that give the field a value, each with what `of` makes of its
/// payload's field, or of the whole payload.
///
/// `row` is what its columns begin with: an alias and a dot, or nothing.
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

/// The name of a field as SQL writes a text.
pub(crate) fn key(field: &str) -> String {
    literal(field)
}
