//! SQL of a search for events.

use sqlx::QueryBuilder;

use crate::store::contract::entity_context::EntityContext;
use crate::store::contract::filters::{EntityScope, Order, SearchFilter};
use crate::store::sql::conditions::{Dialect, push_scope};
use crate::store::sql::statements;

/// Returns the statement of a page of events.
///
/// If matches are counted, each row has their number, and there is at least one row.
pub(crate) fn page<D: Dialect>(
    context: &EntityContext,
    filter: &SearchFilter,
) -> QueryBuilder<D::Database> {
    let mut query = QueryBuilder::new("");
    if filter.counted {
        query.push("SELECT counted.total, page.* FROM (SELECT count(*) AS total");
        query.push(statements::from_events(&context.names));
        push_filter::<D>(&mut query, context, filter);
        query.push(") AS counted LEFT JOIN (");
    }
    query.push(statements::select_events(&context.names));
    push_filter::<D>(&mut query, context, filter);
    push_after::<D>(&mut query, context, filter);
    query.push(order_by(filter.order, "e", &context.names.id_column()));
    query.push(" LIMIT ");
    D::push_integer(&mut query, bigint(filter.limit));
    query.push(" OFFSET ");
    D::push_integer(&mut query, bigint(filter.offset));
    if filter.counted {
        query.push(") AS page ON true");
        query.push(order_by(filter.order, "page", "entity_id"));
    }
    query
}

/// Returns the ORDER BY clause.
fn order_by(order: Order, alias: &str, id: &str) -> String {
    match order {
        // Within an entity log sequences grow with sequences, which have an index.
        Order::EntityThenNewest => format!(" ORDER BY {alias}.{id} DESC, {alias}.seq DESC"),
        Order::Newest => format!(" ORDER BY {alias}.clock DESC"),
        Order::Oldest => format!(" ORDER BY {alias}.clock"),
    }
}

/// Adds the condition that an event comes after another in the order of the search.
///
/// The total does not have it: it counts all matches.
fn push_after<D: Dialect>(
    query: &mut QueryBuilder<D::Database>,
    context: &EntityContext,
    filter: &SearchFilter,
) {
    let Some(after) = filter.after else {
        return;
    };
    match filter.order {
        Order::EntityThenNewest => {
            let column = context.names.id_column();
            query.push(format!(" AND (e.{column}, e.seq) < ("));
            D::push_id(query, after.entity_id);
            query.push(", ");
            D::push_integer(query, after.seq.get().into());
            query.push(")");
        }
        Order::Newest => {
            query.push(" AND e.clock < ");
            D::push_integer(query, bigint(after.log_seq.get()));
        }
        Order::Oldest => {
            query.push(" AND e.clock > ");
            D::push_integer(query, bigint(after.log_seq.get()));
        }
    }
}

/// Adds the WHERE clause with all conditions of the filter.
fn push_filter<D: Dialect>(
    query: &mut QueryBuilder<D::Database>,
    context: &EntityContext,
    filter: &SearchFilter,
) {
    let id = context.names.id_column();
    query.push(" WHERE true");
    if let Some(entity_id) = filter.entity_id {
        query.push(format!(" AND e.{id} = "));
        D::push_id(query, entity_id);
    }
    if !matches!(filter.scope, EntityScope::All) {
        let heads = context.names.heads();
        query.push(format!(
            " AND EXISTS (SELECT 1 FROM {heads} AS h WHERE h.id = e.{id}"
        ));
        push_scope::<D>(query, context, &filter.scope);
        query.push(")");
    }
    if let Some(parent_id) = filter.parent_id {
        query.push(" AND p.event_id = ");
        D::push_id(query, parent_id);
    }
    let event_type = filter
        .event_type
        .map(|event| context.codes.number(event).into());
    let log_seq = |log_seq: Option<crate::LogSeq>| log_seq.map(|log_seq| bigint(log_seq.get()));
    for (condition, value) in [
        (" AND e.event_type = ", event_type),
        (" AND e.clock = ", log_seq(filter.log_seq)),
        (" AND e.clock >= ", log_seq(filter.min_log_seq)),
        (" AND e.clock <= ", log_seq(filter.max_log_seq)),
        (
            " AND e.version = ",
            filter.generation.map(|generation| generation.get().into()),
        ),
    ] {
        if let Some(value) = value {
            query.push(condition);
            D::push_integer(query, value);
        }
    }
}

/// Converts a number to a bigint; a larger one than its maximum selects and skips as the maximum
/// does.
pub(crate) fn bigint(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}
