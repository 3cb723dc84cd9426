//! SQL of a search for events; the databases differ only in the type that binds an id.

use sqlx::{Database, Encode, QueryBuilder, Type};
use uuid::Uuid;

use crate::store::contract::entity_context::EntityContext;
use crate::store::contract::filters::{Order, SearchFilter};
use crate::store::sql::statements;

/// Returns the statement of a page of events.
///
/// If matches are counted, each row has their number, and there is at least one row.
pub(crate) fn page<'q, DB: Database, Id>(
    context: &EntityContext,
    filter: &SearchFilter,
    id: impl Fn(Uuid) -> Id,
) -> QueryBuilder<DB>
where
    Id: Encode<'q, DB> + Type<DB> + 'q,
    i64: Encode<'q, DB> + Type<DB>,
{
    let mut query = QueryBuilder::new("");
    if filter.counted {
        query.push("SELECT counted.total, page.* FROM (SELECT count(*) AS total");
        query.push(statements::from_events(&context.names));
        push_filter(&mut query, context, filter, &id);
        query.push(") AS counted LEFT JOIN (");
    }
    query.push(statements::select_events(&context.names));
    push_filter(&mut query, context, filter, &id);
    push_after(&mut query, context, filter, &id);
    query.push(order_by(filter.order, "e", &context.names.id_column()));
    query.push(" LIMIT ").push_bind(bigint(filter.limit));
    query.push(" OFFSET ").push_bind(bigint(filter.offset));
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
fn push_after<'q, DB: Database, Id>(
    query: &mut QueryBuilder<DB>,
    context: &EntityContext,
    filter: &SearchFilter,
    id: &impl Fn(Uuid) -> Id,
) where
    Id: Encode<'q, DB> + Type<DB> + 'q,
    i64: Encode<'q, DB> + Type<DB>,
{
    let Some(after) = filter.after else {
        return;
    };
    match filter.order {
        Order::EntityThenNewest => {
            let column = context.names.id_column();
            query.push(format!(" AND (e.{column}, e.seq) < ("));
            query.push_bind(id(after.entity_id)).push(", ");
            query.push_bind(i64::from(after.seq.get())).push(")");
        }
        Order::Newest => {
            query.push(" AND e.clock < ");
            query.push_bind(bigint(after.log_seq.get()));
        }
        Order::Oldest => {
            query.push(" AND e.clock > ");
            query.push_bind(bigint(after.log_seq.get()));
        }
    }
}

/// Adds the WHERE clause with all conditions of the filter.
fn push_filter<'q, DB: Database, Id>(
    query: &mut QueryBuilder<DB>,
    context: &EntityContext,
    filter: &SearchFilter,
    id: &impl Fn(Uuid) -> Id,
) where
    Id: Encode<'q, DB> + Type<DB> + 'q,
    i64: Encode<'q, DB> + Type<DB>,
{
    query.push(" WHERE true");
    if let Some(entity_id) = filter.entity_id {
        query.push(format!(" AND e.{} = ", context.names.id_column()));
        query.push_bind(id(entity_id));
    }
    if let Some(parent_id) = filter.parent_id {
        query.push(" AND p.event_id = ").push_bind(id(parent_id));
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
            query.push(condition).push_bind::<i64>(value);
        }
    }
}

/// Converts a number to a bigint; a larger one than its maximum selects and skips as the maximum
/// does.
pub(crate) fn bigint(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}
