//! The feed on SQLite: written with the event.
//!
//! SQLite has one writer at a time, so the order of writing is the order of commits. A trigger
//! gives the position, whoever writes; what is rolled back leaves no gap.

use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, Row, SqlitePool};

use super::errors::failed;
use super::read::{clock, count, id, stored_row};
use crate::store::backend::Table;
use crate::store::feed::{FeedEvent, Window};
use crate::store::names::{Names, quoted};
use crate::store::row::StoredRow;
use crate::store::search_query::bigint;
use crate::store::statements::{self, FEED, FEED_ENTITIES};
use crate::{Error, Position, Seq};

pub(super) fn create_shared(names: &Names) -> String {
    let refuse = |suffix: &str, what: &str| {
        format!(
            "
CREATE TRIGGER IF NOT EXISTS {trigger} BEFORE {what} ON {feed} BEGIN
    SELECT RAISE(ABORT, 'the feed is append-only');
END;",
            trigger = quoted(&format!("{FEED}_{suffix}")),
            feed = names.shared(FEED),
        )
    };
    format!(
        "
CREATE TABLE IF NOT EXISTS {entities} (
    number INTEGER PRIMARY KEY,
    entity TEXT NOT NULL UNIQUE
) STRICT;
CREATE TABLE IF NOT EXISTS {feed} (
    position INTEGER PRIMARY KEY CHECK (position >= 1),
    clock INTEGER NOT NULL,
    entity_id TEXT NOT NULL,
    seq INTEGER NOT NULL,
    entity INTEGER NOT NULL
) STRICT;{no_update}{no_delete}",
        entities = names.shared(FEED_ENTITIES),
        feed = names.shared(FEED),
        no_update = refuse("no_update", "UPDATE"),
        no_delete = refuse("no_delete", "DELETE"),
    )
}

/// What the feed needs of a log that has just been created.
pub(super) fn create_for(names: &Names) -> String {
    let entity = names.entity().replace('\'', "''");
    format!(
        "
INSERT INTO {entities} (entity) VALUES ('{entity}');
CREATE TRIGGER {trigger} AFTER INSERT ON {log} BEGIN
    INSERT INTO {feed} (clock, entity_id, seq, entity)
    SELECT NEW.clock, NEW.{id}, NEW.seq, number FROM {entities} WHERE entity = '{entity}';
END;",
        entities = names.shared(FEED_ENTITIES),
        trigger = names.of_log("in_feed"),
        log = names.log(),
        feed = names.shared(FEED),
        id = names.id_column(),
    )
}

const FEED_EXISTS: &str =
    "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'eventsource_feed'";

/// The position of the last event; there is nothing to catch up with.
pub(super) async fn last_position(pool: &SqlitePool, names: &Names) -> Result<Position, Error> {
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

/// What happened to all entities.
pub(super) async fn all(
    pool: &SqlitePool,
    names: &Names,
    window: Window,
) -> Result<Vec<FeedEvent>, Error> {
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
                clock: clock(row)?,
            })
        })
        .collect()
}

/// The events of one entity.
pub(super) async fn of_entity(
    pool: &SqlitePool,
    table: &Table,
    window: Window,
) -> Result<Vec<(Position, StoredRow)>, Error> {
    let rows = sqlx::query(AssertSqlSafe(select_of_entity(&table.names)))
        .bind(bigint(window.after.get()))
        .bind(bigint(window.up_to.get()))
        .bind(bigint(window.limit))
        .bind(table.names.entity())
        .fetch_all(pool)
        .await
        .map_err(failed)?;
    rows.iter()
        .map(|row| Ok((position(row)?, stored_row(row, table)?)))
        .collect()
}

/// `CROSS JOIN` is SQLite's word for: in this order.
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

fn position(row: &SqliteRow) -> Result<Position, Error> {
    let position: i64 = row.try_get("position").map_err(failed)?;
    Ok(Position::new(position.unsigned_abs()))
}
