//! The event before each event of a page.
//!
//! It is in the page too, more often than not. Only what is not there is looked for in the log.

use std::collections::HashMap;

use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, Row};
use uuid::Uuid;

use crate::store::contract::entity_context::EntityContext;
use crate::store::contract::names::Names;
use crate::store::postgres::pool::Pool;

/// The parent of each of these, which are in the order of the feed; `None` for a first event.
pub(crate) async fn of(
    pool: &Pool,
    context: &EntityContext,
    rows: &[PgRow],
) -> Result<Vec<Option<Uuid>>, sqlx::Error> {
    // The last event of each entity so far: a stream is in order.
    let mut last: HashMap<Uuid, Uuid> = HashMap::with_capacity(rows.len());
    let mut parents = Vec::with_capacity(rows.len());
    let mut missing = Missing::default();
    for (number, row) in rows.iter().enumerate() {
        let (entity_id, seq): (Uuid, i32) = (row.try_get("entity_id")?, row.try_get("seq")?);
        let parent = last.insert(entity_id, row.try_get("event_id")?);
        if parent.is_none() && seq > 1 {
            missing.codes.push(number);
            missing.entity_ids.push(entity_id);
            missing.seqs.push(seq - 1);
        }
        parents.push(parent);
    }
    if missing.codes.is_empty() {
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
        let place = missing.codes.get(number);
        if let Some(parent) = place.and_then(|place| parents.get_mut(*place)) {
            *parent = Some(row.try_get("event_id")?);
        }
    }
    Ok(parents)
}

/// What the page does not have, by the place of its child in the page.
#[derive(Default)]
struct Missing {
    codes: Vec<usize>,
    entity_ids: Vec<Uuid>,
    seqs: Vec<i32>,
}

/// The limit within keeps the planner from reading the whole log.
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
