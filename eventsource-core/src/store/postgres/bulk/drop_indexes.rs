//! Indexes and keys of the log, dropped for an exclusive import and recreated at its end.
//!
//! Updating all indexes for every row takes longer than storing it; building each at the end is one
//! sort. Their definitions are read from the catalog, so that indexes and keys that others have
//! added are recreated too. The CHECKs stay and check each row; so does the unique key of
//! the event ids, since an import reports which event has a duplicate id, or else the primary key,
//! by which an import that is resumed finds what is stored.

use sqlx::{AssertSqlSafe, PgConnection, Row};

use crate::store::contract::names::Names;
use crate::store::postgres::ddl::tables::EVENT_IDS;

/// Statements that recreate the dropped indexes and keys, in order.
#[derive(Debug)]
pub(crate) struct DroppedIndexes(Vec<String>);

/// Query of the statements that drop and recreate each index and key.
///
/// Foreign keys (`f`), of the log or to it, are dropped before the keys that they refer to and
/// recreated after them. The definition of an index of a partitioned table says `ON ONLY`, which
/// would leave out the partitions.
const KEYS: &str = "SELECT off, back FROM (
    SELECT CASE contype WHEN 'f' THEN 1 ELSE 2 END AS turn,
        format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) AS off,
        format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname,
            pg_get_constraintdef(oid)) AS back
    FROM pg_constraint
    WHERE conparentid = 0 AND conname <> (
            SELECT kept.conname FROM pg_constraint AS kept
            WHERE kept.conrelid = $1::regclass AND (kept.conname = $2 OR kept.contype = 'p')
            ORDER BY kept.conname = $2 DESC LIMIT 1)
        AND ((contype = 'f' AND (conrelid = $1::regclass OR confrelid = $1::regclass))
            OR (contype IN ('p', 'u') AND conrelid = $1::regclass))
    UNION ALL
    SELECT 3, format('DROP INDEX %s', indexrelid::regclass),
        regexp_replace(pg_get_indexdef(indexrelid), ' ON ONLY ', ' ON ')
    FROM pg_index
    WHERE indrelid = $1::regclass AND NOT EXISTS (
        SELECT FROM pg_constraint
        WHERE conrelid = $1::regclass AND conindid = indexrelid AND contype IN ('p', 'u', 'x'))
) AS key ORDER BY turn, off";

/// Locks the tables and drops the indexes and keys of the log.
pub(crate) async fn drop_indexes(
    connection: &mut PgConnection,
    names: &Names,
) -> Result<DroppedIndexes, sqlx::Error> {
    let (heads, log) = (names.heads(), names.log());
    // In the order in which an append locks them.
    let lock = format!("LOCK TABLE {heads}, {log} IN ACCESS EXCLUSIVE MODE");
    execute(connection, &lock).await?;
    let keys = sqlx::query(KEYS)
        .bind(&log)
        .bind(names.of_log_unquoted(EVENT_IDS))
        .fetch_all(&mut *connection)
        .await?;
    let mut recreate = Vec::with_capacity(keys.len());
    for key in keys {
        execute(connection, key.try_get("off")?).await?;
        recreate.push(key.try_get("back")?);
    }
    recreate.reverse();
    Ok(DroppedIndexes(recreate))
}

/// Recreates the indexes and keys, which checks all rows.
pub(crate) async fn recreate(
    connection: &mut PgConnection,
    DroppedIndexes(statements): DroppedIndexes,
) -> Result<(), sqlx::Error> {
    for statement in &statements {
        execute(connection, statement).await?;
    }
    Ok(())
}

/// Executes a statement that is constant or comes from the server.
async fn execute(connection: &mut PgConnection, sql: &str) -> Result<(), sqlx::Error> {
    let sql = AssertSqlSafe(sql.to_owned());
    sqlx::raw_sql(sql).execute(connection).await.map(|_| ())
}
