//! The log without its keys, for as long as an import has it to itself.
//!
//! To look at all indexes for every row takes longer than to store it. Made anew when all rows are
//! there, each is a sort. What is taken off is read from the catalog, so that what others have put on
//! the log comes back too. The CHECKs and the
//! triggers stay and judge each row; so does the key of the event ids, for whoever gives one twice is
//! to be told which.

use sqlx::{AssertSqlSafe, PgConnection, Row};

use crate::store::contract::names::Names;

/// What puts the keys back, in order.
#[derive(Debug)]
pub(crate) struct DroppedIndexes(Vec<String>);

/// Foreign keys (`f`), of the log or to it, go before what they stand on, and come back after it. An
/// index of a table in parts says `ON ONLY`, which would leave the parts without.
const KEYS: &str = "SELECT off, back FROM (
    SELECT CASE contype WHEN 'f' THEN 1 ELSE 2 END AS turn,
        format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) AS off,
        format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname,
            pg_get_constraintdef(oid)) AS back
    FROM pg_constraint
    WHERE conparentid = 0 AND conname <> $2
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

/// Locks the tables and takes the keys off.
pub(crate) async fn drop_indexes(
    connection: &mut PgConnection,
    names: &Names,
) -> Result<DroppedIndexes, sqlx::Error> {
    let (heads, log) = (names.heads(), names.log());
    // In the order in which an append meets them.
    let lock = format!("LOCK TABLE {heads}, {log} IN ACCESS EXCLUSIVE MODE");
    run(connection, &lock).await?;
    let keys = sqlx::query(KEYS)
        .bind(&log)
        .bind(names.of_log_unquoted("event_id"))
        .fetch_all(&mut *connection)
        .await?;
    let mut back = Vec::with_capacity(keys.len());
    for key in keys {
        run(connection, key.try_get("off")?).await?;
        back.push(key.try_get("back")?);
    }
    back.reverse();
    Ok(DroppedIndexes(back))
}

/// Makes the indexes and has the keys judge all rows.
pub(crate) async fn recreate(
    connection: &mut PgConnection,
    DroppedIndexes(back): DroppedIndexes,
) -> Result<(), sqlx::Error> {
    for statement in &back {
        run(connection, statement).await?;
    }
    Ok(())
}

/// The text is the server's own.
async fn run(connection: &mut PgConnection, sql: &str) -> Result<(), sqlx::Error> {
    let sql = AssertSqlSafe(sql.to_owned());
    sqlx::raw_sql(sql).execute(connection).await.map(|_| ())
}
