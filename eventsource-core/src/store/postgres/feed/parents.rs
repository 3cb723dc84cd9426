//! Event before each event of a page of the feed.
//!
//! Most are in the page too; only the others are read from the log.

use std::collections::HashMap;

use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, Row};
use uuid::Uuid;

use crate::store::contract::entity_context::EntityContext;
use crate::store::contract::names::Names;
use crate::store::postgres::pool::Pool;

/// Returns the id of the event before each event of a page, which is in the order of the feed;
/// `None` for a first event.
pub(crate) async fn load(
    pool: &Pool,
    context: &EntityContext,
    rows: &[PgRow],
) -> Result<Vec<Option<Uuid>>, sqlx::Error> {
    // Last event of each entity so far: the events of a stream are in order.
    let mut last: HashMap<Uuid, Uuid> = HashMap::with_capacity(rows.len());
    let mut parents = Vec::with_capacity(rows.len());
    let mut missing = Missing::default();
    for (index, row) in rows.iter().enumerate() {
        let (entity_id, seq): (Uuid, i32) = (row.try_get("entity_id")?, row.try_get("seq")?);
        let parent = last.insert(entity_id, row.try_get("event_id")?);
        if parent.is_none() && seq > 1 {
            missing.indexes.push(index);
            missing.entity_ids.push(entity_id);
            missing.seqs.push(seq - 1);
        }
        parents.push(parent);
    }
    if missing.indexes.is_empty() {
        return Ok(parents);
    }
    let found = sqlx::query(AssertSqlSafe(select(&context.names)))
        .bind(&missing.entity_ids)
        .bind(&missing.seqs)
        .fetch_all(pool)
        .await?;
    for row in found {
        let number: i64 = row.try_get("number")?;
        let number = usize::try_from(number - 1).unwrap_or_default();
        let index = missing.indexes.get(number);
        if let Some(parent) = index.and_then(|index| parents.get_mut(*index)) {
            *parent = Some(row.try_get("event_id")?);
        }
    }
    Ok(parents)
}

/// Events that are not in the page, with the index of the event after each.
#[derive(Default)]
struct Missing {
    indexes: Vec<usize>,
    entity_ids: Vec<Uuid>,
    seqs: Vec<i32>,
}

/// Returns the query of the missing events.
///
/// The inner LIMIT keeps the planner from reading the whole log.
fn select(names: &Names) -> String {
    format!(
        "SELECT child.number, parent.event_id
FROM unnest($1::uuid[], $2::integer[]) WITH ORDINALITY AS child (entity_id, seq, number)
CROSS JOIN LATERAL (
    SELECT event_id FROM {log} WHERE {id} = child.entity_id AND seq = child.seq LIMIT 1
) AS parent",
        log = names.log(),
        id = names.id_column(),
    )
}
