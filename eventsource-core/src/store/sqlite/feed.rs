//! Feed on SQLite: a trigger gives each event its position when it is inserted.
//!
//! SQLite has one writer at a time, so the order of inserts is the order of commits, and a rollback
//! leaves no gap.

use futures_util::TryStreamExt;
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, Row, SqliteConnection};

use crate::store::contract::driver::FeedDriver;
use crate::store::contract::entity_context::EntityContext;
use crate::store::contract::feed::{FeedEvent, FeedRead, FeedWindow};
use crate::store::contract::feed_notifier::FeedReceiver;
use crate::store::contract::names::Names;
use crate::store::contract::read_row::{ReadRow, payload_bytes};
use crate::store::contract::rows::PayloadText;
use crate::store::sql::search::bigint;
use crate::store::sql::statements;
use crate::store::sql::statements::{FEED, FEED_ENTITIES};
use crate::store::sqlite::errors::failed;
use crate::store::sqlite::handle::Sqlite;
use crate::store::sqlite::read::event_row;
use crate::store::sqlite::read::row::{count, id, log_seq};
use crate::{Error, Position, Seq};

/// Query of the number of tables of the feed: 0 before the first migration.
const FEED_EXISTS: &str =
    "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'eventsource_feed'";

/// Returns the query of a page of the feed with the events of one machine.
///
/// `CROSS JOIN` makes SQLite join in this order.
fn select_of_entity(names: &Names) -> String {
    format!(
        "SELECT f.position, f.entity_id, e.event_id, e.seq, e.clock, p.event_id AS parent_id,
    e.event_type, e.prior_state, e.state, e.version, e.recorded_at, e.data, e.metadata
FROM {feed} AS f CROSS JOIN {log} AS e ON e.clock = f.clock
    LEFT JOIN {log} AS p ON p.{id} = f.entity_id AND p.seq = f.seq - 1
WHERE f.position > $1 AND f.position <= $2
    AND f.entity = (SELECT number FROM {entities} WHERE entity = $4)
ORDER BY f.position LIMIT $3",
        feed = names.shared(FEED),
        log = names.log(),
        id = names.id_column(),
        entities = names.shared(FEED_ENTITIES),
    )
}

/// Reads events of one machine within a transaction.
pub(crate) async fn events_within(
    connection: &mut SqliteConnection,
    context: &EntityContext,
    after: Position,
    limit: u64,
) -> Result<Vec<(Position, ReadRow<PayloadText>)>, Error> {
    let rows = sqlx::query(AssertSqlSafe(select_of_entity(&context.names)))
        .bind(bigint(after.get()))
        .bind(i64::MAX)
        .bind(bigint(limit))
        .bind(context.names.entity())
        .fetch_all(connection)
        .await
        .map_err(failed)?;
    rows.iter()
        .map(|row| Ok((position(row)?, event_row::stored(row, context))))
        .collect()
}

fn position(row: &SqliteRow) -> Result<Position, Error> {
    let position: i64 = row.try_get("position").map_err(failed)?;
    Ok(Position::new(position.unsigned_abs()))
}

impl FeedDriver for Sqlite {
    fn notify_feed(&self) {
        self.notifier.notify();
    }

    async fn catch_up(&self, names: &Names) -> Result<Position, Error> {
        let pool = &self.readers;
        let sql = format!("SELECT max(position) FROM {}", names.shared(FEED));
        let last = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(pool).await;
        let last: Option<i64> = match last {
            Ok(last) => last,
            // Before the first migration.
            Err(error) => {
                let exists: i64 = sqlx::query_scalar(FEED_EXISTS)
                    .fetch_one(pool)
                    .await
                    .map_err(failed)?;
                if exists == 1 {
                    return Err(failed(error));
                }
                None
            }
        };
        Ok(Position::new(last.unwrap_or_default().unsigned_abs()))
    }

    async fn committed_position(&self, names: &Names) -> Result<Position, Error> {
        self.catch_up(names).await
    }

    async fn given_position(&self, names: &Names, _wanted: Position) -> Result<Position, Error> {
        self.catch_up(names).await
    }

    async fn feed_of_store(
        &self,
        names: &Names,
        window: FeedWindow,
    ) -> Result<Vec<FeedEvent>, Error> {
        let pool = &self.readers;
        let rows = sqlx::query(AssertSqlSafe(statements::select_feed(names)))
            .bind(bigint(window.after.get()))
            .bind(bigint(window.up_to.get()))
            .bind(bigint(window.limit))
            .fetch_all(pool)
            .await
            .map_err(failed)?;
        rows.iter()
            .map(|row| {
                Ok(FeedEvent {
                    position: position(row)?,
                    entity: row.try_get("entity").map_err(failed)?,
                    entity_id: id(row, "entity_id")?.into(),
                    seq: Seq::new(count(row, "seq")?),
                    log_seq: log_seq(row)?,
                })
            })
            .collect()
    }

    async fn feed_of_machine(
        &self,
        context: &EntityContext,
        window: FeedWindow,
    ) -> Result<FeedRead<(Position, ReadRow<PayloadText>)>, Error> {
        let pool = &self.readers;
        let mut rows = sqlx::query(AssertSqlSafe(select_of_entity(&context.names)))
            .bind(bigint(window.after.get()))
            .bind(bigint(window.up_to.get()))
            .bind(bigint(window.limit))
            .bind(context.names.entity())
            .fetch(pool);
        let mut read = FeedRead::new();
        while let Some(row) = rows.try_next().await.map_err(failed)? {
            let event = event_row::stored(&row, context);
            let bytes = payload_bytes(&event);
            if read
                .push((position(&row)?, event), bytes, window)
                .is_break()
            {
                break;
            }
        }
        Ok(read)
    }

    fn subscribe(&self, _names: &Names) -> FeedReceiver {
        self.notifier.subscribe()
    }
}
