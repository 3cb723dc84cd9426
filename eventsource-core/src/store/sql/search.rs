//! SQL of a search for events.

use sqlx::QueryBuilder;
use uuid::Uuid;

use crate::store::contract::entity_context::EntityContext;
use crate::store::contract::filters::{EntityScope, Order, SearchFilter};
use crate::store::sql::conditions::{Dialect, push_scope};
use crate::store::sql::statements;

/// Returns the statement that counts all matches.
#[cfg(feature = "sqlite")]
pub(crate) fn count<D: Dialect>(
    context: &EntityContext,
    filter: &SearchFilter,
) -> QueryBuilder<D::Database> {
    let mut query = QueryBuilder::new("");
    if let Some(parent_id) = filter.parent_id {
        push_parent::<D>(&mut query, context, filter, parent_id);
    }
    query.push("SELECT count(*)");
    push_matching::<D>(&mut query, context, filter);
    query
}

/// Returns the statement of a page of events without their number, which a database within the process
/// can return row by row: no subquery collects the page before.
#[cfg(feature = "sqlite")]
pub(crate) fn uncounted_page<D: Dialect>(
    context: &EntityContext,
    filter: &SearchFilter,
) -> QueryBuilder<D::Database> {
    let mut query = QueryBuilder::new("");
    if let Some(parent_id) = filter.parent_id {
        push_parent::<D>(&mut query, context, filter, parent_id);
    }
    query.push("SELECT ");
    query.push(statements::event_columns(&context.names));
    push_matching::<D>(&mut query, context, filter);
    push_after::<D>(&mut query, context, filter);
    query.push(order_by(filter, &context.names.id_column()));
    query.push(" LIMIT ");
    D::push_integer(&mut query, bigint(filter.limit));
    query.push(" OFFSET ");
    D::push_integer(&mut query, bigint(filter.offset));
    query
}

/// Returns the statement of a page of events.
///
/// If matches are counted, each row has their number, and there is at least one row.
#[cfg(feature = "postgres")]
pub(crate) fn page<D: Dialect>(
    context: &EntityContext,
    filter: &SearchFilter,
) -> QueryBuilder<D::Database> {
    let mut query = QueryBuilder::new("");
    if let Some(parent_id) = filter.parent_id {
        push_parent::<D>(&mut query, context, filter, parent_id);
    }
    let columns = statements::event_columns(&context.names);
    if filter.counted {
        query.push("SELECT counted.total, ").push(columns);
        query.push(" FROM (SELECT count(*) AS total");
        push_matching::<D>(&mut query, context, filter);
        query.push(") AS counted LEFT JOIN (");
    } else {
        query.push("SELECT ").push(columns).push(" FROM (");
    }
    query.push("SELECT e.*");
    push_matching::<D>(&mut query, context, filter);
    push_after::<D>(&mut query, context, filter);
    let order = order_by(filter, &context.names.id_column());
    query.push(&order);
    query.push(" LIMIT ");
    D::push_integer(&mut query, bigint(filter.limit));
    query.push(" OFFSET ");
    D::push_integer(&mut query, bigint(filter.offset));
    query.push(") AS e");
    if filter.counted {
        query.push(" ON true");
    }
    query.push(&order);
    query
}

/// Returns the ORDER BY clause.
fn order_by(filter: &SearchFilter, id: &str) -> String {
    // Within an entity log sequences grow with sequences, which have an index.
    let clock = match filter.entity_id {
        Some(_) => "seq",
        None => "clock",
    };
    match filter.order {
        Order::EntityThenNewest => format!(" ORDER BY e.{id} DESC, e.seq DESC"),
        Order::Newest => format!(" ORDER BY e.{clock} DESC"),
        Order::Oldest => format!(" ORDER BY e.{clock}"),
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
    // By the column of the order, so that the index begins where the last page ended.
    let (column, place) = match filter.entity_id {
        Some(_) => ("seq", after.seq.get().into()),
        None => ("clock", bigint(after.log_seq.get())),
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
            query.push(format!(" AND e.{column} < "));
            D::push_integer(query, place);
        }
        Order::Oldest => {
            query.push(format!(" AND e.{column} > "));
            D::push_integer(query, place);
        }
    }
}

/// Adds the list of the events with this id, of which different entities may have one each.
///
/// It is materialized: events that follow are then looked up by the whole primary key.
fn push_parent<D: Dialect>(
    query: &mut QueryBuilder<D::Database>,
    context: &EntityContext,
    filter: &SearchFilter,
    parent_id: Uuid,
) {
    let id = context.names.id_column();
    query.push(format!(
        "WITH parent AS MATERIALIZED (SELECT p.{id} AS entity_id, p.seq FROM {} AS p WHERE p.event_id = ",
        context.names.log()
    ));
    D::push_id(query, parent_id);
    if let Some(entity_id) = filter.entity_id {
        query.push(format!(" AND p.{id} = "));
        D::push_id(query, entity_id);
    }
    query.push(") ");
}

/// Adds FROM and WHERE clauses with all conditions of the filter.
fn push_matching<D: Dialect>(
    query: &mut QueryBuilder<D::Database>,
    context: &EntityContext,
    filter: &SearchFilter,
) {
    let (log, id) = (context.names.log(), context.names.id_column());
    if filter.parent_id.is_some() {
        query.push(format!(
            " FROM parent JOIN {log} AS e ON e.{id} = parent.entity_id AND e.seq = parent.seq + 1 \
             WHERE true"
        ));
    } else {
        query.push(format!(" FROM {log} AS e WHERE true"));
        if let Some(entity_id) = filter.entity_id {
            query.push(format!(" AND e.{id} = "));
            D::push_id(query, entity_id);
        }
    }
    if !matches!(filter.scope, EntityScope::All) {
        let heads = context.names.heads();
        query.push(format!(
            " AND EXISTS (SELECT 1 FROM {heads} AS h WHERE h.id = e.{id}"
        ));
        push_scope::<D>(query, context, &filter.scope);
        query.push(")");
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
