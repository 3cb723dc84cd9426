//! SQL of a search for entities.

use sqlx::QueryBuilder;

use crate::store::contract::entity_context::EntityContext;
use crate::store::contract::entity_cursor::EntityOrder;
use crate::store::contract::filters::{EntityFilter, EntityScope};
use crate::store::sql::conditions::{Dialect, push_conditions, push_scope};
use crate::store::sql::search::bigint;

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
    let is_scoped = !matches!(filter.scope, EntityScope::All);
    let conditions = &filter.conditions;
    is_scoped || !conditions.fields.is_empty() || (by_time && conditions.has_any())
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
    push_conditions::<D>(query, context, &filter.conditions);
    push_scope::<D>(query, context, &filter.scope);
}
