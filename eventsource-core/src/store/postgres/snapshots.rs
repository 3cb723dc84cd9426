//! Snapshots of folds: their table, reading one with what came since, and keeping one.

use chrono::Utc;
use sqlx::{AssertSqlSafe, PgConnection, Row};

use super::errors::{failed, has_code};
use super::pool::Pool;
use super::read;
use crate::Error;
use crate::store::backend::Table;
use crate::store::migration::Migration;
use crate::store::names::{Names, quoted};
use crate::store::row::Stretch;
use crate::store::search_query::bigint;
use crate::store::snapshot_row::{Found, Kept, SnapshotKey, Tail, Taken};
use crate::store::snapshot_sql::{self, SNAPSHOTS};

/// No such table, no such column, no right to it, and what an engine that is like Postgres cannot
/// do.
const NOT_HERE: [&str; 4] = ["42P01", "42703", "42501", "0A000"];

/// The same of writing, and that nothing may be written.
const NOT_ALLOWED: [&str; 5] = ["42P01", "42703", "42501", "0A000", "25006"];

/// The table, if it is not there, and the rights to it. The value is `json` and not `jsonb`: it comes
/// back as the fold has written it, whatever the order of its keys and the form of its numbers.
pub(super) fn create(migration: &Migration) -> String {
    let snapshots = migration.names.shared(SNAPSHOTS);
    let roles = &migration.options.roles;
    let grant = |rights: &str, role: &Option<String>| match role {
        Some(role) => format!("GRANT {rights} ON {snapshots} TO {};\n", quoted(role)),
        None => String::new(),
    };
    format!(
        "
-- What folds have made of entities up to some event. It saves reading, and may be emptied at any time.
CREATE TABLE IF NOT EXISTS {snapshots} (
    entity_id uuid NOT NULL,
    entity text NOT NULL,
    fold text NOT NULL,
    fingerprint bigint NOT NULL,
    seq integer NOT NULL CHECK (seq >= 1),
    event_id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    taken_at timestamptz NOT NULL,
    value json NOT NULL,
    PRIMARY KEY (entity_id, entity, fold)
);
REVOKE ALL ON {snapshots} FROM PUBLIC;
{write}{read}",
        write = grant("SELECT, INSERT, UPDATE, DELETE", &roles.writer),
        read = grant("SELECT", &roles.reader),
    )
}

/// Whether a database lacks the table, or a role its rights, and this connection can do something
/// about it. Without them a program runs as well.
pub(super) async fn lacks(
    connection: &mut PgConnection,
    migration: &Migration,
) -> Result<bool, sqlx::Error> {
    let options = &migration.options;
    let writer = options.roles.writer.iter().flat_map(|writer| {
        let rights = ["SELECT", "INSERT", "UPDATE", "DELETE"];
        rights.map(|right| (writer.as_str(), right))
    });
    let reader = options.roles.reader.iter();
    let due = writer.chain(reader.map(|reader| (reader.as_str(), "SELECT")));
    let (roles, rights): (Vec<&str>, Vec<&str>) = due.unzip();
    let lacks: Option<bool> = sqlx::query_scalar(LACKS)
        .bind(migration.names.shared(SNAPSHOTS))
        .bind(options.schema_or_public())
        .bind(&options.roles.owner)
        .bind(roles)
        .bind(rights)
        .fetch_optional(connection)
        .await?;
    Ok(lacks.unwrap_or(false))
}

const LACKS: &str = "SELECT CASE
    WHEN found.oid IS NULL THEN has_schema_privilege(me.oid, $2, 'CREATE')
    ELSE pg_has_role(me.oid, found.relowner, 'USAGE') AND EXISTS (
        SELECT FROM unnest($4, $5) AS due (role, privilege)
        JOIN pg_roles ON rolname = due.role
        WHERE NOT has_table_privilege(pg_roles.oid, found.oid, due.privilege))
    END
FROM pg_roles AS me LEFT JOIN pg_class AS found ON found.oid = to_regclass($1)
WHERE me.rolname = coalesce($3, current_user) AND pg_has_role(me.oid, 'MEMBER')";

pub(super) async fn tail(
    pool: &Pool,
    table: &Table,
    key: SnapshotKey,
    stretch: Stretch,
) -> Result<Option<Tail>, Error> {
    let text = snapshot_sql::select_tail(&table.names, stretch.until, "value::text");
    let mut query = sqlx::query(AssertSqlSafe(text))
        .bind(key.entity_id)
        // One more, for the last event of the snapshot. Without one it is an event.
        .bind(bigint(stretch.limit.saturating_add(1)))
        .bind(table.names.entity())
        .bind(key.fold)
        .bind(key.fingerprint.cast_signed());
    if let Some(as_of) = stretch.until {
        query = read::bind(query, as_of);
    }
    let rows = match query.fetch_all(pool).await {
        Err(error) if has_code(&error, &NOT_HERE) => return Ok(None),
        rows => rows.map_err(failed)?,
    };
    let mut parent_id = None;
    let mut snapshot = None;
    let mut events = Vec::with_capacity(rows.len());
    for row in &rows {
        let payload = read::payload_text(row)?;
        let event = read::row_with(row, table, key.entity_id, parent_id, payload)?;
        parent_id = Some(event.event_id);
        match row.try_get("value").map_err(failed)? {
            Some(value) => {
                snapshot = Some(Found {
                    value,
                    created_at: row.try_get("created_at").map_err(failed)?,
                    last: event,
                });
            }
            None => events.push(event),
        }
    }
    Ok(Some(Tail { snapshot, events }))
}

pub(super) async fn keep(pool: &Pool, table: &Table, taken: &Taken) -> Result<Kept, Error> {
    let text = snapshot_sql::upsert_snapshot(&table.names, "$9::json");
    let kept = sqlx::query(AssertSqlSafe(text))
        .bind(taken.key.entity_id)
        .bind(table.names.entity())
        .bind(taken.key.fold)
        .bind(taken.key.fingerprint.cast_signed())
        .bind(taken.seq.get().cast_signed())
        .bind(taken.event_id)
        .bind(taken.created_at)
        .bind(Utc::now())
        .bind(&taken.value)
        .execute(pool)
        .await;
    match kept {
        Ok(_) => Ok(Kept::Yes),
        Err(error) if has_code(&error, &NOT_ALLOWED) => Ok(Kept::NotAllowed),
        Err(error) => Err(failed(error)),
    }
}

pub(super) async fn forget(pool: &Pool, names: &Names, fold: &str) -> Result<u64, Error> {
    sqlx::query(AssertSqlSafe(snapshot_sql::delete_snapshots(names)))
        .bind(names.entity())
        .bind(fold)
        .execute(pool)
        .await
        .map(|done| done.rows_affected())
        .map_err(failed)
}
