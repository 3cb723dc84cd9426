//! Event before each event of a page of the feed.
//!
//! Most are in the page too; only the others are read from the log.

use std::collections::HashMap;

use sqlx::{AssertSqlSafe, Row};
use uuid::Uuid;

use crate::store::contract::entity_context::EntityContext;
use crate::store::contract::filters::EventPlace;
use crate::store::contract::names::Names;
use crate::store::contract::read_row::{ReadRow, event_id, place, set_parent};
use crate::store::contract::rows::PayloadText;
use crate::store::postgres::pool::Pool;
use crate::{Position, Seq};

/// Sets the id of the event before each event of a page, which is in the order of the feed; a first
/// event has none.
pub(crate) async fn load(
    pool: &Pool,
    context: &EntityContext,
    events: &mut [(Position, ReadRow<PayloadText>)],
) -> Result<(), sqlx::Error> {
    // Last event of each entity so far: the events of a stream are in order.
    let mut last: HashMap<Uuid, Uuid> = HashMap::with_capacity(events.len());
    let mut missing = Missing::default();
    for (index, (_, event)) in events.iter_mut().enumerate() {
        let EventPlace { entity_id, seq, .. } = place(event);
        let parent_id = last.insert(entity_id, event_id(event));
        set_parent(event, parent_id);
        if parent_id.is_none() && seq > Seq::NO_STREAM.next() {
            missing.indexes.push(index);
            missing.entity_ids.push(entity_id);
            missing.seqs.push(seq.get().cast_signed() - 1);
        }
    }
    if missing.indexes.is_empty() {
        return Ok(());
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
        if let Some((_, event)) = index.and_then(|index| events.get_mut(*index)) {
            set_parent(event, Some(row.try_get("event_id")?));
        }
    }
    Ok(())
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
