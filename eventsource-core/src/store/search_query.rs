//! A search as SQL, the same for both databases but for how an id is bound.

use sqlx::{Database, Encode, QueryBuilder, Type};
use uuid::Uuid;

use super::backend::Table;
use super::row::{Order, SearchFilter};
use super::statements;

/// How many events match.
pub(super) fn count<'q, DB: Database, Id>(
    table: &Table,
    filter: &SearchFilter,
    id: impl Fn(Uuid) -> Id,
) -> QueryBuilder<DB>
where
    Id: Encode<'q, DB> + Type<DB> + 'q,
    i64: Encode<'q, DB> + Type<DB>,
{
    let mut query = QueryBuilder::new("SELECT count(*)");
    query.push(statements::from_events(&table.names));
    push_filter(&mut query, table, filter, id);
    query
}

/// The events of the page.
pub(super) fn page<'q, DB: Database, Id>(
    table: &Table,
    filter: &SearchFilter,
    id: impl Fn(Uuid) -> Id,
) -> QueryBuilder<DB>
where
    Id: Encode<'q, DB> + Type<DB> + 'q,
    i64: Encode<'q, DB> + Type<DB>,
{
    let mut query = QueryBuilder::new(statements::select_events(&table.names));
    push_filter(&mut query, table, filter, id);
    query.push(match filter.order {
        Order::EntityThenNewest => {
            // Within an entity the order of clocks is that of sequences, which has an index.
            format!(" ORDER BY e.{} DESC, e.seq DESC", table.names.id_column())
        }
        Order::Newest => " ORDER BY e.clock DESC".to_owned(),
        Order::Oldest => " ORDER BY e.clock".to_owned(),
    });
    query.push(" LIMIT ").push_bind(bigint(filter.limit));
    query.push(" OFFSET ").push_bind(bigint(filter.offset));
    query
}

fn push_filter<'q, DB: Database, Id>(
    query: &mut QueryBuilder<DB>,
    table: &Table,
    filter: &SearchFilter,
    id: impl Fn(Uuid) -> Id,
) where
    Id: Encode<'q, DB> + Type<DB> + 'q,
    i64: Encode<'q, DB> + Type<DB>,
{
    query.push(" WHERE true");
    if let Some(entity_id) = filter.entity_id {
        query.push(format!(" AND e.{} = ", table.names.id_column()));
        query.push_bind(id(entity_id));
    }
    if let Some(parent_id) = filter.parent_id {
        query.push(" AND p.event_id = ").push_bind(id(parent_id));
    }
    let event_type = filter
        .event_type
        .map(|event| table.numbers.number(event).into());
    let clock = |clock: Option<crate::Clock>| clock.map(|clock| bigint(clock.get()));
    for (condition, value) in [
        (" AND e.event_type = ", event_type),
        (" AND e.clock = ", clock(filter.clock)),
        (" AND e.clock >= ", clock(filter.min_clock)),
        (" AND e.clock <= ", clock(filter.max_clock)),
        (
            " AND e.version = ",
            filter.version.map(|version| version.get().into()),
        ),
    ] {
        if let Some(value) = value {
            query.push(condition).push_bind::<i64>(value);
        }
    }
}

/// Beyond what a bigint holds there is nothing to find or to skip.
pub(super) fn bigint(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}
