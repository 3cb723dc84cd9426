//! Reads of the feed.
//!
//! A read covers a window of positions, which have no gaps: its cost depends neither on the length
//! of the feed nor on the statistics of the planner.

use futures_util::TryStreamExt;
use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, Row};
use uuid::Uuid;

use crate::store::contract::entity_context::EntityContext;
use crate::store::contract::feed::{FeedEvent, FeedRead, FeedWindow};
use crate::store::contract::names::Names;
use crate::store::contract::read_row::{ReadRow, payload_bytes};
use crate::store::contract::rows::PayloadText;
use crate::store::postgres::errors::failed;
use crate::store::postgres::feed::parents;
use crate::store::postgres::pool::Pool;
use crate::store::postgres::read::event_row;
use crate::store::sql::search::bigint;
use crate::store::sql::statements;
use crate::store::sql::statements::{FEED, FEED_ENTITIES, SEQUENCER};
use crate::{Error, LogSeq, Position, Seq};

/// Reads the last position that was given.
pub(crate) async fn last_position(pool: &Pool, names: &Names) -> Result<Position, Error> {
    let sql = format!("SELECT position FROM {}", names.shared(SEQUENCER));
    let position: i64 = sqlx::query_scalar(AssertSqlSafe(sql))
        .fetch_one(pool)
        .await
        .map_err(failed)?;
    Ok(Position::new(position.unsigned_abs()))
}

/// Reads the events of all machines, without their payloads.
pub(crate) async fn events_of_store(
    pool: &Pool,
    names: &Names,
    window: FeedWindow,
) -> Result<Vec<FeedEvent>, Error> {
    let rows = sqlx::query(AssertSqlSafe(statements::select_feed(names)))
        .bind(bigint(window.after.get()))
        .bind(bigint(window.up_to.get()))
        .bind(bigint(window.limit))
        .fetch_all(pool)
        .await
        .map_err(failed)?;
    rows.iter()
        .map(|row| feed_event(row).map_err(failed))
        .collect()
}

/// Reads the events of one machine.
pub(crate) async fn events_of_machine(
    pool: &Pool,
    context: &EntityContext,
    window: FeedWindow,
) -> Result<FeedRead<(Position, ReadRow<PayloadText>)>, Error> {
    let mut rows = sqlx::query(AssertSqlSafe(select_of_machine(&context.names)))
        .bind(bigint(window.after.get()))
        .bind(bigint(window.up_to.get()))
        .bind(bigint(window.limit))
        .bind(context.names.entity())
        .fetch(pool);
    let mut read = FeedRead::new();
    while let Some(row) = rows.try_next().await.map_err(failed)? {
        let event = event_row::stored(&row, context, 1);
        let bytes = payload_bytes(&event);
        let position = position(&row).map_err(failed)?;
        if read.push((position, event), bytes, window).is_break() {
            break;
        }
    }
    // The connection is free for the parents.
    drop(rows);
    let parents = parents::load(pool, context, &mut read.events);
    parents.await.map_err(failed)?;
    Ok(read)
}

/// Returns the query of the events of one machine.
///
/// The inner LIMIT keeps the planner from reading the whole log for a page.
fn select_of_machine(names: &Names) -> String {
    format!(
        "SELECT f.position, f.entity_id, NULL::uuid AS parent_id, e.prior_state, {columns}
FROM {feed} AS f CROSS JOIN LATERAL (
    SELECT * FROM {log} AS e WHERE e.{id} = f.entity_id AND e.seq = f.seq LIMIT 1
) AS e
WHERE f.position > $1 AND f.position <= $2
    AND f.entity = (SELECT number FROM {entities} WHERE entity = $4)
ORDER BY f.position LIMIT $3",
        columns = statements::COLUMNS,
        log = names.log(),
        id = names.id_column(),
        feed = names.shared(FEED),
        entities = names.shared(FEED_ENTITIES),
    )
}

fn feed_event(row: &PgRow) -> Result<FeedEvent, sqlx::Error> {
    let entity_id: Uuid = row.try_get("entity_id")?;
    Ok(FeedEvent {
        position: position(row)?,
        entity: row.try_get("entity")?,
        entity_id: entity_id.into(),
        seq: Seq::new(row.try_get::<i32, _>("seq")?.unsigned_abs()),
        log_seq: LogSeq::new(row.try_get::<i64, _>("clock")?.unsigned_abs()),
    })
}

fn position(row: &PgRow) -> Result<Position, sqlx::Error> {
    let position: i64 = row.try_get("position")?;
    Ok(Position::new(position.unsigned_abs()))
}
